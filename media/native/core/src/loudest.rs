//! Who is heard: the loudest speakers of a group, and on which audio slot of a subscriber each of them is.

use crate::id::TrackId;

/// Speakers that everybody hears.
pub const HEARD: usize = 3;
/// With one more, so that a speaker who does not hear himself hears three others.
pub const CANDIDATES: usize = HEARD + 1;

/// Constants of the choice; `_us` are microseconds, levels are decibels.
#[derive(Clone, Copy, Debug)]
pub struct LoudestConfig {
    /// A challenger is clearly louder with so many decibels more.
    pub margin_db: u32,
    /// For so long it must be.
    pub challenge_us: u64,
    /// A holder silent for so long gives way to anybody who speaks.
    pub silence_us: u64,
    /// Time constant of the smoothed level.
    pub smoothing_us: u64,
    /// Louder than this is a voice, in -dBov.
    pub voice_level: u8,
    /// Tracks remembered; more are not considered.
    pub max_tracks: usize,
}

impl Default for LoudestConfig {
    fn default() -> Self {
        Self {
            margin_db: 6,
            challenge_us: 400_000,
            silence_us: 1_500_000,
            smoothing_us: 200_000,
            voice_level: 60,
            max_tracks: 1000,
        }
    }
}

/// Loudness of one track; 0 = silent, 127 = loudest, in 1/256 decibels.
#[derive(Clone, Copy, Debug)]
struct Speaker {
    track: TrackId,
    smoothed: u32,
    last_us: u64,
    voice_us: Option<u64>,
    /// Since when it is louder than the weakest that is heard, and than the spare candidate.
    over_heard: Option<u64>,
    over_spare: Option<u64>,
}

/// The choice for one group. A silent room keeps its last speakers.
#[derive(Clone, Debug)]
pub struct Loudest {
    config: LoudestConfig,
    speakers: Vec<Speaker>,
    /// Heard ones first, then the spare.
    holders: Vec<TrackId>,
}

impl Loudest {
    /// Nobody is heard at first.
    pub fn new(config: LoudestConfig) -> Self {
        Self {
            config,
            speakers: Vec::new(),
            holders: Vec::with_capacity(CANDIDATES),
        }
    }

    /// The candidates, at most `CANDIDATES`; the first `HEARD` are for everybody, the last one for those of the
    /// others who would hear themselves.
    pub fn holders(&self) -> &[TrackId] {
        &self.holders
    }

    /// Takes the level (0 loud ..= 127 silent) and voice bit of a packet that passed the silence gate; true = the
    /// holders changed.
    pub fn on_level(&mut self, now_us: u64, track: TrackId, level: u8, voice: bool) -> bool {
        let Some(at) = self.find_or_add(now_us, track) else {
            return false;
        };
        let config = self.config;
        let speaker = &mut self.speakers[at];
        let elapsed = now_us.saturating_sub(speaker.last_us).min(config.smoothing_us);
        let target = u32::from(127 - level.min(127)) * 256;
        let weight = (elapsed.max(1) * 256 / (config.smoothing_us + elapsed).max(1)) as i64;
        let change = (i64::from(target) - i64::from(speaker.smoothed)) * weight / 256;
        speaker.smoothed = (i64::from(speaker.smoothed) + change).max(0) as u32;
        speaker.last_us = now_us;
        if voice || level < config.voice_level {
            speaker.voice_us = Some(now_us);
        }
        if self.holders.contains(&track) {
            return self.promote(now_us, at);
        }
        if self.holders.len() < CANDIDATES {
            self.holders.push(track);
            return true;
        }
        self.promote(now_us, at) || self.replace_spare(now_us, at)
    }

    /// The track ended or was disabled; true = the holders changed.
    pub fn remove(&mut self, track: TrackId) -> bool {
        self.speakers.retain(|speaker| speaker.track != track);
        let before = self.holders.len();
        self.holders.retain(|holder| *holder != track);
        self.holders.len() != before
    }

    fn find_or_add(&mut self, now_us: u64, track: TrackId) -> Option<usize> {
        if let Some(at) = self.speakers.iter().position(|speaker| speaker.track == track) {
            return Some(at);
        }
        if self.speakers.len() == self.config.max_tracks {
            return None;
        }
        let fresh = Speaker {
            track,
            smoothed: 0,
            last_us: now_us,
            voice_us: None,
            over_heard: None,
            over_spare: None,
        };
        self.speakers.push(fresh);
        Some(self.speakers.len() - 1)
    }

