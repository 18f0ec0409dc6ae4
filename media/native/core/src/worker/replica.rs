//! A track as one worker holds it: recent packets, and who on this worker receives it.

use std::sync::Arc;

use super::config::WorkerConfig;
use crate::api::Kind;
use crate::cache::{CacheConfig, LayerCache};
use crate::egress::timestamp::SourceClock;
use crate::feedback::{KeyFrameConfig, KeyFrameRequests};
use crate::id::{GroupId, Layer, PeerId, TrackId, WorkerId};
use crate::packet::Packet;

/// Simulcast layers of one track; masks would hold eight.
pub(crate) const MAX_LAYERS: usize = 4;

/// Who publishes a track and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrackInfo {
    pub(crate) track: TrackId,
    pub(crate) peer: PeerId,
    pub(crate) group: GroupId,
    pub(crate) owner: WorkerId,
    pub(crate) kind: Kind,
    pub(crate) layers: u8,
    pub(crate) screen: bool,
}

impl TrackInfo {
    /// All layers, bit n = layer n.
    pub(crate) fn all_layers(&self) -> u8 {
        ((1u16 << self.layers) - 1) as u8
    }
}

/// One slot that receives the track: positions of the peer and of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub(crate) peer: usize,
    pub(crate) slot: usize,
}

/// When a layer carried packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Liveness {
    pub(crate) seen_us: Option<u64>,
    pub(crate) active: bool,
}

#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) info: TrackInfo,
    /// Position of the publisher, when this worker owns it.
    pub(crate) publisher: Option<usize>,
    pub(crate) subscribers: Vec<Subscriber>,
    /// Packets since the last flush.
    pub(crate) batch: Vec<Arc<Packet>>,
    pub(crate) dirty: bool,
    pub(crate) key_frames: KeyFrameRequests,
    pub(crate) layers: [Liveness; MAX_LAYERS],
    /// Capture clock of each layer: NTP on our clock and the RTP timestamp at that moment.
    pub(crate) clocks: [Option<SourceClock>; MAX_LAYERS],
    /// One for each layer, reserved when its first packet comes.
    pub(crate) caches: [Option<LayerCache>; MAX_LAYERS],
    /// What other workers want (only where the publisher is).
    pub(crate) remote: Vec<(WorkerId, u8)>,
    pub(crate) wanted: Wanted,
}

/// Which layers someone watches, with a hold before a layer is reported as unwatched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Last told.
    told: u8,
    /// Since when less than `told` is wanted.
    less_since_us: Option<u64>,
}

impl Wanted {
    /// `told` is what the other side assumes at first.
    pub(crate) fn new(told: u8) -> Self {
        Self {
            told,
            less_since_us: None,
        }
    }

    /// The mask to tell now, when it is news. More is told at once, less after `hold_us`.
    pub(crate) fn update(&mut self, now_us: u64, mask: u8, hold_us: u64) -> Option<u8> {
        if mask == self.told {
            self.less_since_us = None;
            return None;
        }
        let mut next = self.told | mask;
        if self.told & !mask == 0 {
            self.less_since_us = None;
        } else if now_us.saturating_sub(*self.less_since_us.get_or_insert(now_us)) >= hold_us {
            self.less_since_us = None;
            next = mask;
        }
        let news = next != self.told;
        self.told = next;
        news.then_some(next)
    }
}

impl Replica {
    pub(crate) fn new(info: TrackInfo, publisher: Option<usize>, config: &WorkerConfig) -> Self {
        let key_frames = KeyFrameConfig {
            lowest_interval_us: config.key_frame_interval_low_us,
            upper_interval_us: config.key_frame_interval_us,
        };
        Self {
            info,
            publisher,
            subscribers: Vec::new(),
            batch: Vec::new(),
            dirty: false,
            key_frames: KeyFrameRequests::new(key_frames),
            layers: [Liveness::default(); MAX_LAYERS],
            clocks: [None; MAX_LAYERS],
            caches: [const { None }; MAX_LAYERS],
            remote: Vec::new(),
            // A publisher sends everything until it is told otherwise; other workers get nothing until they ask.
            wanted: Wanted::new(if publisher.is_some() { info.all_layers() } else { 0 }),
        }
    }

