//! The `Forwarder` class: commands in, events out, and the life of the worker threads.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use muster_core::api::{Command, Event};
use muster_core::id::{GroupId, Layer, PeerId, SlotId, TapId, TrackId, WorkerId};
use muster_core::stats::Counters;
use muster_net::{Clock, Wake};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::config::Config;
use crate::events;
use crate::output::Tapped;
use crate::peers::Peers;
use crate::queue::Consumer;
use crate::specs::{keys, Receive, Slot, U16, U32, U64, U8};
use crate::start::{start, Inbox, Plan, Running};
use crate::thread::Order;

/// A connection id has eight bits for its worker.
const MAX_WORKERS: u64 = 256;
/// Largest queue towards the control side.
const MAX_CAPACITY: u64 = 1 << 24;
/// Largest DTLS flight of one call, a datagram.
const MAX_DTLS: usize = 1_500;
/// How long a caller waits for a worker whose command queue is full. A worker takes thousands each millisecond.
const FULL_WAIT: Duration = Duration::from_secs(1);

/// Owns the UDP and TCP port and the worker threads. Every method returns at once.
#[pyclass(module = "media._native", frozen)]
pub(crate) struct Forwarder {
    port: u16,
    inboxes: Vec<Inbox>,
    events: Mutex<Consumer<Event>>,
    event_wake: Arc<Wake>,
    taps: Mutex<Consumer<Tapped>>,
    counters: Vec<Arc<Mutex<Counters>>>,
    stop: Arc<AtomicBool>,
    peers: Mutex<Peers>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[pymethods]
impl Forwarder {
    #[new]
    #[allow(
        clippy::too_many_arguments,
        reason = "they are the keyword arguments of the Python constructor"
    )]
    #[pyo3(signature = (*, host, port, workers, tcp, event_capacity, tap_capacity, config))]
    fn new(
        py: Python<'_>,
        host: &str,
        port: U16,
        workers: U64,
        tcp: bool,
        event_capacity: U64,
        tap_capacity: U64,
        config: BTreeMap<String, U64>,
    ) -> PyResult<Self> {
        let ip: IpAddr = host
            .parse()
            .map_err(|_| PyValueError::new_err(format!("host: {host:?} is not an IP address")))?;
        let workers = match workers.0 {
            0 => std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64),
            chosen => within("workers", chosen, MAX_WORKERS)? as u64,
        };
        let overrides = config.into_iter().map(|(name, value)| (name, value.0)).collect();
        let plan = Plan {
            address: SocketAddr::new(ip, port.0 as u16),
            workers: workers.min(MAX_WORKERS) as usize,
            tcp,
            event_capacity: within("event_capacity", event_capacity.0, MAX_CAPACITY)?,
            tap_capacity: within("tap_capacity", tap_capacity.0, MAX_CAPACITY)?,
            config: Config::with(&overrides).map_err(PyValueError::new_err)?,
        };
        let Running {
            port,
            inboxes,
            events,
            event_wake,
            taps,
            counters,
            stop,
            threads,
        } = py.detach(|| start(&plan)).map_err(|error| system_error(&error))?;
        let load = vec![0; inboxes.len()];
        Ok(Self {
            port,
            inboxes,
            events: Mutex::new(events),
            event_wake,
            taps: Mutex::new(taps),
            counters,
            stop,
            peers: Mutex::new(Peers {
                owners: HashMap::new(),
                load,
            }),
            threads: Mutex::new(threads),
        })
    }

    #[getter]
    fn port(&self) -> u16 {
        self.port
    }

    #[getter]
    fn workers(&self) -> usize {
        self.inboxes.len()
    }

    fn event_fd(&self) -> RawFd {
        self.event_wake.raw_fd()
    }

    fn events<'py>(&self, py: Python<'py>, limit: U64) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        let queue = lock(&self.events);
        // Forgotten first: what comes while we read wakes again.
        self.event_wake.drain();
        for _ in 0..limit.0 {
            let Some(event) = queue.pop() else {
                return Ok(list);
            };
            list.append(events::event(py, event)?)?;
        }
        if !queue.is_empty() {
            self.event_wake.notify();
        }
        Ok(list)
    }

    fn register(&self, py: Python<'_>, peer: U64, ufrag: &str, pwd: &str, remote_ufrag: &str) -> PyResult<()> {
        if ufrag.is_empty() || pwd.is_empty() {
            return Err(PyValueError::new_err("ufrag and pwd must not be empty"));
        }
        if self.stop.load(Ordering::Acquire) {
            return Err(PyValueError::new_err("the forwarder is closed"));
        }
        let peer = PeerId(peer.0);
        let owner = WorkerId(lock(&self.peers).owner_or_new(peer) as u16);
        self.to_all(py, || Command::Register {
            peer,
            owner,
            ufrag: ufrag.to_owned(),
            pwd: pwd.to_owned(),
            remote_ufrag: remote_ufrag.to_owned(),
        })
    }

    fn add_peer(&self, py: Python<'_>, peer: U64, group: U64) -> PyResult<()> {
        let peer = PeerId(peer.0);
        self.to_owner(
            py,
            peer,
            Command::AddPeer {
                peer,
                group: GroupId(group.0),
            },
        )
    }

    fn remove_peer(&self, py: Python<'_>, peer: U64) -> PyResult<()> {
        let peer = PeerId(peer.0);
        self.to_owner(py, peer, Command::RemovePeer { peer })?;
        if lock(&self.peers).forget(peer) {
            self.to_all(py, || Command::Unregister { peer })?;
        }
        Ok(())
    }

    fn send_dtls(&self, py: Python<'_>, peer: U64, data: &[u8]) -> PyResult<()> {
        if data.is_empty() || data.len() > MAX_DTLS {
            return Err(PyValueError::new_err(format!(
                "data has {} bytes, allowed are 1 to {MAX_DTLS}",
                data.len()
            )));
        }
        let peer = PeerId(peer.0);
        self.to_owner(
            py,
            peer,
            Command::SendDtls {
                peer,
                data: data.to_vec(),
            },
        )
    }

    fn set_keys(&self, py: Python<'_>, peer: U64, profile: &str, tx: &[u8], rx: &[u8]) -> PyResult<()> {
        let (profile, tx, rx) = keys(profile, tx, rx)?;
        let peer = PeerId(peer.0);
        self.to_owner(py, peer, Command::SetKeys { peer, profile, tx, rx })
    }

    fn configure(&self, py: Python<'_>, peer: U64, receive: Vec<Receive>, slots: Vec<Slot>) -> PyResult<()> {
        let peer = PeerId(peer.0);
        let receive = receive.into_iter().map(|section| section.0).collect();
        let slots = slots.into_iter().map(|section| section.0).collect();
        self.to_owner(py, peer, Command::Configure { peer, receive, slots })
    }

    fn route(&self, py: Python<'_>, peer: U64, slot: U16, track: Option<U64>, max_layer: U8) -> PyResult<()> {
        let peer = PeerId(peer.0);
        let (slot, track) = (SlotId(slot.0 as u16), track.map(|track| TrackId(track.0)));
        self.to_owner(
            py,
            peer,
            Command::Route {
                peer,
                slot,
                track,
                max_layer: Layer(max_layer.0 as u8),
            },
        )
    }

    fn set_track_enabled(&self, py: Python<'_>, peer: U64, track: U64, enabled: bool) -> PyResult<()> {
        let peer = PeerId(peer.0);
        self.to_owner(
            py,
            peer,
            Command::SetTrackEnabled {
                peer,
                track: TrackId(track.0),
                enabled,
            },
        )
    }

    fn request_key_frame(&self, py: Python<'_>, peer: U64, track: U64) -> PyResult<()> {
        let peer = PeerId(peer.0);
        self.to_owner(
            py,
            peer,
            Command::RequestKeyFrame {
                peer,
                track: TrackId(track.0),
            },
        )
    }

    fn add_tap(&self, py: Python<'_>, tap: U32, group: U64) -> PyResult<()> {
        // The first worker tells the others.
        self.order(
            py,
            0,
            Order::Command(Command::AddTap {
                tap: TapId(tap.0 as u32),
                group: GroupId(group.0),
            }),
        )
    }

    fn remove_tap(&self, py: Python<'_>, tap: U32) -> PyResult<()> {
        self.order(
            py,
            0,
            Order::Command(Command::RemoveTap {
                tap: TapId(tap.0 as u32),
            }),
        )
    }

    fn tap_packets<'py>(&self, py: Python<'py>, limit: U64) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        let queue = lock(&self.taps);
        let reading = Clock.read();
        for _ in 0..limit.0 {
            let Some(Tapped { tap, track, packet }) = queue.pop() else {
                break;
            };
            let age_us = reading.mono_us.saturating_sub(packet.arrival_us);
            let arrival_us = (reading.wall_ns / 1_000).saturating_sub(age_us as i64);
            let data = PyBytes::new(py, &events::rtp(&packet));
            let tuple: Bound<'_, PyTuple> = (tap.0, track.0, packet.layer.0, arrival_us, data).into_pyobject(py)?;
            list.append(tuple)?;
        }
        Ok(list)
    }

    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let mut sum = Counters::default();
        for counters in &self.counters {
            sum.add(&lock(counters));
        }
        events::counters(py, &sum)
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.stop_threads());
    }

    /// Makes a worker panic, for the test that this ends the process.
    fn _crash(&self, py: Python<'_>) -> PyResult<()> {
        self.order(py, 0, Order::Crash)
    }
}

