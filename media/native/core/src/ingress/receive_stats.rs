//! Reception statistics of one SSRC: order, duplicates, loss and jitter (RFC 3550 section 6.4.1, A.3, A.8).

use crate::id::Ssrc;
use crate::rtcp::report::{compact_ntp, ReportBlock};
use crate::seq::{Step, Unwrapper};

/// How many numbers below the highest are remembered, to tell a late packet from a duplicate.
const WINDOW: u64 = 4096;
const WORDS: usize = (WINDOW / 64) as usize;

/// What an arriving packet means for its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Newest so far.
    New(u64),
    /// Fills an older gap.
    Late(u64),
    /// The source restarted; no earlier number is comparable.
    Restarted(u64),
    /// Already received, or older than the window.
    Duplicate,
    /// Far from the rest of the stream; ignored until the next one confirms it.
    Suspect,
}

/// State of one received SSRC. Recovered packets count as received, so that a publisher's repaired loss is
/// not reported as loss.
#[derive(Clone, Debug)]
pub struct ReceiveStats {
    ssrc: Ssrc,
    clock_rate: u32,
    unwrapper: Unwrapper,
    seen: [u64; WORDS],
    base: u64,
    received: u64,
    /// Expected and received at the last report.
    prior: (u64, u64),
    jitter: Jitter,
    sender_report: Option<(u32, u64)>,
}

impl ReceiveStats {
    /// `clock_rate` of the RTP timestamps in Hz.
    pub fn new(ssrc: Ssrc, clock_rate: u32) -> Self {
        Self {
            ssrc,
            clock_rate,
            unwrapper: Unwrapper::new(),
            seen: [0; WORDS],
            base: 0,
            received: 0,
            prior: (0, 0),
            jitter: Jitter::default(),
            sender_report: None,
        }
    }

    /// Highest extended number so far.
    pub fn highest(&self) -> Option<u64> {
        self.unwrapper.highest()
    }

    /// Takes an authenticated packet. A `recovered` one (RFC 4588) says nothing about jitter.
    pub fn receive(&mut self, seq: u16, rtp_ts: u32, arrival_us: u64, recovered: bool) -> Arrival {
        let before = self.highest();
        let arrival = match self.unwrapper.push(seq) {
            Step::Ahead(seq) => {
                self.advance(before, seq);
                Arrival::New(seq)
            }
            Step::Late(seq) => {
                let highest = before.unwrap_or(seq);
                if highest - seq >= WINDOW || self.is_seen(seq) {
                    return Arrival::Duplicate;
                }
                // A packet before the first one widens what was expected.
                self.base = self.base.min(seq);
                Arrival::Late(seq)
            }
            Step::Reset(seq) => {
                self.restart(seq);
                Arrival::Restarted(seq)
            }
            Step::Suspect => return Arrival::Suspect,
        };
        if let Arrival::New(seq) | Arrival::Late(seq) | Arrival::Restarted(seq) = arrival {
            self.mark(seq);
        }
        self.received += 1;
        if !recovered {
            self.jitter.update(self.clock_rate, rtp_ts, arrival_us);
        }
        arrival
    }

    /// Remembers a sender report (`ntp` as sent) for LSR and DLSR.
    pub fn on_sender_report(&mut self, now_us: u64, ntp: u64) {
        self.sender_report = Some((compact_ntp(ntp), now_us));
    }

    /// Packets expected and received since the beginning or the last restart.
    pub fn totals(&self) -> (u64, u64) {
        let expected = self.highest().map_or(0, |highest| highest - self.base + 1);
        (expected, self.received)
    }

    /// The report block at `now_us`; begins a new interval. None before the first packet.
    pub fn report(&mut self, now_us: u64) -> Option<ReportBlock> {
        let highest = self.highest()?;
        let (expected, received) = self.totals();
        let expected_interval = expected.saturating_sub(self.prior.0);
        let received_interval = received.saturating_sub(self.prior.1);
        self.prior = (expected, received);
        let lost = expected_interval.saturating_sub(received_interval);
        let fraction = (lost * 256).checked_div(expected_interval).unwrap_or(0).min(255);
        let cumulative = (expected as i64 - received as i64).clamp(-0x80_0000, 0x7f_ffff);
        let (last_sr, delay) = self.sender_report.map_or((0, 0), |(middle, at)| {
            (middle, (now_us.saturating_sub(at) << 16) / 1_000_000)
        });
        Some(ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: fraction as u8,
            cumulative_lost: cumulative as i32,
            // The unwrapper begins one cycle up.
            highest_seq: (highest - 0x1_0000) as u32,
            jitter: self.jitter.value(),
            last_sr,
            delay_since_last_sr: delay as u32,
        })
    }

    fn advance(&mut self, before: Option<u64>, seq: u64) {
        let Some(before) = before else {
            self.base = seq;
            return;
        };
        if seq - before >= WINDOW {
            self.seen = [0; WORDS];
            return;
        }
        for skipped in before + 1..=seq {
            self.seen[word(skipped)] &= !bit(skipped);
        }
    }

    fn restart(&mut self, seq: u64) {
        self.seen = [0; WORDS];
        self.base = seq;
        self.received = 0;
        self.prior = (0, 0);
        self.jitter = Jitter::default();
    }

    fn is_seen(&self, seq: u64) -> bool {
        self.seen[word(seq)] & bit(seq) != 0
    }

    fn mark(&mut self, seq: u64) {
        self.seen[word(seq)] |= bit(seq);
    }
}

