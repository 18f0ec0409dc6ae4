//! Counting windows of one second: cheap, bounded, and good enough against floods.

use std::collections::HashMap;
use std::hash::Hash;

use super::config::WorkerConfig;

const WINDOW_US: u64 = 1_000_000;

/// Events of one source in the current second.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    start_us: u64,
    count: u64,
}

impl Window {
    /// Counts `amount` and says whether the second's `limit` still holds.
    pub(crate) fn take(&mut self, now_us: u64, amount: u64, limit: u64) -> bool {
        if now_us.saturating_sub(self.start_us) >= WINDOW_US {
            self.start_us = now_us;
            self.count = 0;
        }
        self.count = self.count.saturating_add(amount);
        self.count <= limit
    }
}

/// Events of many sources; forgets all of them each second, so its memory is bounded by one second's sources.
#[derive(Debug)]
pub(crate) struct Windows<K> {
    start_us: u64,
    counts: HashMap<K, u64>,
}

impl<K: Hash + Eq> Windows<K> {
    pub(crate) fn new() -> Self {
        Self {
            start_us: 0,
            counts: HashMap::new(),
        }
    }

    /// Counts one event of `source`; false over `limit`, or when `sources` others were seen this second.
    pub(crate) fn take(&mut self, now_us: u64, source: K, limit: u64, sources: u64) -> bool {
        if now_us.saturating_sub(self.start_us) >= WINDOW_US {
            self.start_us = now_us;
            self.counts.clear();
        }
        if self.counts.len() as u64 >= sources && !self.counts.contains_key(&source) {
            return false;
        }
        let count = self.counts.entry(source).or_default();
        *count += 1;
        *count <= limit
    }
}

/// Limits on the wire side of one peer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PeerLimits {
    dtls: Window,
    rtp: Window,
    rtcp: Window,
    key_frames: Window,
}

impl PeerLimits {
    pub(crate) fn dtls(&mut self, now_us: u64, config: &WorkerConfig) -> bool {
        self.dtls.take(now_us, 1, config.dtls_per_second)
    }

    pub(crate) fn rtp(&mut self, now_us: u64, config: &WorkerConfig) -> bool {
        self.rtp.take(now_us, 1, config.rtp_per_second)
    }

    pub(crate) fn rtcp(&mut self, now_us: u64, config: &WorkerConfig) -> bool {
        self.rtcp.take(now_us, 1, config.rtcp_per_second)
    }

    pub(crate) fn key_frames(&mut self, now_us: u64, config: &WorkerConfig) -> bool {
        self.key_frames.take(now_us, 1, config.key_frame_requests_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_allows_its_limit_each_second() {
        let mut window = Window::default();
        let allowed = (0..100).filter(|_| window.take(5_000_000, 1, 20)).count();
        assert_eq!(allowed, 20);
        assert!(window.take(6_000_000, 1, 20));
    }

    #[test]
    fn windows_refuse_new_sources_when_full_and_forget_them_after_a_second() {
        let mut windows = Windows::new();
        assert!(windows.take(0, 1, 5, 2) && windows.take(0, 2, 5, 2));
        assert!(!windows.take(0, 3, 5, 2));
        assert!(windows.take(0, 1, 5, 2));
        assert!(windows.take(1_000_000, 3, 5, 2));
        assert_eq!(windows.counts.len(), 1);
    }
}
