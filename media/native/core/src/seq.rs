//! The one place for wrapping arithmetic on sequence numbers and timestamps (RFC 3550 section A.1, RFC 1982).

/// Signed distance from `b` to `a` on the 16-bit circle, -32768..=32767; positive = `a` is newer.
pub fn seq_diff(a: u16, b: u16) -> i32 {
    i32::from(a.wrapping_sub(b) as i16)
}

/// True when `a` comes after `b` on the 16-bit circle.
pub fn seq_newer(a: u16, b: u16) -> bool {
    seq_diff(a, b) > 0
}

/// Signed distance from `b` to `a` on the 32-bit circle (RTP timestamps); positive = `a` is later.
pub fn ts_diff(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b) as i32
}

/// Signed distance from `b` to `a` on the 8-bit circle (FIR command numbers, TL0PICIDX).
pub fn byte_diff(a: u8, b: u8) -> i16 {
    i16::from(a.wrapping_sub(b) as i8)
}

/// The 64-bit number next to `reference` whose low 16 bits are `seq`. It is never below `seq` itself:
/// near the start of a stream an "older" number is taken for a newer one.
pub fn extend(reference: u64, seq: u16) -> u64 {
    let distance = i64::from(seq_diff(seq, reference as u16));
    match reference.checked_add_signed(distance) {
        Some(extended) => extended,
        None => u64::from(seq),
    }
}

/// What an arriving sequence number means for its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first packet, or a newer one; a gap before it is loss so far.
    Ahead(u64),
    /// An older number: reordered, recovered or a duplicate. The caller knows which.
    Late(u64),
    /// The source began anew; numbering goes on at this number, above every earlier one.
    Reset(u64),
    /// Too far away to be believed before the next number confirms it (RFC 3550 section A.1).
    Suspect,
}

impl Step {
    /// The extended number, when there is one.
    pub fn seq(self) -> Option<u64> {
        match self {
            Self::Ahead(seq) | Self::Late(seq) | Self::Reset(seq) => Some(seq),
            Self::Suspect => None,
        }
    }
}

/// Extends the 16-bit numbers of one stream to 64 bit. The first number `s` becomes `65536 + s`, so that
/// packets before it have a number too.
#[derive(Clone, Debug, Default)]
pub struct Unwrapper {
    highest: Option<u64>,
    /// The number that would confirm a restart of the source.
    suspect: Option<u16>,
}

impl Unwrapper {
    /// Largest believable jump forward, in packets (RFC 3550 section A.1 MAX_DROPOUT).
    pub const MAX_DROPOUT: i32 = 3000;
    /// Largest believable step back. Wider than the 100 of RFC 3550 because NACKs recover late packets.
    pub const MAX_MISORDER: i32 = 3000;

    pub fn new() -> Self {
        Self::default()
    }

    /// Highest extended number so far.
    pub fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// Takes the number of an authenticated packet.
    pub fn push(&mut self, seq: u16) -> Step {
        let Some(highest) = self.highest else {
            let first = 0x1_0000 + u64::from(seq);
            self.highest = Some(first);
            return Step::Ahead(first);
        };
        let distance = seq_diff(seq, highest as u16);
        if (1..=Self::MAX_DROPOUT).contains(&distance) {
            let extended = highest + distance.unsigned_abs() as u64;
            self.highest = Some(extended);
            self.suspect = None;
            return Step::Ahead(extended);
        }
        if (-Self::MAX_MISORDER..=0).contains(&distance) {
            return Step::Late(extend(highest, seq));
        }
        if self.suspect == Some(seq) {
            // A whole cycle above, so that no number of the old numbering returns.
            let restarted = (highest & !0xffff) + 0x1_0000 + u64::from(seq);
            self.highest = Some(restarted);
            self.suspect = None;
            return Step::Reset(restarted);
        }
        self.suspect = Some(seq.wrapping_add(1));
        Step::Suspect
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn differences_wrap_around_zero() {
        assert_eq!(seq_diff(2, 65535), 3);
        assert_eq!(seq_diff(65535, 2), -3);
        assert_eq!(ts_diff(5, u32::MAX), 6);
        assert_eq!(byte_diff(0, 255), 1);
        assert!(seq_newer(0, 65535));
        assert!(!seq_newer(7, 7));
    }

    #[test]
    fn a_wrap_continues_the_extended_numbers() {
        let mut unwrapper = Unwrapper::new();
        let first = unwrapper.push(65534).seq().unwrap();
        assert_eq!(unwrapper.push(65535), Step::Ahead(first + 1));
        assert_eq!(unwrapper.push(1), Step::Ahead(first + 3));
        assert_eq!(unwrapper.push(0), Step::Late(first + 2));
        assert_eq!(unwrapper.push(65533), Step::Late(first - 1));
    }

    #[test]
    fn a_restarted_source_is_believed_at_its_second_packet() {
        let mut unwrapper = Unwrapper::new();
        let first = unwrapper.push(10).seq().unwrap();
        assert_eq!(unwrapper.push(30000), Step::Suspect);
        let Step::Reset(restarted) = unwrapper.push(30001) else {
            panic!("the second packet in order confirms the restart")
        };
        assert!(restarted > first);
        assert_eq!(unwrapper.push(30002), Step::Ahead(restarted + 1));
    }

    #[test]
    fn a_single_stray_number_changes_nothing() {
        let mut unwrapper = Unwrapper::new();
        let first = unwrapper.push(10).seq().unwrap();
        assert_eq!(unwrapper.push(30000), Step::Suspect);
        assert_eq!(unwrapper.push(11), Step::Ahead(first + 1));
        assert_eq!(unwrapper.push(30001), Step::Suspect);
    }

    #[test]
    fn extension_near_the_start_never_goes_below_zero() {
        assert_eq!(extend(0, 65535), 65535);
        assert_eq!(extend(65535, 0), 65536);
    }

    proptest! {
        #[test]
        fn extension_keeps_the_low_bits_and_stays_near(reference in 0x1_0000u64..1 << 48, seq: u16) {
            let extended = extend(reference, seq);
            prop_assert_eq!(extended as u16, seq);
            prop_assert!(extended.abs_diff(reference) <= 0x8000);
        }

        #[test]
        fn an_unwrapper_follows_a_reordered_stream(start: u16, jumps in prop::collection::vec(-50i64..100, 1..400)) {
            let mut unwrapper = Unwrapper::new();
            let base = unwrapper.push(start).seq().unwrap();
            let mut newest = base as i64;
            for jump in jumps {
                let expected = newest + jump;
                let step = unwrapper.push(expected as u16);
                prop_assert_eq!(step.seq(), Some(expected as u64));
                newest = newest.max(expected);
            }
        }
    }
}