    /// Lets a challenger take the place of the weakest that is heard, which becomes the spare.
    fn promote(&mut self, now_us: u64, at: usize) -> bool {
        let challenger = self.speakers[at];
        if self.holders.len() <= HEARD || self.holders[..HEARD].contains(&challenger.track) {
            return false;
        }
        let Some(weakest) = (0..HEARD).min_by_key(|&place| self.loudness(now_us, self.holders[place])) else {
            return false;
        };
        let since = self.over(now_us, &challenger, self.holders[weakest], challenger.over_heard);
        self.speakers[at].over_heard = since;
        if !self.wins(now_us, &challenger, self.holders[weakest], since) {
            return false;
        }
        self.speakers[at].over_heard = None;
        let displaced = std::mem::replace(&mut self.holders[weakest], challenger.track);
        self.holders[HEARD] = displaced;
        true
    }

    fn replace_spare(&mut self, now_us: u64, at: usize) -> bool {
        let challenger = self.speakers[at];
        let spare = self.holders[HEARD];
        let since = self.over(now_us, &challenger, spare, challenger.over_spare);
        self.speakers[at].over_spare = since;
        if !self.wins(now_us, &challenger, spare, since) {
            return false;
        }
        self.speakers[at].over_spare = None;
        self.holders[HEARD] = challenger.track;
        true
    }

    /// Since when the challenger is clearly louder; none when it is not.
    fn over(&self, now_us: u64, challenger: &Speaker, holder: TrackId, since: Option<u64>) -> Option<u64> {
        let louder = challenger.smoothed > self.loudness(now_us, holder) + self.config.margin_db * 256;
        louder.then(|| since.unwrap_or(now_us))
    }

    fn wins(&self, now_us: u64, challenger: &Speaker, holder: TrackId, since: Option<u64>) -> bool {
        if challenger.voice_us != Some(now_us) {
            return false;
        }
        let last_voice = self.speaker(holder).and_then(|speaker| speaker.voice_us);
        let silent = last_voice.is_none_or(|at| now_us.saturating_sub(at) >= self.config.silence_us);
        let challenged = since.is_some_and(|since| now_us - since >= self.config.challenge_us);
        silent || challenged
    }

    /// Smoothed level, fading while no packet comes (silence is not sent).
    fn loudness(&self, now_us: u64, track: TrackId) -> u32 {
        let Some(speaker) = self.speaker(track) else { return 0 };
        let quiet_us = now_us.saturating_sub(speaker.last_us);
        let fade = (quiet_us / self.config.smoothing_us.max(1)).min(31) as u32;
        speaker.smoothed >> fade
    }

    fn speaker(&self, track: TrackId) -> Option<&Speaker> {
        self.speakers.iter().find(|speaker| speaker.track == track)
    }
}

/// The loudest on one subscriber's audio slots. A track that stays audible keeps its slot.
#[derive(Clone, Debug, Default)]
pub struct AudioSlots {
    places: [Option<TrackId>; HEARD],
}

impl AudioSlots {
    /// Puts the first of `holders` that are not `own` on the slots and reports each change as (slot, track).
    pub fn assign(
        &mut self,
        holders: &[TrackId],
        own: impl Fn(TrackId) -> bool,
        mut changed: impl FnMut(usize, Option<TrackId>),
    ) {
        let mut wanted = [None; HEARD];
        for (place, track) in wanted.iter_mut().zip(holders.iter().filter(|track| !own(**track))) {
            *place = Some(*track);
        }
        let mut arriving = wanted
            .into_iter()
            .flatten()
            .filter(|track| !self.places.contains(&Some(*track)));
        let mut after = self.places;
        for place in &mut after {
            if place.is_none_or(|track| !wanted.contains(&Some(track))) {
                *place = arriving.next();
            }
        }
        for (slot, (before, after)) in self.places.iter().zip(after).enumerate() {
            if *before != after {
                changed(slot, after);
            }
        }
        self.places = after;
    }

