//! The peers, tracks and taps of one group as one worker sees them.

use crate::id::TapId;
use crate::loudest::{Loudest, LoudestConfig};

/// Positions in the worker's arenas, and who listens to everything.
#[derive(Debug)]
pub(crate) struct Group {
    /// Peers that this worker owns.
    pub(crate) peers: Vec<usize>,
    /// All tracks of the group, from every worker.
    pub(crate) tracks: Vec<usize>,
    pub(crate) taps: Vec<TapId>,
    pub(crate) loudest: Loudest,
    /// Slots of this worker that are filled by loudness; without any, no audio needs to come here.
    pub(crate) loudest_slots: usize,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            peers: Vec::new(),
            tracks: Vec::new(),
            taps: Vec::new(),
            loudest: Loudest::new(LoudestConfig::default()),
            loudest_slots: 0,
        }
    }
}

impl Group {
    pub(crate) fn is_empty(&self) -> bool {
        self.peers.is_empty() && self.tracks.is_empty() && self.taps.is_empty()
    }

    pub(crate) fn forget_peer(&mut self, at: usize) {
        self.peers.retain(|peer| *peer != at);
    }

    pub(crate) fn forget_track(&mut self, at: usize) {
        self.tracks.retain(|track| *track != at);
    }
}
