//! Continuous VP8 picture ids and indices over layer switches and dropped frames (RFC 7741 section 4.2).

use crate::egress::seq_map::SeqMap;
use crate::packet::{Inspection, PictureId};

/// What to write over a packet's payload descriptor; small enough to be remembered for retransmission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vp8Patch {
    /// Offset, value and width in bits (7 or 15), as received.
    picture_id: Option<PictureId>,
    /// Offset and new byte.
    tl0_pic_idx: Option<(u8, u8)>,
    /// Offset and new low five bits.
    key_idx: Option<(u8, u8)>,
}

impl Vp8Patch {
    /// The picture id that is sent.
    pub fn picture_id(&self) -> Option<u16> {
        self.picture_id.map(|id| id.value)
    }

    /// The TL0PICIDX that is sent.
    pub fn tl0_pic_idx(&self) -> Option<u8> {
        self.tl0_pic_idx.map(|(_, value)| value)
    }

    /// Writes into a copy of the payload that the inspection was made from.
    pub fn apply(&self, payload: &mut [u8]) {
        if let Some(id) = self.picture_id {
            let at = usize::from(id.offset);
            if id.bits == 15 {
                if let Some([high, low]) = payload.get_mut(at..at + 2) {
                    *high = 0x80 | (id.value >> 8) as u8;
                    *low = id.value as u8;
                }
            } else if let Some(byte) = payload.get_mut(at) {
                *byte = id.value as u8 & 0x7f;
            }
        }
        if let Some((at, value)) = self.tl0_pic_idx {
            if let Some(byte) = payload.get_mut(usize::from(at)) {
                *byte = value;
            }
        }
        if let Some((at, value)) = self.key_idx {
            if let Some(byte) = payload.get_mut(usize::from(at)) {
                *byte = *byte & 0xe0 | value & 0x1f;
            }
        }
    }
}

/// Rewriting state of one outgoing stream. Picture ids are numbered like packets: a frame that is dropped on
/// purpose leaves no gap, a late packet uses the offset of its frame's time.
#[derive(Clone, Debug)]
pub struct Vp8Rewriter {
    pictures: SeqMap,
    /// Newest picture id of the source, extended.
    newest: Option<u64>,
    tl0: IndexOffset,
    key: IndexOffset,
}

impl Default for Vp8Rewriter {
    fn default() -> Self {
        // A cycle up, so that a late picture has an extended number too.
        Self {
            pictures: SeqMap::new(1 << 15),
            newest: None,
            tl0: IndexOffset::default(),
            key: IndexOffset::default(),
        }
    }
}

impl Vp8Rewriter {
    /// The next packet is of another source; its picture follows the last one that was sent.
    pub fn switch(&mut self) {
        self.pictures.switch(0);
        self.newest = None;
        self.tl0.rebase = true;
        self.key.rebase = true;
    }

    /// Patch for a packet that is sent; `None` = its picture was dropped on purpose or is from before the switch.
    pub fn forward(&mut self, inspection: &Inspection) -> Option<Vp8Patch> {
        let mut patch = Vp8Patch::default();
        if let Some(id) = inspection.picture_id {
            let extended = self.extend(id);
            let out = self.pictures.forward(extended)?;
            patch.picture_id = Some(PictureId {
                value: out as u16 & mask(id.bits),
                ..id
            });
        }
        if let Some((at, value)) = inspection.tl0_pic_idx {
            patch.tl0_pic_idx = Some((at, self.tl0.map(value)));
        }
        if let Some((at, value)) = inspection.key_idx {
            patch.key_idx = Some((at, self.key.map(value & 0x1f) & 0x1f));
        }
        Some(patch)
    }

    /// A packet of a frame that is not sent; several packets of one frame count once.
    pub fn skip(&mut self, inspection: &Inspection) {
        if let Some(id) = inspection.picture_id {
            let extended = self.extend(id);
            self.pictures.skip(extended);
        }
    }

    fn extend(&mut self, id: PictureId) -> u64 {
        let cycle = u64::from(mask(id.bits)) + 1;
        let value = u64::from(id.value & mask(id.bits));
        let Some(newest) = self.newest else {
            let first = (1 << 16) + value;
            self.newest = Some(first);
            return first;
        };
        let ahead = value.wrapping_sub(newest) & (cycle - 1);
        let extended = if ahead < cycle / 2 {
            newest + ahead
        } else {
            newest.saturating_sub(cycle - ahead)
        };
        self.newest = Some(newest.max(extended));
        extended
    }
}

