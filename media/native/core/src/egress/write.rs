//! Bytes of an outgoing packet: header, extensions and payload straight into the send buffer.

use crate::api::Kind;
use crate::egress::descriptor::renumbered;
use crate::egress::outgoing::{Outgoing, Retransmission};
use crate::egress::slot::OutboundSlot;
use crate::egress::vp8::Vp8Patch;
use crate::packet::Packet;
use crate::rtp::extension::{abs_send_time, audio_level, transport_cc};
use crate::rtp::rtx::write_osn;
use crate::rtp::{Fields, HeaderWriter, Malformed};

/// What is known only at the moment of sending.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Monotonic, microseconds.
    pub mono_us: u64,
    pub ntp: u64,
    /// The peer's transport-wide number of this packet; take it only for packets that are sent.
    pub transport_seq: u16,
}

impl OutboundSlot {
    /// Writes a packet that `forward` or `next_replay` gave and counts it; returns its length without the
    /// encryption's tag, 0 = it does not fit `buf`.
    pub fn write(&mut self, outgoing: &Outgoing, packet: &Packet, stamp: Stamp, buf: &mut [u8]) -> usize {
        let fields = Fields {
            marker: outgoing.marker,
            pt: outgoing.pt,
            seq: outgoing.out_seq as u16,
            timestamp: outgoing.rtp_ts,
            ssrc: self.spec.ssrc,
        };
        let Ok(start) = self.write_header(fields, packet, outgoing.frame_number, stamp, buf) else {
            return 0;
        };
        let Some(len) = write_payload(&outgoing.patch, packet, start, buf) else {
            return 0;
        };
        self.count(stamp.mono_us, packet.payload.len());
        len
    }

    /// Writes a packet again on the retransmission stream (RFC 4588 section 4) and counts it; returns its length,
    /// 0 = it does not fit or there is no such stream.
    pub fn write_retransmission(
        &mut self,
        again: &Retransmission,
        packet: &Packet,
        stamp: Stamp,
        buf: &mut [u8],
    ) -> usize {
        let Some(ssrc) = self.spec.rtx_ssrc else { return 0 };
        let fields = Fields {
            marker: again.sent.marker,
            pt: again.pt(),
            seq: again.rtx_seq() as u16,
            timestamp: again.sent.rtp_ts,
            ssrc,
        };
        let Ok(header) = self.write_header(fields, packet, again.sent.frame_number, stamp, buf) else {
            return 0;
        };
        let Ok(osn) = write_osn(&mut buf[header..], again.sent.out_seq as u16) else {
            return 0;
        };
        let Some(len) = write_payload(&again.sent.patch, packet, header + osn, buf) else {
            return 0;
        };
        self.count_retransmission(stamp.mono_us, packet.payload.len());
        len
    }

    fn write_header(
        &self,
        fields: Fields,
        packet: &Packet,
        frame_number: Option<u16>,
        stamp: Stamp,
        buf: &mut [u8],
    ) -> Result<usize, Malformed> {
        let ids = &self.spec.extensions;
        let mut header = HeaderWriter::new(buf, fields)?;
        if self.mid_needed {
            header.extension(ids.mid, self.spec.mid.as_bytes())?;
        }
        header.extension(ids.abs_send_time, &abs_send_time(stamp.ntp))?;
        header.extension(ids.transport_cc, &transport_cc(stamp.transport_seq))?;
        if !packet.abs_capture_time.is_empty() {
            header.extension(ids.abs_capture_time, packet.abs_capture_time.as_slice())?;
        }
        if self.spec.kind == Kind::Audio {
            if let Some((level, voice)) = packet.audio_level {
                header.extension(ids.audio_level, &audio_level(level, voice))?;
            }
            return Ok(header.finish());
        }
        if let Some(orientation) = packet.video_orientation {
            header.extension(ids.video_orientation, &[orientation])?;
        }
        if let Some(delay) = packet.playout_delay {
            header.extension(ids.playout_delay, &delay)?;
        }
        if let Some(number) = frame_number {
            let (descriptor, len) = renumbered(&packet.dependency_descriptor, number);
            header.extension(ids.dependency_descriptor, &descriptor[..len])?;
        }
        Ok(header.finish())
    }
}

fn write_payload(patch: &Vp8Patch, packet: &Packet, start: usize, buf: &mut [u8]) -> Option<usize> {
    let end = start + packet.payload.len();
    let payload = buf.get_mut(start..end)?;
    payload.copy_from_slice(&packet.payload);
    patch.apply(payload);
    Some(end)
}
