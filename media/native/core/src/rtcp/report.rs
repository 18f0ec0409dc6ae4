//! Sender and receiver reports (RFC 3550 section 6.4).

use super::Malformed;
use crate::id::Ssrc;
use crate::wire::{u24_at, u32_at, u64_at};

pub(crate) const BLOCK_LEN: usize = 24;
pub(crate) const SENDER_INFO_LEN: usize = 20;

/// The middle 32 bits of an NTP timestamp, as LSR and LRR carry them; unit 1/65536 s.
pub fn compact_ntp(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// What a sender says of its own stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    pub ntp: u64,
    pub rtp_ts: u32,
    pub packets: u32,
    pub octets: u32,
}

/// What a receiver says of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    pub ssrc: Ssrc,
    /// Share lost since the last report, 1/256.
    pub fraction_lost: u8,
    /// 24 bits, signed: duplicates may make it negative.
    pub cumulative_lost: i32,
    /// Cycles and highest sequence number.
    pub highest_seq: u32,
    /// RTP timestamp units.
    pub jitter: u32,
    /// Compact NTP of the last sender report, 0 = none.
    pub last_sr: u32,
    /// Time since that report, 1/65536 s.
    pub delay_since_last_sr: u32,
}

impl ReportBlock {
    fn read(bytes: &[u8]) -> Self {
        Self {
            ssrc: Ssrc(u32_at(bytes, 0)),
            fraction_lost: bytes[4],
            // Shifted up and down again to extend the sign of 24 bits.
            cumulative_lost: (u24_at(bytes, 5) << 8) as i32 >> 8,
            highest_seq: u32_at(bytes, 8),
            jitter: u32_at(bytes, 12),
            last_sr: u32_at(bytes, 16),
            delay_since_last_sr: u32_at(bytes, 20),
        }
    }

    pub(crate) fn write(&self) -> [u8; BLOCK_LEN] {
        let lost = self.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0x00ff_ffff;
        let words = [
            self.ssrc.0,
            u32::from(self.fraction_lost) << 24 | lost,
            self.highest_seq,
            self.jitter,
            self.last_sr,
            self.delay_since_last_sr,
        ];
        let mut bytes = [0; BLOCK_LEN];
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// Round trip in 1/65536 s, from the arrival of this report as compact NTP; none without a sender
    /// report, or when the clocks contradict each other.
    pub fn round_trip(&self, arrival: u32) -> Option<u32> {
        if self.last_sr == 0 {
            return None;
        }
        let trip = arrival
            .wrapping_sub(self.last_sr)
            .wrapping_sub(self.delay_since_last_sr);
        (trip < 1 << 31).then_some(trip)
    }
}

/// Blocks of one report.
#[derive(Clone, Copy, Debug)]
pub struct ReportBlocks<'a>(&'a [u8]);

impl Iterator for ReportBlocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let (block, rest) = self.0.split_at_checked(BLOCK_LEN)?;
        self.0 = rest;
        Some(ReportBlock::read(block))
    }
}

/// A sender report; profile extensions after the blocks are ignored.
#[derive(Clone, Copy, Debug)]
pub struct SenderReport<'a> {
    pub ssrc: Ssrc,
    pub info: SenderInfo,
    pub blocks: ReportBlocks<'a>,
}

impl<'a> SenderReport<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        if body.len() < 4 + SENDER_INFO_LEN {
            return Err(Malformed::Body);
        }
        Ok(Self {
            ssrc: Ssrc(u32_at(body, 0)),
            info: SenderInfo {
                ntp: u64_at(body, 4),
                rtp_ts: u32_at(body, 12),
                packets: u32_at(body, 16),
                octets: u32_at(body, 20),
            },
            blocks: blocks(count, &body[4 + SENDER_INFO_LEN..])?,
        })
    }
}

/// A receiver report; profile extensions after the blocks are ignored.
#[derive(Clone, Copy, Debug)]
pub struct ReceiverReport<'a> {
    pub ssrc: Ssrc,
    pub blocks: ReportBlocks<'a>,
}

impl<'a> ReceiverReport<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        if body.len() < 4 {
            return Err(Malformed::Body);
        }
        Ok(Self {
            ssrc: Ssrc(u32_at(body, 0)),
            blocks: blocks(count, &body[4..])?,
        })
    }
}

fn blocks(count: u8, bytes: &[u8]) -> Result<ReportBlocks<'_>, Malformed> {
    let blocks = bytes.get(..usize::from(count) * BLOCK_LEN).ok_or(Malformed::Body)?;
    Ok(ReportBlocks(blocks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cumulative_loss_keeps_its_sign() {
        for cumulative_lost in [-3, 0, 5, 0x7f_ffff, -0x80_0000] {
            let block = ReportBlock {
                cumulative_lost,
                fraction_lost: 255,
                ..ReportBlock::default()
            };
            assert_eq!(ReportBlock::read(&block.write()), block);
        }
    }

    #[test]
    fn a_round_trip_needs_a_sender_report_and_agreeing_clocks() {
        let mut block = ReportBlock::default();
        assert_eq!(block.round_trip(70000), None);
        block.last_sr = 0xffff_ff00;
        block.delay_since_last_sr = 0x80;
        assert_eq!(block.round_trip(0x100), Some(0x180));
        assert_eq!(block.round_trip(0xffff_ff10), None);
        assert_eq!(compact_ntp(0x1111_2222_3333_4444), 0x2222_3333);
    }
}
