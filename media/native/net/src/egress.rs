//! Datagrams that wait to be sent, laid out so that runs for one destination leave as one GSO send.

use std::net::SocketAddr;

/// The kernel refuses more segments in one send (UDP_MAX_SEGMENTS).
const MAX_SEGMENTS: u16 = 64;
/// Largest IP payload, with room for the headers that UDP counts into it.
const MAX_RUN_BYTES: usize = 65_000;

/// One send: `count` datagrams of `segment` bytes each, of which the last may be shorter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) to: SocketAddr,
    pub(crate) start: usize,
    pub(crate) len: usize,
    pub(crate) segment: usize,
    pub(crate) count: u16,
    /// A shorter segment ends a run.
    closed: bool,
}

/// Contiguous bytes and the list of sends over them. Allocates only when it is made.
pub struct EgressBuffer {
    bytes: Box<[u8]>,
    used: usize,
    runs: Vec<Run>,
    max_runs: usize,
}

impl EgressBuffer {
    /// `bytes` of datagrams in at most `max_runs` sends, whichever is full first.
    pub fn new(bytes: usize, max_runs: usize) -> Self {
        Self {
            bytes: vec![0; bytes].into_boxed_slice(),
            used: 0,
            runs: Vec::with_capacity(max_runs),
            max_runs,
        }
    }

    /// Whether a datagram of `capacity` bytes finds room; if not, send first.
    pub fn fits(&self, capacity: usize) -> bool {
        self.bytes.len() - self.used >= capacity && self.runs.len() < self.max_runs
    }

    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Appends one datagram, which `fill` writes in place; it returns the length, 0 = none. Joins the run
    /// before it when destination and size allow. Returns the length that was appended: 0 also when it does
    /// not fit.
    pub fn push(&mut self, to: SocketAddr, capacity: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) -> usize {
        if !self.fits(capacity) {
            return 0;
        }
        let len = fill(&mut self.bytes[self.used..self.used + capacity]).min(capacity);
        if len == 0 {
            return 0;
        }
        match self.runs.last_mut().filter(|run| run.takes(to, len)) {
            Some(run) => {
                run.len += len;
                run.count += 1;
                run.closed = len < run.segment;
            }
            None => self.runs.push(Run {
                to,
                start: self.used,
                len,
                segment: len,
                count: 1,
                closed: false,
            }),
        }
        self.used += len;
        len
    }

    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.used]
    }

    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.runs.clear();
    }
}

impl Run {
    /// The same bytes as runs of one datagram each.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = Self> + '_ {
        (0..usize::from(self.count)).map(|index| {
            let offset = index * self.segment;
            let len = self.segment.min(self.len - offset);
            Self {
                start: self.start + offset,
                len,
                segment: len,
                count: 1,
                closed: true,
                ..*self
            }
        })
    }

    fn takes(&self, to: SocketAddr, len: usize) -> bool {
        !self.closed
            && len <= self.segment
            && self.count < MAX_SEGMENTS
            && self.len + len <= MAX_RUN_BYTES
            && self.to == to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn push(buffer: &mut EgressBuffer, port: u16, len: usize) -> usize {
        buffer.push(address(port), 1_500, &mut |_| len)
    }

    fn shape(buffer: &EgressBuffer) -> Vec<(u16, usize, u16)> {
        buffer
            .runs()
            .iter()
            .map(|run| (run.to.port(), run.segment, run.count))
            .collect()
    }

    #[test]
    fn equal_sizes_for_one_destination_are_one_run_and_a_shorter_one_ends_it() {
        let mut buffer = EgressBuffer::new(1 << 16, 64);
        for len in [1_100, 1_100, 600, 600, 700] {
            push(&mut buffer, 1, len);
        }
        push(&mut buffer, 2, 700);
        push(&mut buffer, 1, 700);
        assert_eq!(
            shape(&buffer),
            [(1, 1_100, 3), (1, 600, 1), (1, 700, 1), (2, 700, 1), (1, 700, 1)]
        );
    }

    #[test]
    fn a_run_stops_at_64_segments_and_at_65_000_bytes() {
        let mut buffer = EgressBuffer::new(1 << 20, 64);
        for _ in 0..65 {
            push(&mut buffer, 1, 100);
        }
        for _ in 0..50 {
            push(&mut buffer, 2, 1_400);
        }
        assert_eq!(
            shape(&buffer),
            [(1, 100, 64), (1, 100, 1), (2, 1_400, 46), (2, 1_400, 4)]
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_until_it_is_cleared() {
        let mut buffer = EgressBuffer::new(2_000, 64);
        assert_eq!(push(&mut buffer, 1, 900), 900);
        assert_eq!(push(&mut buffer, 1, 900), 0);
        assert!(!buffer.fits(1_500));
        buffer.clear();
        assert!(buffer.fits(1_500) && buffer.is_empty());
    }

    #[test]
    fn an_empty_datagram_leaves_no_trace() {
        let mut buffer = EgressBuffer::new(2_000, 64);
        assert_eq!(push(&mut buffer, 1, 0), 0);
        assert!(buffer.is_empty());
    }
}
