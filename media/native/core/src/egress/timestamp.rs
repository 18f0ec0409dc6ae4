//! Output timestamps of one rewritten stream: one capture clock over all sources, strictly forward.
//!
//! The stream has its own line "capture time -> output timestamp", fixed by its first source. Every further source
//! is laid on that line by its sender report, or by its arrival while it has none. So audio and video of a
//! participant stay in step however often their sources are switched.

/// Largest timestamp step beyond the aligned value that a switch may cost, milliseconds.
const MAX_EXTRA_MS: u64 = 75;
/// Step after the last frame when the aligned value is not ahead of it, milliseconds.
const STEP_MS: u64 = 33;
/// Further behind what was sent, the line moves instead: a source's timestamps had leapt ahead, or half a cycle of
/// timestamps passed in silence. Milliseconds.
const MAX_BEHIND_MS: u64 = 10_000;
/// A capture time further from its arrival is not believed, NTP units (5 s).
const MAX_CAPTURE_ERROR: u64 = 5 << 32;
/// Frames whose timestamp differs from the source's line, remembered for their late packets.
const EXCEPTIONS: usize = 32;

/// A source's own line: the RTP timestamp at an NTP time of our clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceClock {
    pub ntp: u64,
    pub rtp_ts: u32,
}

/// A frame of a new source, with what is known of its capture time.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub rtp_ts: u32,
    /// Arrival on our wall clock.
    pub arrival_ntp: u64,
    /// The source's last sender report.
    pub clock: Option<SourceClock>,
}

/// How a new source is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Only when the step beyond its capture time stays small.
    Strict,
    /// In any case, with room for so many frames one millisecond apart, itself included.
    Force { frames: u16 },
}

/// What to do with the first packet of a new source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aligned {
    Ready,
    /// Its capture time lies too far before what was sent; a later key frame would fit better.
    TooEarly,
}

/// Timestamp state of one outgoing stream.
#[derive(Clone, Debug)]
pub struct TimestampMap {
    clock_rate: u64,
    /// A point of the line: output timestamp at a capture time.
    line: Option<SourceClock>,
    /// Source minus output of the present source.
    offset: u32,
    newest: Option<Newest>,
    exceptions: [(u32, u32); EXCEPTIONS],
    exception_count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    src: u32,
    out: u32,
}

