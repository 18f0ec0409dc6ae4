//! Zero-copy view of an RTP packet (RFC 3550 section 5.1) whose lengths have been checked.

use crate::id::{Pt, Ssrc};
use crate::rtp::extension::{self, Extensions};
use crate::wire::{u16_at, u32_at};

/// Length of the header without CSRCs and extension, bytes.
pub const FIXED_LEN: usize = 12;

/// Why a packet was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Short,
    Version,
    /// CSRC list or extension reaches past the end.
    HeaderLength,
    /// An extension element reaches past its block.
    Extension,
    Padding,
    /// A retransmission without its original sequence number.
    NoOriginal,
    /// The caller's buffer is too small for what should be written.
    Full,
    /// A header extension id or body that neither form of RFC 8285 can carry.
    ExtensionRange,
}

/// The header alone; all that may be looked at before decryption.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    bytes: &'a [u8],
    csrc_end: usize,
}

impl<'a> Header<'a> {
    /// Checks version and lengths of the header in `packet`, which may go on with anything.
    ///
    /// # Errors
    /// Everything of [`Malformed`] but `Padding`, which is known only after decryption.
    pub fn parse(packet: &'a [u8]) -> Result<Self, Malformed> {
        if packet.len() < FIXED_LEN {
            return Err(Malformed::Short);
        }
        if packet[0] >> 6 != 2 {
            return Err(Malformed::Version);
        }
        let csrc_end = FIXED_LEN + 4 * usize::from(packet[0] & 0x0f);
        let mut end = csrc_end;
        if packet[0] & 0x10 != 0 {
            if packet.len() < csrc_end + 4 {
                return Err(Malformed::HeaderLength);
            }
            end = csrc_end + 4 + 4 * usize::from(u16_at(packet, csrc_end + 2));
        }
        let bytes = packet.get(..end).ok_or(Malformed::HeaderLength)?;
        let header = Self { bytes, csrc_end };
        extension::check(header.extension_profile(), header.extension_block())?;
        Ok(header)
    }

    /// Header length with CSRCs and extension, bytes.
    #[allow(clippy::len_without_is_empty)] // a header is never empty
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn has_padding(&self) -> bool {
        self.bytes[0] & 0x20 != 0
    }

    pub fn marker(&self) -> bool {
        self.bytes[1] & 0x80 != 0
    }

    pub fn pt(&self) -> Pt {
        Pt(self.bytes[1] & 0x7f)
    }

    pub fn seq(&self) -> u16 {
        u16_at(self.bytes, 2)
    }

    pub fn timestamp(&self) -> u32 {
        u32_at(self.bytes, 4)
    }

    pub fn ssrc(&self) -> Ssrc {
        Ssrc(u32_at(self.bytes, 8))
    }

    pub fn csrcs(&self) -> impl Iterator<Item = Ssrc> + 'a {
        self.bytes[FIXED_LEN..self.csrc_end]
            .chunks_exact(4)
            .map(|csrc| Ssrc(u32_at(csrc, 0)))
    }

    /// Elements of the RFC 8285 extension, in wire order; none for another profile.
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.extension_profile(), self.extension_block())
    }

    /// Body of the extension element with this negotiated id; id 0 = not negotiated = none.
    pub fn extension(&self, id: u8) -> Option<&'a [u8]> {
        if id == 0 {
            return None;
        }
        self.extensions().find(|(found, _)| *found == id).map(|(_, body)| body)
    }

    fn extension_profile(&self) -> u16 {
        if self.bytes[0] & 0x10 == 0 {
            return 0;
        }
        u16_at(self.bytes, self.csrc_end)
    }

    fn extension_block(&self) -> &'a [u8] {
        self.bytes.get(self.csrc_end + 4..).unwrap_or_default()
    }
}

/// A whole packet in the clear.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    header: Header<'a>,
    payload: &'a [u8],
    padding: u8,
}

impl<'a> View<'a> {
    /// Checks header and padding of a decrypted packet.
    ///
    /// # Errors
    /// Every reading reason of [`Malformed`].
    pub fn parse(packet: &'a [u8]) -> Result<Self, Malformed> {
        let header = Header::parse(packet)?;
        let body = &packet[header.len()..];
        let padding = match (header.has_padding(), body.last()) {
            (false, _) => 0,
            (true, Some(&count)) if count > 0 && usize::from(count) <= body.len() => count,
            (true, _) => return Err(Malformed::Padding),
        };
        let payload = &body[..body.len() - usize::from(padding)];
        Ok(Self {
            header,
            payload,
            padding,
        })
    }

    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// Payload without padding; empty for a padding-only packet.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Padding bytes, count byte included.
    pub fn padding(&self) -> u8 {
        self.padding
    }
}

