//! Packets out of the cache before live ones: a joiner's first picture, and what overtook a key frame's beginning.

use std::sync::Arc;

use crate::api::Now;
use crate::cache::LayerCache;
use crate::egress::outgoing::Outgoing;
use crate::egress::slot::{arrival_ntp, OutboundSlot};
use crate::egress::timestamp::{Entry, Fit, SourceClock};
use crate::id::Layer;
use crate::packet::Packet;

/// Cached packets that are to be sent before live ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replay {
    pub(super) layer: Layer,
    pub(super) next: u64,
    /// For a group of pictures: timestamp of its present frame, and how many frames follow that one.
    pub(super) squeezed: Option<(u32, u32)>,
}

impl OutboundSlot {
    /// Fills a joiner's picture from the cache of the wanted layer in place of asking for a key frame; true = call
    /// `next_replay` until it gives nothing. Only before anything of the routed track was sent.
    pub fn begin_replay(&mut self, now: Now, cache: &LayerCache, clock: Option<SourceClock>) -> bool {
        let (Some(layer), None) = (self.wants_key_frame(), self.layer()) else {
            return false;
        };
        let Some((first, last)) = cache.gop(now.mono_us) else {
            return false;
        };
        let (Some(oldest), Some(newest)) = (cache.at(first), cache.at(last)) else {
            return false;
        };
        if oldest.layer != layer || self.pt_of(oldest.codec).is_none() {
            return false;
        }
        let mut frames = 1;
        let mut rtp_ts = oldest.rtp_ts;
        for packet in (first..=last).filter_map(|seq| cache.at(seq)) {
            frames += u32::from(packet.rtp_ts != rtp_ts);
            rtp_ts = packet.rtp_ts;
        }
        let entry = Entry {
            rtp_ts: newest.rtp_ts,
            arrival_ntp: arrival_ntp(now, newest),
            clock,
        };
        self.times.switch(
            entry,
            Fit::Force {
                frames: frames.min(u32::from(u16::MAX)) as u16,
            },
        );
        self.enter(layer);
        self.replay = Some(Replay {
            layer,
            next: first,
            squeezed: Some((oldest.rtp_ts, frames - 1)),
        });
        true
    }

    /// The next cached packet to send now: of a joiner's group of pictures, or what overtook the first packet of
    /// the key frame that was switched at.
    pub fn next_replay<'c>(&mut self, now: Now, cache: &'c LayerCache) -> Option<(Outgoing, &'c Arc<Packet>)> {
        loop {
            let mut replay = self.replay.take()?;
            if self.layer() != Some(replay.layer) || cache.highest().is_none_or(|highest| replay.next > highest) {
                return None;
            }
            let found = cache.at(replay.next).filter(|packet| packet.layer == replay.layer);
            replay.next += 1;
            let Some(packet) = found else {
                self.replay = Some(replay);
                continue;
            };
            let out_ts = replay.squeezed.as_mut().map(|(frame_ts, following)| {
                if packet.rtp_ts != *frame_ts {
                    *frame_ts = packet.rtp_ts;
                    *following = following.saturating_sub(1);
                }
                *following
            });
            self.replay = Some(replay);
            let Some(pt) = self.pt_of(packet.codec) else { continue };
            if self.select_current(packet).is_err() {
                continue;
            }
            if let Ok(outgoing) = self.number(now, packet, pt, false, out_ts) {
                return Some((outgoing, packet));
            }
        }
    }
}
