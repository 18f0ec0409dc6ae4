//! VP9 payload descriptor (RFC 9628 section 4.2).

use crate::packet::Inspection;

/// None when the descriptor reaches past the payload.
pub fn inspect(payload: &[u8]) -> Option<Inspection> {
    let first = *payload.first()?;
    let flag = |bit: u8| first & bit != 0;
    let (picture_id, inter, layers, flexible, begins) = (flag(0x80), flag(0x40), flag(0x20), flag(0x10), flag(0x08));
    let mut rest = &payload[1..];
    if picture_id {
        let long = rest.first()? & 0x80 != 0;
        rest = rest.get(1 + usize::from(long)..)?;
    }
    let mut inspection = Inspection::default();
    let mut spatial_id = 0;
    if layers {
        let byte = *rest.first()?;
        inspection.temporal_id = byte >> 5;
        inspection.switching_point = byte & 0x10 != 0;
        spatial_id = byte >> 1 & 0x07;
        // Without flexible mode TL0PICIDX follows.
        rest = rest.get(1 + usize::from(!flexible)..)?;
    }
    // The frame itself must be there, or nothing begins.
    rest.first()?;
    inspection.frame_start = begins && spatial_id == 0;
    inspection.key_frame = inspection.frame_start && !inter;
    Some(inspection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_frame_is_an_intra_picture_that_begins() {
        // I, L, B; picture id of 15 bits; TID 0, U 0, SID 0, D 0; TL0PICIDX.
        let key = [0xa8, 0x81, 0x23, 0x00, 0x07, 0x82];
        let inspection = inspect(&key).unwrap();
        assert!(inspection.key_frame && inspection.frame_start);
        for (place, value) in [(0, 0xe8), (0, 0xa0), (3, 0x02)] {
            let mut other = key;
            other[place] = value;
            assert!(!inspect(&other).unwrap().key_frame, "{place} {value:#x}");
        }
    }

    #[test]
    fn layer_bits_are_read() {
        let inspection = inspect(&[0xe8, 0x05, 0x50, 0x07, 0x82]).unwrap();
        assert_eq!(inspection.temporal_id, 2);
        assert!(inspection.switching_point && !inspection.key_frame);
        assert_eq!(inspect(&[0xe8, 0x05, 0x50, 0x07]), None);
    }
}
