//! The two clocks of a shell: monotonic for timing, wall for sender reports and kernel receive times.

use std::sync::OnceLock;

/// Seconds from 1900 (NTP, RFC 3550 section 4) to 1970 (Unix).
const NTP_UNIX_OFFSET_S: u64 = 2_208_988_800;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// CLOCK_MONOTONIC, microseconds.
    pub mono_us: u64,
    /// CLOCK_REALTIME, nanoseconds since 1970.
    pub wall_ns: i64,
    /// What the wall clock would say had it run evenly since the first reading of this process.
    pub steady_ns: i64,
}

impl Reading {
    /// An NTP timestamp for reports, 32.32 fixed point. It never leaps: players time sound and picture by it, and a
    /// class must not stumble when the machine's clock is set.
    pub fn ntp(&self) -> u64 {
        let steady_ns = self.steady_ns.max(0) as u64;
        let seconds = steady_ns / 1_000_000_000 + NTP_UNIX_OFFSET_S;
        let fraction = ((steady_ns % 1_000_000_000) << 32) / 1_000_000_000;
        (seconds << 32) | fraction
    }

    /// Maps a kernel receive time (wall, nanoseconds) to monotonic microseconds, never later than this reading
    /// and at most one second before it: the wall clock may be stepped.
    pub fn mono_us_of(&self, wall_ns: i64) -> u64 {
        let age_ns = self.wall_ns.saturating_sub(wall_ns);
        match u64::try_from(age_ns) {
            Ok(age_ns) if age_ns < 1_000_000_000 => self.mono_us.saturating_sub(age_ns / 1_000),
            _ => self.mono_us,
        }
    }
}

/// Reads the system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

impl Clock {
    pub fn read(&self) -> Reading {
        // One for all threads, so that what they report of one moment agrees.
        static WALL_AHEAD_NS: OnceLock<i64> = OnceLock::new();
        let mono_ns = nanoseconds(libc::CLOCK_MONOTONIC);
        let wall_ns = nanoseconds(libc::CLOCK_REALTIME);
        Reading {
            mono_us: mono_ns.max(0) as u64 / 1_000,
            wall_ns,
            steady_ns: mono_ns + WALL_AHEAD_NS.get_or_init(|| wall_ns - mono_ns),
        }
    }
}

fn nanoseconds(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid timespec for the call; both clocks exist on every Linux, so it cannot fail.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_becomes_an_ntp_timestamp() {
        let reading = Reading {
            mono_us: 0,
            wall_ns: 99,
            steady_ns: 500_000_000,
        };
        assert_eq!(reading.ntp(), (NTP_UNIX_OFFSET_S << 32) | (1 << 31));
    }

    #[test]
    fn the_time_of_reports_follows_the_monotonic_clock() {
        let (first, second) = (Clock.read(), Clock.read());
        let mono_us = (second.mono_us - first.mono_us) as i64;
        assert!(((second.steady_ns - first.steady_ns) / 1_000 - mono_us).abs() <= 1);
        assert!(
            (first.steady_ns - first.wall_ns).abs() < 1_000_000_000,
            "it begins at the wall clock"
        );
    }

    #[test]
    fn a_kernel_time_is_mapped_by_its_age() {
        let reading = Reading {
            mono_us: 5_000_000,
            wall_ns: 10_000_000_000,
            steady_ns: 0,
        };
        assert_eq!(reading.mono_us_of(10_000_000_000 - 250_000), 5_000_000 - 250);
    }

    #[test]
    fn a_stepped_wall_clock_is_ignored() {
        let reading = Reading {
            mono_us: 5_000_000,
            wall_ns: 10_000_000_000,
            steady_ns: 0,
        };
        assert_eq!(reading.mono_us_of(11_000_000_000), 5_000_000);
        assert_eq!(reading.mono_us_of(8_000_000_000), 5_000_000);
    }
}
