//! Which of the last numbers were seen (RFC 3711 section 3.3.2).

/// Numbers that are remembered; 512 packets are about 0.4 s of a 1080p screen at 12 Mbit/s.
pub(super) const WINDOW: u64 = 512;
const WORDS: usize = WINDOW as usize / 64;

/// A sliding window, one bit for each number, the place given by the number itself.
#[derive(Clone, Debug, Default)]
pub(super) struct ReplayWindow {
    highest: Option<u64>,
    seen: [u64; WORDS],
}

impl ReplayWindow {
    pub(super) fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// True when `index` is inside the window or ahead of it and was not accepted before.
    pub(super) fn is_fresh(&self, index: u64) -> bool {
        match self.highest {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) => highest - index < WINDOW && !self.bit(index),
        }
    }

    /// Marks an authenticated, fresh number.
    pub(super) fn accept(&mut self, index: u64) {
        if let Some(highest) = self.highest {
            if index - highest.min(index) >= WINDOW {
                self.seen = [0; WORDS];
            } else {
                for skipped in highest + 1..=index {
                    self.seen[word(skipped)] &= !mask(skipped);
                }
            }
        }
        self.highest = self.highest.max(Some(index));
        self.seen[word(index)] |= mask(index);
    }

    fn bit(&self, index: u64) -> bool {
        self.seen[word(index)] & mask(index) != 0
    }
}

fn word(index: u64) -> usize {
    (index % WINDOW / 64) as usize
}

fn mask(index: u64) -> u64 {
    1 << (index % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_window_agrees_with_a_set(steps in prop::collection::vec(-600i64..700, 1..400)) {
            let mut window = ReplayWindow::default();
            let mut accepted = BTreeSet::new();
            let mut at = 5000i64;
            for step in steps {
                at = (at + step).max(0);
                let index = at as u64;
                let in_window = accepted.last().is_none_or(|highest| index + WINDOW > *highest);
                let fresh = in_window && !accepted.contains(&index);
                prop_assert_eq!(window.is_fresh(index), fresh);
                if fresh {
                    window.accept(index);
                    accepted.insert(index);
                }
                prop_assert_eq!(window.highest(), accepted.last().copied());
            }
        }
    }
}
