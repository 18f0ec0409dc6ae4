//! Who is heard: the loudest speakers of a group, and who is told to be speaking.

use super::replica::Subscriber;
use super::Worker;
use crate::api::{Event, Kind, Now, Sink};
use crate::id::GroupId;
use crate::ingress::audio::{AudioConfig, SilenceGate, SpeakingDetector};
use crate::packet::Packet;

/// A louder speaker takes a channel when it is this much louder, in dB.
const HYSTERESIS_DB: f32 = 6.0;
/// Share of a new level in the score: about 200 ms of packets.
const SMOOTHING: f32 = 0.1;
/// Without packets a speaker loses so much of its score each second, in dB.
const DECAY_DB_PER_S: f32 = 20.0;

/// Loudness of one audio track.
#[derive(Debug)]
pub(crate) struct Loudness {
    /// 127 = as loud as can be.
    score: f32,
    heard_us: u64,
    speaking: SpeakingDetector,
    gate: SilenceGate,
    /// The last packet was suppressed: the next one begins a new stretch.
    gated: bool,
}

impl Default for Loudness {
    fn default() -> Self {
        let config = AudioConfig::default();
        Self {
            score: 0.0,
            heard_us: 0,
            speaking: SpeakingDetector::new(config),
            gate: SilenceGate::new(config),
            gated: false,
        }
    }
}

impl Loudness {
    fn score(&self, now_us: u64) -> f32 {
        let silent_s = now_us.saturating_sub(self.heard_us) as f32 / 1e6;
        self.score - silent_s * DECAY_DB_PER_S
    }
}

impl Worker {
    /// Takes the level of an audio packet; false = nobody needs the packet.
    pub(super) fn hears(&mut self, now: Now, at: usize, packet: &Packet, out: &mut dyn Sink) -> bool {
        let Some(replica) = self.tracks.get_mut(at) else {
            return false;
        };
        let (track, group, ours) = (replica.info.track, replica.info.group, replica.publisher.is_some());
        let loudness = &mut replica.loudness;
        let level = packet.audio_level.map_or(40, |(level, _)| level);
        loudness.score += SMOOTHING * (f32::from(127 - level.min(127)) - loudness.score(now.mono_us).max(0.0));
        loudness.heard_us = now.mono_us;
        let speaking = loudness.speaking.on_level(now.mono_us, level);
        if let (Some(active), true) = (speaking, ours) {
            out.event(Event::Speaking { track, active });
        }
        if !loudness.gate.passes(packet.audio_level) {
            loudness.gated = true;
            self.counters.drop_audio_silent += 1;
            return false;
        }
        if std::mem::take(&mut loudness.gated) {
            self.restart_streams(at);
        }
        self.contend(now, group, at, out);
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
        for (_, replica) in self
            .tracks
            .iter_mut()
            .filter(|(_, replica)| replica.info.kind == Kind::Audio)
        {
            if let (Some(active), true) = (replica.loudness.speaking.poll(now.mono_us), replica.publisher.is_some()) {
                out.event(Event::Speaking {
                    track: replica.info.track,
                    active,
                });
            }
        }
    }

    /// A track is disabled or gone: it leaves its channel at once.
    pub(super) fn silence_track(&mut self, now: Now, at: usize, out: &mut dyn Sink) {
        let Some(replica) = self
            .tracks
            .get_mut(at)
            .filter(|replica| replica.info.kind == Kind::Audio)
        else {
            return;
        };
        if let (Some(active), true) = (replica.loudness.speaking.stop(), replica.publisher.is_some()) {
            out.event(Event::Speaking {
                track: replica.info.track,
                active,
            });
        }
        replica.loudness.score = 0.0;
        let group = replica.info.group;
        let channels = self.groups.get_mut(&group).map(|group| &mut group.channels);
        let channel = channels.and_then(|channels| channels.iter_mut().find(|channel| **channel == Some(at)));
        if let Some(channel) = channel {
            *channel = None;
            self.fill_channels(now, group, out);
        }
    }

    /// Numbers and clock of the outgoing streams go on without a gap over what was suppressed.
    pub(super) fn restart_streams(&mut self, at: usize) {
        let Some(replica) = self.tracks.get(at) else { return };
        let active = replica.active_mask();
        for subscriber in &replica.subscribers {
            let slot = self
                .peers
                .get_mut(subscriber.peer)
                .and_then(|peer| peer.slots.get_mut(subscriber.slot));
            if let Some(stream) = slot.and_then(|slot| slot.stream.as_mut()) {
                stream.begin_source(active);
            }
        }
    }

    /// Gives the track a channel when one is free or its holder is clearly quieter.
    fn contend(&mut self, now: Now, group: GroupId, at: usize, out: &mut dyn Sink) {
        let count = self.config.loudest as usize;
        let Some(entry) = self.groups.get_mut(&group) else {
            return;
        };
        entry.channels.resize(count, None);
        if entry.loudest_slots == 0 || entry.channels.contains(&Some(at)) {
            return;
        }
        let tracks = &self.tracks;
        let score = |at: usize| {
            tracks
                .get(at)
                .map_or(f32::MIN, |replica| replica.loudness.score(now.mono_us))
        };
        let quietest = entry
            .channels
            .iter()
            .enumerate()
            .map(|(channel, holder)| (channel, holder.map_or(f32::MIN, score)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((channel, quietest)) = quietest else { return };
        if quietest > f32::MIN && score(at) < quietest + HYSTERESIS_DB {
            return;
        }
        entry.channels[channel] = Some(at);
        self.fill_channels(now, group, out);
    }

    /// Puts the loudest tracks on every slot that shows their channel.
    pub(super) fn fill_channels(&mut self, now: Now, group: GroupId, out: &mut dyn Sink) {
        let Some(entry) = self.groups.get(&group) else { return };
        if entry.loudest_slots == 0 {
            return;
        }
        let channels = entry.channels.clone();
        for at in entry.peers.clone() {
            let slots = self.peers.get(at).map_or(0, |peer| peer.slots.len());
            for index in 0..slots {
                self.fill(now, Subscriber { peer: at, slot: index }, &channels, out);
            }
        }
    }

    fn fill(&mut self, now: Now, subscriber: Subscriber, channels: &[Option<usize>], out: &mut dyn Sink) {
        let Some(peer) = self.peers.get(subscriber.peer) else {
            return;
        };
        let (id, slot) = (peer.id, &peer.slots[subscriber.slot]);
        let Some(channel) = slot.channel else { return };
        let (name, before) = (slot.spec.slot, slot.track);
        // Nobody hears themselves: the speaker's own channel stays empty for them.
        let own = |at: &usize| self.tracks.get(*at).is_some_and(|replica| replica.info.peer == id);
        let wanted = channels.get(channel).copied().flatten().filter(|at| !own(at));
        if before == wanted {
            return;
        }
        self.unbind(subscriber, out);
        if let Some(track) = wanted {
            self.bind(now, subscriber, track, out);
        }
        let after = self
            .peers
            .get(subscriber.peer)
            .and_then(|peer| peer.slots[subscriber.slot].track);
        let track = after
            .and_then(|at| self.tracks.get(at))
            .map(|replica| replica.info.track);
        out.event(Event::SlotFilled {
            peer: id,
            slot: name,
            track,
        });
    }
}
