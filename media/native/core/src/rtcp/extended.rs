//! Extended reports (RFC 3611): the two blocks that let a receiver measure its round trip.

use super::Malformed;
use crate::id::Ssrc;
use crate::wire::{u16_at, u32_at, u64_at};

pub(crate) const RRTR: u8 = 4;
pub(crate) const DLRR: u8 = 5;
const DLRR_ITEM_LEN: usize = 12;

/// One extended report.
#[derive(Clone, Copy, Debug)]
pub struct ExtendedReport<'a> {
    pub ssrc: Ssrc,
    blocks: &'a [u8],
}

/// A block that we know; others are skipped.
#[derive(Clone, Copy, Debug)]
pub enum XrBlock<'a> {
    /// Receiver reference time, NTP (RFC 3611 section 4.4).
    ReferenceTime(u64),
    /// Answers to reference times (RFC 3611 section 4.5).
    Dlrr(DlrrItems<'a>),
}

/// Answer to one receiver's reference time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DlrrBlock {
    pub ssrc: Ssrc,
    /// Compact NTP of the last reference time, 0 = none.
    pub last_rr: u32,
    /// Time since it, 1/65536 s.
    pub delay_since_last_rr: u32,
}

/// Items of one DLRR block.
#[derive(Clone, Copy, Debug)]
pub struct DlrrItems<'a>(&'a [u8]);

impl Iterator for DlrrItems<'_> {
    type Item = DlrrBlock;

    fn next(&mut self) -> Option<DlrrBlock> {
        let (item, rest) = self.0.split_at_checked(DLRR_ITEM_LEN)?;
        self.0 = rest;
        Some(DlrrBlock {
            ssrc: Ssrc(u32_at(item, 0)),
            last_rr: u32_at(item, 4),
            delay_since_last_rr: u32_at(item, 8),
        })
    }
}

impl<'a> ExtendedReport<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        if body.len() < 4 {
            return Err(Malformed::Body);
        }
        let blocks = &body[4..];
        let mut rest = blocks;
        while !rest.is_empty() {
            rest = block(rest)?.1;
        }
        Ok(Self {
            ssrc: Ssrc(u32_at(body, 0)),
            blocks,
        })
    }

    pub fn blocks(&self) -> impl Iterator<Item = XrBlock<'a>> {
        let mut rest = self.blocks;
        std::iter::from_fn(move || {
            let (known, after) = block(rest).ok()?;
            rest = after;
            Some(known)
        })
        .flatten()
    }
}

fn block(bytes: &[u8]) -> Result<(Option<XrBlock<'_>>, &[u8]), Malformed> {
    if bytes.len() < 4 {
        return Err(Malformed::Body);
    }
    let end = 4 + 4 * usize::from(u16_at(bytes, 2));
    let (block, rest) = bytes.split_at_checked(end).ok_or(Malformed::Body)?;
    let body = &block[4..];
    let known = match bytes[0] {
        RRTR if body.len() == 8 => Some(XrBlock::ReferenceTime(u64_at(body, 0))),
        DLRR if body.len() % DLRR_ITEM_LEN == 0 => Some(XrBlock::Dlrr(DlrrItems(body))),
        RRTR | DLRR => return Err(Malformed::Body),
        _ => None,
    };
    Ok((known, rest))
}
