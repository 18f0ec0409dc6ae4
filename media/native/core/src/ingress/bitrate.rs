//! Bitrate over a sliding second, in ten buckets, without allocation.

const BUCKETS: u64 = 10;
const BUCKET_US: u64 = 100_000;

/// Bits a second over the last second.
#[derive(Clone, Debug, Default)]
pub struct BitrateMeter {
    bytes: [u32; BUCKETS as usize],
    /// Number of the newest bucket since the clock began.
    newest: u64,
}

impl BitrateMeter {
    /// Counts `bytes` at `now_us`; a time before the newest bucket counts in the newest one.
    pub fn add(&mut self, now_us: u64, bytes: usize) {
        let bucket = (now_us / BUCKET_US).max(self.newest);
        for passed in self.newest + 1..=bucket.min(self.newest + BUCKETS) {
            self.bytes[(passed % BUCKETS) as usize] = 0;
        }
        if bucket > self.newest + BUCKETS {
            self.bytes = [0; BUCKETS as usize];
        }
        self.newest = bucket;
        let slot = &mut self.bytes[(bucket % BUCKETS) as usize];
        *slot = slot.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    /// Bits a second of the buckets that are not older than one second at `now_us`.
    pub fn bps(&self, now_us: u64) -> u32 {
        let oldest = (now_us / BUCKET_US).saturating_sub(BUCKETS - 1);
        let first_kept = self.newest.saturating_sub(BUCKETS - 1).max(oldest);
        let bytes: u64 = (first_kept..=self.newest)
            .map(|bucket| u64::from(self.bytes[(bucket % BUCKETS) as usize]))
            .sum();
        u32::try_from(bytes.saturating_mul(8)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_reads_its_rate() {
        let mut meter = BitrateMeter::default();
        for packet in 0..500 {
            meter.add(5_000_000 + packet * 10_000, 1250);
        }
        assert_eq!(meter.bps(5_000_000 + 499 * 10_000), 1_000_000);
    }

    #[test]
    fn a_pause_of_a_second_reads_zero() {
        let mut meter = BitrateMeter::default();
        meter.add(1_000_000, 1000);
        assert_eq!(meter.bps(1_900_000), 8000);
        assert_eq!(meter.bps(2_000_000), 0);
        meter.add(60_000_000, 10);
        assert_eq!(meter.bps(60_000_000), 80);
    }
}
