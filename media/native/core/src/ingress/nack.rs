//! Which packets of a publisher are missing and when to ask for them again (RFC 4585 section 6.2.1).

use std::collections::VecDeque;

/// Limits of the missing list; the defaults suit links of 20 to 600 ms round trip.
#[derive(Clone, Copy, Debug)]
pub struct NackConfig {
    /// Wait for reordering before the first request, microseconds.
    pub reorder_wait_us: u64,
    /// Shortest time between two requests for one packet, microseconds.
    pub min_retry_us: u64,
    /// Retry interval while the round trip is unknown, microseconds.
    pub default_rtt_us: u64,
    /// Requests for one packet before a key frame is asked for instead.
    pub max_tries: u8,
    /// Missing packets remembered; more than that and a key frame is asked for.
    pub max_missing: usize,
    /// A gap this many packets behind the newest is given up.
    pub max_age_packets: u64,
}

impl Default for NackConfig {
    fn default() -> Self {
        Self {
            reorder_wait_us: 10_000,
            min_retry_us: 33_000,
            default_rtt_us: 100_000,
            max_tries: 10,
            max_missing: 1000,
            max_age_packets: 10_000,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Missing {
    seq: u64,
    tries: u8,
    /// Not before this time.
    due_us: u64,
}

/// What the arrival of a packet meant for the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NackOutcome {
    /// The packet had been asked for.
    pub recovered: bool,
    /// The gap is too wide to be repaired; ask for a key frame.
    pub need_key_frame: bool,
}

/// The missing list of one received SSRC.
#[derive(Clone, Debug)]
pub struct NackGenerator {
    config: NackConfig,
    /// Ascending by number.
    missing: VecDeque<Missing>,
    highest: Option<u64>,
}

impl NackGenerator {
    /// Reserves the whole list at once, so that no packet allocates.
    pub fn new(config: NackConfig) -> Self {
        Self {
            config,
            missing: VecDeque::with_capacity(config.max_missing),
            highest: None,
        }
    }

    /// Takes the extended number of every packet, recovered or not.
    pub fn on_packet(&mut self, now_us: u64, seq: u64) -> NackOutcome {
        let mut outcome = NackOutcome::default();
        let Some(highest) = self.highest else {
            self.highest = Some(seq);
            return outcome;
        };
        if seq <= highest {
            if let Ok(index) = self.missing.binary_search_by_key(&seq, |missing| missing.seq) {
                let found = self.missing.remove(index);
                outcome.recovered = found.is_some_and(|missing| missing.tries > 0);
            }
            return outcome;
        }
        self.highest = Some(seq);
        self.forget_before(seq.saturating_sub(self.config.max_age_packets));
        let gap = seq - highest - 1;
        if gap as usize > self.config.max_missing - self.missing.len() {
            self.missing.clear();
            outcome.need_key_frame = true;
            return outcome;
        }
        let due_us = now_us + self.config.reorder_wait_us;
        self.missing
            .extend((highest + 1..seq).map(|seq| Missing { seq, tries: 0, due_us }));
        outcome
    }

    /// Begins anew at `seq`: the source restarted.
    pub fn restart(&mut self, seq: u64) {
        self.missing.clear();
        self.highest = Some(seq);
    }

    /// A key frame arrived whose first packet is `seq`: nothing before it is needed any more.
    pub fn forget_before(&mut self, seq: u64) {
        while self.missing.front().is_some_and(|missing| missing.seq < seq) {
            self.missing.pop_front();
        }
    }

    /// Appends the numbers to ask for now, in ascending order; true = a packet was given up, ask for a key frame.
    pub fn poll(&mut self, now_us: u64, rtt_us: Option<u64>, out: &mut Vec<u16>) -> bool {
        let retry_us = rtt_us
            .unwrap_or(self.config.default_rtt_us)
            .max(self.config.min_retry_us);
        let before = self.missing.len();
        let max_tries = self.config.max_tries;
        self.missing.retain_mut(|missing| {
            if missing.due_us > now_us {
                return true;
            }
            if missing.tries >= max_tries {
                return false;
            }
            missing.tries += 1;
            missing.due_us = now_us + retry_us;
            out.push(missing.seq as u16);
            true
        });
        self.missing.len() < before
    }

    /// When `poll` has something to do next, monotonic microseconds.
    pub fn next_timeout(&self) -> Option<u64> {
        self.missing.iter().map(|missing| missing.due_us).min()
    }

    /// Number of packets still missing.
    pub fn missing(&self) -> usize {
        self.missing.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 0x1_0000 + 65_500;

    fn after_burst(burst: u64) -> NackGenerator {
        let mut nack = NackGenerator::new(NackConfig::default());
        nack.on_packet(0, START);
        assert!(!nack.on_packet(0, START + burst + 1).need_key_frame);
        nack
    }

    #[test]
    fn bursts_of_5_20_and_100_are_asked_for_once_after_the_reorder_wait() {
        for burst in [5, 20, 100] {
            let mut nack = after_burst(burst);
            let mut asked = Vec::new();
            assert!(!nack.poll(9_999, None, &mut asked));
            assert!(asked.is_empty());
            nack.poll(10_000, None, &mut asked);
            let expected: Vec<u16> = (1..=burst).map(|n| (START + n) as u16).collect();
            assert_eq!(asked, expected);
            nack.poll(10_001, None, &mut asked);
            assert_eq!(asked.len(), burst as usize);
        }
    }

    #[test]
    fn a_reordered_packet_is_never_asked_for() {
        let mut nack = after_burst(1);
        let outcome = nack.on_packet(5_000, START + 1);
        assert_eq!(outcome, NackOutcome::default());
        let mut asked = Vec::new();
        nack.poll(1_000_000, None, &mut asked);
        assert!(asked.is_empty());
        assert_eq!(nack.next_timeout(), None);
    }

    #[test]
    fn an_answer_ends_the_retries_and_counts_as_recovered() {
        let mut nack = after_burst(2);
        let mut asked = Vec::new();
        nack.poll(10_000, Some(50_000), &mut asked);
        assert!(nack.on_packet(40_000, START + 1).recovered);
        asked.clear();
        nack.poll(59_999, Some(50_000), &mut asked);
        assert!(asked.is_empty());
        nack.poll(60_000, Some(50_000), &mut asked);
        assert_eq!(asked, [(START + 2) as u16]);
    }

    #[test]
    fn a_short_round_trip_retries_each_33_ms() {
        let mut nack = after_burst(1);
        let mut asked = Vec::new();
        nack.poll(10_000, Some(1_000), &mut asked);
        assert_eq!(nack.next_timeout(), Some(43_000));
    }

    #[test]
    fn ten_tries_without_an_answer_ask_for_a_key_frame() {
        let mut nack = after_burst(1);
        let mut asked = Vec::new();
        let mut now = 10_000;
        for _ in 0..10 {
            assert!(!nack.poll(now, None, &mut asked));
            now += 100_000;
        }
        assert!(nack.poll(now, None, &mut asked));
        assert_eq!((asked.len(), nack.missing()), (10, 0));
    }

    #[test]
    fn an_overflow_asks_for_a_key_frame_and_forgets() {
        let mut nack = NackGenerator::new(NackConfig::default());
        nack.on_packet(0, START);
        assert!(nack.on_packet(0, START + 1002).need_key_frame);
        assert_eq!(nack.missing(), 0);
        assert!(!nack.on_packet(0, START + 2003).need_key_frame);
        assert_eq!(nack.missing(), 1000);
    }

    #[test]
    fn a_key_frame_makes_older_gaps_moot() {
        let mut nack = after_burst(5);
        nack.forget_before(START + 4);
        assert_eq!(nack.missing(), 2);
    }

    #[test]
    fn gaps_age_out() {
        let mut nack = after_burst(5);
        nack.on_packet(0, START + 7);
        for seq in START + 8..START + 10_010 {
            nack.on_packet(0, seq);
        }
        assert_eq!(nack.missing(), 0);
    }
}
