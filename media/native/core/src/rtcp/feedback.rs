//! Feedback messages: NACK and PLI (RFC 4585), FIR (RFC 5104), REMB (draft-alvestrand-rmcat-remb-03).

use super::{feedback_ssrcs, Malformed};
use crate::id::Ssrc;
use crate::wire::{u16_at, u24_at, u32_at};

pub(crate) const FMT_NACK: u8 = 1;
pub(crate) const FMT_PLI: u8 = 1;
pub(crate) const FMT_FIR: u8 = 4;
pub(crate) const FMT_AFB: u8 = 15;
pub(crate) const REMB_ID: &[u8; 4] = b"REMB";

/// Generic NACK (RFC 4585 section 6.2.1).
#[derive(Clone, Copy, Debug)]
pub struct Nack<'a> {
    pub sender: Ssrc,
    pub media: Ssrc,
    items: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let (sender, media, items) = feedback_ssrcs(body)?;
        if items.is_empty() || items.len() % 4 != 0 {
            return Err(Malformed::Body);
        }
        Ok(Self {
            sender: Ssrc(sender),
            media: Ssrc(media),
            items,
        })
    }

    /// Missing sequence numbers, at most 17 for each item; repeated as often as the peer repeats them.
    pub fn missing(&self) -> impl Iterator<Item = u16> + 'a {
        self.items.chunks_exact(4).flat_map(|item| {
            let (first, mask) = (u16_at(item, 0), u16_at(item, 2));
            let following = (0..16u16).filter(move |bit| mask >> bit & 1 == 1);
            std::iter::once(first).chain(following.map(move |bit| first.wrapping_add(bit + 1)))
        })
    }
}

/// Picture loss indication (RFC 4585 section 6.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pli {
    pub sender: Ssrc,
    pub media: Ssrc,
}

impl Pli {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let (sender, media, _) = feedback_ssrcs(body)?;
        Ok(Self {
            sender: Ssrc(sender),
            media: Ssrc(media),
        })
    }
}

/// Full intra request (RFC 5104 section 4.3.1).
#[derive(Clone, Copy, Debug)]
pub struct Fir<'a> {
    pub sender: Ssrc,
    entries: &'a [u8],
}

impl<'a> Fir<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let (sender, _, entries) = feedback_ssrcs(body)?;
        if entries.is_empty() || entries.len() % 8 != 0 {
            return Err(Malformed::Body);
        }
        Ok(Self {
            sender: Ssrc(sender),
            entries,
        })
    }

    /// Media SSRC and command number; a repeated number is the same command.
    pub fn entries(&self) -> impl Iterator<Item = (Ssrc, u8)> + 'a {
        self.entries
            .chunks_exact(8)
            .map(|entry| (Ssrc(u32_at(entry, 0)), entry[4]))
    }
}

/// Receiver estimated maximum bitrate.
#[derive(Clone, Copy, Debug)]
pub struct Remb<'a> {
    pub sender: Ssrc,
    pub bitrate_bps: u64,
    ssrcs: &'a [u8],
}

impl<'a> Remb<'a> {
    pub(super) fn is_remb(body: &[u8]) -> bool {
        body.get(8..12).is_some_and(|id| id == REMB_ID)
    }

    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let (sender, _, rest) = feedback_ssrcs(body)?;
        if rest.len() < 8 {
            return Err(Malformed::Body);
        }
        let word = u24_at(rest, 5);
        let (exponent, mantissa) = (word >> 18, u64::from(word & 0x3_ffff));
        // 18 bits by up to 2^63: what does not fit is beyond every link.
        let bitrate_bps = u64::try_from(u128::from(mantissa) << exponent).unwrap_or(u64::MAX);
        let ssrcs = rest.get(8..8 + 4 * usize::from(rest[4])).ok_or(Malformed::Body)?;
        Ok(Self {
            sender: Ssrc(sender),
            bitrate_bps,
            ssrcs,
        })
    }

    pub fn ssrcs(&self) -> impl Iterator<Item = Ssrc> + 'a {
        self.ssrcs.chunks_exact(4).map(|ssrc| Ssrc(u32_at(ssrc, 0)))
    }
}
