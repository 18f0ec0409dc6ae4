//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).

use super::{feedback_ssrcs, Malformed};
use crate::id::Ssrc;
use crate::wire::{put_u16, put_u32, u16_at, u24_at};

pub(crate) const FMT: u8 = 15;
/// Statuses believed of one message: feedback every 100 ms of 80,000 packets/s. Bounds the work for a message
/// that claims 65,535.
pub const MAX_STATUSES: u16 = 8192;
/// One tick of an arrival delta, microseconds.
pub const TICK_US: u64 = 250;
/// Ticks of one unit of the reference time (64 ms).
const TICKS_PER_REFERENCE: u64 = 256;
const RUN_MAX: u16 = 0x1fff;

/// A parsed message; all its lengths have been checked.
#[derive(Clone, Copy, Debug)]
pub struct TransportFeedback<'a> {
    pub sender: Ssrc,
    pub media: Ssrc,
    pub base_seq: u16,
    /// Counts messages, so that a lost one can be noticed.
    pub feedback_count: u8,
    /// Signed 24-bit reference time in units of 64 ms, on the peer's clock.
    pub reference: i32,
    status_count: u16,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub seq: u16,
    /// Arrival on the peer's clock in microseconds, modulo the 24 bits of the reference time; none = lost.
    pub arrival_us: Option<i64>,
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let (sender, media, rest) = feedback_ssrcs(body)?;
        if rest.len() < 8 {
            return Err(Malformed::Body);
        }
        let status_count = u16_at(rest, 2);
        if status_count > MAX_STATUSES {
            return Err(Malformed::TooMany);
        }
        let mut symbols = Symbols::new(&rest[8..], status_count);
        let delta_len: usize = symbols.by_ref().map(usize::from).sum();
        if symbols.left > 0 {
            return Err(Malformed::Body);
        }
        let chunk_len = rest.len() - 8 - symbols.chunks.len();
        let (chunks, after) = rest[8..].split_at(chunk_len);
        let deltas = after.get(..delta_len).ok_or(Malformed::Body)?;
        Ok(Self {
            sender: Ssrc(sender),
            media: Ssrc(media),
            base_seq: u16_at(rest, 0),
            feedback_count: rest[7],
            reference: (u24_at(rest, 4) << 8) as i32 >> 8,
            status_count,
            chunks,
            deltas,
        })
    }

    /// One status for each packet from `base_seq` on.
    pub fn statuses(&self) -> impl Iterator<Item = Status> + 'a {
        let mut deltas = self.deltas;
        let mut ticks = i64::from(self.reference) * TICKS_PER_REFERENCE as i64;
        let base = self.base_seq;
        Symbols::new(self.chunks, self.status_count)
            .zip(0u16..)
            .map(move |(symbol, index)| {
                let arrival_us = match (symbol, deltas) {
                    (1, [small, rest @ ..]) => {
                        deltas = rest;
                        ticks += i64::from(*small);
                        Some(ticks * TICK_US as i64)
                    }
                    (2, [high, low, rest @ ..]) => {
                        deltas = rest;
                        ticks += i64::from(i16::from_be_bytes([*high, *low]));
                        Some(ticks * TICK_US as i64)
                    }
                    _ => None,
                };
                Status {
                    seq: base.wrapping_add(index),
                    arrival_us,
                }
            })
    }
}

/// Status symbols out of chunks. A symbol is the length of its delta: 0 lost, 1 small, 2 large; the
/// reserved symbol 3 has no delta and counts as lost.
#[derive(Clone, Debug)]
struct Symbols<'a> {
    chunks: &'a [u8],
    /// Statuses still to come.
    left: u16,
    chunk: u16,
    /// Symbols left in `chunk`.
    in_chunk: u16,
}

impl<'a> Symbols<'a> {
    fn new(chunks: &'a [u8], count: u16) -> Self {
        Self {
            chunks,
            left: count,
            chunk: 0,
            in_chunk: 0,
        }
    }
}

impl Iterator for Symbols<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.left == 0 {
            return None;
        }
        while self.in_chunk == 0 {
            let [high, low, rest @ ..] = self.chunks else {
                return None;
            };
            self.chunks = rest;
            self.chunk = u16::from_be_bytes([*high, *low]);
            self.in_chunk = match self.chunk >> 14 {
                2 => 14,
                3 => 7,
                _ => self.chunk & RUN_MAX,
            };
        }
        self.left -= 1;
        self.in_chunk -= 1;
        let symbol = match self.chunk >> 14 {
            2 => self.chunk >> self.in_chunk & 1,
            3 => self.chunk >> (2 * self.in_chunk) & 3,
            _ => self.chunk >> 13 & 3,
        };
        Some(if symbol == 3 { 0 } else { symbol as u8 })
    }
}

