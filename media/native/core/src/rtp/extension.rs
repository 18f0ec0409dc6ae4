//! RTP header extensions: elements of both forms (RFC 8285) and the bodies that we read or write.

use crate::rtp::header::{Fields, Malformed, FIXED_LEN};
use crate::wire::{put_u16, put_u32, u16_at, u64_at};

const ONE_BYTE: u16 = 0xbede;
const TWO_BYTE: u16 = 0x1000;
/// A two-byte profile may carry any application bits (RFC 8285 section 4.3).
const TWO_BYTE_MASK: u16 = 0xfff0;
/// More elements than the extensions that we negotiate.
const MAX_WRITTEN: usize = 16;

/// Elements `(id, body)` of one extension block.
#[derive(Clone, Copy, Debug)]
pub struct Extensions<'a> {
    form: Form,
    rest: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    OneByte,
    TwoByte,
    Other,
}

impl Form {
    fn of(profile: u16) -> Self {
        match profile {
            ONE_BYTE => Self::OneByte,
            _ if profile & TWO_BYTE_MASK == TWO_BYTE => Self::TwoByte,
            _ => Self::Other,
        }
    }
}

impl<'a> Extensions<'a> {
    pub(crate) fn new(profile: u16, block: &'a [u8]) -> Self {
        Self {
            form: Form::of(profile),
            rest: block,
        }
    }

    /// One step; an element that reaches past the block is an error.
    fn step(&mut self) -> Result<Option<(u8, &'a [u8])>, Malformed> {
        if self.form == Form::Other {
            return Ok(None);
        }
        // A zero byte is padding in both forms.
        while let [0, rest @ ..] = self.rest {
            self.rest = rest;
        }
        let (id, len, rest) = match (self.form, self.rest) {
            (_, []) => return Ok(None),
            // Id 15, and id 0 with a length, end the block (RFC 8285 section 4.2).
            (Form::OneByte, [first, ..]) if matches!(first >> 4, 0 | 15) => return Ok(None),
            (Form::OneByte, [first, rest @ ..]) => (first >> 4, usize::from(first & 0x0f) + 1, rest),
            (_, [id, len, rest @ ..]) => (*id, usize::from(*len), rest),
            (_, [_]) => return Err(Malformed::Extension),
        };
        let (body, rest) = rest.split_at_checked(len).ok_or(Malformed::Extension)?;
        self.rest = rest;
        Ok(Some((id, body)))
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.step().ok().flatten()
    }
}

/// Checks that every element stays inside its block.
pub(crate) fn check(profile: u16, block: &[u8]) -> Result<(), Malformed> {
    let mut elements = Extensions::new(profile, block);
    while elements.step()?.is_some() {}
    Ok(())
}

/// Writes fixed header and extension into a caller's buffer: one-byte form as long as every element fits
/// it, else two-byte form for all (RFC 8285 section 4.1.2 forbids a mixture). No CSRCs.
#[derive(Debug)]
pub struct HeaderWriter<'b> {
    buf: &'b mut [u8],
    len: usize,
    starts: [u16; MAX_WRITTEN],
    count: usize,
    two_byte: bool,
}

impl<'b> HeaderWriter<'b> {
    /// # Errors
    /// `Full` when the buffer has no room for a fixed header.
    pub fn new(buf: &'b mut [u8], fields: Fields) -> Result<Self, Malformed> {
        if buf.len() < FIXED_LEN {
            return Err(Malformed::Full);
        }
        buf[0] = 0x80;
        buf[1] = u8::from(fields.marker) << 7 | fields.pt.0 & 0x7f;
        put_u16(buf, 2, fields.seq);
        put_u32(buf, 4, fields.timestamp);
        put_u32(buf, 8, fields.ssrc.0);
        Ok(Self {
            buf,
            len: FIXED_LEN,
            starts: [0; MAX_WRITTEN],
            count: 0,
            two_byte: false,
        })
    }