fn mask(bits: u8) -> u16 {
    if bits == 15 {
        0x7fff
    } else {
        0x7f
    }
}

/// An index that keeps one offset for a whole source: nothing that advances it is dropped on purpose.
#[derive(Clone, Debug, Default)]
struct IndexOffset {
    offset: u8,
    newest: Option<u8>,
    rebase: bool,
}

impl IndexOffset {
    fn map(&mut self, value: u8) -> u8 {
        if self.rebase {
            self.rebase = false;
            if let Some(newest) = self.newest {
                self.offset = value.wrapping_sub(newest.wrapping_add(1));
                self.newest = None;
            }
        }
        let out = value.wrapping_sub(self.offset);
        match self.newest {
            Some(newest) if crate::seq::byte_diff(out, newest) <= 0 => {}
            _ => self.newest = Some(out),
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(picture: u16, tl0: u8, bits: u8) -> Inspection {
        Inspection {
            picture_id: Some(PictureId {
                offset: 2,
                value: picture & mask(bits),
                bits,
            }),
            tl0_pic_idx: Some((if bits == 15 { 4 } else { 3 }, tl0)),
            ..Inspection::default()
        }
    }

    #[test]
    fn width_and_neighbouring_bits_are_kept() {
        let mut payload = [0x90, 0xe0, 0xff, 0xff, 0x11, 0xa5];
        let patch = Vp8Patch {
            picture_id: Some(PictureId {
                offset: 2,
                value: 0x0102,
                bits: 15,
            }),
            tl0_pic_idx: Some((4, 9)),
            key_idx: Some((5, 0x1e)),
        };
        patch.apply(&mut payload);
        assert_eq!(payload, [0x90, 0xe0, 0x81, 0x02, 9, 0xbe]);
        let mut short = [0x90, 0x80, 0x7f];
        Vp8Patch {
            picture_id: Some(PictureId {
                offset: 2,
                value: 0x85,
                bits: 7,
            }),
            ..Vp8Patch::default()
        }
        .apply(&mut short);
        assert_eq!(short[2], 0x05);
        patch.apply(&mut []);
    }

    #[test]
    fn a_late_packet_of_an_earlier_frame_uses_its_offset() {
        let mut rewriter = Vp8Rewriter::default();
        let first = rewriter.forward(&frame(10, 0, 15)).unwrap().picture_id().unwrap();
        rewriter.skip(&frame(11, 0, 15));
        rewriter.skip(&frame(11, 0, 15));
        assert_eq!(
            rewriter.forward(&frame(12, 1, 15)).unwrap().picture_id(),
            Some(first + 1)
        );
        assert_eq!(rewriter.forward(&frame(10, 0, 15)).unwrap().picture_id(), Some(first));
        assert_eq!(rewriter.forward(&frame(11, 0, 15)), None);
    }

    proptest! {
        #[test]
        fn ids_are_continuous_over_wraps_drops_and_switches(
            start: u16,
            wide: bool,
            steps in prop::collection::vec((0u8..10, any::<u16>(), any::<u8>()), 1..700),
        ) {
            let bits = if wide { 15 } else { 7 };
            let mut rewriter = Vp8Rewriter::default();
            let (mut picture, mut tl0) = (start, 0u8);
            let mut last: Option<(u16, u8)> = None;
            for (kind, other_picture, other_tl0) in steps {
                match kind {
                    0 => {
                        rewriter.switch();
                        (picture, tl0) = (other_picture, other_tl0);
                    }
                    1..=3 if last.is_some() => {
                        rewriter.skip(&frame(picture, tl0, bits));
                        picture = picture.wrapping_add(1);
                        continue;
                    }
                    _ => {}
                }
                let patch = rewriter.forward(&frame(picture, tl0, bits)).unwrap();
                let sent = (patch.picture_id().unwrap(), patch.tl0_pic_idx().unwrap());
                if let Some((last_picture, last_tl0)) = last {
                    prop_assert_eq!(sent.0, last_picture.wrapping_add(1) & mask(bits));
                    prop_assert_eq!(sent.1, last_tl0.wrapping_add(1));
                }
                let second_packet = rewriter.forward(&frame(picture, tl0, bits)).unwrap();
                prop_assert_eq!(second_packet, patch);
                last = Some(sent);
                picture = picture.wrapping_add(1);
                tl0 = tl0.wrapping_add(1);
            }
        }
    }
}