/// Writes the message after the two SSRCs into `body`; returns its length and how many of `arrivals` it
/// tells, or none when not even the first fits. See [`super::Writer::transport_feedback`].
pub(super) fn write(body: &mut [u8], base: u64, feedback_count: u8, arrivals: &[(u64, u64)]) -> Option<(usize, usize)> {
    let first_tick = arrivals.first()?.1 / TICK_US;
    let reference = first_tick / TICKS_PER_REFERENCE;
    let mut told = believable(base, reference * TICKS_PER_REFERENCE, arrivals);
    while told > 0 {
        if let Some(len) = write_all(body, base, reference, &arrivals[..told]) {
            put_u32(body, 4, (reference as u32) << 8 | u32::from(feedback_count));
            return Some((len, told));
        }
        // Does not fit: half of them, the caller sends the rest in another message.
        told /= 2;
    }
    None
}

/// How many arrivals one message can express: bounded count, deltas of 16 bits, ascending numbers.
fn believable(base: u64, reference_tick: u64, arrivals: &[(u64, u64)]) -> usize {
    let mut last_tick = reference_tick;
    let mut next = base;
    for (index, &(seq, arrival_us)) in arrivals.iter().enumerate() {
        let tick = arrival_us / TICK_US;
        let delta = tick as i64 - last_tick as i64;
        if seq < next || seq - base >= u64::from(MAX_STATUSES) || i16::try_from(delta).is_err() {
            return index;
        }
        last_tick = tick;
        next = seq + 1;
    }
    arrivals.len()
}

/// Ticks since the arrival before, in the order of sequence numbers.
fn deltas(reference: u64, arrivals: &[(u64, u64)]) -> impl Iterator<Item = i16> + Clone + '_ {
    let before =
        std::iter::once(reference * TICKS_PER_REFERENCE).chain(arrivals.iter().map(|arrival| arrival.1 / TICK_US));
    arrivals
        .iter()
        .zip(before)
        .map(|(arrival, before)| (arrival.1 / TICK_US) as i64 - before as i64)
        .map(|delta| delta as i16)
}

fn delta_len(delta: i16) -> u8 {
    if (0..=255).contains(&delta) {
        1
    } else {
        2
    }
}

fn write_all(body: &mut [u8], base: u64, reference: u64, arrivals: &[(u64, u64)]) -> Option<usize> {
    let count = (arrivals.last()?.0 - base + 1) as u16;
    if body.len() < 8 {
        return None;
    }
    put_u16(body, 0, base as u16);
    put_u16(body, 2, count);
    let mut at = 8;
    let mut received = arrivals
        .iter()
        .map(|arrival| arrival.0)
        .zip(deltas(reference, arrivals))
        .peekable();
    let symbols = (base..base + u64::from(count)).map(|seq| match received.peek() {
        Some(&(next, delta)) if next == seq => {
            received.next();
            delta_len(delta)
        }
        _ => 0,
    });
    let mut encoder = Encoder::default();
    for symbol in symbols {
        if let Some(chunk) = encoder.push(symbol) {
            at = append(body, at, &chunk.to_be_bytes())?;
        }
    }
    // Two: what a full vector could not hold comes after it.
    while let Some(chunk) = encoder.flush() {
        at = append(body, at, &chunk.to_be_bytes())?;
    }
    for delta in deltas(reference, arrivals) {
        let bytes = delta.to_be_bytes();
        at = append(body, at, &bytes[2 - usize::from(delta_len(delta))..])?;
    }
    Some(at)
}

fn append(body: &mut [u8], at: usize, bytes: &[u8]) -> Option<usize> {
    let end = at + bytes.len();
    body.get_mut(at..end)?.copy_from_slice(bytes);
    Some(end)
}

/// Packs symbols into chunks: a run as long as symbols repeat, else a vector of 14 or 7.
#[derive(Default)]
struct Encoder {
    /// Symbols not yet written; a queue longer than this holds one repeated symbol.
    pending: [u8; 14],
    len: u16,
    same: bool,
    large: bool,
}

impl Encoder {
    /// Takes one symbol; gives a chunk when the symbol does not fit the one being filled.
    fn push(&mut self, symbol: u8) -> Option<u16> {
        let chunk = if self.accepts(symbol) {
            None
        } else {
            Some(self.emit(false))
        };
        self.queue(symbol);
        chunk
    }

    fn flush(&mut self) -> Option<u16> {
        (self.len > 0).then(|| self.emit(true))
    }

    fn repeats(&self, symbol: u8) -> bool {
        self.len == 0 || self.same && self.pending[0] == symbol
    }

    fn accepts(&self, symbol: u8) -> bool {
        match (self.repeats(symbol), self.large || symbol == 2) {
            (true, _) => self.len < RUN_MAX,
            (false, true) => self.len < 7,
            (false, false) => self.len < 14,
        }
    }

    fn queue(&mut self, symbol: u8) {
        self.same = self.repeats(symbol);
        self.large |= symbol == 2;
        if let Some(place) = self.pending.get_mut(usize::from(self.len)) {
            *place = symbol;
        }
        self.len += 1;
    }

