//! Appends RTCP packets to a caller's buffer; a packet that does not fit leaves the buffer as it was.

use super::description::CNAME;
use super::extended::{DlrrBlock, DLRR, RRTR};
use super::feedback::{FMT_AFB, FMT_FIR, FMT_NACK, FMT_PLI, REMB_ID};
use super::report::{ReportBlock, SenderInfo};
use super::{transport_cc, BYE, PSFB, RR, RTPFB, SDES, SR, XR};
use crate::id::Ssrc;
use crate::seq::seq_diff;
use crate::wire::put_u16;

/// The packet does not fit the buffer, or has more items than its count field can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Writes a compound packet by packet.
#[derive(Debug)]
pub struct Writer<'b> {
    buf: &'b mut [u8],
    len: usize,
}

impl<'b> Writer<'b> {
    /// Begins an empty compound at the start of `buf`.
    pub fn new(buf: &'b mut [u8]) -> Self {
        Self { buf, len: 0 }
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sender report (RFC 3550 section 6.4.1).
    ///
    /// # Errors
    /// [`Full`], also for more than 31 blocks; so with every method here.
    pub fn sender_report(&mut self, ssrc: Ssrc, info: &SenderInfo, blocks: &[ReportBlock]) -> Result<(), Full> {
        self.packet(SR, count_of(blocks.len())?, |body| {
            body.u32(ssrc.0)?;
            body.put(&info.ntp.to_be_bytes())?;
            body.u32(info.rtp_ts)?;
            body.u32(info.packets)?;
            body.u32(info.octets)?;
            blocks.iter().try_for_each(|block| body.put(&block.write()))
        })
    }

    /// Receiver report (RFC 3550 section 6.4.2).
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn receiver_report(&mut self, ssrc: Ssrc, blocks: &[ReportBlock]) -> Result<(), Full> {
        self.packet(RR, count_of(blocks.len())?, |body| {
            body.u32(ssrc.0)?;
            blocks.iter().try_for_each(|block| body.put(&block.write()))
        })
    }

    /// Source description with the CNAME of one source (RFC 3550 section 6.5.1), at most 255 bytes.
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn cname(&mut self, ssrc: Ssrc, cname: &[u8]) -> Result<(), Full> {
        let len = u8::try_from(cname.len()).map_err(|_| Full)?;
        self.packet(SDES, 1, |body| {
            body.u32(ssrc.0)?;
            body.put(&[CNAME, len])?;
            body.put(cname)?;
            // One zero byte ends the list, then zeroes up to the word.
            body.put(&[0, 0, 0, 0][..4 - (2 + cname.len()) % 4])
        })
    }

    /// Goodbye (RFC 3550 section 6.6), without a reason.
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn bye(&mut self, ssrcs: &[Ssrc]) -> Result<(), Full> {
        self.packet(BYE, count_of(ssrcs.len())?, |body| {
            ssrcs.iter().try_for_each(|ssrc| body.u32(ssrc.0))
        })
    }

    /// Generic NACK of ascending sequence numbers (RFC 4585 section 6.2.1); with none it writes nothing.
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn nack(&mut self, sender: Ssrc, media: Ssrc, missing: &[u16]) -> Result<(), Full> {
        let Some((&first, rest)) = missing.split_first() else {
            return Ok(());
        };
        self.packet(RTPFB, FMT_NACK, |body| {
            body.u32(sender.0)?;
            body.u32(media.0)?;
            let (mut pid, mut mask) = (first, 0u16);
            for &seq in rest {
                match seq_diff(seq, pid) {
                    0 => {}
                    bit @ 1..=16 => mask |= 1 << (bit - 1),
                    _ => {
                        body.u32(u32::from(pid) << 16 | u32::from(mask))?;
                        (pid, mask) = (seq, 0);
                    }
                }
            }
            body.u32(u32::from(pid) << 16 | u32::from(mask))
        })
    }

    /// Picture loss indication (RFC 4585 section 6.3.1).
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn pli(&mut self, sender: Ssrc, media: Ssrc) -> Result<(), Full> {
        self.packet(PSFB, FMT_PLI, |body| {
            body.u32(sender.0)?;
            body.u32(media.0)
        })
    }

    /// Full intra request of one source (RFC 5104 section 4.3.1); `command` grows with each new request.
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn fir(&mut self, sender: Ssrc, media: Ssrc, command: u8) -> Result<(), Full> {
        self.packet(PSFB, FMT_FIR, |body| {
            body.u32(sender.0)?;
            body.u32(0)?;
            body.u32(media.0)?;
            body.put(&[command, 0, 0, 0])
        })
    }

    /// Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03), rounded down to 18 bits.
    ///
    /// # Errors
    /// See [`Self::sender_report`]; at most 255 sources.
    pub fn remb(&mut self, sender: Ssrc, bitrate_bps: u64, ssrcs: &[Ssrc]) -> Result<(), Full> {
        let count = u8::try_from(ssrcs.len()).map_err(|_| Full)?;
        let exponent = (64 - bitrate_bps.leading_zeros()).saturating_sub(18);
        let mantissa = (bitrate_bps >> exponent) as u32;
        self.packet(PSFB, FMT_AFB, |body| {
            body.u32(sender.0)?;
            body.u32(0)?;
            body.put(REMB_ID)?;
            body.u32(u32::from(count) << 24 | exponent << 18 | mantissa)?;
            ssrcs.iter().try_for_each(|ssrc| body.u32(ssrc.0))
        })
    }

    /// Transport-wide feedback from extended sequence number `base` on. `arrivals` are (extended sequence
    /// number, arrival in microseconds) with ascending numbers, none below `base`. Returns how many of them
    /// the message tells: where time or numbers jump too far, or room ends, the rest needs another message.
    ///
    /// # Errors
    /// [`Full`] when not one arrival could be told.
    pub fn transport_feedback(
        &mut self,
        sender: Ssrc,
        media: Ssrc,
        base: u64,
        feedback_count: u8,
        arrivals: &[(u64, u64)],
    ) -> Result<usize, Full> {
        let mut told = 0;
        self.packet(RTPFB, transport_cc::FMT, |body| {
            body.u32(sender.0)?;
            body.u32(media.0)?;
            // Three bytes stay free for padding.
            let room = body.buf.len().saturating_sub(3);
            let free = body.buf.get_mut(body.len..room).ok_or(Full)?;
            let (len, count) = transport_cc::write(free, base, feedback_count, arrivals).ok_or(Full)?;
            told = count;
            body.len += len;
            Ok(())
        })?;
        Ok(told)
    }

    /// Extended report with our reference time (RFC 3611 section 4.4).
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn reference_time(&mut self, ssrc: Ssrc, ntp: u64) -> Result<(), Full> {
        self.packet(XR, 0, |body| {
            body.u32(ssrc.0)?;
            body.put(&[RRTR, 0, 0, 2])?;
            body.put(&ntp.to_be_bytes())
        })
    }

    /// Extended report that answers reference times (RFC 3611 section 4.5).
    ///
    /// # Errors
    /// See [`Self::sender_report`].
    pub fn dlrr(&mut self, ssrc: Ssrc, items: &[DlrrBlock]) -> Result<(), Full> {
        let words = u16::try_from(3 * items.len()).map_err(|_| Full)?;
        self.packet(XR, 0, |body| {
            body.u32(ssrc.0)?;
            body.u32(u32::from(DLRR) << 24 | u32::from(words))?;
            items.iter().try_for_each(|item| {
                body.u32(item.ssrc.0)?;
                body.u32(item.last_rr)?;
                body.u32(item.delay_since_last_rr)
            })
        })
    }

    /// Header, body and, where the body does not end on a word, padding.
    fn packet(
        &mut self,
        packet_type: u8,
        count: u8,
        fill: impl FnOnce(&mut Body<'_>) -> Result<(), Full>,
    ) -> Result<(), Full> {
        let free = &mut self.buf[self.len..];
        let mut body = Body { buf: free, len: 0 };
        body.put(&[0x80 | count, packet_type, 0, 0])?;
        fill(&mut body)?;
        let padding = body.len.next_multiple_of(4) - body.len;
        if padding > 0 {
            body.put(&[0, 0, padding as u8][3 - padding..])?;
            body.buf[0] |= 0x20;
        }
        let words = u16::try_from(body.len / 4 - 1).map_err(|_| Full)?;
        put_u16(body.buf, 2, words);
        self.len += body.len;
        Ok(())
    }
}

struct Body<'b> {
    buf: &'b mut [u8],
    len: usize,
}

impl Body<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.len + bytes.len();
        self.buf.get_mut(self.len..end).ok_or(Full)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }

    fn u32(&mut self, word: u32) -> Result<(), Full> {
        self.put(&word.to_be_bytes())
    }
}

fn count_of(items: usize) -> Result<u8, Full> {
    u8::try_from(items).ok().filter(|count| *count < 32).ok_or(Full)
}