fn word(seq: u64) -> usize {
    (seq % WINDOW / 64) as usize
}

fn bit(seq: u64) -> u64 {
    1 << (seq % 64)
}

/// Interarrival jitter in 1/16 timestamp units (RFC 3550 section A.8).
#[derive(Clone, Debug, Default)]
struct Jitter {
    transit: Option<u32>,
    scaled: u32,
}

impl Jitter {
    fn update(&mut self, clock_rate: u32, rtp_ts: u32, arrival_us: u64) {
        let arrival = (u128::from(arrival_us) * u128::from(clock_rate) / 1_000_000) as u32;
        let transit = arrival.wrapping_sub(rtp_ts);
        if let Some(last) = self.transit {
            let difference = (transit.wrapping_sub(last) as i32).unsigned_abs();
            // A sender that jumped in its timestamps is not jitter; ten seconds at 90 kHz.
            if difference < 900_000 {
                self.scaled = self.scaled + difference - ((self.scaled + 8) >> 4);
            }
        }
        self.transit = Some(transit);
    }

    fn value(&self) -> u32 {
        self.scaled >> 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats() -> ReceiveStats {
        ReceiveStats::new(Ssrc(7), 90_000)
    }

    #[test]
    fn a_recovered_packet_is_not_reported_lost() {
        let mut stats = stats();
        for seq in [65534, 65535, 1, 2] {
            stats.receive(seq, 0, 0, false);
        }
        let report = stats.clone().report(0).unwrap();
        assert_eq!((report.cumulative_lost, report.fraction_lost), (1, 51));
        assert!(matches!(stats.receive(0, 0, 0, true), Arrival::Late(_)));
        let report = stats.report(0).unwrap();
        assert_eq!((report.cumulative_lost, report.fraction_lost), (0, 0));
        assert_eq!(report.highest_seq, 0x1_0002);
    }

    #[test]
    fn a_duplicate_is_told_from_a_late_packet() {
        let mut stats = stats();
        assert_eq!(stats.receive(10, 0, 0, false), Arrival::New(0x1_000a));
        assert_eq!(stats.receive(12, 0, 0, false), Arrival::New(0x1_000c));
        assert_eq!(stats.receive(11, 0, 0, false), Arrival::Late(0x1_000b));
        assert_eq!(stats.receive(11, 0, 0, false), Arrival::Duplicate);
        assert_eq!(stats.receive(12, 0, 0, true), Arrival::Duplicate);
        assert_eq!(stats.receive(9, 0, 0, false), Arrival::Late(0x1_0009));
        assert_eq!(stats.totals(), (4, 4));
    }

    #[test]
    fn the_window_forgets_numbers_of_the_cycle_before() {
        let mut stats = stats();
        for seq in 0..20_000u32 {
            if seq % 7 != 0 || seq == 0 {
                assert!(
                    matches!(stats.receive(seq as u16, 0, 0, false), Arrival::New(_)),
                    "{seq}"
                );
            }
        }
        assert!(matches!(stats.receive(19_992, 0, 0, false), Arrival::Late(_)));
        assert_eq!(stats.receive(10, 0, 0, false), Arrival::Suspect);
    }

    #[test]
    fn a_restart_begins_new_counts() {
        let mut stats = stats();
        for seq in 100..110 {
            stats.receive(seq, 0, 0, false);
        }
        assert_eq!(stats.receive(40_000, 0, 0, false), Arrival::Suspect);
        assert!(matches!(stats.receive(40_001, 0, 0, false), Arrival::Restarted(seq) if seq as u16 == 40_001));
        assert_eq!(stats.totals(), (1, 1));
    }

    #[test]
    fn jitter_follows_the_formula_and_dtx_pauses_are_no_jitter() {
        let mut stats = ReceiveStats::new(Ssrc(7), 48_000);
        // A pause of the sender (400 ms) moves timestamp and arrival alike.
        for (seq, at_ms) in [(1, 0), (2, 20), (3, 420), (4, 440)] {
            stats.receive(seq, at_ms * 48, u64::from(at_ms) * 1000, false);
        }
        assert_eq!(stats.report(0).unwrap().jitter, 0);
        stats.receive(5, 460 * 48, 476_000, false);
        assert_eq!(stats.report(0).unwrap().jitter, 16 * 48 / 16);
        assert_eq!(stats.report(0).unwrap().cumulative_lost, 0);
    }

    #[test]
    fn delay_since_the_last_sender_report_is_in_65536ths() {
        let mut stats = stats();
        stats.receive(1, 0, 0, false);
        stats.on_sender_report(1_000_000, 0x0123_4567_89ab_cdef);
        let report = stats.report(1_500_000).unwrap();
        assert_eq!((report.last_sr, report.delay_since_last_sr), (0x4567_89ab, 32_768));
    }
}
