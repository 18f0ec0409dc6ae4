//! AV1 (RTP payload format section 4.4; dependency descriptor, its appendix A).

use crate::packet::Inspection;

/// None for a payload without an OBU after the aggregation header. Temporal layers need the templates of the
/// dependency descriptor and are not told apart.
pub fn inspect(payload: &[u8], dd: &[u8]) -> Option<Inspection> {
    let header = *payload.first()?;
    payload.get(1)?;
    let continues = header & 0x80 != 0;
    let new_sequence = header & 0x08 != 0;
    let (frame_start, structure) = match Descriptor::parse(dd) {
        Some(descriptor) => (descriptor.frame_start, descriptor.structure),
        None => (!continues, false),
    };
    Some(Inspection {
        // N promises the first packet of a coded video sequence, and never stands with Z.
        key_frame: !continues && (new_sequence || structure && frame_start),
        frame_start,
        ..Inspection::default()
    })
}

struct Descriptor {
    frame_start: bool,
    /// A template structure is attached, which happens at key frames only.
    structure: bool,
}

impl Descriptor {
    /// Three mandatory bytes, then the flags of the extended part.
    fn parse(dd: &[u8]) -> Option<Self> {
        let [first, _, _, rest @ ..] = dd else { return None };
        Some(Self {
            frame_start: first & 0x80 != 0,
            structure: rest.first().is_some_and(|flags| flags & 0x80 != 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_coded_video_sequence_is_a_key_frame() {
        let inspection = inspect(&[0x18, 0x0a], &[]).unwrap();
        assert!(inspection.key_frame && inspection.frame_start);
        assert!(!inspect(&[0x10, 0x32], &[]).unwrap().key_frame);
        assert!(!inspect(&[0x98, 0x0a], &[]).unwrap().key_frame);
        assert_eq!(inspect(&[0x18], &[]), None);
    }

    #[test]
    fn the_dependency_descriptor_tells_frame_start_and_key_frame() {
        let key = inspect(&[0x10, 0x0a], &[0xc0, 0, 1, 0x80, 0]).unwrap();
        assert!(key.key_frame && key.frame_start);
        let delta = inspect(&[0x10, 0x32], &[0x80, 0, 2]).unwrap();
        assert!(!delta.key_frame && delta.frame_start);
        let middle = inspect(&[0x10, 0x32], &[0x00, 0, 2]).unwrap();
        assert!(!middle.frame_start);
    }
}
