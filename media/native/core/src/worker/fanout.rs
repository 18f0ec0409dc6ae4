//! The flush: subscriber after subscriber, everything that waits for it, sealed straight into the send buffer.

use super::peer::Peer;
use super::replica::Replica;
use super::Worker;
use crate::api::{Event, Kind, Now, Sink, Tuple, QUEUE_DRAINED, QUEUE_FULL};
use crate::egress::outgoing::{Outgoing, Retransmission, Skip};
use crate::egress::slot::OutboundSlot;
use crate::egress::write::Stamp;

use crate::id::{Layer, PeerId};
use crate::packet::Packet;
use crate::srtp;
use crate::stats::Counters;

/// Room for header, extensions and tag beside the payload, bytes.
const OVERHEAD: usize = 160;

/// Lists that are used again, so that a flush does not allocate.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Tracks with packets since the last flush.
    pub(crate) dirty_tracks: Vec<usize>,
    /// Peers with something to send.
    pub(crate) dirty_peers: Vec<usize>,
    pub(crate) expired: Vec<PeerId>,
    /// Slots that found no key frame in the cache, or one that does not fit.
    waiting: Vec<(usize, Layer)>,
    pub(crate) seqs: Vec<u16>,
    /// Tracks and layers whose loss is beyond repair.
    pub(crate) lost: Vec<(usize, Layer)>,
}

impl Worker {
    pub(super) fn fan_out(&mut self, now: Now, out: &mut dyn Sink) {
        self.mark_subscribers(Kind::Audio);
        self.mark_subscribers(Kind::Video);
        let mut dirty = std::mem::take(&mut self.scratch.dirty_peers);
        for at in dirty.drain(..) {
            self.send_to(now, at, out);
        }
        self.scratch.dirty_peers = dirty;
        for at in self.scratch.dirty_tracks.drain(..) {
            if let Some(replica) = self.tracks.get_mut(at) {
                replica.dirty = false;
                replica.batch.clear();
            }
        }
        while let Some((track, layer)) = self.scratch.waiting.pop() {
            self.request_key_frames(now, track, 1u8.checked_shl(u32::from(layer.0)).unwrap_or(0), out);
        }
    }

    /// Only unfinished frames of video wait; the oldest packet says how long. Pays in `benchmarks/forwarding`.
    pub(super) fn frames_complete_at(&self) -> u64 {
        if !self.scratch.dirty_peers.is_empty() {
            return 0;
        }
        let mut oldest_us = u64::MAX;
        let mut unfinished = false;
        for at in &self.scratch.dirty_tracks {
            let Some(replica) = self.tracks.get(*at) else { continue };
            let Some(first) = replica.batch.first() else { continue };
            if replica.info.kind == Kind::Audio {
                return 0;
            }
            oldest_us = oldest_us.min(first.arrival_us);
            unfinished |= has_unfinished_frame(&replica.batch);
        }
        match unfinished {
            true => oldest_us.saturating_add(self.config.frame_hold_us),
            false => 0,
        }
    }

    /// Audio goes first to every peer, so that a full send buffer costs pictures and not speech.
    fn mark_subscribers(&mut self, kind: Kind) {
        for at in &self.scratch.dirty_tracks {
            let Some(replica) = self.tracks.get(*at).filter(|replica| replica.info.kind == kind) else {
                continue;
            };
            for subscriber in &replica.subscribers {
                if let Some(peer) = self.peers.get_mut(subscriber.peer) {
                    peer.mark(subscriber.slot, subscriber.peer, &mut self.scratch.dirty_peers);
                }
            }
        }
    }

    fn send_to(&mut self, now: Now, at: usize, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get_mut(at) else { return };
        let mut dirty = std::mem::take(&mut peer.dirty);
        for index in dirty.drain(..) {
            let Some(slot) = peer.slots.get_mut(index) else {
                continue;
            };
            slot.dirty = false;
            let Some(track) = slot.track else { continue };
            let Some(replica) = self.tracks.get(track) else {
                continue;
            };
            let waits = send_slot(now, peer, index, replica, &mut self.counters, out);
            if let Some(layer) = waits {
                self.scratch.waiting.push((track, layer));
            }
            let slot = &mut peer.slots[index];
            if let Some(layer) = slot.news() {
                slot.report_us = 0;
                out.event(Event::SlotLayer {
                    peer: peer.id,
                    slot: slot.spec.slot,
                    layer,
                });
            }
        }
        peer.dirty = dirty;
    }
}

/// The newest packet of some layer does not end its frame.
fn has_unfinished_frame(batch: &[std::sync::Arc<Packet>]) -> bool {
    let mut seen = 0u8;
    batch.iter().rev().any(|packet| {
        let layer = 1u8.checked_shl(u32::from(packet.layer.0)).unwrap_or(0);
        let newest = seen & layer == 0;
        seen |= layer;
        newest && !packet.marker
    })
}

