//! The last packets of a layer, shared by everybody who retransmits or replays them, and the pool they come from.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::api::Codec;
use crate::id::{Layer, Pt, Ssrc};
use crate::packet::{ExtensionBody, Inspection, Packet};

/// Bounds of one layer's cache.
#[derive(Clone, Copy, Debug)]
pub struct CacheConfig {
    /// Packets kept, rounded up to a power of two. 1024 are 2 s of 4 Mbit/s.
    pub packets: usize,
    /// A packet older than this is not retransmitted, microseconds.
    pub max_age_us: u64,
    /// Longest media time that a joiner is given at once, microseconds.
    pub max_gop_us: u64,
    /// Most packets that a joiner is given at once.
    pub max_gop_packets: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            packets: 1024,
            max_age_us: 2_000_000,
            max_gop_us: 3_000_000,
            max_gop_packets: 400,
        }
    }
}

impl CacheConfig {
    /// For microphones: 256 packets are 5 s.
    pub fn audio() -> Self {
        Self {
            packets: 256,
            max_gop_packets: 0,
            ..Self::default()
        }
    }

    /// For screens, which stay still for long: a key frame stays useful while few packets followed it.
    pub fn screen() -> Self {
        Self {
            max_gop_us: 600_000_000,
            ..Self::default()
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Gop {
    first: u64,
    began_us: u64,
    /// Number of packets from `first` on that are cached.
    cached: u64,
}

/// Ring of one layer's packets by sequence number.
#[derive(Clone, Debug)]
pub struct LayerCache {
    config: CacheConfig,
    ring: Vec<Option<Arc<Packet>>>,
    highest: Option<u64>,
    gop: Option<Gop>,
}

impl LayerCache {
    /// Reserves the ring at once.
    pub fn new(config: CacheConfig) -> Self {
        let ring = vec![None; config.packets.next_power_of_two()];
        Self {
            config,
            ring,
            highest: None,
            gop: None,
        }
    }

    /// Keeps a packet and gives back the one that it replaces, for `PacketPool::give_back`.
    pub fn insert(&mut self, packet: Arc<Packet>) -> Option<Arc<Packet>> {
        let (seq, arrival_us, key_frame) = (packet.seq, packet.arrival_us, packet.inspection.key_frame);
        let span = self.ring.len() as u64;
        if self.highest.is_some_and(|highest| seq + span <= highest) {
            return Some(packet);
        }
        self.highest = self.highest.max(Some(seq));
        let index = self.index(seq);
        let replaced = self.ring[index].replace(packet);
        let duplicate = replaced.as_ref().is_some_and(|old| old.seq == seq);
        if key_frame && self.gop.is_none_or(|gop| seq > gop.first) {
            let later = (seq + 1..=self.highest.unwrap_or(seq))
                .filter(|&later| self.at(later).is_some())
                .count();
            self.gop = Some(Gop {
                first: seq,
                began_us: arrival_us,
                cached: 1 + later as u64,
            });
        } else if let Some(gop) = self.gop.as_mut().filter(|gop| seq > gop.first && !duplicate) {
            gop.cached += 1;
        }
        replaced
    }

    /// A packet for retransmission; `None` = never here or too old at `now_us`.
    pub fn get(&self, now_us: u64, seq: u64) -> Option<&Arc<Packet>> {
        let packet = self.at(seq)?;
        (now_us.saturating_sub(packet.arrival_us) <= self.config.max_age_us).then_some(packet)
    }

    /// A packet whatever its age, for replay.
    pub fn at(&self, seq: u64) -> Option<&Arc<Packet>> {
        self.ring[self.index(seq)].as_ref().filter(|packet| packet.seq == seq)
    }

    /// Highest number here.
    pub fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// First and last number of the packets since the last key frame, when they are complete and within the
    /// bounds, so that a joiner can be given them in place of a new key frame.
    pub fn gop(&self, now_us: u64) -> Option<(u64, u64)> {
        let (gop, highest) = (self.gop?, self.highest?);
        let count = highest - gop.first + 1;
        let complete = gop.cached == count && count <= self.ring.len() as u64;
        let bounded =
            count <= self.config.max_gop_packets && now_us.saturating_sub(gop.began_us) <= self.config.max_gop_us;
        (complete && bounded && self.at(gop.first).is_some()).then_some((gop.first, highest))
    }

    /// Empties the ring, for a track that ended or a source that restarted.
    pub fn clear(&mut self, pool: &mut PacketPool) {
        self.ring
            .iter_mut()
            .filter_map(Option::take)
            .for_each(|packet| pool.give_back(packet));
        self.highest = None;
        self.gop = None;
    }

    fn index(&self, seq: u64) -> usize {
        (seq & (self.ring.len() as u64 - 1)) as usize
    }
}

/// Packets for reuse, so that none is allocated after warm-up.
#[derive(Debug)]
pub struct PacketPool {
    /// Given back, oldest first; some may still be held by other subscribers' caches.
    returned: VecDeque<Arc<Packet>>,
    limit: usize,
    allocated: u64,
}

impl PacketPool {
    /// Keeps at most `limit` packets; more are freed.
    pub fn new(limit: usize) -> Self {
        Self {
            returned: VecDeque::with_capacity(limit),
            limit,
            allocated: 0,
        }
    }

    /// A packet that nobody else holds, with an empty payload that keeps its memory. Its other fields are stale.
    pub fn take(&mut self) -> Arc<Packet> {
        // A packet still held elsewhere goes to the back; a few looks are enough to stay O(1).
        for _ in 0..self.returned.len().min(4) {
            let Some(mut packet) = self.returned.pop_front() else {
                break;
            };
            if let Some(unique) = Arc::get_mut(&mut packet) {
                unique.payload.clear();
                return packet;
            }
            self.returned.push_back(packet);
        }
        self.allocated += 1;
        Arc::new(blank())
    }

    /// Takes back a packet that a cache let go.
    pub fn give_back(&mut self, packet: Arc<Packet>) {
        if self.returned.len() < self.limit {
            self.returned.push_back(packet);
        }
    }

    /// Packets ever allocated.
    pub fn allocated(&self) -> u64 {
        self.allocated
    }
}

fn blank() -> Packet {
    Packet {
        layer: Layer(0),
        codec: Codec::Opus,
        ssrc: Ssrc(0),
        pt: Pt(0),
        seq: 0,
        rtp_ts: 0,
        marker: false,
        arrival_us: 0,
        audio_level: None,
        abs_capture_time: ExtensionBody::default(),
        video_orientation: None,
        playout_delay: None,
        dependency_descriptor: ExtensionBody::default(),
        inspection: Inspection::default(),
        recovered: false,
        payload: Vec::with_capacity(1500),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(pool: &mut PacketPool, seq: u64, arrival_us: u64, key_frame: bool) -> Arc<Packet> {
        let mut shared = pool.take();
        let packet = Arc::get_mut(&mut shared).expect("the pool gives unique packets");
        packet.seq = seq;
        packet.arrival_us = arrival_us;
        packet.inspection = Inspection {
            key_frame,
            ..Inspection::default()
        };
        packet.payload.extend_from_slice(&[0; 100]);
        shared
    }

    fn small() -> LayerCache {
        LayerCache::new(CacheConfig {
            packets: 64,
            max_gop_packets: 20,
            ..CacheConfig::default()
        })
    }

    #[test]
    fn packets_are_found_by_number_until_replaced_or_old() {
        let (mut pool, mut cache) = (PacketPool::new(8), small());
        for seq in 100..180 {
            cache.insert(packet(&mut pool, seq, seq * 1000, false));
        }
        assert!(cache.get(180_000, 115).is_none());
        assert_eq!(cache.get(180_000, 116).unwrap().seq, 116);
        assert!(cache.get(2_200_000, 116).is_none());
        assert!(cache.at(116).is_some());
        let stale = packet(&mut pool, 110, 0, false);
        assert_eq!(cache.insert(stale).unwrap().seq, 110);
    }

    #[test]
    fn nothing_is_allocated_after_warm_up() {
        let (mut pool, mut cache) = (PacketPool::new(128), small());
        let mut in_flight = VecDeque::new();
        for seq in 0..10_000 {
            let packet = packet(&mut pool, seq, 0, false);
            in_flight.push_back(Arc::clone(&packet));
            if in_flight.len() > 70 {
                in_flight.pop_front();
            }
            if let Some(old) = cache.insert(packet) {
                pool.give_back(old);
            }
        }
        assert!(pool.allocated() < 100, "{}", pool.allocated());
    }

    #[test]
    fn a_complete_group_of_pictures_is_offered_to_joiners() {
        let (mut pool, mut cache) = (PacketPool::new(8), small());
        assert_eq!(cache.gop(0), None);
        for seq in 10..20 {
            cache.insert(packet(&mut pool, seq, seq * 1000, seq == 13));
        }
        assert_eq!(cache.gop(20_000), Some((13, 19)));
        assert_eq!(cache.gop(3_013_001), None, "too long ago");
        cache.insert(packet(&mut pool, 21, 0, false));
        assert_eq!(cache.gop(20_000), None, "20 is missing");
        cache.insert(packet(&mut pool, 20, 0, false));
        cache.insert(packet(&mut pool, 20, 0, false));
        assert_eq!(cache.gop(20_000), Some((13, 21)));
        for seq in 22..34 {
            cache.insert(packet(&mut pool, seq, 0, false));
        }
        assert_eq!(cache.gop(20_000), None, "too many packets");
    }

    #[test]
    fn a_key_frame_that_arrives_late_counts_what_came_before_it() {
        let (mut pool, mut cache) = (PacketPool::new(8), small());
        for seq in [10, 12, 13, 11] {
            cache.insert(packet(&mut pool, seq, 0, seq == 11));
        }
        assert_eq!(cache.gop(0), Some((11, 13)));
    }

    #[test]
    fn clearing_returns_the_packets() {
        let (mut pool, mut cache) = (PacketPool::new(8), small());
        cache.insert(packet(&mut pool, 1, 0, true));
        cache.clear(&mut pool);
        assert_eq!((cache.highest(), cache.gop(0)), (None, None));
        let _reused = pool.take();
        assert_eq!(pool.allocated(), 1);
    }
}
