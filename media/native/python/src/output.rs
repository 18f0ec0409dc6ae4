//! Where a worker's output goes: sockets, the other workers, and the control side.

use std::sync::{Arc, Mutex, PoisonError};

use muster_core::api::{Event, Shared, Sink, Transport, Tuple};
use muster_core::id::{TapId, TrackId, WorkerId};
use muster_core::packet::Packet;
use muster_core::stats::Counters;
use muster_net::{EgressBuffer, Poller, Sent, Streams, UdpSocket, Wake};

use crate::backlog::Backlog;
use crate::queue::Producer;

/// Epoll tokens; connections follow from STREAMS on.
pub(crate) const SOCKET: u64 = 0;
pub(crate) const INBOX: u64 = 1;
pub(crate) const LISTENER: u64 = 2;
pub(crate) const STREAMS: u64 = 3;

/// Sends of one batch of output; more than this many destinations are sent in several batches.
const RUNS: usize = 512;

/// Between the shells of two workers.
#[derive(Debug)]
pub(crate) enum Mail {
    Shared(Shared),
    /// A frame for a TCP connection that another worker accepted.
    Frame {
        connection: u32,
        from: WorkerId,
        data: Vec<u8>,
    },
    /// A TCP connection of the sender is full, or has drained.
    Pressure {
        connection: u32,
        full: bool,
    },
    /// The remote end of a TCP connection that another worker had.
    StreamClosed(Tuple),
}

impl Mail {
    fn is_media(&self) -> bool {
        matches!(
            self,
            Self::Shared(Shared::Datagram { .. } | Shared::Published { .. }) | Self::Frame { .. }
        )
    }
}

/// A packet for a recorder.
pub(crate) struct Tapped {
    pub(crate) tap: TapId,
    pub(crate) track: TrackId,
    pub(crate) packet: Arc<Packet>,
}

/// The way to another worker.
pub(crate) struct Neighbour {
    pub(crate) mail: Producer<Mail>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) owed_wake: bool,
}

/// The way to the control side.
pub(crate) struct Upward {
    pub(crate) events: Producer<Event>,
    pub(crate) event_capacity: usize,
    pub(crate) wake: Arc<Wake>,
    pub(crate) owed_wake: bool,
    pub(crate) taps: Producer<Tapped>,
    /// Counters of the last snapshot, for `Forwarder.counters`.
    pub(crate) counters: Arc<Mutex<Counters>>,
}

/// Implements the worker's `Sink`. Datagrams collect in a buffer until it is full or `send` is called.
pub(crate) struct Output {
    pub(crate) id: WorkerId,
    pub(crate) now_us: u64,
    pub(crate) socket: UdpSocket,
    pub(crate) egress: EgressBuffer,
    pub(crate) streams: Option<Streams>,
    pub(crate) backlog: Backlog,
    pub(crate) poller: Poller,
    pub(crate) neighbours: Vec<Neighbour>,
    pub(crate) share_capacity: usize,
    pub(crate) upward: Upward,
    /// What this shell dropped; the worker counts everything else.
    pub(crate) drops: Counters,
}

impl Output {
    pub(crate) fn egress(bytes: usize) -> EgressBuffer {
        EgressBuffer::new(bytes, RUNS)
    }

    /// Sends what collected, and wakes whoever was given something.
    pub(crate) fn send(&mut self) {
        self.send_datagrams();
        if let Some(streams) = &mut self.streams {
            streams.flush(&self.poller, STREAMS);
        }
        self.tell_drained();
        for neighbour in &mut self.neighbours {
            if std::mem::take(&mut neighbour.owed_wake) {
                neighbour.wake.notify();
            }
        }
        if std::mem::take(&mut self.upward.owed_wake) {
            self.upward.wake.notify();
        }
    }

    fn send_datagrams(&mut self) {
        if self.egress.is_empty() {
            return;
        }
        let Sent {
            dropped_full,
            dropped_error,
            ..
        } = self.socket.send(&mut self.egress);
        self.drops.drop_send_buffer_full += dropped_full + dropped_error;
    }

    /// A frame for one of our own connections, on behalf of another worker.
    pub(crate) fn frame(&mut self, connection: u32, from: WorkerId, data: &[u8]) {
        let Some(streams) = &mut self.streams else { return };
        streams.send(connection, data.len(), self.now_us, &mut |room| {
            room[..data.len()].copy_from_slice(data);
            data.len()
        });
        let (from, pressure) = (usize::from(from.0), streams.pressure(connection));
        let full = Mail::Pressure { connection, full: true };
        if self.backlog.is_news(connection, from, pressure) && self.mail(from, full) {
            self.backlog.told(connection, from);
        }
    }

