//! Which worker looks after which peer.

use std::collections::HashMap;

use muster_core::id::PeerId;

/// Which worker owns which peer.
pub(crate) struct Peers {
    pub(crate) owners: HashMap<PeerId, usize>,
    /// Peers of each worker.
    pub(crate) load: Vec<usize>,
}

impl Peers {
    /// The peer's worker; a new peer goes to the one with the fewest.
    pub(crate) fn owner_or_new(&mut self, peer: PeerId) -> usize {
        let Self { owners, load } = self;
        *owners.entry(peer).or_insert_with(|| {
            let least = (0..load.len()).min_by_key(|worker| load[*worker]).unwrap_or(0);
            load[least] += 1;
            least
        })
    }

    pub(crate) fn forget(&mut self, peer: PeerId) -> bool {
        match self.owners.remove(&peer) {
            Some(worker) => {
                self.load[worker] -= 1;
                true
            }
            None => false,
        }
    }
}
