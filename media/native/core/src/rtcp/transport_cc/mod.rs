//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).

mod encode;
#[cfg(test)]
mod tests;

pub(super) use encode::write;

use super::{feedback_ssrcs, Malformed};
use crate::id::Ssrc;
use crate::wire::{u16_at, u24_at};

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
