//! What a peer publishes and receives, replaced as a whole while unchanged streams go on.

use super::publish::Published;
use super::replica::{Subscriber, TrackInfo, MAX_LAYERS};
use super::slot::Slot;
use super::Worker;
use crate::api::{Now, ReceiveSpec, Sink, SlotSpec};
use crate::egress::slot::OutboundSlot;
use crate::id::PeerId;

impl Worker {
    pub(super) fn configure(
        &mut self,
        now: Now,
        peer: PeerId,
        receive: Vec<ReceiveSpec>,
        slots: Vec<SlotSpec>,
        out: &mut dyn Sink,
    ) {
        let Some(at) = self.peers.at(peer) else { return };
        self.configure_tracks(now, at, receive, out);
        self.configure_slots(now, at, slots, out);
    }

    fn configure_tracks(&mut self, now: Now, at: usize, mut receive: Vec<ReceiveSpec>, out: &mut dyn Sink) {
        receive.truncate(self.config.tracks_per_peer as usize);
        let Some(peer) = self.peers.get_mut(at) else { return };
        let (id, group) = (peer.id, peer.group);
        let mut before: Vec<_> = std::mem::take(&mut peer.tracks).into_iter().map(Some).collect();
        let mut moved = vec![None; before.len()];
        let mut after = Vec::with_capacity(receive.len());
        let mut fresh = Vec::new();
        let mut ended = Vec::new();
        for spec in receive {
            let same = before
                .iter()
                .position(|kept| kept.as_ref().is_some_and(|kept| *kept.inbound.spec() == spec));
            if let Some((same, kept)) = same.and_then(|same| Some((same, before[same].take()?))) {
                moved[same] = Some(after.len());
                after.push(kept);
                continue;
            }
            // A track that changed begins anew; one that somebody else publishes is refused.
            let changed = before.iter_mut().find(|kept| {
                kept.as_ref()
                    .is_some_and(|kept| kept.inbound.spec().track == spec.track)
            });
            match changed {
                Some(changed) => *changed = None,
                None if self.tracks.at(spec.track).is_some() => continue,
                None => {}
            }
            fresh.push(TrackInfo {
                track: spec.track,
                peer: id,
                group,
                owner: self.id,
                kind: spec.kind,
                layers: spec.rids.len().max(spec.ssrcs.len()).clamp(1, MAX_LAYERS) as u8,
                screen: spec.screen,
            });
            after.push(Published::new(spec, &self.config));
        }
        ended.extend(
            before
                .into_iter()
                .flatten()
                .map(|published| published.inbound.spec().track),
        );
        if let Some(peer) = self.peers.get_mut(at) {
            peer.specs = after.iter().map(|published| published.inbound.spec().clone()).collect();
            peer.sources.reconfigure(&peer.specs, &moved);
            peer.tracks = after;
        }
        for track in ended {
            self.track_down(now, track, out);
        }
        for info in fresh {
            self.track_up(now, info, Some(at), out);
        }
        let Some(peer) = self.peers.get_mut(at) else { return };
        for (published, spec) in peer.tracks.iter_mut().zip(&peer.specs) {
            published.replica = self.tracks.at(spec.track).unwrap_or(usize::MAX);
        }
    }

    fn configure_slots(&mut self, now: Now, at: usize, mut slots: Vec<SlotSpec>, out: &mut dyn Sink) {
        slots.truncate(self.config.slots_per_peer as usize);
        let Some(peer) = self.peers.get_mut(at) else { return };
        let group = peer.group;
        let mut before = std::mem::take(&mut peer.slots);
        peer.dirty.clear();
        let mut touched = Vec::new();
        for (index, slot) in before.iter().enumerate() {
            if let Some(track) = slot.track {
                touched.push(track);
                if let Some(replica) = self.tracks.get_mut(track) {
                    replica.unsubscribe(Subscriber { peer: at, slot: index });
                }
            }
        }
        let mut after: Vec<Slot> = Vec::with_capacity(slots.len());
        let mut channel = 0;
        for spec in slots {
            if after
                .iter()
                .any(|slot| slot.spec.slot == spec.slot || slot.spec.ssrc == spec.ssrc)
            {
                continue;
            }
            let loudest = spec.loudest;
            let kept = before.iter().position(|slot| slot.spec.slot == spec.slot);
            let mut slot = match kept.map(|kept| before.swap_remove(kept)) {
                Some(mut slot) => {
                    if slot.spec != spec {
                        slot.reconfigure(spec);
                        slot.end();
                    }
                    slot
                }
                None => {
                    let mut slot = Slot::new(spec);
                    slot.numbers = peer.retired.iter().find(|old| old.ssrc == slot.spec.ssrc).copied();
                    slot
                }
            };
            slot.dirty = false;
            slot.channel = loudest.then_some(channel);
            channel += usize::from(loudest);
            after.push(slot);
        }
        for numbers in before
            .iter()
            .filter_map(|slot| slot.stream.as_ref().map(OutboundSlot::next_numbers))
        {
            peer.retire(numbers);
        }
        for (index, slot) in after.iter().enumerate() {
            if let Some(replica) = slot.track.and_then(|track| self.tracks.get_mut(track)) {
                replica.subscribers.push(Subscriber { peer: at, slot: index });
            }
        }
        let count = after.len();
        if let Some(peer) = self.peers.get_mut(at) {
            peer.slots = after;
            for index in 0..count {
                if peer.slots[index].has_own_packets() {
                    peer.mark(index, at, &mut self.scratch.dirty_peers);
                }
            }
        }
        self.count_loudest(now, group, out);
        for index in 0..count {
            self.bind_routed(now, Subscriber { peer: at, slot: index }, out);
        }
        for track in touched {
            self.update_wanted(now, track, out);
        }
    }
}
