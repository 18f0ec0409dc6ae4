//! Which slot shows which track, and what that asks of the publisher.

use super::replica::Subscriber;
use super::Worker;
use crate::api::{Event, Kind, Now, Shared, Sink};
use crate::id::{GroupId, Layer, PeerId, SlotId, TrackId};

impl Worker {
    pub(super) fn route(
        &mut self,
        now: Now,
        peer: PeerId,
        slot: SlotId,
        track: Option<TrackId>,
        max_layer: Layer,
        out: &mut dyn Sink,
    ) {
        let Some(at) = self.peers.at(peer) else { return };
        let Some(peer) = self.peers.get_mut(at) else { return };
        let Some(index) = peer.slots.iter().position(|known| known.spec.slot == slot) else {
            return;
        };
        let subscriber = Subscriber { peer: at, slot: index };
        let known = &mut peer.slots[index];
        if known.spec.loudest {
            return;
        }
        let moved = known.route != track;
        known.route = track;
        known.set_max_layer(max_layer);
        let bound = known.track;
        if moved {
            self.unbind(subscriber, out);
            self.bind_routed(now, subscriber, out);
        }
        if let Some(bound) = bound {
            self.update_wanted(now, bound, out);
        }
        self.refresh(now, subscriber, out);
    }

    /// Puts a slot on the track of its route, once that track is known here.
    pub(super) fn bind_routed(&mut self, now: Now, subscriber: Subscriber, out: &mut dyn Sink) {
        let slot = self
            .peers
            .get(subscriber.peer)
            .and_then(|peer| peer.slots.get(subscriber.slot));
        let Some(slot) = slot.filter(|slot| slot.track.is_none() && !slot.spec.loudest) else {
            return;
        };
        if let Some(track) = slot.route.and_then(|track| self.tracks.at(track)) {
            self.bind(now, subscriber, track, out);
        }
    }

    /// Puts a track that has just come up on every slot that was routed to it before.
    pub(super) fn bind_waiting(&mut self, now: Now, track: usize, out: &mut dyn Sink) {
        let Some(info) = self.tracks.get(track).map(|replica| replica.info) else {
            return;
        };
        let peers = self
            .groups
            .get(&info.group)
            .map(|group| group.peers.clone())
            .unwrap_or_default();
        for at in peers {
            let slots = self.peers.get(at).map_or(0, |peer| peer.slots.len());
            for slot in 0..slots {
                self.bind_routed(now, Subscriber { peer: at, slot }, out);
            }
        }
    }

    /// Refused for a track of another group, of another kind, and for the peer's own.
    pub(super) fn bind(&mut self, now: Now, subscriber: Subscriber, track: usize, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get_mut(track) else {
            return;
        };
        let Some(peer) = self.peers.get_mut(subscriber.peer) else {
            return;
        };
        let info = replica.info;
        let Some(slot) = peer.slots.get_mut(subscriber.slot) else {
            return;
        };
        if info.group != peer.group || info.peer == peer.id || info.kind != slot.spec.kind {
            return;
        }
        let active = replica.active_mask();
        slot.begin(track, active, &self.config);
        replica.subscribers.push(subscriber);
        self.update_wanted(now, track, out);
        self.refresh(now, subscriber, out);
        // A screen that stands still sends nothing by itself, and a joiner has seen nothing of it.
        if info.screen && active == 0 {
            self.request_key_frames(now, track, info.all_layers(), out);
        }
    }

    pub(super) fn unbind(&mut self, subscriber: Subscriber, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get_mut(subscriber.peer) else {
            return;
        };
        let id = peer.id;
        let Some(slot) = peer.slots.get_mut(subscriber.slot) else {
            return;
        };
        let Some(track) = slot.track else { return };
        slot.end();
        if let Some(layer) = slot.news() {
            out.event(Event::SlotLayer {
                peer: id,
                slot: slot.spec.slot,
                layer,
            });
        }
        if let Some(replica) = self.tracks.get_mut(track) {
            replica.unsubscribe(subscriber);
        }
    }

