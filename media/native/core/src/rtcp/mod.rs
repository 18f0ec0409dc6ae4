//! RTCP on the wire: walking through a compound packet, and appending packets to a caller's buffer.

pub mod description;
pub mod extended;
pub mod feedback;
pub mod report;
#[cfg(test)]
mod tests;
pub mod transport_cc;
pub mod writer;

pub use description::{Bye, Sdes};
pub use extended::{DlrrBlock, ExtendedReport, XrBlock};
pub use feedback::{Fir, Nack, Pli, Remb};
pub use report::{ReceiverReport, ReportBlock, ReportBlocks, SenderInfo, SenderReport};
pub use transport_cc::TransportFeedback;
pub use writer::{Full, Writer};

use crate::wire::{u16_at, u32_at};

pub(crate) const SR: u8 = 200;
pub(crate) const RR: u8 = 201;
pub(crate) const SDES: u8 = 202;
pub(crate) const BYE: u8 = 203;
pub(crate) const RTPFB: u8 = 205;
pub(crate) const PSFB: u8 = 206;
pub(crate) const XR: u8 = 207;

/// Why a packet or the rest of a compound was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Short,
    Version,
    /// The length field reaches past the datagram.
    Length,
    Padding,
    /// The body is too short or inconsistent for its packet type.
    Body,
    /// More statuses than [`transport_cc::MAX_STATUSES`].
    TooMany,
}

/// One packet of a compound.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    SenderReport(SenderReport<'a>),
    ReceiverReport(ReceiverReport<'a>),
    Sdes(Sdes<'a>),
    Bye(Bye<'a>),
    Nack(Nack<'a>),
    Pli(Pli),
    Fir(Fir<'a>),
    Remb(Remb<'a>),
    TransportFeedback(TransportFeedback<'a>),
    ExtendedReport(ExtendedReport<'a>),
    /// Well formed and not for us.
    Unknown {
        packet_type: u8,
        count: u8,
    },
}

/// Walks through a compound, reduced size allowed (RFC 5506). After an error the walk ends.
pub fn packets(compound: &[u8]) -> Packets<'_> {
    Packets { rest: compound }
}

/// See [`packets`].
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (packet, rest) = match split(self.rest) {
            Ok(split) => split,
            Err(reason) => {
                self.rest = &[];
                return Some(Err(reason));
            }
        };
        self.rest = rest;
        let parsed = parse(packet);
        if parsed.is_err() {
            self.rest = &[];
        }
        Some(parsed)
    }
}

struct Split<'a> {
    packet_type: u8,
    count: u8,
    /// After the common header of 4 bytes, without padding.
    body: &'a [u8],
}

fn split(bytes: &[u8]) -> Result<(Split<'_>, &[u8]), Malformed> {
    if bytes.len() < 4 {
        return Err(Malformed::Short);
    }
    if bytes[0] >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let len = 4 + 4 * usize::from(u16_at(bytes, 2));
    let (packet, rest) = bytes.split_at_checked(len).ok_or(Malformed::Length)?;
    let mut body = &packet[4..];
    if bytes[0] & 0x20 != 0 {
        let padding = body.last().map_or(0, |count| usize::from(*count));
        if padding == 0 || padding > body.len() {
            return Err(Malformed::Padding);
        }
        body = &body[..body.len() - padding];
    }
    let split = Split {
        packet_type: bytes[1],
        count: bytes[0] & 0x1f,
        body,
    };
    Ok((split, rest))
}

fn parse(packet: Split<'_>) -> Result<Packet<'_>, Malformed> {
    let Split {
        packet_type,
        count,
        body,
    } = packet;
    match (packet_type, count) {
        (SR, _) => SenderReport::parse(count, body).map(Packet::SenderReport),
        (RR, _) => ReceiverReport::parse(count, body).map(Packet::ReceiverReport),
        (SDES, _) => Sdes::parse(count, body).map(Packet::Sdes),
        (BYE, _) => Bye::parse(count, body).map(Packet::Bye),
        (RTPFB, feedback::FMT_NACK) => Nack::parse(body).map(Packet::Nack),
        (RTPFB, transport_cc::FMT) => TransportFeedback::parse(body).map(Packet::TransportFeedback),
        (PSFB, feedback::FMT_PLI) => Pli::parse(body).map(Packet::Pli),
        (PSFB, feedback::FMT_FIR) => Fir::parse(body).map(Packet::Fir),
        (PSFB, feedback::FMT_AFB) if Remb::is_remb(body) => Remb::parse(body).map(Packet::Remb),
        (XR, _) => ExtendedReport::parse(body).map(Packet::ExtendedReport),
        _ => Ok(Packet::Unknown { packet_type, count }),
    }
}

/// The two SSRCs that begin every feedback message (RFC 4585 section 6.1), and what follows.
fn feedback_ssrcs(body: &[u8]) -> Result<(u32, u32, &[u8]), Malformed> {
    if body.len() < 8 {
        return Err(Malformed::Body);
    }
    Ok((u32_at(body, 0), u32_at(body, 4), &body[8..]))
}