/// The fixed header of an outgoing packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    pub marker: bool,
    pub pt: Pt,
    pub seq: u16,
    pub timestamp: u32,
    pub ssrc: Ssrc,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::HeaderWriter;
    use proptest::prelude::*;

    #[test]
    fn csrcs_extension_and_padding_are_taken_apart() {
        let packet = [
            0xb2, 0xe0, 0x12, 0x34, 0, 0, 0, 9, 0xde, 0xad, 0xbe, 0xef, // fixed header, CC 2, X, P
            0, 0, 0, 1, 0, 0, 0, 2, // CSRCs
            0xbe, 0xde, 0, 1, 0x10, 0x7f, 0, 0, // one-byte extension, id 1
            b'h', b'i', 0, 2, // payload, two bytes of padding
        ];
        let view = View::parse(&packet).unwrap();
        let header = view.header();
        assert!(header.marker());
        assert_eq!(header.pt(), Pt(96));
        assert_eq!(header.seq(), 0x1234);
        assert_eq!(header.timestamp(), 9);
        assert_eq!(header.ssrc(), Ssrc(0xdead_beef));
        assert_eq!(header.csrcs().collect::<Vec<_>>(), [Ssrc(1), Ssrc(2)]);
        assert_eq!(header.extension(1), Some(&[0x7f][..]));
        assert_eq!(header.extension(0), None);
        assert_eq!(view.payload(), b"hi");
        assert_eq!(view.padding(), 2);
        assert_eq!(header.len(), 28);
    }

    #[test]
    fn inconsistent_lengths_are_refused() {
        let mut packet = [0u8; 16];
        packet[0] = 0x80;
        assert_eq!(View::parse(&packet[..11]).unwrap_err(), Malformed::Short);
        packet[0] = 0x40;
        assert_eq!(View::parse(&packet).unwrap_err(), Malformed::Version);
        packet[0] = 0x82;
        assert_eq!(View::parse(&packet).unwrap_err(), Malformed::HeaderLength);
        packet[0] = 0x90;
        packet[12..16].copy_from_slice(&[0xbe, 0xde, 0, 1]);
        assert_eq!(View::parse(&packet).unwrap_err(), Malformed::HeaderLength);
        packet[0] = 0xa0;
        for padding in [0, 5, 255] {
            packet[15] = padding;
            assert_eq!(View::parse(&packet).unwrap_err(), Malformed::Padding);
        }
        assert_eq!(View::parse(&packet[..12]).unwrap_err(), Malformed::Padding);
    }

    #[test]
    fn an_element_past_its_block_is_refused() {
        let mut packet = [0u8; 20];
        packet[0] = 0x90;
        packet[12..20].copy_from_slice(&[0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0]);
        assert_eq!(View::parse(&packet).unwrap_err(), Malformed::Extension);
        packet[12..20].copy_from_slice(&[0x10, 0x00, 0, 1, 0x01, 3, 0, 0]);
        assert_eq!(View::parse(&packet).unwrap_err(), Malformed::Extension);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(packet in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(view) = View::parse(&packet) {
                let total = view.header().len() + view.payload().len() + usize::from(view.padding());
                prop_assert_eq!(total, packet.len());
                view.header().csrcs().count();
                view.header().extensions().count();
            }
        }

        #[test]
        fn written_headers_parse_back(
            marker: bool, pt in 0u8..128, seq: u16, timestamp: u32, ssrc: u32,
            elements in prop::collection::btree_map(1u8..=20, prop::collection::vec(any::<u8>(), 0..24), 0..8),
            payload in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let fields = Fields { marker, pt: Pt(pt), seq, timestamp, ssrc: Ssrc(ssrc) };
            let mut buf = [0u8; 512];
            let mut writer = HeaderWriter::new(&mut buf, fields).unwrap();
            for (id, body) in &elements {
                writer.extension(*id, body).unwrap();
            }
            let len = writer.finish();
            buf[len..len + payload.len()].copy_from_slice(&payload);
            let view = View::parse(&buf[..len + payload.len()]).unwrap();
            let header = view.header();
            prop_assert_eq!(
                Fields { marker: header.marker(), pt: header.pt(), seq: header.seq(), timestamp: header.timestamp(), ssrc: header.ssrc() },
                fields
            );
            prop_assert_eq!(view.payload(), &payload[..]);
            let expected: Vec<(u8, &[u8])> = elements.iter().map(|(id, body)| (*id, &body[..])).collect();
            prop_assert_eq!(header.extensions().collect::<Vec<_>>(), expected);
        }
    }
}
