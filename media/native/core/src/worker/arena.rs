//! Values under small numbers, so that a packet finds its peer and its track without hashing.

use std::collections::HashMap;
use std::hash::Hash;

/// Values in slots that are used again; each is also found by its id.
#[derive(Debug)]
pub(crate) struct Arena<K, V> {
    values: Vec<Option<V>>,
    free: Vec<usize>,
    index: HashMap<K, usize>,
}

impl<K: Hash + Eq + Copy, V> Arena<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            values: Vec::new(),
            free: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// Puts `value` under `id`; an older value of this id is lost.
    pub(crate) fn insert(&mut self, id: K, value: V) -> usize {
        self.remove(id);
        let at = self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() - 1
        });
        self.values[at] = Some(value);
        self.index.insert(id, at);
        at
    }

    pub(crate) fn remove(&mut self, id: K) -> Option<V> {
        let at = self.index.remove(&id)?;
        self.free.push(at);
        self.values[at].take()
    }

    pub(crate) fn at(&self, id: K) -> Option<usize> {
        self.index.get(&id).copied()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&V> {
        self.values.get(at)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut V> {
        self.values.get_mut(at)?.as_mut()
    }

    pub(crate) fn by_id(&mut self, id: K) -> Option<&mut V> {
        let at = self.at(id)?;
        self.get_mut(at)
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// One more than the highest position in use or free.
    pub(crate) fn end(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &V)> {
        self.values
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value.as_ref()?)))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut V)> {
        self.values
            .iter_mut()
            .enumerate()
            .filter_map(|(at, value)| Some((at, value.as_mut()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_used_again_and_ids_are_forgotten() {
        let mut arena = Arena::new();
        let first = arena.insert(7u64, "seven");
        assert_eq!(arena.remove(7), Some("seven"));
        assert_eq!(arena.insert(8, "eight"), first);
        assert_eq!(arena.at(7), None);
        assert_eq!(arena.by_id(8), Some(&mut "eight"));
        assert_eq!((arena.len(), arena.end()), (1, 1));
    }
}
