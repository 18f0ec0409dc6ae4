//! A bounded map from SSRC to state: a sorted list, quicker than hashing for the few sources of a peer.

use crate::id::Ssrc;

#[derive(Debug)]
pub(super) struct Table<T> {
    entries: Vec<(Ssrc, T)>,
    limit: usize,
}

impl<T> Table<T> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: Vec::new(),
            limit,
        }
    }

    pub(super) fn get(&self, ssrc: Ssrc) -> Option<&T> {
        let place = self.place(ssrc).ok()?;
        Some(&self.entries[place].1)
    }

    pub(super) fn get_mut(&mut self, ssrc: Ssrc) -> Option<&mut T> {
        let place = self.place(ssrc).ok()?;
        Some(&mut self.entries[place].1)
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= self.limit
    }

    /// Adds the state of a source that has none.
    pub(super) fn insert(&mut self, ssrc: Ssrc, state: T) {
        if let Err(place) = self.place(ssrc) {
            self.entries.insert(place, (ssrc, state));
        }
    }

    /// Removes the source whose state has the smallest key.
    pub(super) fn remove_min_by_key(&mut self, key: impl Fn(&T) -> u64) {
        let smallest = (0..self.entries.len()).min_by_key(|place| key(&self.entries[*place].1));
        if let Some(place) = smallest {
            self.entries.remove(place);
        }
    }

    fn place(&self, ssrc: Ssrc) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&ssrc, |entry| entry.0)
    }
}
