//! A decrypted RTP packet, inspected once and shared by every subscriber.

use crate::api::Codec;
use crate::id::{Layer, Pt, Ssrc};

/// Payload facts that selection and rewriting need (RFC 7741, RFC 9628, RFC 6184, AV1 RTP section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// First packet of a key frame of this layer.
    pub key_frame: bool,
    /// First packet of a frame.
    pub frame_start: bool,
    pub temporal_id: u8,
    /// A receiver may move up to this temporal layer here (VP8 Y bit, VP9 U bit).
    pub switching_point: bool,
    /// VP8 only: offset in the payload and value of the picture id, with its width in bits (7 or 15).
    pub picture_id: Option<PictureId>,
    /// VP8 only: offset in the payload and value of TL0PICIDX.
    pub tl0_pic_idx: Option<(u8, u8)>,
    /// VP8 only: offset of the byte that holds TID, Y and KEYIDX.
    pub key_idx: Option<(u8, u8)>,
    /// Nothing of this packet's frame is needed by later frames.
    pub discardable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    pub offset: u8,
    pub value: u16,
    pub bits: u8,
}

/// One packet of one layer of one track.
#[derive(Clone, Debug)]
pub struct Packet {
    pub layer: Layer,
    pub codec: Codec,
    pub ssrc: Ssrc,
    pub pt: Pt,
    /// Sequence number extended to 64 bit by the receiver statistics of the layer.
    pub seq: u64,
    pub rtp_ts: u32,
    pub marker: bool,
    /// Arrival, monotonic microseconds.
    pub arrival_us: u64,
    /// RFC 6464 level, 0 (loud) to 127 (silent) -dBov, with the voice activity bit.
    pub audio_level: Option<(u8, bool)>,
    /// Raw abs-capture-time body (8 or 16 bytes) mapped to our clock; length 0 = none.
    pub abs_capture_time: ExtensionBody<16>,
    pub video_orientation: Option<u8>,
    pub playout_delay: Option<[u8; 3]>,
    pub dependency_descriptor: ExtensionBody<32>,
    pub inspection: Inspection,
    /// Recovered by retransmission: does not count for timestamp order or jitter.
    pub recovered: bool,
    /// RTP payload without padding.
    pub payload: Vec<u8>,
}

/// A short header extension carried along by value; longer ones are dropped and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionBody<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Default for ExtensionBody<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> ExtensionBody<N> {
    /// Keeps `body`, or nothing when it is longer than `N` bytes.
    pub fn new(body: &[u8]) -> Self {
        let mut kept = Self::default();
        if body.len() <= N {
            kept.bytes[..body.len()].copy_from_slice(body);
            kept.len = body.len() as u8;
        }
        kept
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}
