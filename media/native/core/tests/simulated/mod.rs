//! Peers with real SRTP around one or more workers, in virtual time: no sockets, no sleeps, no loss but the test's own.
#![allow(dead_code, unreachable_pub)] // every test file uses its own part of it

pub mod client;
pub mod media;

use std::net::SocketAddr;

use client::Client;
use muster_core::api::{Command, Event, Now, Profile, ReceiveSpec, Shared, Sink, SlotSpec, Transport, Tuple};
use muster_core::id::{GroupId, Layer, PeerId, SlotId, TapId, TrackId, WorkerId};
use muster_core::packet::Packet;
use muster_core::stats::Counters;
use muster_core::worker::{Worker, WorkerConfig};
use std::sync::Arc;

const START_US: u64 = 1_000_000_000;
/// NTP time of `START_US`.
const START_NTP: u64 = 3_900_000_000 << 32;

/// Everything that a worker put out.
#[derive(Default)]
pub struct Outbox {
    pub datagrams: Vec<(Tuple, Vec<u8>)>,
    pub shared: Vec<(WorkerId, Shared)>,
    pub events: Vec<Event>,
    pub taps: Vec<(TapId, TrackId, Arc<Packet>)>,
    pub pressure: u8,
}

impl Sink for Outbox {
    fn pressure(&self, _to: Tuple) -> u8 {
        self.pressure
    }

    fn datagram(&mut self, to: Tuple, capacity: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) {
        let mut buf = vec![0; capacity];
        let len = fill(&mut buf);
        assert!(len <= capacity);
        if len > 0 {
            buf.truncate(len);
            self.datagrams.push((to, buf));
        }
    }

    fn share(&mut self, to: WorkerId, message: Shared) {
        self.shared.push((to, message));
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn tap(&mut self, tap: TapId, track: TrackId, packet: &Arc<Packet>) {
        self.taps.push((tap, track, Arc::clone(packet)));
    }
}

pub struct Simulation {
    pub workers: Vec<Worker>,
    pub clients: Vec<Client>,
    pub events: Vec<Event>,
    pub taps: Vec<(TapId, TrackId, Arc<Packet>)>,
    /// Datagrams to addresses that belong to no client.
    pub stray: Vec<(Tuple, Vec<u8>)>,
    pub mono_us: u64,
    /// How full every send queue is, percent.
    pub pressure: u8,
}

pub fn tuple(port: u16) -> Tuple {
    Tuple {
        transport: Transport::Udp,
        remote: SocketAddr::from(([10, 0, (port >> 8) as u8, 1], port)),
    }
}

impl Simulation {
    pub fn new(workers: u16) -> Self {
        Self::with_config(workers, WorkerConfig::default())
    }

    pub fn with_config(workers: u16, config: WorkerConfig) -> Self {
        Self {
            workers: (0..workers)
                .map(|id| Worker::new(WorkerId(id), workers, config.clone()))
                .collect(),
            clients: Vec::new(),
            events: Vec::new(),
            taps: Vec::new(),
            stray: Vec::new(),
            mono_us: START_US,
            pressure: 0,
        }
    }

    pub fn now(&self) -> Now {
        Now {
            mono_us: self.mono_us,
            ntp: self.ntp(),
        }
    }

    pub fn ntp(&self) -> u64 {
        START_NTP + ((u128::from(self.mono_us - START_US) << 32) / 1_000_000) as u64
    }

    /// A peer that only has credentials and a group; gives its index.
    pub fn register(&mut self, group: u64) -> usize {
        let index = self.clients.len();
        let client = Client::new(index as u64 + 1, tuple(1000 + index as u16));
        self.register_all(&client);
        let (peer, group) = (client.peer, GroupId(group));
        self.clients.push(client);
        self.command(index, Command::AddPeer { peer, group });
        index
    }

    pub fn register_all(&mut self, client: &Client) {
        let owner = self.owner_of(client.peer);
        for worker in 0..self.workers.len() {
            let command = Command::Register {
                peer: client.peer,
                owner,
                ufrag: client.ufrag.clone(),
                pwd: client.pwd.clone(),
                remote_ufrag: client.remote_ufrag.clone(),
            };
            self.command_on(worker, command);
        }
    }

    /// A peer with keys, streams and a nominated path.
    pub fn join(&mut self, group: u64, receive: Vec<ReceiveSpec>, slots: Vec<SlotSpec>) -> usize {
        let index = self.register(group);
        self.check(index, true);
        self.set_keys(index, Profile::AeadAes128Gcm);
        self.configure(index, receive, slots);
        index
    }

    pub fn set_keys(&mut self, index: usize, profile: Profile) {
        let (tx, rx) = self.clients[index].set_keys(profile);
        let peer = self.clients[index].peer;
        self.command(index, Command::SetKeys { peer, profile, tx, rx });
    }

