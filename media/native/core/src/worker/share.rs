//! Tracks, packets and wishes that workers tell each other.

use super::replica::{Replica, TrackInfo, MAX_LAYERS};
use super::Worker;
use crate::api::{Now, Shared, Sink};
use crate::egress::timestamp::SourceClock;
use crate::id::{Layer, TrackId, WorkerId};

impl Worker {
    pub(super) fn shared(&mut self, now: Now, message: Shared, out: &mut dyn Sink) {
        match message {
            Shared::Datagram { from, mut data } => self.datagram_of_peer(now, from, &mut data, out),
            Shared::TrackUp {
                track,
                peer,
                group,
                owner,
                kind,
                layers,
                screen,
            } => {
                let layers = layers.clamp(1, MAX_LAYERS as u8);
                self.track_up(
                    now,
                    TrackInfo {
                        track,
                        peer,
                        group,
                        owner,
                        kind,
                        layers,
                        screen,
                    },
                    None,
                    out,
                );
            }
            Shared::TrackDown { track } => {
                if self.remote_track(track).is_some() {
                    self.track_down(now, track, out);
                }
            }
            Shared::Published { track, packet } => {
                if let Some(at) = self.remote_track(track) {
                    self.deliver(now, at, packet, out);
                }
            }
            Shared::Wanted { track, worker, mask } => self.remote_wants(now, track, worker, mask, out),
            Shared::KeyFrameNeeded { track, layer } => {
                if let Some(at) = self.tracks.at(track) {
                    self.request_key_frames(now, at, 1u8.checked_shl(u32::from(layer.0)).unwrap_or(0), out);
                }
            }
            Shared::SenderReport {
                track,
                layer,
                ntp,
                rtp_ts,
            } => {
                if let Some(at) = self.remote_track(track) {
                    self.set_clock(at, layer, SourceClock { ntp, rtp_ts });
                }
            }
            Shared::TapUp { tap, group } => self.add_tap(now, tap, group, out),
            Shared::TapDown { tap } => self.remove_tap(now, tap, out),
        }
    }

    /// Position of a track that another worker publishes.
    fn remote_track(&self, track: TrackId) -> Option<usize> {
        let at = self.tracks.at(track)?;
        self.tracks.get(at)?.publisher.is_none().then_some(at)
    }

    /// Makes a track known on this worker, and puts it on the slots that waited for it.
    pub(super) fn track_up(&mut self, now: Now, info: TrackInfo, publisher: Option<usize>, out: &mut dyn Sink) {
        if let Some(known) = self.tracks.at(info.track) {
            let held_here = self
                .tracks
                .get(known)
                .is_some_and(|replica| replica.publisher.is_some());
            if held_here && publisher.is_none() {
                return;
            }
            self.track_down(now, info.track, out);
        }
        let at = self
            .tracks
            .insert(info.track, Replica::new(info, publisher, &self.config));
        self.groups.entry(info.group).or_default().tracks.push(at);
        if publisher.is_some() {
            let TrackInfo {
                track,
                peer,
                group,
                owner,
                kind,
                layers,
                screen,
            } = info;
            self.tell_others(
                &Shared::TrackUp {
                    track,
                    peer,
                    group,
                    owner,
                    kind,
                    layers,
                    screen,
                },
                out,
            );
        }
        self.timers.wake(now.mono_us);
        self.bind_waiting(now, at, out);
        self.update_wanted(now, at, out);
    }

    /// Forgets a track and clears the slots that showed it; their routes stay, in case it comes back.
    pub(super) fn track_down(&mut self, now: Now, track: TrackId, out: &mut dyn Sink) {
        let Some(at) = self.tracks.at(track) else { return };
        let Some(info) = self.tracks.get(at).map(|replica| replica.info) else {
            return;
        };
        self.silence_track(now, info.group, track, out);
        let subscribers = self
            .tracks
            .get_mut(at)
            .map(|replica| std::mem::take(&mut replica.subscribers));
        for subscriber in subscribers.unwrap_or_default() {
            self.unbind(subscriber, out);
        }
        let Some(mut replica) = self.tracks.remove(track) else {
            return;
        };
        if replica.publisher.is_some() {
            for cache in replica.caches.iter_mut().flatten() {
                cache.clear(&mut self.pool);
            }
        }
        self.scratch.dirty_tracks.retain(|dirty| *dirty != at);
        if let Some(group) = self.groups.get_mut(&replica.info.group) {
            group.forget_track(at);
        }
        if replica.publisher.is_some() {
            self.tell_others(&Shared::TrackDown { track }, out);
        }
        self.drop_group_if_empty(replica.info.group);
    }

    fn remote_wants(&mut self, now: Now, track: TrackId, worker: WorkerId, mask: u8, out: &mut dyn Sink) {
        let Some(at) = self.tracks.at(track) else { return };
        let Some(replica) = self.tracks.get_mut(at).filter(|replica| replica.publisher.is_some()) else {
            return;
        };
        replica.set_remote(worker, mask);
        // A newcomer has missed the reports so far, and needs them to keep sound and picture together.
        for (index, clock) in replica.clocks.iter().enumerate() {
            if let (Some(SourceClock { ntp, rtp_ts }), true) = (*clock, mask != 0) {
                out.share(
                    worker,
                    Shared::SenderReport {
                        track,
                        layer: Layer(index as u8),
                        ntp,
                        rtp_ts,
                    },
                );
            }
        }
        self.update_wanted(now, at, out);
    }

    /// The capture clock of a layer, here and on the workers that want the track.
    pub(super) fn set_clock(&mut self, at: usize, layer: Layer, clock: SourceClock) {
        let replica = self.tracks.get_mut(at);
        if let Some(known) = replica.and_then(|replica| replica.clocks.get_mut(usize::from(layer.0))) {
            *known = Some(clock);
        }
    }
}
