//! Who is heard: the loudest speakers of a group, chosen by each worker from the same packets.

use super::replica::Subscriber;
use super::Worker;
use crate::api::{Event, Now, Sink};
use crate::id::{GroupId, TrackId};
use crate::loudest::HEARD;
use crate::packet::Packet;

/// Level assumed of a publisher that sends none, -dBov: a voice, not a loud one.
const ASSUMED_LEVEL: u8 = 50;

impl Worker {
    /// Takes the level of an audio packet that is no silence; false = nobody here hears the track.
    pub(super) fn hears(&mut self, now: Now, at: usize, packet: &Packet, out: &mut dyn Sink) -> bool {
        let Some(replica) = self.tracks.get(at) else {
            return false;
        };
        let (track, group) = (replica.info.track, replica.info.group);
        let (level, voice) = packet.audio_level.unwrap_or((ASSUMED_LEVEL, true));
        let entry = self.groups.get_mut(&group).filter(|entry| entry.loudest_slots > 0);
        if entry.is_some_and(|entry| entry.loudest.on_level(now.mono_us, track, level, voice)) {
            self.fill_loudest(now, group, out);
        }
        let heard = self
            .tracks
            .get(at)
            .is_some_and(|replica| !replica.subscribers.is_empty());
        if !heard {
            self.counters.drop_audio_not_loudest += 1;
        }
        heard
    }

    /// Ends speech of those who send nothing any more.
    pub(super) fn tick_audio(&mut self, now: Now, out: &mut dyn Sink) {
        for (_, peer) in self.peers.iter_mut() {
            for published in &mut peer.tracks {
                if let (_, Some(active)) = published.inbound.poll(now.mono_us) {
                    out.event(Event::Speaking {
                        track: published.inbound.spec().track,
                        active,
                    });
                }
            }
        }
    }

    /// A track is disabled or gone: others are heard in its place at once.
    pub(super) fn silence_track(&mut self, now: Now, group: GroupId, track: TrackId, out: &mut dyn Sink) {
        let entry = self.groups.get_mut(&group);
        if entry.is_some_and(|entry| entry.loudest.remove(track)) {
            self.fill_loudest(now, group, out);
        }
    }

    /// Puts the loudest tracks on the slots that are for them, each listener's own left out.
    pub(super) fn fill_loudest(&mut self, now: Now, group: GroupId, out: &mut dyn Sink) {
        let Some(entry) = self.groups.get(&group) else { return };
        if entry.loudest_slots == 0 {
            return;
        }
        let holders = entry.loudest.holders().to_vec();
        for at in entry.peers.clone() {
            let Some(peer) = self.peers.get_mut(at) else { continue };
            let mut changes = [None; HEARD];
            let own = |track| peer.specs.iter().any(|spec| spec.track == track);
            peer.heard
                .assign(&holders, own, |place, track| changes[place] = Some(track));
            for (place, track) in changes.into_iter().enumerate() {
                if let Some(track) = track {
                    self.fill(now, at, place, track, out);
                }
            }
        }
    }

    /// Puts `track` on the loudest slot at `place` of the peer at `at`.
    pub(super) fn fill(&mut self, now: Now, at: usize, place: usize, track: Option<TrackId>, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get(at) else { return };
        let Some(index) = peer.slots.iter().position(|slot| slot.channel == Some(place)) else {
            return;
        };
        let (id, name) = (peer.id, peer.slots[index].spec.slot);
        let subscriber = Subscriber { peer: at, slot: index };
        self.unbind(subscriber, out);
        if let Some(track) = track.and_then(|track| self.tracks.at(track)) {
            self.bind(now, subscriber, track, out);
        }
        out.event(Event::SlotFilled {
            peer: id,
            slot: name,
            track,
        });
    }
}