    pub fn configure(&mut self, index: usize, receive: Vec<ReceiveSpec>, slots: Vec<SlotSpec>) {
        let peer = self.clients[index].peer;
        self.command(index, Command::Configure { peer, receive, slots });
    }

    pub fn route(&mut self, index: usize, slot: u16, track: Option<u64>, max_layer: u8) {
        let peer = self.clients[index].peer;
        let (slot, track, max_layer) = (SlotId(slot), track.map(TrackId), Layer(max_layer));
        self.command(
            index,
            Command::Route {
                peer,
                slot,
                track,
                max_layer,
            },
        );
    }

    pub fn remove(&mut self, index: usize) {
        let peer = self.clients[index].peer;
        self.command(index, Command::RemovePeer { peer });
        for worker in 0..self.workers.len() {
            self.command_on(worker, Command::Unregister { peer });
        }
    }

    fn owner_of(&self, peer: PeerId) -> WorkerId {
        // Not what the hash of the port gives, so that some datagrams are handed over.
        WorkerId((peer.0 / 2 % self.workers.len() as u64) as u16)
    }

    /// To the worker that owns the client.
    pub fn command(&mut self, index: usize, command: Command) {
        let owner = self.owner_of(self.clients[index].peer);
        self.command_on(usize::from(owner.0), command);
    }

    pub fn command_on(&mut self, worker: usize, command: Command) {
        let (now, mut out) = (self.now(), Outbox::default());
        self.workers[worker].handle_command(now, command, &mut out);
        self.route_out(out);
    }

    /// An authenticated connectivity check from the client's address.
    pub fn check(&mut self, index: usize, nominate: bool) {
        let data = self.clients[index].check(nominate);
        self.receive(self.clients[index].tuple, &data);
    }

    /// A datagram arrives at whatever worker the kernel's hash would choose.
    pub fn receive(&mut self, from: Tuple, data: &[u8]) {
        let worker = usize::from(from.remote.port()) % self.workers.len();
        let (now, mut out) = (self.now(), Outbox::default());
        self.workers[worker].handle_datagram(now, from, &mut data.to_vec(), &mut out);
        self.route_out(out);
    }

    pub fn send_rtp(&mut self, index: usize, packet: &[u8]) {
        let data = self.clients[index].seal_rtp(packet);
        self.receive(self.clients[index].tuple, &data);
    }

    pub fn send_rtcp(&mut self, index: usize, compound: &[u8]) {
        let data = self.clients[index].seal_rtcp(compound);
        self.receive(self.clients[index].tuple, &data);
    }

    pub fn flush(&mut self) {
        for worker in 0..self.workers.len() {
            let now = self.now();
            let mut out = Outbox {
                pressure: self.pressure,
                ..Outbox::default()
            };
            self.workers[worker].flush(now, &mut out);
            self.route_out(out);
        }
    }

    /// Lets time pass, with the timeouts that fall into it and a flush after each.
    pub fn advance(&mut self, us: u64) {
        let end = self.mono_us + us;
        loop {
            let next = self.workers.iter().map(Worker::next_timeout).min().unwrap_or(u64::MAX);
            if next > end {
                break;
            }
            self.mono_us = self.mono_us.max(next);
            for worker in 0..self.workers.len() {
                let (now, mut out) = (self.now(), Outbox::default());
                if self.workers[worker].next_timeout() <= now.mono_us {
                    self.workers[worker].handle_timeout(now, &mut out);
                }
                self.route_out(out);
            }
            self.flush();
        }
        self.mono_us = end;
    }

    fn route_out(&mut self, out: Outbox) {
        self.events.extend(out.events);
        self.taps.extend(out.taps);
        for (to, data) in out.datagrams {
            match self.clients.iter_mut().find(|client| client.tuple == to) {
                Some(client) => client.receive(&data),
                None => self.stray.push((to, data)),
            }
        }
        for (to, message) in out.shared {
            let (now, mut out) = (self.now(), Outbox::default());
            self.workers[usize::from(to.0)].handle_shared(now, message, &mut out);
            self.route_out(out);
        }
    }

    /// Sum over the workers.
    pub fn counters(&mut self) -> Counters {
        let now = self.now();
        let mut sum = Counters::default();
        for worker in &mut self.workers {
            sum.add(&worker.snapshot(now).counters);
        }
        sum
    }

    pub fn table_entries(&self) -> usize {
        self.workers.iter().map(Worker::table_entries).sum()
    }

    /// Events that `pick` maps to something.
    pub fn events_of<T>(&self, pick: impl FnMut(&Event) -> Option<T>) -> Vec<T> {
        self.events.iter().filter_map(pick).collect()
    }
}