    /// Track of each slot.
    pub fn places(&self) -> &[Option<TrackId>; HEARD] {
        &self.places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(ids: &[u64]) -> Vec<TrackId> {
        ids.iter().map(|id| TrackId(*id)).collect()
    }

    /// Packets of several tracks each 20 ms; returns the times of changes in milliseconds.
    fn speak(loudest: &mut Loudest, from_ms: u64, to_ms: u64, levels: &[(u64, u8)]) -> Vec<u64> {
        let mut changes = Vec::new();
        for ms in (from_ms..to_ms).step_by(20) {
            for (track, level) in levels {
                if loudest.on_level(ms * 1000, TrackId(*track), *level, *level < 60) {
                    changes.push(ms);
                }
            }
        }
        changes
    }

    fn room() -> Loudest {
        let mut loudest = Loudest::new(LoudestConfig::default());
        speak(&mut loudest, 0, 1000, &[(1, 30), (2, 30), (3, 32), (4, 40)]);
        assert_eq!(loudest.holders(), tracks(&[1, 2, 3, 4]));
        loudest
    }

    #[test]
    fn equal_speakers_do_not_take_turns() {
        let mut loudest = room();
        let mut changes = 0;
        for ms in (1000..20_000).step_by(20) {
            for track in 1..=8u64 {
                let level = 30 + ((ms / 20 + track * 7) % 5) as u8;
                changes += usize::from(loudest.on_level(ms * 1000, TrackId(track), level, true));
            }
        }
        assert!(changes <= 4, "{changes}");
    }

    #[test]
    fn a_clearly_louder_speaker_is_heard_within_a_second() {
        let mut loudest = room();
        let changes = speak(&mut loudest, 1000, 2500, &[(1, 30), (2, 30), (3, 45), (4, 70), (5, 20)]);
        let first = *changes.first().unwrap();
        assert!((1400..2000).contains(&first), "{changes:?}");
        assert_eq!(loudest.holders()[..3], tracks(&[1, 2, 5]));
        assert_eq!(loudest.holders()[3], TrackId(3));
    }

    #[test]
    fn a_short_noise_displaces_nobody() {
        let mut loudest = room();
        assert!(speak(&mut loudest, 1000, 1300, &[(1, 30), (2, 30), (3, 30), (4, 40), (5, 5)]).is_empty());
    }

    #[test]
    fn a_holder_that_fell_silent_gives_way_at_once() {
        let mut loudest = room();
        speak(&mut loudest, 1000, 3000, &[(1, 30), (2, 30), (4, 40)]);
        assert_eq!(loudest.holders()[..3], tracks(&[1, 2, 4]));
        assert_eq!(speak(&mut loudest, 3000, 3020, &[(9, 50)]), [3000]);
        assert_eq!(loudest.holders(), tracks(&[1, 2, 4, 9]));
    }

    #[test]
    fn a_silent_room_keeps_its_last_speakers() {
        let mut loudest = room();
        speak(&mut loudest, 100_000, 101_000, &[(7, 100)]);
        assert_eq!(loudest.holders(), tracks(&[1, 2, 3, 4]));
        assert!(loudest.remove(TrackId(2)));
        assert!(!loudest.remove(TrackId(2)));
        assert_eq!(loudest.holders(), tracks(&[1, 3, 4]));
    }

    #[test]
    fn who_is_among_the_loudest_hears_three_others() {
        let holders = tracks(&[1, 2, 3, 4]);
        let mut listener = AudioSlots::default();
        listener.assign(&holders, |_| false, |_, _| {});
        assert_eq!(
            *listener.places(),
            [Some(TrackId(1)), Some(TrackId(2)), Some(TrackId(3))]
        );
        let mut speaker = AudioSlots::default();
        speaker.assign(&holders, |track| track == TrackId(2), |_, _| {});
        assert_eq!(
            *speaker.places(),
            [Some(TrackId(1)), Some(TrackId(3)), Some(TrackId(4))]
        );
    }

    #[test]
    fn a_track_that_stays_keeps_its_slot() {
        let mut slots = AudioSlots::default();
        slots.assign(&tracks(&[1, 2, 3, 4]), |_| false, |_, _| {});
        let mut changes = Vec::new();
        slots.assign(
            &tracks(&[3, 1, 9, 2]),
            |_| false,
            |slot, track| changes.push((slot, track)),
        );
        assert_eq!(changes, [(1, Some(TrackId(9)))]);
        slots.assign(&tracks(&[9]), |_| false, |slot, track| changes.push((slot, track)));
        assert_eq!(changes[1..], [(0, None), (2, None)]);
        assert_eq!(*slots.places(), [None, Some(TrackId(9)), None]);
    }
}