    /// Layers that carry packets, bit n = layer n.
    pub(crate) fn active_mask(&self) -> u8 {
        let bits = self.layers.iter().enumerate().filter(|(_, layer)| layer.active);
        bits.fold(0, |mask, (index, _)| mask | 1 << index)
    }

    /// The cache of a layer; `None` for a layer that no track has.
    pub(crate) fn cache(&mut self, layer: Layer, config: &WorkerConfig) -> Option<&mut LayerCache> {
        let (kind, screen) = (self.info.kind, self.info.screen);
        let cache = self.caches.get_mut(usize::from(layer.0))?;
        Some(cache.get_or_insert_with(|| LayerCache::new(cache_config(kind, screen, config))))
    }

    /// Notes a packet of `layer`; true = the layer was silent before.
    pub(crate) fn carries(&mut self, now_us: u64, layer: Layer) -> bool {
        let Some(liveness) = self.layers.get_mut(usize::from(layer.0)) else {
            return false;
        };
        liveness.seen_us = Some(now_us);
        !std::mem::replace(&mut liveness.active, true)
    }

    /// Layers that ceased to carry packets, bit n = layer n.
    pub(crate) fn fallen_silent(&mut self, now_us: u64, silence_us: u64) -> u8 {
        let mut mask = 0;
        for (index, liveness) in self.layers.iter_mut().enumerate() {
            let seen = liveness.seen_us.unwrap_or(0);
            if liveness.active && now_us.saturating_sub(seen) >= silence_us {
                liveness.active = false;
                mask |= 1 << index;
            }
        }
        mask
    }

    /// Layers wanted by other workers.
    pub(crate) fn remote_mask(&self) -> u8 {
        self.remote.iter().fold(0, |mask, (_, wanted)| mask | wanted)
    }

    pub(crate) fn set_remote(&mut self, worker: WorkerId, mask: u8) {
        self.remote.retain(|(from, _)| *from != worker);
        if mask != 0 {
            self.remote.push((worker, mask));
        }
    }

    pub(crate) fn unsubscribe(&mut self, subscriber: Subscriber) {
        self.subscribers.retain(|other| *other != subscriber);
    }
}

fn cache_config(kind: Kind, screen: bool, config: &WorkerConfig) -> CacheConfig {
    match kind {
        Kind::Audio => CacheConfig {
            packets: config.cache_packets_audio as usize,
            ..CacheConfig::audio()
        },
        Kind::Video if screen => CacheConfig {
            packets: config.cache_packets as usize,
            ..CacheConfig::screen()
        },
        Kind::Video => CacheConfig {
            packets: config.cache_packets as usize,
            max_gop_us: config.gop_age_us,
            ..CacheConfig::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD_US: u64 = 2_000_000;

    #[test]
    fn wanting_more_is_told_at_once_and_wanting_less_after_the_hold() {
        let mut wanted = Wanted::new(0);
        assert_eq!(wanted.update(0, 0, HOLD_US), None);
        assert_eq!(wanted.update(1, 0b111, HOLD_US), Some(0b111));
        assert_eq!(wanted.update(10, 0b001, HOLD_US), None);
        assert_eq!(wanted.update(1_000_000, 0b111, HOLD_US), None);
        assert_eq!(wanted.update(1_500_000, 0b001, HOLD_US), None);
        assert_eq!(wanted.update(3_400_000, 0b001, HOLD_US), None);
        assert_eq!(wanted.update(3_500_000, 0b001, HOLD_US), Some(0b001));
    }

    #[test]
    fn a_change_to_another_layer_keeps_the_old_one_for_the_hold() {
        let mut wanted = Wanted::new(0b001);
        assert_eq!(wanted.update(10, 0b010, HOLD_US), Some(0b011));
        assert_eq!(wanted.update(10 + HOLD_US, 0b010, HOLD_US), Some(0b010));
    }
}