    /// After a change of route, ceiling or active layers: asks for the key frame that the slot now waits for.
    pub(super) fn refresh(&mut self, now: Now, subscriber: Subscriber, out: &mut dyn Sink) {
        let Some(slot) = self
            .peers
            .get(subscriber.peer)
            .and_then(|peer| peer.slots.get(subscriber.slot))
        else {
            return;
        };
        let Some(track) = slot.track else { return };
        let Some(layer) = slot.wants_key_frame() else { return };
        self.need_key_frame(now, track, layer, subscriber, out);
    }

    /// The peer can be sent to from now on: pictures that could not be sent until now begin at a key frame.
    pub(super) fn restart_pictures(&mut self, now: Now, at: usize, out: &mut dyn Sink) {
        let count = self.peers.get(at).map_or(0, |peer| peer.slots.len());
        for slot in 0..count {
            let known = self.peers.get_mut(at).and_then(|peer| peer.slots.get_mut(slot));
            if let Some(known) = known {
                known.interrupt();
            }
            self.refresh(now, Subscriber { peer: at, slot }, out);
        }
    }

    /// A slot waits for a key frame: from the cache when it holds a whole group of pictures, else from the publisher.
    pub(super) fn need_key_frame(
        &mut self,
        now: Now,
        track: usize,
        layer: Layer,
        subscriber: Subscriber,
        out: &mut dyn Sink,
    ) {
        let Some(replica) = self.tracks.get_mut(track) else {
            return;
        };
        let cache = replica.caches.get(usize::from(layer.0)).and_then(Option::as_ref);
        let cached = cache.is_some_and(|cache| cache.gop(now.mono_us).is_some());
        let Some(peer) = self.peers.get_mut(subscriber.peer) else {
            return;
        };
        let Some(slot) = peer.slots.get_mut(subscriber.slot) else {
            return;
        };
        // Only for a slot that shows nothing yet: a viewer who steps up would see the past again.
        if cached && slot.shown().is_none() {
            slot.replaying = true;
            self.counters.pli_merged += 1;
            peer.mark(subscriber.slot, subscriber.peer, &mut self.scratch.dirty_peers);
            return;
        }
        self.request_key_frames(now, track, 1u8.checked_shl(u32::from(layer.0)).unwrap_or(0), out);
    }

    /// Asks the publisher for key frames of the layers in `mask`, throttled.
    pub(super) fn request_key_frames(&mut self, now: Now, track: usize, mask: u8, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get_mut(track) else {
            return;
        };
        if replica.info.kind != Kind::Video {
            return;
        }
        let mut ask = 0u8;
        for layer in (0..replica.info.layers).filter(|layer| mask >> layer & 1 == 1) {
            if replica.key_frames.request(now.mono_us, Layer(layer)) {
                ask |= 1 << layer;
            } else {
                self.counters.pli_merged += 1;
            }
        }
        self.send_key_frame_requests(track, ask, out);
    }

    /// To the publisher, or to the worker that owns it.
    pub(super) fn send_key_frame_requests(&mut self, track: usize, mask: u8, out: &mut dyn Sink) {
        if mask == 0 {
            return;
        }
        let Some(replica) = self.tracks.get_mut(track) else {
            return;
        };
        let info = replica.info;
        let layers = (0..info.layers).map(Layer).filter(|layer| mask >> layer.0 & 1 == 1);
        if let Some(publisher) = replica.publisher {
            for layer in layers {
                self.send_pli(publisher, info.track, layer, out);
            }
        } else {
            for layer in layers {
                out.share(
                    info.owner,
                    Shared::KeyFrameNeeded {
                        track: info.track,
                        layer,
                    },
                );
            }
        }
    }

