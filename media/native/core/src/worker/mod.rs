//! One worker of the packet path: owns its peers end to end and shares tracks with the other workers.
//!
//! `api` says in which order a shell drives it. The life of a packet: `gate` (who sent it), `publish` (decrypt and
//! inspect once), `replica` (keep it), `fanout` (rewrite and seal for each subscriber at the next flush).

mod agent;
mod arena;
mod audio;
mod commands;
mod config;
mod configure;
mod fanout;
mod feedback;
mod gate;
mod group;
mod ice;
mod limits;
mod link;
mod peer;
mod publish;
mod replica;
mod reports;
mod share;
mod slot;
mod subscribe;
mod timers;

use std::collections::HashMap;

pub use config::WorkerConfig;

use crate::api::{Command, Event, GoneReason, Now, Shared, Sink, Tuple};
use crate::cache::PacketPool;
use crate::id::{GroupId, PeerId, TapId, TrackId, WorkerId};
use crate::stats::{Counters, Snapshot};

/// State of one worker. Every method returns at once; output goes to the `Sink`.
#[derive(Debug)]
pub struct Worker {
    id: WorkerId,
    workers: u16,
    config: WorkerConfig,
    counters: Counters,
    ice: ice::IceTable,
    peers: arena::Arena<PeerId, peer::Peer>,
    tracks: arena::Arena<TrackId, replica::Replica>,
    groups: HashMap<GroupId, group::Group>,
    taps: HashMap<TapId, GroupId>,
    pool: PacketPool,
    timers: timers::Timers,
    scratch: fanout::Scratch,
}

impl Worker {
    /// A worker of `workers` that share the work; ids are `0..workers`.
    pub fn new(id: WorkerId, workers: u16, config: WorkerConfig) -> Self {
        Self {
            id,
            workers,
            pool: PacketPool::new(config.pool_packets as usize),
            config,
            counters: Counters::default(),
            ice: ice::IceTable::new(),
            peers: arena::Arena::new(),
            tracks: arena::Arena::new(),
            groups: HashMap::new(),
            taps: HashMap::new(),
            timers: timers::Timers::default(),
            scratch: fanout::Scratch::default(),
        }
    }

    /// Takes one datagram, or one RFC 4571 frame. `data` is decrypted in place.
    pub fn handle_datagram(&mut self, now: Now, from: Tuple, data: &mut [u8], out: &mut dyn Sink) {
        self.datagram(now, from, data, out);
    }

    /// Takes one command of the control side. A command about an unknown peer does nothing: it may have gone.
    pub fn handle_command(&mut self, now: Now, command: Command, out: &mut dyn Sink) {
        self.command(now, command, out);
    }

    /// Takes one message of another worker.
    pub fn handle_shared(&mut self, now: Now, message: Shared, out: &mut dyn Sink) {
        self.shared(now, message, out);
    }

    /// A TCP stream ended: its path is gone.
    pub fn tuple_closed(&mut self, now: Now, tuple: Tuple, out: &mut dyn Sink) {
        if let Some(peer) = self.ice.tuple_closed(&tuple) {
            self.path_changed(now, peer, out);
        }
    }

    /// When `flush` is wanted for what was taken in, monotonic microseconds; 0 = at once.
    pub fn flush_at(&self) -> u64 {
        self.frames_complete_at()
    }

    /// Seals and sends everything that was taken in since the last flush, subscriber after subscriber.
    pub fn flush(&mut self, now: Now, out: &mut dyn Sink) {
        self.fan_out(now, out);
    }

    /// When `handle_timeout` wants to be called next, monotonic microseconds.
    pub fn next_timeout(&self) -> u64 {
        self.timers.next()
    }

    /// Does what is due: feedback, reports, consent, statistics. Early and late calls are fine.
    pub fn handle_timeout(&mut self, now: Now, out: &mut dyn Sink) {
        self.timeout(now, out);
    }

    /// Counters and the state of every peer, track and slot; also sent once a second as `Event::Stats`.
    pub fn snapshot(&mut self, now: Now) -> Snapshot {
        self.take_snapshot(now)
    }

    /// Entries in all tables; 0 again after every peer and tap was removed.
    pub fn table_entries(&self) -> usize {
        self.ice.len() + self.peers.len() + self.tracks.len() + self.groups.len() + self.taps.len()
    }

    /// Tells every other worker.
    fn tell_others(&self, message: &Shared, out: &mut dyn Sink) {
        for worker in (0..self.workers).map(WorkerId).filter(|worker| *worker != self.id) {
            out.share(worker, message.clone());
        }
    }

    /// The path of `peer` was selected, moved or lost.
    fn path_changed(&mut self, now: Now, peer: PeerId, out: &mut dyn Sink) {
        let selected = self.ice.selected(peer);
        if let Some(at) = self.peers.at(peer) {
            let before = self
                .peers
                .get_mut(at)
                .and_then(|peer| std::mem::replace(&mut peer.path, selected));
            if before.is_none() && selected.is_some() {
                self.restart_pictures(now, at, out);
            }
        }
        if let Some(tuple) = selected {
            out.event(Event::PathSelected { peer, tuple });
        }
    }

    fn consent_expired(&mut self, peer: PeerId, out: &mut dyn Sink) {
        if let Some(peer) = self.peers.by_id(peer) {
            peer.path = None;
        }
        out.event(Event::PeerGone {
            peer,
            reason: GoneReason::ConsentExpired,
        });
    }
}
