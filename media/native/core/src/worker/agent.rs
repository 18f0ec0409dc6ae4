//! ICE-lite of one peer: its credentials, the addresses that passed a check, and the selected one.

use std::collections::HashMap;

use super::config::WorkerConfig;
use crate::api::Tuple;
use crate::id::{PeerId, WorkerId};
use crate::stun::IntegrityKey;

#[derive(Clone, Debug)]
pub(super) struct Credentials {
    pub(super) ufrag: String,
    pub(super) key: IntegrityKey,
    pub(super) remote_ufrag: String,
    pub(super) generation: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) tuple: Tuple,
    pub(super) generation: u32,
    pub(super) checked_us: u64,
    pub(super) heard_us: u64,
}

#[derive(Debug)]
pub(super) struct Agent {
    pub(super) owner: WorkerId,
    pub(super) current: Credentials,
    /// Of before an ICE restart; the time says when they end, once the new path is nominated.
    pub(super) previous: Option<(Credentials, Option<u64>)>,
    pub(super) paths: Vec<Path>,
    pub(super) selected: Option<Tuple>,
    /// Generation of the credentials that nominated the selected path.
    pub(super) nominated: u32,
    /// The peer itself named the selected path (USE-CANDIDATE); else it is only the first that we heard of.
    pub(super) confirmed: bool,
    /// Last valid check.
    pub(super) consent_us: Option<u64>,
}

impl Agent {
    /// Notes a valid check; gives the address that had to go when there are too many.
    pub(super) fn remember(&mut self, now_us: u64, from: Tuple, generation: u32, limit: u64) -> Option<Tuple> {
        if let Some(path) = self.paths.iter_mut().find(|path| path.tuple == from) {
            path.checked_us = now_us;
            path.heard_us = now_us;
            path.generation = path.generation.max(generation);
            return None;
        }
        let mut evicted = None;
        if self.paths.len() as u64 >= limit.max(2) {
            let selected = self.selected;
            let candidates = self
                .paths
                .iter()
                .enumerate()
                .filter(|(_, path)| Some(path.tuple) != selected);
            let oldest = candidates
                .min_by_key(|(_, path)| path.checked_us)
                .map(|(index, _)| index);
            evicted = oldest.map(|index| self.paths.swap_remove(index).tuple);
        }
        self.paths.push(Path {
            tuple: from,
            generation,
            checked_us: now_us,
            heard_us: now_us,
        });
        evicted
    }

    /// Whether the path to send on changed. An old generation never takes over from a newer one.
    pub(super) fn select(
        &mut self,
        now_us: u64,
        from: Tuple,
        generation: u32,
        nominate: bool,
        config: &WorkerConfig,
    ) -> bool {
        if generation < self.nominated && self.selected.is_some() {
            return false;
        }
        let silent = self.selected.is_none_or(|selected| {
            let heard = self
                .paths
                .iter()
                .find(|path| path.tuple == selected)
                .map(|path| path.heard_us);
            heard.is_none_or(|at| now_us.saturating_sub(at) >= config.rebind_silence_us)
        });
        let moves = self.selected != Some(from) && (nominate || silent);
        if moves || nominate {
            self.confirmed = nominate;
        }
        let renewed = generation > self.nominated && (nominate || moves);
        if !moves && !renewed {
            return false;
        }
        self.selected = Some(from);
        self.nominated = generation;
        if generation == self.current.generation {
            if let Some((_, end)) = &mut self.previous {
                end.get_or_insert(now_us + config.ice_restart_overlap_us);
            }
        }
        true
    }

    pub(super) fn select_best(&mut self) {
        let best = self.paths.iter().max_by_key(|path| (path.generation, path.checked_us));
        self.selected = best.map(|path| path.tuple);
    }

    pub(super) fn drop_paths(&mut self, tuples: &mut HashMap<Tuple, PeerId>, mut ends: impl FnMut(&Path) -> bool) {
        self.paths.retain(|path| {
            let drop = ends(path);
            if drop {
                tuples.remove(&path.tuple);
            }
            !drop
        });
    }
}