    /// Tells the publisher's side which layers are watched here, when that changed.
    pub(super) fn update_wanted(&mut self, now: Now, track: usize, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get_mut(track) else {
            return;
        };
        let info = replica.info;
        let all = info.all_layers();
        let mut mask = replica.remote_mask();
        for subscriber in &replica.subscribers {
            let slot = self
                .peers
                .get(subscriber.peer)
                .and_then(|peer| peer.slots.get(subscriber.slot));
            // Lower layers too: a link that turns thin steps down without waiting for an encoder to start.
            mask |= slot.map_or(0, |slot| ((1u16 << (slot.max_layer.0.min(7) + 1)) - 1) as u8 & all);
        }
        let group = self.groups.get(&info.group);
        let tapped = replica.publisher.is_some() && group.is_some_and(|group| !group.taps.is_empty());
        let heard = info.kind == Kind::Audio && group.is_some_and(|group| group.loudest_slots > 0);
        if tapped || heard {
            mask |= all;
        }
        for layer in (0..info.layers).map(Layer).filter(|layer| mask >> layer.0 & 1 == 0) {
            replica.key_frames.cancel(layer);
        }
        let Some(mask) = replica
            .wanted
            .update(now.mono_us, mask, self.config.layers_wanted_hold_us)
        else {
            return;
        };
        if replica.publisher.is_none() {
            out.share(
                info.owner,
                Shared::Wanted {
                    track: info.track,
                    worker: self.id,
                    mask,
                },
            );
        } else if info.kind == Kind::Video {
            out.event(Event::LayersWanted {
                track: info.track,
                mask,
            });
        }
    }

    /// A layer began or ceased to carry packets: viewers move to the best that is left.
    pub(super) fn layer_active(&mut self, track: usize, layer: Layer, active: bool, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get(track) else { return };
        if replica.publisher.is_some() {
            out.event(Event::LayerActive {
                track: replica.info.track,
                layer,
                active,
            });
        }
        let dark = replica.active_mask() == 0;
        for subscriber in &replica.subscribers {
            let Some(peer) = self.peers.get_mut(subscriber.peer) else {
                continue;
            };
            let Some(slot) = peer.slots.get_mut(subscriber.slot) else {
                continue;
            };
            slot.set_active(layer, active);
            slot.dark = dark;
            if let Some(layer) = slot.news() {
                out.event(Event::SlotLayer {
                    peer: peer.id,
                    slot: slot.spec.slot,
                    layer,
                });
            }
        }
    }

    /// Asks for the key frames that the track's viewers wait for.
    pub(super) fn refresh_all(&mut self, now: Now, track: usize, out: &mut dyn Sink) {
        let count = self.tracks.get(track).map_or(0, |replica| replica.subscribers.len());
        for index in 0..count {
            let subscriber = self
                .tracks
                .get(track)
                .and_then(|replica| replica.subscribers.get(index).copied());
            if let Some(subscriber) = subscriber {
                self.refresh(now, subscriber, out);
            }
        }
    }

    /// Counts the slots of a group that are filled by loudness; the first makes all its microphones wanted here.
    pub(super) fn count_loudest(&mut self, now: Now, group: GroupId, out: &mut dyn Sink) {
        let Some(entry) = self.groups.get_mut(&group) else {
            return;
        };
        let peers = entry.peers.iter().filter_map(|at| self.peers.get(*at));
        entry.loudest_slots = peers
            .flat_map(|peer| &peer.slots)
            .filter(|slot| slot.spec.loudest)
            .count();
        for track in entry.tracks.clone() {
            self.update_wanted(now, track, out);
        }
        // Slots that are new show who is heard already.
        let entry = self
            .groups
            .get(&group)
            .map(|entry| entry.peers.clone())
            .unwrap_or_default();
        for at in entry {
            let Some(peer) = self.peers.get(at) else { continue };
            for (place, track) in peer.heard.places().to_owned().into_iter().enumerate() {
                let empty = self.peers.get(at).is_some_and(|peer| {
                    peer.slots
                        .iter()
                        .any(|slot| slot.channel == Some(place) && slot.track.is_none())
                });
                if track.is_some() && empty {
                    self.fill(now, at, place, track, out);
                }
            }
        }
        self.fill_loudest(now, group, out);
    }
}
