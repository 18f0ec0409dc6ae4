//! What comes of a packet that is offered to a slot: sent, sent again, or skipped.

use crate::egress::rtx::Sent;
use crate::egress::vp8::Vp8Patch;
use crate::id::{Pt, Ssrc};

/// A packet that is to be sent, without its payload; `OutboundSlot::write` makes it bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub out_seq: u64,
    pub rtp_ts: u32,
    pub marker: bool,
    pub pt: Pt,
    pub patch: Vp8Patch,
    /// Frame number in the dependency descriptor.
    pub frame_number: Option<u16>,
    /// First packet of another source or layer; call `next_replay` until it gives nothing.
    pub switched: bool,
}

/// A packet that is sent again on the retransmission stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retransmission {
    /// What was sent; `layer` and `src_seq` say where its payload is cached.
    pub sent: Sent,
    pub(super) rtx_seq: u64,
    pub(super) pt: Pt,
}

impl Retransmission {
    /// Number on the retransmission stream, extended.
    pub fn rtx_seq(&self) -> u64 {
        self.rtx_seq
    }

    /// Payload type of the retransmission.
    pub fn pt(&self) -> Pt {
        self.pt
    }
}

/// First numbers that an SSRC and its retransmissions have not used yet, extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextNumbers {
    pub ssrc: Ssrc,
    pub media: u64,
    pub retransmission: u64,
}

/// Why a packet is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Another layer is sent, or none yet.
    OtherLayer,
    /// A temporal layer above the limit.
    Temporal,
    /// The subscriber did not negotiate the codec.
    CodecMismatch,
    /// From before the switch, or too late to be numbered.
    Late,
    /// Sent before.
    Duplicate,
    /// A key frame whose time lies before what was sent: ask for another one, once.
    NeedKeyFrame,
}
