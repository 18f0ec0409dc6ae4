//! A histogram of latencies that costs the same however long a run is.

/// Microseconds, one bucket each; longer ones share the last.
pub(crate) struct Latencies {
    buckets: Vec<u32>,
    count: u64,
}

const BUCKETS: usize = 1 << 17;

impl Default for Latencies {
    fn default() -> Self {
        Self {
            buckets: vec![0; BUCKETS],
            count: 0,
        }
    }
}

impl Latencies {
    pub(crate) fn add(&mut self, nanoseconds: i64) {
        let us = (nanoseconds.max(0) / 1_000) as usize;
        self.buckets[us.min(BUCKETS - 1)] += 1;
        self.count += 1;
    }

    /// Milliseconds below which `share` (0..=1) of the latencies are; 0 without any.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        let wanted = (self.count as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (us, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return us as f64 / 1_000.0;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_latencies() {
        let mut latencies = Latencies::default();
        (1..=100).for_each(|ms| latencies.add(ms * 1_000_000));
        assert_eq!((latencies.quantile_ms(0.5), latencies.quantile_ms(0.99)), (50.0, 99.0));
    }
}