    /// Appends one element; id 0 (not negotiated) writes nothing.
    ///
    /// # Errors
    /// `Full` when buffer or element table is full, `ExtensionRange` for a body over 255 bytes. The header
    /// written so far stays valid.
    pub fn extension(&mut self, id: u8, body: &[u8]) -> Result<(), Malformed> {
        if id == 0 {
            return Ok(());
        }
        if body.len() > 255 {
            return Err(Malformed::ExtensionRange);
        }
        let needs_two = id > 14 || body.is_empty() || body.len() > 16;
        let two_byte = self.two_byte || needs_two;
        let growth = if two_byte && !self.two_byte { self.count } else { 0 };
        let start = if self.count == 0 {
            FIXED_LEN + 4
        } else {
            self.len + growth
        };
        let end = start + 1 + usize::from(two_byte) + body.len();
        if self.count == MAX_WRITTEN || end.next_multiple_of(4) > self.buf.len() {
            return Err(Malformed::Full);
        }
        if growth > 0 {
            self.widen();
        }
        self.two_byte = two_byte;
        if two_byte {
            self.buf[start] = id;
            self.buf[start + 1] = body.len() as u8;
        } else {
            self.buf[start] = id << 4 | (body.len() - 1) as u8;
        }
        self.buf[end - body.len()..end].copy_from_slice(body);
        self.starts[self.count] = start as u16;
        self.count += 1;
        self.len = end;
        Ok(())
    }

    /// Closes the header and returns its length in bytes: the payload begins there.
    pub fn finish(self) -> usize {
        if self.count == 0 {
            return self.len;
        }
        let end = self.len.next_multiple_of(4);
        self.buf[self.len..end].fill(0);
        self.buf[0] |= 0x10;
        put_u16(self.buf, FIXED_LEN, if self.two_byte { TWO_BYTE } else { ONE_BYTE });
        put_u16(self.buf, FIXED_LEN + 2, ((end - FIXED_LEN - 4) / 4) as u16);
        end
    }

    /// Turns the elements written so far into the two-byte form, the last one first.
    fn widen(&mut self) {
        let mut end = self.len;
        for index in (0..self.count).rev() {
            let start = usize::from(self.starts[index]);
            let first = self.buf[start];
            let moved = start + index;
            self.buf.copy_within(start + 1..end, moved + 2);
            self.buf[moved] = first >> 4;
            self.buf[moved + 1] = (first & 0x0f) + 1;
            self.starts[index] = moved as u16;
            end = start;
        }
        self.len += self.count;
    }
}

/// abs-send-time: seconds modulo 64 as a 6.18 fixed-point number, out of an NTP timestamp.
pub fn abs_send_time(ntp: u64) -> [u8; 3] {
    let bytes = ((ntp >> 14) as u32 & 0x00ff_ffff).to_be_bytes();
    [bytes[1], bytes[2], bytes[3]]
}

/// abs-send-time of a body in microseconds modulo 64 s; none when the body is not 3 bytes long.
pub fn parse_abs_send_time(body: &[u8]) -> Option<u32> {
    let &[a, b, c] = body else { return None };
    let fixed = u64::from(u32::from_be_bytes([0, a, b, c]));
    Some(((fixed * 1_000_000) >> 18) as u32)
}

/// Audio level (RFC 6464): `level` 0 (loud) ..=127 (silent) in -dBov and the voice activity bit.
pub fn audio_level(level: u8, voice: bool) -> [u8; 1] {
    [u8::from(voice) << 7 | level.min(127)]
}

/// Audio level and voice activity of a body; a second byte (two-byte form padding) is ignored.
pub fn parse_audio_level(body: &[u8]) -> Option<(u8, bool)> {
    let first = *body.first()?;
    Some((first & 0x7f, first & 0x80 != 0))
}

/// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2).
pub fn transport_cc(seq: u16) -> [u8; 2] {
    seq.to_be_bytes()
}

/// Transport-wide sequence number of a body; version 2 appends a feedback request, which is ignored.
pub fn parse_transport_cc(body: &[u8]) -> Option<u16> {
    (body.len() == 2 || body.len() == 4).then(|| u16_at(body, 0))
}

/// abs-capture-time: NTP time of capture and the estimated offset of the capturer's clock (Q32.32 seconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsCaptureTime {
    pub ntp: u64,
    pub clock_offset: Option<i64>,
}

