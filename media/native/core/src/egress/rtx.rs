//! What was sent on one stream under which number, and which requests for it are answered (RFC 4588, RFC 4585).

use crate::egress::vp8::Vp8Patch;
use crate::id::{Layer, Pt};

/// Limits of the answers to a subscriber's NACKs.
#[derive(Clone, Copy, Debug)]
pub struct RetransmitConfig {
    /// Sent packets remembered, rounded up to a power of two.
    pub remembered: usize,
    /// Answers to requests for one packet.
    pub max_tries: u8,
    /// No second answer within this time while the round trip is unknown, microseconds.
    pub default_rtt_us: u64,
    /// Share of the sent bytes that may be retransmissions, percent.
    pub share_percent: u64,
    /// Retransmissions allowed before anything was sent, and the most that is saved up, bytes.
    pub burst_bytes: u64,
}

impl Default for RetransmitConfig {
    fn default() -> Self {
        Self {
            remembered: 1024,
            max_tries: 3,
            default_rtt_us: 100_000,
            share_percent: 15,
            burst_bytes: 64_000,
        }
    }
}

/// A sent packet without its payload, which is in the layer's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub out_seq: u64,
    /// Counts the slot's sources; an older one's cache may be gone.
    pub source: u32,
    pub layer: Layer,
    pub src_seq: u64,
    pub rtp_ts: u32,
    pub marker: bool,
    pub pt: Pt,
    pub patch: Vp8Patch,
    /// Frame number in the dependency descriptor.
    pub frame_number: Option<u16>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    sent: Sent,
    last_us: u64,
    tries: u8,
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Never sent, or too long ago.
    Unknown,
    /// Answered less than a round trip ago.
    TooSoon,
    TooManyTries,
    /// Retransmissions already take their share of the rate.
    OverShare,
    /// Of a source or layer that is not sent any more.
    Abandoned,
    /// The subscriber has no retransmission stream.
    NotNegotiated,
}

/// Memory of one outgoing stream, by output number.
#[derive(Clone, Debug)]
pub struct RetransmitMap {
    config: RetransmitConfig,
    ring: Vec<Option<Entry>>,
    newest: u64,
    /// Bytes that may be retransmitted now, in 1/100; below zero after a packet that exceeded it.
    credit: i64,
}

impl RetransmitMap {
    /// Reserves the ring at once.
    pub fn new(config: RetransmitConfig) -> Self {
        let ring = vec![None; config.remembered.next_power_of_two()];
        Self {
            config,
            ring,
            newest: 0,
            credit: config.burst_bytes as i64 * 100,
        }
    }

    /// True when nothing went out under this number, as far as remembered. A number must never be sealed twice:
    /// that would repeat the nonce of its encryption (RFC 7714 section 8.4).
    pub fn is_unused(&self, out_seq: u64) -> bool {
        if out_seq > self.newest {
            return true;
        }
        let remembered = self.newest - out_seq < self.ring.len() as u64;
        remembered && self.ring[self.index(out_seq)].is_none_or(|entry| entry.sent.out_seq != out_seq)
    }

    /// Remembers a packet of `bytes` that is sent now.
    pub fn insert(&mut self, now_us: u64, sent: Sent, bytes: usize) {
        self.newest = self.newest.max(sent.out_seq);
        let index = self.index(sent.out_seq);
        self.ring[index] = Some(Entry {
            sent,
            last_us: now_us,
            tries: 0,
        });
        let most = self.config.burst_bytes as i64 * 100;
        self.credit = (self.credit + bytes as i64 * self.config.share_percent as i64).min(most);
    }

    /// Looks up a requested 16-bit number and decides; an answer is counted as given. `current` tells whether a
    /// sent packet is of a source that still goes on.
    ///
    /// # Errors
    /// The reason why nothing is to be sent.
    pub fn answer(
        &mut self,
        now_us: u64,
        seq: u16,
        rtt_us: Option<u64>,
        current: impl Fn(&Sent) -> bool,
    ) -> Result<Sent, Refusal> {
        let wait_us = rtt_us.unwrap_or(self.config.default_rtt_us);
        let out_seq = crate::seq::extend(self.newest, seq);
        let index = self.index(out_seq);
        let known = self.ring[index].as_mut().filter(|entry| entry.sent.out_seq == out_seq);
        let entry = known.ok_or(Refusal::Unknown)?;
        if !current(&entry.sent) {
            return Err(Refusal::Abandoned);
        }
        if entry.tries > 0 && now_us < entry.last_us + wait_us {
            return Err(Refusal::TooSoon);
        }
        if entry.tries >= self.config.max_tries {
            return Err(Refusal::TooManyTries);
        }
        if self.credit <= 0 {
            return Err(Refusal::OverShare);
        }
        entry.tries += 1;
        entry.last_us = now_us;
        Ok(entry.sent)
    }

    /// Charges the bytes of an answer that was sent.
    pub fn charge(&mut self, bytes: usize) {
        self.credit -= bytes as i64 * 100;
    }

    fn index(&self, out_seq: u64) -> usize {
        (out_seq & (self.ring.len() as u64 - 1)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(out_seq: u64) -> Sent {
        Sent {
            out_seq,
            source: 0,
            layer: Layer(1),
            src_seq: out_seq + 7,
            rtp_ts: 9,
            marker: true,
            pt: Pt(96),
            patch: Vp8Patch::default(),
            frame_number: None,
        }
    }

    fn filled() -> RetransmitMap {
        let mut map = RetransmitMap::new(RetransmitConfig::default());
        for out_seq in 65_000..66_100 {
            map.insert(0, sent(out_seq), 1000);
        }
        map
    }

    #[test]
    fn a_number_is_found_over_the_wrap_and_forgotten_after_1024_packets() {
        let mut map = filled();
        assert_eq!(map.answer(0, 65_535, None, |_| true).unwrap().src_seq, 65_542);
        assert_eq!(map.answer(0, 5, None, |_| true).unwrap().out_seq, 65_541);
        assert_eq!(map.answer(0, 65_075, None, |_| true), Err(Refusal::Unknown));
        assert_eq!(map.answer(0, 600, None, |_| true), Err(Refusal::Unknown));
    }

    #[test]
    fn a_packet_is_sent_again_once_a_round_trip_and_three_times_at_most() {
        let mut map = filled();
        assert!(map.answer(0, 5, Some(80_000), |_| true).is_ok());
        assert_eq!(map.answer(79_999, 5, Some(80_000), |_| true), Err(Refusal::TooSoon));
        assert!(map.answer(80_000, 5, Some(80_000), |_| true).is_ok());
        assert!(map.answer(160_000, 5, Some(80_000), |_| true).is_ok());
        assert_eq!(
            map.answer(900_000, 5, Some(80_000), |_| true),
            Err(Refusal::TooManyTries)
        );
    }

    #[test]
    fn retransmissions_stay_within_their_share() {
        let mut map = RetransmitMap::new(RetransmitConfig {
            burst_bytes: 2000,
            ..RetransmitConfig::default()
        });
        let (mut first, mut again) = (0u64, 0u64);
        for out_seq in 1..5000u64 {
            map.insert(0, sent(out_seq), 1000);
            first += 1000;
            if map.answer(0, out_seq as u16, None, |_| true).is_ok() {
                map.charge(1000);
                again += 1000;
            }
        }
        let share = again as f64 / first as f64;
        assert!((0.14..0.151).contains(&share), "{share}");
        assert_eq!(map.answer(0, 1, None, |_| true), Err(Refusal::Unknown));
    }
}