impl Forwarder {
    fn to_owner(&self, py: Python<'_>, peer: PeerId, command: Command) -> PyResult<()> {
        let owner = lock(&self.peers).owners.get(&peer).copied();
        match owner {
            Some(worker) => self.order(py, worker, Order::Command(command)),
            None => Ok(()),
        }
    }

    fn to_all(&self, py: Python<'_>, command: impl Fn() -> Command) -> PyResult<()> {
        (0..self.inboxes.len()).try_for_each(|worker| self.order(py, worker, Order::Command(command())))
    }

    fn order(&self, py: Python<'_>, worker: usize, order: Order) -> PyResult<()> {
        if self.stop.load(Ordering::Acquire) {
            return Ok(());
        }
        let inbox = &self.inboxes[worker];
        let result = inbox
            .orders
            .push(order)
            .or_else(|order| py.detach(|| inbox.push_patiently(order)));
        inbox.wake.notify();
        result.map_err(|_| PyRuntimeError::new_err(format!("media worker {worker} takes no commands")))
    }

    fn stop_threads(&self) {
        self.stop.store(true, Ordering::Release);
        for inbox in &self.inboxes {
            inbox.wake.notify();
        }
        for thread in lock(&self.threads).drain(..) {
            // A panic ends the process, so a thread can only have returned.
            let _ = thread.join();
        }
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.stop_threads();
    }
}

impl Inbox {
    fn push_patiently(&self, mut order: Order) -> Result<(), Order> {
        let until = Instant::now() + FULL_WAIT;
        loop {
            self.wake.notify();
            std::thread::sleep(Duration::from_micros(200));
            match self.orders.push(order) {
                Ok(()) => return Ok(()),
                Err(refused) if Instant::now() >= until => return Err(refused),
                Err(refused) => order = refused,
            }
        }
    }
}

fn within(name: &str, value: u64, max: u64) -> PyResult<usize> {
    if (1..=max).contains(&value) {
        Ok(value as usize)
    } else {
        Err(PyValueError::new_err(format!(
            "{name} is {value}, allowed are 1 to {max}"
        )))
    }
}

/// OSError with its number, so that Python sees the right subclass.
fn system_error(error: &io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, error.to_string())),
        None => PyOSError::new_err(error.to_string()),
    }
}

/// Nothing that holds these locks can panic half-way, so a poisoned one is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