impl AbsCaptureTime {
    /// Reads a body of 8 or 16 bytes.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let clock_offset = match body.len() {
            8 => None,
            16 => Some(u64_at(body, 8) as i64),
            _ => return None,
        };
        Some(Self {
            ntp: u64_at(body, 0),
            clock_offset,
        })
    }

    /// Body and its length, 8 or 16 bytes.
    pub fn encode(&self) -> ([u8; 16], usize) {
        let mut body = [0; 16];
        body[..8].copy_from_slice(&self.ntp.to_be_bytes());
        body[8..].copy_from_slice(&self.clock_offset.unwrap_or(0).to_be_bytes());
        (body, if self.clock_offset.is_some() { 16 } else { 8 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Pt, Ssrc};
    use crate::rtp::Header;

    fn fields() -> Fields {
        Fields {
            marker: false,
            pt: Pt(96),
            seq: 1,
            timestamp: 2,
            ssrc: Ssrc(3),
        }
    }

    #[test]
    fn short_elements_use_the_one_byte_form() {
        let mut buf = [0xff; 64];
        let mut writer = HeaderWriter::new(&mut buf, fields()).unwrap();
        writer.extension(0, &[1]).unwrap();
        writer.extension(3, &[1, 2, 3]).unwrap();
        writer.extension(14, &[9; 16]).unwrap();
        let len = writer.finish();
        assert_eq!(buf[12..16], [0xbe, 0xde, 0, 6]);
        assert_eq!(len, 12 + 4 + 24);
    }

    #[test]
    fn a_long_element_turns_the_earlier_ones_into_the_two_byte_form() {
        let mut buf = [0xff; 64];
        let mut writer = HeaderWriter::new(&mut buf, fields()).unwrap();
        writer.extension(3, &[1, 2, 3]).unwrap();
        writer.extension(4, &[4]).unwrap();
        writer.extension(5, &[5; 17]).unwrap();
        let len = writer.finish();
        assert_eq!(buf[12..14], [0x10, 0x00]);
        let header = Header::parse(&buf[..len]).unwrap();
        let expected: [(u8, &[u8]); 3] = [(3, &[1, 2, 3]), (4, &[4]), (5, &[5; 17])];
        assert_eq!(header.extensions().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_element_without_room_leaves_a_valid_header() {
        let mut buf = [0; 24];
        let mut writer = HeaderWriter::new(&mut buf, fields()).unwrap();
        writer.extension(1, &[1, 2, 3]).unwrap();
        assert_eq!(writer.extension(2, &[0; 8]), Err(Malformed::Full));
        assert_eq!(writer.extension(2, &[0; 256]), Err(Malformed::ExtensionRange));
        let len = writer.finish();
        assert_eq!(Header::parse(&buf[..len]).unwrap().extensions().count(), 1);
    }

    #[test]
    fn id_fifteen_ends_a_one_byte_block() {
        let block = [0x10, 7, 0xf0, 1, 0x20, 8];
        assert_eq!(Extensions::new(ONE_BYTE, &block).collect::<Vec<_>>(), [(1, &[7][..])]);
    }

    #[test]
    fn another_profile_has_no_elements() {
        assert_eq!(Extensions::new(0x1234, &[1, 2, 3, 4]).count(), 0);
        assert_eq!(check(0x1234, &[1, 2, 3, 4]), Ok(()));
    }

    #[test]
    fn known_bodies_survive_a_round_trip() {
        // 10.5 s after a multiple of 64 s.
        let ntp = (6_400u64 << 32) + (10 << 32) + (1 << 31);
        assert_eq!(abs_send_time(ntp), [0x2a, 0, 0]);
        assert_eq!(parse_abs_send_time(&abs_send_time(ntp)), Some(10_500_000));
        assert_eq!(parse_abs_send_time(&[1]), None);
        assert_eq!(parse_audio_level(&audio_level(42, true)), Some((42, true)));
        assert_eq!(parse_audio_level(&audio_level(200, false)), Some((127, false)));
        assert_eq!(parse_transport_cc(&transport_cc(0xabcd)), Some(0xabcd));
        for clock_offset in [None, Some(-5)] {
            let time = AbsCaptureTime { ntp, clock_offset };
            let (body, len) = time.encode();
            assert_eq!(AbsCaptureTime::parse(&body[..len]), Some(time));
        }
        assert_eq!(AbsCaptureTime::parse(&[0; 9]), None);
    }
}
