//! Voice activity out of the RFC 6464 audio level: who speaks, and which packets are silence.

/// Constants of speech detection; defaults for headsets and laptop microphones with noise suppression.
#[derive(Clone, Copy, Debug)]
pub struct AudioConfig {
    /// Louder than this is speech, in -dBov: 40 means above -40 dBov.
    pub speech_level: u8,
    /// Speech must last this long before it is reported, microseconds.
    pub attack_us: u64,
    /// And be absent this long before its end is reported, microseconds.
    pub hangover_us: u64,
    /// This quiet or quieter, in -dBov, and without the voice bit is silence.
    pub silence_level: u8,
    /// Silent packets that still pass, so that a decoder fades out.
    pub silent_packets: u8,
}

impl Default for AudioConfig {
    fn default() -> Self {
        Self {
            speech_level: 40,
            attack_us: 200_000,
            hangover_us: 800_000,
            silence_level: 80,
            silent_packets: 3,
        }
    }
}

/// Tells when a participant begins and ends to speak.
#[derive(Clone, Debug)]
pub struct SpeakingDetector {
    config: AudioConfig,
    speaking: bool,
    /// Begin of the present stretch of loud packets.
    loud_since: Option<u64>,
    last_loud: u64,
}

/// A pause between loud packets up to this long does not end a stretch, microseconds.
const SYLLABLE_US: u64 = 120_000;

impl SpeakingDetector {
    /// Silent at first.
    pub fn new(config: AudioConfig) -> Self {
        Self {
            config,
            speaking: false,
            loud_since: None,
            last_loud: 0,
        }
    }

    /// Takes the level of a packet (0 loud ..= 127 silent); gives the new state when it changed.
    pub fn on_level(&mut self, now_us: u64, level: u8) -> Option<bool> {
        if level < self.config.speech_level {
            if now_us.saturating_sub(self.last_loud) > SYLLABLE_US {
                self.loud_since = None;
            }
            let since = *self.loud_since.get_or_insert(now_us);
            self.last_loud = now_us;
            if !self.speaking && now_us - since >= self.config.attack_us {
                self.speaking = true;
                return Some(true);
            }
            return None;
        }
        self.poll(now_us)
    }

    /// Ends speech when no packet comes (DTX, mute); gives `false` when it did.
    pub fn poll(&mut self, now_us: u64) -> Option<bool> {
        if self.next_timeout().is_none_or(|due| now_us < due) {
            return None;
        }
        self.stop()
    }

    /// Ends speech at once (the track was disabled); gives `false` when there was any.
    pub fn stop(&mut self) -> Option<bool> {
        self.loud_since = None;
        std::mem::take(&mut self.speaking).then_some(false)
    }

    /// When `poll` would end speech, monotonic microseconds.
    pub fn next_timeout(&self) -> Option<u64> {
        self.speaking.then_some(self.last_loud + self.config.hangover_us)
    }
}

/// Suppresses silence: after some silent packets nothing passes until a voice is heard.
#[derive(Clone, Debug)]
pub struct SilenceGate {
    config: AudioConfig,
    silent: u8,
}

impl SilenceGate {
    /// Open at first.
    pub fn new(config: AudioConfig) -> Self {
        Self { config, silent: 0 }
    }

    /// True when a packet passes. One without a level always does.
    pub fn passes(&mut self, level: Option<(u8, bool)>) -> bool {
        let silent = level.is_some_and(|(level, voice)| !voice && level >= self.config.silence_level);
        if !silent {
            self.silent = 0;
            return true;
        }
        self.silent = self.silent.saturating_add(1);
        self.silent <= self.config.silent_packets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(detector: &mut SpeakingDetector, from_ms: u64, to_ms: u64, level: u8) -> Vec<(u64, bool)> {
        let times = (from_ms..to_ms).step_by(20);
        times
            .filter_map(|ms| Some((ms, detector.on_level(ms * 1000, level)?)))
            .collect()
    }

    #[test]
    fn speech_is_reported_after_200_ms_and_ends_800_ms_after_the_last_loud_packet() {
        let mut detector = SpeakingDetector::new(AudioConfig::default());
        assert_eq!(feed(&mut detector, 0, 1000, 30), [(200, true)]);
        assert_eq!(feed(&mut detector, 1000, 3000, 90), [(1780, false)]);
    }

    #[test]
    fn a_cough_is_no_speech_and_a_pause_between_words_is() {
        let mut detector = SpeakingDetector::new(AudioConfig::default());
        assert!(feed(&mut detector, 0, 180, 10).is_empty());
        assert!(feed(&mut detector, 180, 1000, 90).is_empty());
        assert!(feed(&mut detector, 1000, 1180, 10).is_empty());
        assert!(feed(&mut detector, 1180, 1260, 60).is_empty());
        assert_eq!(feed(&mut detector, 1260, 2000, 30), [(1260, true)]);
        assert!(feed(&mut detector, 2000, 2700, 90).is_empty());
        assert!(feed(&mut detector, 2700, 3000, 30).is_empty());
    }

    #[test]
    fn dtx_ends_speech_by_the_clock() {
        let mut detector = SpeakingDetector::new(AudioConfig::default());
        feed(&mut detector, 0, 400, 30);
        assert_eq!(detector.next_timeout(), Some(1_180_000));
        assert_eq!(detector.poll(1_179_999), None);
        assert_eq!(detector.poll(1_180_000), Some(false));
        assert_eq!(detector.next_timeout(), None);
    }

    #[test]
    fn silence_passes_three_packets_and_a_voice_at_once() {
        let mut gate = SilenceGate::new(AudioConfig::default());
        let silent = Some((127, false));
        let passed: Vec<bool> = (0..5).map(|_| gate.passes(silent)).collect();
        assert_eq!(passed, [true, true, true, false, false]);
        assert!(gate.passes(Some((127, true))));
        assert!(gate.passes(silent));
        assert!(gate.passes(Some((50, false))));
        assert!(gate.passes(None));
    }
}
