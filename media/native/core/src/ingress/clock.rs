//! A publisher's wall clock beside ours, out of its sender reports.

use crate::api::Now;

/// How long a smallest offset is believed, microseconds. Longer than a few reports, shorter than drift matters.
const WINDOW_US: u64 = 30_000_000;

/// Offset of one peer's NTP clock. One for all its streams, so that sound and picture stay together whatever the
/// network delays.
#[derive(Clone, Debug, Default)]
pub struct RemoteClock {
    /// Smallest offsets (ours minus theirs, 1/2^32 s) of this window and the one before.
    current: Option<i64>,
    previous: Option<i64>,
    since_us: u64,
}

impl RemoteClock {
    /// Takes the NTP time of a sender report on arrival. The report that was fastest on its way tells the offset
    /// best; half a round trip of it remains in the result.
    pub fn on_sender_report(&mut self, now: Now, ntp: u64) {
        let offset = now.ntp.wrapping_sub(ntp) as i64;
        if self.current.is_none() || now.mono_us.saturating_sub(self.since_us) > WINDOW_US {
            self.previous = self.current.take();
            self.since_us = now.mono_us;
        }
        self.current = Some(self.current.map_or(offset, |known| known.min(offset)));
    }

    /// What to add to the peer's NTP times, wrapping; none before its first report.
    pub fn offset(&self) -> Option<i64> {
        match (self.current, self.previous) {
            (Some(current), Some(previous)) => Some(current.min(previous)),
            (current, previous) => current.or(previous),
        }
    }

    /// An NTP time of the peer on our clock.
    pub fn to_local(&self, ntp: u64) -> Option<u64> {
        Some(ntp.wrapping_add_signed(self.offset()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_report_decides_and_drift_is_followed() {
        let mut clock = RemoteClock::default();
        assert_eq!(clock.to_local(5), None);
        let report = |clock: &mut RemoteClock, second: u64, offset: i64| {
            let now = Now {
                mono_us: second * 1_000_000,
                ntp: (second << 32).wrapping_add_signed(offset),
            };
            clock.on_sender_report(now, second << 32);
        };
        report(&mut clock, 1, 900);
        report(&mut clock, 2, 500);
        report(&mut clock, 3, 700);
        assert_eq!(clock.offset(), Some(500));
        for second in 4..100 {
            report(&mut clock, second, 800);
        }
        assert_eq!(clock.to_local(1 << 32), Some((1 << 32) + 800));
    }
}
