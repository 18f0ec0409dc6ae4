//! Packing arrivals into chunks and deltas (draft-holmer-rmcat-transport-wide-cc-extensions-01 sections 3.1.2 to
//! 3.1.5).

use super::{MAX_STATUSES, RUN_MAX, TICKS_PER_REFERENCE, TICK_US};
use crate::wire::{put_u16, put_u32};

/// Writes the message after the two SSRCs into `body`; returns its length and how many of `arrivals` it
/// tells, or none when not even the first fits. See [`crate::rtcp::Writer::transport_feedback`].
pub(in crate::rtcp) fn write(
    body: &mut [u8],
    base: u64,
    feedback_count: u8,
    arrivals: &[(u64, u64)],
) -> Option<(usize, usize)> {
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
