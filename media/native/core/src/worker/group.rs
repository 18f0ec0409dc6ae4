//! The peers, tracks and taps of one group as one worker sees them.

use crate::id::TapId;

/// Positions in the worker's arenas, and who listens to everything.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Peers that this worker owns.
    pub(crate) peers: Vec<usize>,
    /// All tracks of the group, from every worker.
    pub(crate) tracks: Vec<usize>,
    pub(crate) taps: Vec<TapId>,
    /// Tracks heard by everyone, by loudness; the index is the channel that a loudest slot shows.
    pub(crate) channels: Vec<Option<usize>>,
    /// Slots of this worker that are filled by loudness; without any, no audio needs to come here.
    pub(crate) loudest_slots: usize,
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
