//! VP8 payload descriptor (RFC 7741 section 4.2).

use crate::packet::{Inspection, PictureId};

/// None when the descriptor reaches past the payload.
pub fn inspect(payload: &[u8]) -> Option<Inspection> {
    let first = *payload.first()?;
    let begins = first & 0x10 != 0 && first & 0x07 == 0;
    let mut inspection = Inspection {
        frame_start: begins,
        discardable: first & 0x20 != 0,
        ..Inspection::default()
    };
    let mut at = 1u8;
    if first & 0x80 != 0 {
        at = extended(payload, &mut inspection)?;
    }
    // The inverse key frame flag P of the frame header; without X too (RFC 7741 section 4.3).
    inspection.key_frame = begins && payload.get(usize::from(at))? & 1 == 0;
    Some(inspection)
}

/// Reads the optional bytes and returns the length of the descriptor.
fn extended(payload: &[u8], inspection: &mut Inspection) -> Option<u8> {
    let flags = *payload.get(1)?;
    let (i, l, t, k) = (
        flags & 0x80 != 0,
        flags & 0x40 != 0,
        flags & 0x20 != 0,
        flags & 0x10 != 0,
    );
    let mut at = 2u8;
    if i {
        let high = *payload.get(2)?;
        let (value, bits) = if high & 0x80 != 0 {
            (u16::from_be_bytes([high & 0x7f, *payload.get(3)?]), 15)
        } else {
            (u16::from(high), 7)
        };
        inspection.picture_id = Some(PictureId {
            offset: at,
            value,
            bits,
        });
        at += 1 + u8::from(bits == 15);
    }
    if l {
        inspection.tl0_pic_idx = Some((at, *payload.get(usize::from(at))?));
        at += 1;
    }
    if t || k {
        let byte = *payload.get(usize::from(at))?;
        if t {
            inspection.temporal_id = byte >> 6;
            inspection.switching_point = byte & 0x20 != 0;
        }
        if k {
            inspection.key_idx = Some((at, byte & 0x1f));
        }
        at += 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_frame_without_extension_bits_is_found() {
        // mediasoup issue 1612: X = 0.
        let inspection = inspect(&[0x10, 0x50, 0x01, 0x00, 0x9d, 0x01, 0x2a]).unwrap();
        assert!(inspection.key_frame && inspection.frame_start);
        assert_eq!(inspection.picture_id, None);
    }

    #[test]
    fn only_the_first_packet_of_an_intra_frame_is_a_key_frame() {
        assert!(!inspect(&[0x10, 0x51]).unwrap().key_frame);
        assert!(!inspect(&[0x00, 0x50]).unwrap().key_frame);
        assert!(!inspect(&[0x11, 0x50]).unwrap().key_frame);
    }

    #[test]
    fn all_optional_fields_are_located() {
        let payload = [0xb0, 0xf0, 0x92, 0x34, 0x56, 0xb3, 0x00];
        let inspection = inspect(&payload).unwrap();
        let expected = PictureId {
            offset: 2,
            value: 0x1234,
            bits: 15,
        };
        assert_eq!(inspection.picture_id, Some(expected));
        assert_eq!(inspection.tl0_pic_idx, Some((4, 0x56)));
        assert_eq!(inspection.key_idx, Some((5, 0x13)));
        assert_eq!(inspection.temporal_id, 2);
        assert!(inspection.switching_point && inspection.discardable && inspection.key_frame);
    }

    #[test]
    fn a_short_picture_id_keeps_its_width() {
        let inspection = inspect(&[0x90, 0x80, 0x7f, 0x01]).unwrap();
        let expected = PictureId {
            offset: 2,
            value: 0x7f,
            bits: 7,
        };
        assert_eq!(inspection.picture_id, Some(expected));
        assert!(!inspection.key_frame);
    }

    #[test]
    fn a_descriptor_past_the_end_is_refused() {
        let payload = [0xb0, 0xf0, 0x92, 0x34, 0x56, 0xb3];
        for len in 0..=payload.len() {
            assert_eq!(inspect(&payload[..len]), None);
        }
    }
}
