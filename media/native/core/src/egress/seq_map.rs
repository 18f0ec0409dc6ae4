//! Output numbering of one rewritten stream: dropped packets leave no gap, lost ones do.

use std::collections::VecDeque;

/// Ranges of source numbers with one offset each that are remembered for late packets.
const MAX_RANGES: usize = 256;
/// A jump of the source above this is a restart, not loss (RFC 3550 section A.1 MAX_DROPOUT).
const MAX_GAP: u64 = 3000;

#[derive(Clone, Copy, Debug)]
struct Range {
    /// First source number of the range; it ends where the next one begins.
    first: u64,
    /// `first` goes out under this number.
    first_out: u64,
}

/// Maps extended source numbers to extended output numbers. It is injective and keeps the order, and an output
/// number stays unused only when its source packet did not arrive.
#[derive(Clone, Debug)]
pub struct SeqMap {
    /// Ascending; a source number belongs to the last range that begins at or before it.
    ranges: VecDeque<Range>,
    highest_src: Option<u64>,
    last_out: u64,
    /// Numbers left out before the next source; `None` = no switch is waiting.
    pending_switch: Option<u64>,
}

impl SeqMap {
    /// The first packet goes out under `first_out`, which is above 0.
    pub fn new(first_out: u64) -> Self {
        Self {
            ranges: VecDeque::with_capacity(MAX_RANGES),
            highest_src: None,
            last_out: first_out - 1,
            pending_switch: Some(0),
        }
    }

    /// Leaves numbers as they are until something is dropped or the source jumps; `newest` is the first packet to
    /// come, and those that it overtook keep their numbers too.
    pub fn identity(newest: u64) -> Self {
        let mut map = Self::new(1);
        let first = newest.saturating_sub(MAX_GAP);
        map.push(Range {
            first,
            first_out: first,
        });
        map.highest_src = Some(newest.saturating_sub(1));
        map.last_out = newest.saturating_sub(1);
        map.pending_switch = None;
        map
    }

    /// The next packet comes from another source: it continues after the last number, with `gap` numbers left
    /// out (1 when the last frame was cut short, so that the receiver sees that it is incomplete).
    pub fn switch(&mut self, gap: u64) {
        let fresh = self.highest_src.is_none() && self.ranges.is_empty();
        self.pending_switch = Some(if fresh { self.pending_switch.unwrap_or(0) } else { gap });
    }

    /// Output number of a packet that is to be sent; `None` = it was dropped before, is from before the switch,
    /// or so late that its range is forgotten. A number that was sent before maps to the same number again.
    pub fn forward(&mut self, src: u64) -> Option<u64> {
        if let Some(gap) = self.pending_switch.take() {
            self.begin(src, gap);
            return Some(self.last_out);
        }
        let highest = self.highest_src.unwrap_or(src);
        if src > highest + MAX_GAP {
            self.begin(src, 1);
            return Some(self.last_out);
        }
        let out = self.lookup(src)?;
        if src > highest {
            self.highest_src = Some(src);
            self.last_out = out;
        }
        Some(out)
    }

    /// Drops a packet on purpose: later ones move up. A late one has its number already; it stays unused.
    pub fn skip(&mut self, src: u64) {
        if self.pending_switch.is_some() {
            return;
        }
        let Some(highest) = self.highest_src else { return };
        if src <= highest {
            return;
        }
        if src > highest + MAX_GAP {
            self.switch(1);
            return;
        }
        let Some(out) = self.lookup(src) else { return };
        self.highest_src = Some(src);
        self.last_out = out - 1;
        match self.ranges.back_mut() {
            Some(last) if last.first == src => last.first = src + 1,
            _ => self.push(Range {
                first: src + 1,
                first_out: out,
            }),
        }
    }

    /// Output number that a source number has or would have, without a change.
    pub fn lookup(&self, src: u64) -> Option<u64> {
        let next = self.ranges.partition_point(|range| range.first <= src);
        let range = self.ranges.get(next.checked_sub(1)?)?;
        let out = range.first_out + (src - range.first);
        match self.ranges.get(next) {
            Some(following) if out >= following.first_out => None,
            _ => Some(out),
        }
    }

    /// Number of the newest output; one less than the first before anything was sent.
    pub fn last_out(&self) -> u64 {
        self.last_out
    }

    /// Newest source number that was forwarded or skipped since the last switch.
    pub fn highest_src(&self) -> Option<u64> {
        if self.pending_switch.is_some() {
            None
        } else {
            self.highest_src
        }
    }

    fn begin(&mut self, src: u64, gap: u64) {
        self.ranges.clear();
        self.last_out += 1 + gap;
        self.highest_src = Some(src);
        self.push(Range {
            first: src,
            first_out: self.last_out,
        });
    }

