//! Frame numbers of the dependency descriptor over switches (AV1 RTP specification, appendix A.8.2).

use crate::packet::ExtensionBody;
use crate::seq::seq_newer;

/// One offset for each source: frames name those they need by the difference of numbers, so nothing may close up.
#[derive(Clone, Debug, Default)]
pub struct FrameNumbers {
    offset: u16,
    newest: Option<u16>,
    rebase: bool,
}

/// A descriptor longer than its three mandatory bytes may hold more; the number is always in the same place.
const NUMBER_AT: std::ops::Range<usize> = 1..3;

impl FrameNumbers {
    /// The next packet is of another source; its frame follows the newest one.
    pub fn switch(&mut self) {
        self.rebase = self.newest.is_some();
    }

    /// The number to send in place of the one in `descriptor`; none without a descriptor.
    pub fn forward(&mut self, descriptor: &ExtensionBody<32>) -> Option<u16> {
        let number = descriptor.as_slice().get(NUMBER_AT)?;
        let number = u16::from_be_bytes([number[0], number[1]]);
        if std::mem::take(&mut self.rebase) {
            self.offset = number.wrapping_sub(self.newest.unwrap_or(0).wrapping_add(1));
        }
        let out = number.wrapping_sub(self.offset);
        if self.newest.is_none_or(|newest| seq_newer(out, newest)) {
            self.newest = Some(out);
        }
        Some(out)
    }
}

/// The descriptor with another frame number, and its length.
pub fn renumbered(descriptor: &ExtensionBody<32>, number: u16) -> ([u8; 32], usize) {
    let body = descriptor.as_slice();
    let mut bytes = [0; 32];
    bytes[..body.len()].copy_from_slice(body);
    if body.len() >= NUMBER_AT.end {
        bytes[NUMBER_AT].copy_from_slice(&number.to_be_bytes());
    }
    (bytes, body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(number: u16) -> ExtensionBody<32> {
        let [high, low] = number.to_be_bytes();
        ExtensionBody::new(&[0xc1, high, low, 0x55])
    }

    #[test]
    fn a_switch_continues_and_differences_within_a_source_stay() {
        let mut numbers = FrameNumbers::default();
        assert_eq!(numbers.forward(&descriptor(65_534)), Some(65_534));
        assert_eq!(numbers.forward(&descriptor(1)), Some(1));
        assert_eq!(numbers.forward(&descriptor(65_535)), Some(65_535));
        numbers.switch();
        assert_eq!(numbers.forward(&descriptor(900)), Some(2));
        assert_eq!(numbers.forward(&descriptor(902)), Some(4));
        assert_eq!(numbers.forward(&ExtensionBody::default()), None);
        let (bytes, len) = renumbered(&descriptor(900), 2);
        assert_eq!(bytes[..len], [0xc1, 0, 2, 0x55]);
        assert_eq!(renumbered(&ExtensionBody::new(&[7]), 2).0[..2], [7, 0]);
    }
}