    /// Writes one chunk and keeps what it cannot hold. A vector must be full unless it is the last chunk,
    /// because a reader takes every position of it for a packet.
    fn emit(&mut self, last: bool) -> u16 {
        let done = std::mem::take(self);
        if done.same {
            return u16::from(done.pending[0]) << 13 | done.len;
        }
        let (kind, bits, width) = if !done.large && (last || done.len == 14) {
            (0x8000, 1, 14)
        } else {
            (0xc000, 2, 7)
        };
        let symbols = &done.pending[..usize::from(done.len)];
        let (written, kept) = symbols.split_at(symbols.len().min(width));
        for symbol in kept {
            self.queue(*symbol);
        }
        let vector = written.iter().enumerate();
        vector.fold(kind, |chunk, (index, symbol)| {
            chunk | u16::from(*symbol) << (bits * (width - 1 - index))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::{packets, Packet, Writer};
    use proptest::prelude::*;

    fn round_trip(base: u64, arrivals: &[(u64, u64)]) -> (usize, Vec<Status>) {
        let mut buf = [0; 1400];
        let mut writer = Writer::new(&mut buf);
        let told = writer.transport_feedback(Ssrc(1), Ssrc(2), base, 77, arrivals).unwrap();
        let len = writer.len();
        let Some(Ok(Packet::TransportFeedback(feedback))) = packets(&buf[..len]).next() else {
            panic!("what was written parses")
        };
        assert_eq!((feedback.sender, feedback.media), (Ssrc(1), Ssrc(2)));
        assert_eq!(feedback.feedback_count, 77);
        (told, feedback.statuses().collect())
    }

    #[test]
    fn the_runs_and_vectors_of_the_draft_are_read() {
        // Sections 3.1.3 and 3.1.4: a run of 221 lost packets, one-bit and two-bit vectors.
        let chunks = [0x00, 0xdd, 0x9f, 0x1c, 0xcd, 0x50];
        let symbols: Vec<u8> = Symbols::new(&chunks, 221 + 14 + 7).collect();
        assert_eq!(symbols[..221], [0; 221]);
        assert_eq!(symbols[221..235], [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0]);
        assert_eq!(symbols[235..], [0, 0, 1, 1, 1, 0, 0]);
    }

    #[test]
    fn losses_small_large_and_negative_deltas_come_back() {
        let start = 9_000_000_000;
        let arrivals = [
            (100, start),
            (101, start + 250),
            (103, start + 100_000),
            (104, start + 99_000),
            (125, start + 1_000_000),
        ];
        let (told, statuses) = round_trip(99, &arrivals);
        assert_eq!(told, 5);
        assert_eq!(statuses.len(), 27);
        let lost = statuses.iter().filter(|status| status.arrival_us.is_none()).count();
        assert_eq!(lost, 22);
        let heard: Vec<_> = statuses
            .iter()
            .filter_map(|status| Some((u64::from(status.seq), status.arrival_us? as u64)))
            .collect();
        assert_eq!(heard, arrivals);
    }

    #[test]
    fn a_jump_in_time_is_left_for_the_next_message() {
        let (told, statuses) = round_trip(5, &[(5, 1_000_000), (6, 20_000_000)]);
        assert_eq!((told, statuses.len()), (1, 1));
    }

    #[test]
    fn a_huge_count_is_refused() {
        let body = [
            0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0x1f, 0xff, 0x1f, 0xff,
        ];
        assert_eq!(TransportFeedback::parse(&body).unwrap_err(), Malformed::TooMany);
    }

    #[test]
    fn missing_chunks_and_deltas_are_refused() {
        let chunkless = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0];
        assert_eq!(TransportFeedback::parse(&chunkless).unwrap_err(), Malformed::Body);
        let deltaless = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0x20, 5, 1, 2];
        assert_eq!(TransportFeedback::parse(&deltaless).unwrap_err(), Malformed::Body);
    }

    proptest! {
        #[test]
        fn every_arrival_told_is_read_back(
            base in 0u64..1 << 40,
            start in 0u64..1 << 40,
            steps in prop::collection::vec((1u64..40, -3000i64..70_000), 1..300),
        ) {
            let mut seq = base;
            let mut time = start as i64;
            let arrivals: Vec<(u64, u64)> = steps.iter().map(|(gap, delta)| {
                seq += gap;
                time = (time + delta).max(0);
                (seq, time as u64)
            }).collect();
            let (told, statuses) = round_trip(base, &arrivals);
            prop_assert!(told > 0);
            let heard: Vec<_> = statuses.iter().filter_map(|status| Some((status.seq, status.arrival_us?))).collect();
            let span = 1i64 << 24;
            let expected: Vec<_> = arrivals[..told].iter().map(|(seq, us)| (*seq as u16, (us / TICK_US) as i64)).collect();
            prop_assert_eq!(heard.len(), told);
            for ((seq, us), (expected_seq, ticks)) in heard.into_iter().zip(expected) {
                prop_assert_eq!(seq, expected_seq);
                prop_assert_eq!((us / TICK_US as i64 - ticks).rem_euclid(span * 256), 0);
            }
        }
    }
}
