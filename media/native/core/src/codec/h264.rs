//! H.264 payloads (RFC 6184 section 5): single units, STAP-A and FU-A.

use crate::packet::Inspection;

const IDR: u8 = 5;
const SPS: u8 = 7;
const ACCESS_UNIT_DELIMITER: u8 = 9;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// None for a payload that is cut off. One packet cannot tell whether a parameter set came before it, so both
/// the parameter set and the first slice of a key frame count as its start.
pub fn inspect(payload: &[u8]) -> Option<Inspection> {
    let first = *payload.first()?;
    let reference = first & 0x60 != 0;
    let mut inspection = Inspection {
        discardable: !reference,
        ..Inspection::default()
    };
    match first & 0x1f {
        STAP_A => {
            let mut rest = &payload[1..];
            while !rest.is_empty() {
                let len = usize::from(u16::from_be_bytes([rest[0], *rest.get(1)?]));
                let unit = rest.get(2..2 + len)?;
                note(&mut inspection, *unit.first()? & 0x1f, &unit[1..]);
                rest = &rest[2 + len..];
            }
        }
        FU_A => {
            let header = *payload.get(1)?;
            if header & 0x80 != 0 {
                note(&mut inspection, header & 0x1f, &payload[2..]);
            }
        }
        kind @ 1..=23 => note(&mut inspection, kind, &payload[1..]),
        _ => return None,
    }
    Some(inspection)
}

/// A unit that begins here.
fn note(inspection: &mut Inspection, kind: u8, body: &[u8]) {
    // A slice that begins with macroblock 0: `first_mb_in_slice` is then a single one bit (H.264 7.3.3).
    let first_slice = matches!(kind, 1 | IDR) && body.first().is_some_and(|byte| byte & 0x80 != 0);
    inspection.key_frame |= kind == SPS || kind == IDR && first_slice;
    inspection.frame_start |= matches!(kind, SPS | ACCESS_UNIT_DELIMITER) || first_slice;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_frame(payload: &[u8]) -> bool {
        inspect(payload).unwrap().key_frame
    }

    #[test]
    fn key_frames_are_found_in_every_packing() {
        assert!(key_frame(&[0x67, 0x42, 0xe0]));
        assert!(key_frame(&[0x65, 0x88, 0x84]));
        assert!(key_frame(&[0x78, 0, 3, 0x67, 0x42, 0xe0, 0, 2, 0x68, 0xce]));
        assert!(key_frame(&[0x7c, 0x85, 0x88]));
    }

    #[test]
    fn other_packets_are_no_key_frames() {
        assert!(!key_frame(&[0x61, 0x9a]));
        assert!(!key_frame(&[0x68, 0xce]));
        // Second slice, middle and end of a fragmented key frame.
        assert!(!key_frame(&[0x65, 0x08]));
        assert!(!key_frame(&[0x7c, 0x05, 0x88]));
        assert!(!key_frame(&[0x7c, 0x45, 0x88]));
    }

    #[test]
    fn a_frame_without_reference_is_discardable() {
        assert!(inspect(&[0x01, 0x9a]).unwrap().discardable);
        assert!(!inspect(&[0x61, 0x9a]).unwrap().discardable);
    }

    #[test]
    fn units_that_are_cut_off_are_refused() {
        assert_eq!(inspect(&[0x78, 0, 9, 0x67]), None);
        assert_eq!(inspect(&[0x78, 0]), None);
        assert_eq!(inspect(&[0x78, 0, 0]), None);
        assert_eq!(inspect(&[0x7c]), None);
        assert_eq!(inspect(&[0x1f, 1]), None);
    }
}