impl TimestampMap {
    /// `clock_rate` in Hz.
    pub fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate: u64::from(clock_rate),
            line: None,
            offset: 0,
            newest: None,
            exceptions: [(0, 0); EXCEPTIONS],
            exception_count: 0,
        }
    }

    /// Lays a new source on the line, so that `entry` is its newest frame.
    pub fn switch(&mut self, entry: Entry, fit: Fit) -> Aligned {
        let mut aligned = self.aligned(entry);
        let frames = match fit {
            Fit::Strict => 0,
            Fit::Force { frames } => u64::from(frames),
        };
        let mut out = aligned;
        if let Some(newest) = self.newest {
            let ahead = i64::from(crate::seq::ts_diff(aligned, newest.out));
            let step = self.ticks(STEP_MS.max(frames));
            if fit == Fit::Strict && ahead <= 0 && step - ahead > self.ticks(MAX_EXTRA_MS) {
                return Aligned::TooEarly;
            }
            if ahead <= 0 || ahead < self.ticks(frames) {
                out = newest.out.wrapping_add(step as u32);
            }
        }
        let behind = crate::seq::ts_diff(out, aligned);
        if i64::from(behind) > self.ticks(MAX_BEHIND_MS) {
            if let Some(line) = self.line.as_mut() {
                line.rtp_ts = line.rtp_ts.wrapping_add_signed(behind);
            }
            aligned = out;
        }
        self.offset = entry.rtp_ts.wrapping_sub(aligned);
        self.exception_count = 0;
        if out != aligned {
            self.remember(entry.rtp_ts, out);
        }
        self.newest = Some(Newest { src: entry.rtp_ts, out });
        Aligned::Ready
    }

    /// Output timestamp of a packet of the present source. Frames after a switch that would not be ahead of what
    /// was sent are squeezed until the line is reached again, so that no lasting offset remains.
    pub fn map(&mut self, rtp_ts: u32) -> u32 {
        let Some(newest) = self.newest else {
            self.newest = Some(Newest {
                src: rtp_ts,
                out: rtp_ts,
            });
            return rtp_ts;
        };
        if crate::seq::ts_diff(rtp_ts, newest.src) <= 0 {
            return self.lookup(rtp_ts);
        }
        let aligned = rtp_ts.wrapping_sub(self.offset);
        let smallest = newest.out.wrapping_add((self.clock_rate / 1000) as u32);
        let out = if crate::seq::ts_diff(aligned, smallest) >= 0 {
            aligned
        } else {
            self.remember(rtp_ts, smallest);
            smallest
        };
        self.newest = Some(Newest { src: rtp_ts, out });
        out
    }

    /// Newest output timestamp.
    pub fn last_out(&self) -> Option<u32> {
        self.newest.map(|newest| newest.out)
    }

    /// Output timestamp of what the source captures at `ntp`, for a sender report; by the source's own report
    /// when there is one, else by the stream's line.
    pub fn at(&self, ntp: u64, clock: Option<SourceClock>) -> Option<u32> {
        let (point, offset) = match clock {
            Some(clock) => (clock, self.offset),
            None => (self.line?, 0),
        };
        let ticks = ntp_to_ticks(ntp.wrapping_sub(point.ntp) as i64, self.clock_rate);
        Some(point.rtp_ts.wrapping_add(ticks as u32).wrapping_sub(offset))
    }

    fn aligned(&mut self, entry: Entry) -> u32 {
        let reported = entry.clock.map(|clock| {
            let ticks = i64::from(crate::seq::ts_diff(entry.rtp_ts, clock.rtp_ts));
            clock.ntp.wrapping_add_signed(ticks_to_ntp(ticks, self.clock_rate))
        });
        let believable = |ntp: &u64| (ntp.wrapping_sub(entry.arrival_ntp) as i64).unsigned_abs() <= MAX_CAPTURE_ERROR;
        let capture = reported.filter(believable).unwrap_or(entry.arrival_ntp);
        let line = *self.line.get_or_insert(SourceClock {
            ntp: capture,
            rtp_ts: entry.rtp_ts,
        });
        let elapsed = capture.wrapping_sub(line.ntp) as i64;
        line.rtp_ts.wrapping_add(ntp_to_ticks(elapsed, self.clock_rate) as u32)
    }

    fn lookup(&self, rtp_ts: u32) -> u32 {
        let kept = self.exception_count.min(EXCEPTIONS);
        let exception = self.exceptions[..kept].iter().find(|(src, _)| *src == rtp_ts);
        exception.map_or(rtp_ts.wrapping_sub(self.offset), |(_, out)| *out)
    }

    fn remember(&mut self, src: u32, out: u32) {
        self.exceptions[self.exception_count % EXCEPTIONS] = (src, out);
        self.exception_count += 1;
    }

    fn ticks(&self, ms: u64) -> i64 {
        (ms * self.clock_rate / 1000) as i64
    }
}

/// NTP difference (1/2^32 s) to timestamp ticks, rounded.
fn ntp_to_ticks(ntp: i64, clock_rate: u64) -> i64 {
    ((i128::from(ntp) * i128::from(clock_rate) + (1 << 31)) >> 32) as i64
}

