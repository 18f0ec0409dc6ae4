//! Opening the port and starting the workers.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use muster_core::api::Event;
use muster_core::id::WorkerId;
use muster_core::stats::Counters;
use muster_core::worker::Worker;
use muster_net::{bind, listen, Poller, Streams, UdpSocket, Wake};

use crate::backlog::Backlog;
use crate::config::Config;
use crate::output::{Mail, Neighbour, Output, Tapped, Upward, INBOX, LISTENER, SOCKET};
use crate::queue::{bounded, Consumer, Producer};
use crate::thread::{Order, WorkerThread};

/// Ports tried when any will do: one that is free for UDP may be taken for TCP.
const TRIES: usize = 16;

/// What a forwarder is made from.
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) workers: usize,
    pub(crate) tcp: bool,
    pub(crate) event_capacity: usize,
    pub(crate) tap_capacity: usize,
    pub(crate) config: Config,
}

/// The control side's ends of running workers.
pub(crate) struct Running {
    pub(crate) port: u16,
    pub(crate) inboxes: Vec<Inbox>,
    pub(crate) events: Consumer<Event>,
    pub(crate) event_wake: Arc<Wake>,
    pub(crate) taps: Consumer<Tapped>,
    pub(crate) counters: Vec<Arc<Mutex<Counters>>>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) threads: Vec<JoinHandle<()>>,
}

/// The way to one worker.
pub(crate) struct Inbox {
    pub(crate) orders: Producer<Order>,
    pub(crate) wake: Arc<Wake>,
}

/// Opens the sockets and starts the threads; raises what the system said.
pub(crate) fn start(plan: &Plan) -> io::Result<Running> {
    let (port, sockets, listeners) = open(plan)?;
    let (event_producer, events) = bounded(plan.event_capacity);
    let (tap_producer, taps) = bounded(plan.tap_capacity);
    let event_wake = Arc::new(Wake::new()?);
    let stop = Arc::new(AtomicBool::new(false));
    let wakes = (0..plan.workers)
        .map(|_| Wake::new().map(Arc::new))
        .collect::<io::Result<Vec<_>>>()?;
    let (mails, mail_consumers): (Vec<Producer<Mail>>, Vec<_>) =
        (0..plan.workers).map(|_| bounded(plan.config.share_capacity)).unzip();

    let mut inboxes = Vec::new();
    let mut counters = Vec::new();
    let mut workers = Vec::new();
    let parts = sockets.into_iter().zip(listeners).zip(mail_consumers).enumerate();
    for (index, ((socket, listener), mail)) in parts {
        let id = WorkerId(index as u16);
        let (orders, order_consumer) = bounded(plan.config.command_capacity);
        let last = Arc::new(Mutex::new(Counters::default()));
        let wake = Arc::clone(&wakes[index]);
        inboxes.push(Inbox {
            orders,
            wake: Arc::clone(&wake),
        });
        counters.push(Arc::clone(&last));
        let streams = listener.map(|listener| Streams::new(listener, index as u8, plan.config.streams));
        let poller = Poller::new()?;
        poller.add(&socket, SOCKET)?;
        poller.add(&*wake, INBOX)?;
        if let Some(streams) = &streams {
            poller.add(streams.listener(), LISTENER)?;
        }
        let neighbours = mails.iter().zip(&wakes).map(|(mail, wake)| Neighbour {
            mail: mail.clone(),
            wake: Arc::clone(wake),
            owed_wake: false,
        });
        let output = Output {
            id,
            now_us: 0,
            socket,
            egress: Output::egress(plan.config.egress_bytes),
            streams,
            backlog: Backlog::default(),
            poller,
            neighbours: neighbours.collect(),
            share_capacity: plan.config.share_capacity,
            upward: Upward {
                events: event_producer.clone(),
                event_capacity: plan.event_capacity,
                wake: Arc::clone(&event_wake),
                owed_wake: false,
                taps: tap_producer.clone(),
                counters: last,
            },
            drops: Counters::default(),
        };
        let worker = Worker::new(id, plan.workers as u16, plan.config.worker.clone());
        workers.push(WorkerThread {
            worker,
            output,
            orders: order_consumer,
            mail,
            wake,
            stop: Arc::clone(&stop),
        });
    }
    let threads = workers.into_iter().map(spawn).collect::<io::Result<Vec<_>>>()?;
    Ok(Running {
        port,
        inboxes,
        events,
        event_wake,
        taps,
        counters,
        stop,
        threads,
    })
}

fn spawn(worker: WorkerThread) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(format!("muster-media-{}", worker.output.id.0))
        .spawn(move || worker.run())
}

type Opened = (u16, Vec<UdpSocket>, Vec<Option<TcpListener>>);

fn open(plan: &Plan) -> io::Result<Opened> {
    let mut tries = 0;
    loop {
        tries += 1;
        let (port, sockets) = bind(plan.address, plan.workers, plan.config.socket)?;
        if !plan.tcp {
            return Ok((port, sockets, (0..plan.workers).map(|_| None).collect()));
        }
        match listen(SocketAddr::new(plan.address.ip(), port), plan.workers) {
            Ok((_, listeners)) => return Ok((port, sockets, listeners.into_iter().map(Some).collect())),
            Err(error) if plan.address.port() != 0 || tries == TRIES => return Err(error),
            Err(_) => {}
        }
    }
}