    /// Tells the other workers which of our connections have room again.
    fn tell_drained(&mut self) {
        if self.backlog.is_quiet() {
            return;
        }
        let mut backlog = std::mem::take(&mut self.backlog);
        let streams = self.streams.take();
        backlog.drained(
            |connection| streams.as_ref().map_or(0, |streams| streams.pressure(connection)),
            |connection, from| {
                self.mail(
                    from,
                    Mail::Pressure {
                        connection,
                        full: false,
                    },
                )
            },
        );
        self.streams = streams;
        self.backlog = backlog;
    }

    /// False when there was no room.
    pub(crate) fn mail(&mut self, to: usize, mail: Mail) -> bool {
        let Some(neighbour) = self.neighbours.get_mut(to) else {
            return false;
        };
        let limit = if mail.is_media() {
            self.share_capacity - self.share_capacity / 8
        } else {
            usize::MAX
        };
        match neighbour.mail.push_below(limit, mail) {
            Ok(()) => {
                neighbour.owed_wake = true;
                true
            }
            Err(_) => {
                self.drops.drop_share_queue_full += 1;
                false
            }
        }
    }

    fn stream(&mut self, connection: u32, capacity: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) {
        let owner = usize::from(Streams::worker_of(connection));
        if owner == usize::from(self.id.0) {
            if let Some(streams) = &mut self.streams {
                streams.send(connection, capacity, self.now_us, fill);
            }
            return;
        }
        let mut data = vec![0; capacity];
        let len = fill(&mut data).min(capacity);
        if len > 0 {
            data.truncate(len);
            let from = self.id;
            self.mail(owner, Mail::Frame { connection, from, data });
        }
    }
}

impl Sink for Output {
    fn datagram(&mut self, to: Tuple, capacity: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) {
        match to.transport {
            Transport::Udp => {
                if !self.egress.fits(capacity) {
                    self.send_datagrams();
                }
                self.egress.push(to.remote, capacity, fill);
            }
            Transport::Tcp(connection) => self.stream(connection, capacity, fill),
        }
    }

    fn pressure(&self, to: Tuple) -> u8 {
        match (to.transport, &self.streams) {
            (Transport::Tcp(connection), Some(streams)) if Streams::worker_of(connection) == self.id.0 as u8 => {
                streams.pressure(connection)
            }
            (Transport::Tcp(connection), _) => self.backlog.pressure(connection),
            (Transport::Udp, _) => 0,
        }
    }

    fn share(&mut self, to: WorkerId, message: Shared) {
        self.mail(usize::from(to.0), Mail::Shared(message));
    }

    fn event(&mut self, event: Event) {
        let event = match event {
            Event::Stats(mut snapshot) => {
                self.drops.drop_tcp_frame = self
                    .streams
                    .as_ref()
                    .map_or(0, |streams| streams.counters().frames_dropped);
                snapshot.counters.add(&self.drops);
                snapshot
                    .counters
                    .clone_into(&mut self.upward.counters.lock().unwrap_or_else(PoisonError::into_inner));
                Event::Stats(snapshot)
            }
            other => other,
        };
        let limit = room_for(&event, self.upward.event_capacity);
        match self.upward.events.push_below(limit, event) {
            Ok(()) => self.upward.owed_wake = true,
            Err(_) => self.drops.drop_event_queue_full += 1,
        }
    }

    fn tap(&mut self, tap: TapId, track: TrackId, packet: &Arc<Packet>) {
        if self
            .upward
            .taps
            .push(Tapped {
                tap,
                track,
                packet: Arc::clone(packet),
            })
            .is_err()
        {
            self.drops.drop_tap_queue_full += 1;
        }
    }
}

/// How many events may wait before this one is refused: the end of a peer must not find the queue full of what is
/// told again soon.
fn room_for(event: &Event, capacity: usize) -> usize {
    match event {
        Event::Stats(_) => (capacity / 2).max(1),
        Event::Speaking { .. } | Event::LayerActive { .. } | Event::LayersWanted { .. } | Event::Dtls { .. } => {
            capacity - capacity / 8
        }
        Event::PathSelected { .. } | Event::PeerGone { .. } | Event::SlotFilled { .. } | Event::SlotLayer { .. } => {
            usize::MAX
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_core::api::GoneReason;
    use muster_core::id::PeerId;

    #[test]
    fn the_end_of_a_peer_finds_room_behind_a_flood_of_handshakes_and_speech() {
        let (producer, consumer) = crate::queue::bounded(16);
        let flood = |number: u64| match number % 2 {
            0 => Event::Dtls {
                peer: PeerId(number),
                data: vec![22],
            },
            _ => Event::Speaking {
                track: TrackId(number),
                active: true,
            },
        };
        for number in 0..100 {
            let event = flood(number);
            let _refused = producer.push_below(room_for(&event, 16), event);
        }
        let gone = Event::PeerGone {
            peer: PeerId(7),
            reason: GoneReason::ConsentExpired,
        };
        assert!(producer.push_below(room_for(&gone, 16), gone).is_ok());
        assert_eq!(std::iter::from_fn(|| consumer.pop()).count(), 15);
    }
}