fn ticks_to_ntp(ticks: i64, clock_rate: u64) -> i64 {
    ((i128::from(ticks) << 32) / i128::from(clock_rate)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntp_ms(ms: i64) -> u64 {
        (1u64 << 60).wrapping_add_signed(((i128::from(ms) << 32) / 1000) as i64)
    }

    fn clock(base_ts: u32) -> Option<SourceClock> {
        Some(SourceClock {
            ntp: ntp_ms(0),
            rtp_ts: base_ts,
        })
    }

    fn entry(rtp_ts: u32, arrival_ntp: u64, clock: Option<SourceClock>) -> Entry {
        Entry {
            rtp_ts,
            arrival_ntp,
            clock,
        }
    }

    #[test]
    fn a_switch_keeps_the_capture_time() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(1000, ntp_ms(20), clock(1000)), Fit::Strict);
        assert_eq!(map.map(1000), 1000);
        assert_eq!(map.map(1000 + 3000), 4000);
        // The other layer's frame of capture time 66.7 ms.
        assert_eq!(
            map.switch(entry(777_000_000 + 6000, ntp_ms(500), clock(777_000_000)), Fit::Strict),
            Aligned::Ready
        );
        assert_eq!(map.map(777_000_000 + 6000), 7000);
        assert_eq!(map.map(777_000_000 + 9000), 10_000);
    }

    #[test]
    fn without_a_report_the_arrival_decides() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(1000, ntp_ms(0), None), Fit::Strict);
        map.map(1000);
        map.switch(entry(5, ntp_ms(100), None), Fit::Strict);
        assert_eq!(map.map(5), 1000 + 9000);
    }

    #[test]
    fn an_earlier_frame_steps_forward_and_returns_to_the_line() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(0, ntp_ms(0), clock(0)), Fit::Strict);
        assert_eq!(map.map(9000), 9000);
        // Captured 10 ms before what was sent: 33 + 10 ms extra are allowed.
        assert_eq!(
            map.switch(entry(500_000 + 8100, ntp_ms(0), clock(500_000)), Fit::Strict),
            Aligned::Ready
        );
        assert_eq!(map.map(500_000 + 8100), 9000 + 2970);
        assert_eq!(map.map(500_000 + 11_100), 9000 + 2970 + 90);
        assert_eq!(
            map.map(500_000 + 8100),
            9000 + 2970,
            "a late packet of the squeezed frame"
        );
        assert_eq!(map.map(500_000 + 14_100), 14_100);
    }

    #[test]
    fn a_frame_far_in_the_past_waits_for_another_key_frame_unless_forced() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(0, ntp_ms(0), clock(0)), Fit::Strict);
        map.map(90_000);
        assert_eq!(
            map.switch(entry(5000, ntp_ms(0), clock(0)), Fit::Strict),
            Aligned::TooEarly
        );
        assert_eq!(map.map(93_000), 93_000, "the old source goes on");
        assert_eq!(
            map.switch(entry(5000, ntp_ms(0), clock(0)), Fit::Force { frames: 1 }),
            Aligned::Ready
        );
        assert_eq!(map.map(5000), 93_000 + 2970);
    }

    #[test]
    fn a_report_far_from_the_arrival_is_not_believed() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(0, ntp_ms(0), clock(0)), Fit::Strict);
        map.map(0);
        let hours_ahead = Some(SourceClock {
            ntp: ntp_ms(9_000_000),
            rtp_ts: 5,
        });
        map.switch(entry(5, ntp_ms(100), hours_ahead), Fit::Strict);
        assert_eq!(map.map(5), 9000);
    }

    #[test]
    fn a_source_that_leapt_ahead_does_not_slow_the_next_one() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(0, ntp_ms(0), None), Fit::Strict);
        map.map(1_000_000_000);
        assert_eq!(map.switch(entry(7, ntp_ms(33), None), Fit::Strict), Aligned::TooEarly);
        map.switch(entry(7, ntp_ms(66), None), Fit::Force { frames: 1 });
        let first = map.map(7);
        assert_eq!(map.map(7 + 3000).wrapping_sub(first), 3000);
        assert_eq!(map.at(ntp_ms(66), None), Some(first));
        map.switch(entry(50, ntp_ms(99), None), Fit::Strict);
        assert_eq!(map.map(50).wrapping_sub(first), 2970 + 3000);
    }

    #[test]
    fn a_slot_that_was_idle_for_hours_goes_on_at_full_speed() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(0, ntp_ms(0), None), Fit::Strict);
        map.map(0);
        map.switch(entry(500, ntp_ms(30_000_000), None), Fit::Force { frames: 1 });
        let first = map.map(500);
        assert_eq!(map.map(500 + 3000).wrapping_sub(first), 3000);
    }

    #[test]
    fn reports_lie_on_the_same_line_before_and_after_a_switch() {
        let mut map = TimestampMap::new(90_000);
        map.switch(entry(0, ntp_ms(0), clock(0)), Fit::Strict);
        map.map(0);
        let before = map.at(ntp_ms(1000), clock(0)).unwrap();
        let other = Some(SourceClock {
            ntp: ntp_ms(500),
            rtp_ts: 3_999_955_000,
        });
        map.switch(entry(4_000_000_000, ntp_ms(0), other), Fit::Strict);
        let after = map.at(ntp_ms(1000), other).unwrap();
        assert_eq!((before, after), (90_000, 90_000));
        assert_eq!(map.at(ntp_ms(2000), None), Some(180_000));
    }
}