/// Everything that waits for one slot; gives the layer whose key frame it needs and did not find.
fn send_slot(
    now: Now,
    peer: &mut Peer,
    index: usize,
    replica: &Replica,
    counters: &mut Counters,
    out: &mut dyn Sink,
) -> Option<Layer> {
    let slot = &mut peer.slots[index];
    let mut again = std::mem::take(&mut slot.again);
    let replaying = std::mem::take(&mut slot.replaying);
    let (Some(stream), Some(to), Some(tx)) = (slot.stream.as_mut(), peer.path, peer.tx.as_mut()) else {
        again.clear();
        slot.again = again;
        return None;
    };
    let video = slot.spec.kind == Kind::Video;
    let mut needs = None;
    if slot.choked && out.pressure(to) <= QUEUE_DRAINED {
        slot.choked = false;
        needs = stream.wants_key_frame();
    }
    let mut sender = Sender {
        now,
        to,
        video,
        choked: slot.choked,
        tx,
        link: &mut peer.link,
        rate: &mut peer.rate_out,
        counters,
        out,
    };
    for retransmission in again.drain(..) {
        sender.again(stream, &retransmission, replica);
    }
    slot.again = again;
    if replaying && !sender.choked && stream.layer().is_none() {
        match sender.replay(stream, replica) {
            true => {
                slot.choked = sender.choked;
                return None;
            }
            false => needs = stream.wants_key_frame(),
        }
    }
    for packet in &replica.batch {
        if sender.is_full(stream) {
            needs = None;
            sender.counters.drop_send_buffer_full += u64::from(stream.wants_key_frame() == Some(packet.layer));
            continue;
        }
        let clock = replica.clocks.get(usize::from(packet.layer.0)).copied().flatten();
        match stream.forward(now, packet, clock) {
            Ok(outgoing) => {
                sender.packet(stream, &outgoing, packet);
                if outgoing.switched {
                    needs = None;
                    slot.report_us = 0;
                    sender.rest_of_frame(stream, replica, packet.layer);
                }
            }
            Err(Skip::NeedKeyFrame) => needs = stream.wants_key_frame(),
            Err(_) => {}
        }
    }
    slot.choked = sender.choked;
    needs
}

/// What one peer's packets are sealed with and sent to.
struct Sender<'a> {
    now: Now,
    to: Tuple,
    video: bool,
    /// The path's queue was too full for pictures; the stream waits for a key frame.
    choked: bool,
    tx: &'a mut srtp::Outbound,
    link: &'a mut super::link::Link,
    rate: &'a mut crate::ingress::bitrate::BitrateMeter,
    counters: &'a mut Counters,
    out: &'a mut dyn Sink,
}

impl Sender<'_> {
    /// True while no picture may be sent. A frame that was begun is cut short then, and nothing follows it.
    fn is_full(&mut self, stream: &mut OutboundSlot) -> bool {
        if self.video && !self.choked && self.out.pressure(self.to) >= QUEUE_FULL {
            self.choked = true;
            stream.interrupt();
        }
        self.choked
    }

    fn packet(&mut self, stream: &mut OutboundSlot, outgoing: &Outgoing, packet: &Packet) {
        let sealed = self.seal(
            stream.spec().extensions.transport_cc,
            packet,
            outgoing.out_seq,
            0,
            |stamp, buf| stream.write(outgoing, packet, stamp, buf),
        );
        if sealed {
            self.counters.rtp_out += 1;
        }
    }

    fn again(&mut self, stream: &mut OutboundSlot, again: &Retransmission, replica: &Replica) {
        let cache = replica
            .caches
            .get(usize::from(again.sent.layer.0))
            .and_then(Option::as_ref);
        let Some(packet) = cache.and_then(|cache| cache.get(self.now.mono_us, again.sent.src_seq)) else {
            self.counters.drop_nack_not_cached += 1;
            return;
        };
        let transport_cc = stream.spec().extensions.transport_cc;
        let sealed = self.seal(
            transport_cc,
            packet,
            again.rtx_seq(),
            crate::rtp::rtx::OSN_LEN,
            |stamp, buf| stream.write_retransmission(again, packet, stamp, buf),
        );
        if sealed {
            self.counters.rtx_out += 1;
        }
    }

    /// The cached group of pictures, in place of a new key frame; false when there is none for this slot.
    fn replay(&mut self, stream: &mut OutboundSlot, replica: &Replica) -> bool {
        let Some(layer) = stream.wants_key_frame() else {
            return false;
        };
        let index = usize::from(layer.0);
        let Some(cache) = replica.caches.get(index).and_then(Option::as_ref) else {
            return false;
        };
        if !stream.begin_replay(self.now, cache, replica.clocks[index]) {
            return false;
        }
        self.counters.gop_replayed += 1;
        self.rest_of_frame(stream, replica, layer);
        true
    }

    /// Cached packets that go before the live ones.
    fn rest_of_frame(&mut self, stream: &mut OutboundSlot, replica: &Replica, layer: Layer) {
        let Some(cache) = replica.caches.get(usize::from(layer.0)).and_then(Option::as_ref) else {
            return;
        };
        while let Some((outgoing, packet)) = stream.next_replay(self.now, cache) {
            self.packet(stream, &outgoing, packet);
            if self.is_full(stream) {
                return;
            }
        }
    }

    /// Writes, seals and sends one packet; `extra` = bytes before the payload that are encrypted too.
    fn seal(
        &mut self,
        transport_cc: u8,
        packet: &Packet,
        index: u64,
        extra: usize,
        mut write: impl FnMut(Stamp, &mut [u8]) -> usize,
    ) -> bool {
        let transport_seq = if transport_cc == 0 {
            0
        } else {
            self.link.next(self.now.mono_us)
        };
        let stamp = Stamp {
            mono_us: self.now.mono_us,
            ntp: self.now.ntp,
            transport_seq,
        };
        let payload = packet.payload.len() + extra;
        let mut sealed = 0;
        let tx = &mut *self.tx;
        self.out.datagram(self.to, payload + OVERHEAD, &mut |buf| {
            let len = write(stamp, buf);
            sealed = match len.checked_sub(payload) {
                Some(header) if len > 0 => tx.seal_rtp(buf, header, payload, index).unwrap_or(0),
                _ => 0,
            };
            sealed
        });
        if sealed == 0 {
            self.counters.drop_send_buffer_full += 1;
            return false;
        }
        if transport_cc != 0 {
            self.link.sent(transport_seq, sealed);
        }
        self.rate.add(self.now.mono_us, sealed);
        self.counters.datagrams_out += 1;
        self.counters.bytes_out += sealed as u64;
        true
    }
}