    fn push(&mut self, range: Range) {
        if self.ranges.len() == MAX_RANGES {
            self.ranges.pop_front();
        }
        self.ranges.push_back(range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_dropped_packet_leaves_no_gap_and_a_lost_one_does() {
        let mut map = SeqMap::new(100);
        assert_eq!(map.forward(5), Some(100));
        map.skip(6);
        assert_eq!(map.forward(7), Some(101));
        assert_eq!(map.forward(9), Some(103));
        assert_eq!(map.forward(8), Some(102));
        assert_eq!(map.forward(6), None);
        assert_eq!(map.forward(4), None);
    }

    #[test]
    fn a_late_packet_uses_the_offset_of_its_time() {
        let mut map = SeqMap::new(1);
        map.forward(10);
        map.skip(12);
        map.skip(13);
        assert_eq!(map.forward(14), Some(3));
        assert_eq!(map.forward(11), Some(2));
    }

    #[test]
    fn a_switch_continues_after_the_last_number() {
        let mut map = SeqMap::new(65_535);
        map.switch(1);
        assert_eq!(map.forward(5), Some(65_535));
        map.switch(0);
        assert_eq!(map.forward(90_000), Some(65_536));
        map.switch(1);
        map.skip(3);
        assert_eq!(map.forward(7), Some(65_538));
        assert_eq!(map.forward(90_001), Some(65_540), "a leap up restarts the numbering");
    }

    #[test]
    fn identity_keeps_numbers_until_a_drop_or_a_jump() {
        let mut map = SeqMap::identity(70_000);
        assert_eq!(map.forward(70_000), Some(70_000));
        assert_eq!(map.forward(69_990), Some(69_990));
        map.skip(70_001);
        assert_eq!(map.forward(70_002), Some(70_001));
        assert_eq!(map.forward(500_000), Some(70_003), "a jump leaves one number out");
    }

    #[test]
    fn a_drop_at_the_very_end_is_not_sent_again() {
        let mut map = SeqMap::new(1);
        map.forward(10);
        map.skip(11);
        assert_eq!(map.forward(11), None);
        assert_eq!(map.last_out(), 1);
        assert_eq!(map.forward(12), Some(2));
    }

    #[derive(Clone, Copy, Debug)]
    enum Fate {
        Forward,
        Drop,
        Lose,
    }

    fn fate() -> impl Strategy<Value = Fate> {
        prop_oneof![6 => Just(Fate::Forward), 3 => Just(Fate::Drop), 1 => Just(Fate::Lose)]
    }

    proptest! {
        /// Model: in-order delivery of every packet, numbering those that are not dropped. A reordered run must give
        /// the same numbers to what it forwards in order, and never collide or change the order.
        #[test]
        fn numbering_is_injective_ordered_and_gaps_are_upstream_loss(
            fates in prop::collection::vec(fate(), 2..600),
            delays in prop::collection::vec(0usize..6, 600),
            first_out in 1u64..200_000,
        ) {
            let base = 65_000u64;
            let mut order: Vec<usize> = (0..fates.len()).collect();
            order.sort_by_key(|&index| index + delays[index]);
            let mut map = SeqMap::new(first_out);
            let mut sent: BTreeMap<u64, u64> = BTreeMap::new();
            let mut late_drop = vec![false; fates.len()];
            let mut newest = None;
            for &index in &order {
                let src = base + index as u64;
                match fates[index] {
                    Fate::Lose => {}
                    Fate::Drop => {
                        // A number that is passed, or before the first packet, cannot be taken back.
                        late_drop[index] = newest.is_none_or(|newest| src < newest);
                        map.skip(src);
                        if newest.is_some() { newest = newest.max(Some(src)); }
                    }
                    Fate::Forward => {
                        if let Some(out) = map.forward(src) {
                            sent.insert(src, out);
                        }
                        newest = newest.max(Some(src));
                    }
                }
            }
            let Some((&first_src, _)) = sent.iter().next() else { return Ok(()) };
            let pairs: Vec<(u64, u64)> = sent.into_iter().collect();
            for pair in pairs.windows(2) {
                let ((src_a, out_a), (src_b, out_b)) = (pair[0], pair[1]);
                prop_assert!(out_a < out_b, "order and injectivity: {pair:?}");
                let unused = out_b - out_a - 1;
                let between = (src_a + 1..src_b).map(|src| (src - base) as usize);
                let not_dropped = between
                    .filter(|&index| !matches!(fates[index], Fate::Drop) || late_drop[index])
                    .count() as u64;
                prop_assert_eq!(unused, not_dropped, "gap between {} and {}", src_a, src_b);
            }
            // Everything after the first sent packet that was to be forwarded has been.
            let wanted = fates.iter().enumerate()
                .filter(|(index, fate)| matches!(fate, Fate::Forward) && base + *index as u64 >= first_src).count();
            prop_assert_eq!(pairs.len(), wanted);
        }
    }
}
