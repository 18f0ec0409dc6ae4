//! Packet and bit rate limit of one published track.

/// Two token buckets of one second each: a key frame may burst, a flood may not last.
#[derive(Clone, Debug)]
pub struct RateLimit {
    packets_per_s: u64,
    bytes_per_s: u64,
    /// Millionths of a packet and of a byte.
    packets: u64,
    bytes: u64,
    last_us: u64,
}

const UNIT: u64 = 1_000_000;

impl RateLimit {
    /// Both buckets are full at first.
    pub fn new(packets_per_s: u32, bits_per_s: u32) -> Self {
        let (packets_per_s, bytes_per_s) = (u64::from(packets_per_s), u64::from(bits_per_s / 8));
        Self {
            packets_per_s,
            bytes_per_s,
            packets: packets_per_s * UNIT,
            bytes: bytes_per_s * UNIT,
            last_us: 0,
        }
    }

    /// True when a packet of `len` bytes fits; only then it is charged.
    pub fn allows(&mut self, now_us: u64, len: usize) -> bool {
        let elapsed = now_us.saturating_sub(self.last_us).min(UNIT);
        self.last_us = self.last_us.max(now_us);
        self.packets = (self.packets + elapsed * self.packets_per_s).min(self.packets_per_s * UNIT);
        self.bytes = (self.bytes + elapsed * self.bytes_per_s).min(self.bytes_per_s * UNIT);
        let cost = len as u64 * UNIT;
        if self.packets < UNIT || self.bytes < cost {
            return false;
        }
        self.packets -= UNIT;
        self.bytes -= cost;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opus_at_its_highest_rate_passes_the_default_of_a_microphone() {
        let default = crate::ingress::track::TrackConfig::default();
        let mut limit = RateLimit::new(default.packets_per_s, default.microphone_bps);
        let frame = 510_000 / 8 / 50 + 40;
        assert!((0..500u64).all(|n| limit.allows(n * 20_000, frame)));
    }

    #[test]
    fn the_rate_holds_after_a_burst() {
        let mut limit = RateLimit::new(100, 800_000);
        let allowed = (0..1000).filter(|_| limit.allows(0, 100)).count();
        assert_eq!(allowed, 100);
        let allowed = (0..1000u64).filter(|ms| limit.allows(ms * 1000, 100)).count();
        assert!((98..=101).contains(&allowed), "{allowed}");
        let mut limit = RateLimit::new(1000, 80_000);
        assert_eq!((0..20).filter(|_| limit.allows(0, 1000)).count(), 10);
        assert!(!limit.allows(99_000, 1000));
        assert!(limit.allows(100_000, 1000));
    }
}
