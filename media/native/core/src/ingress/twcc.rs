//! Arrival times of one publisher's packets for transport-wide feedback
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use crate::id::Ssrc;
use crate::rtcp::Writer;
use crate::seq::{Step, Unwrapper};

/// When feedback is sent.
#[derive(Clone, Copy, Debug)]
pub struct TwccConfig {
    /// Shortest interval, microseconds.
    pub min_interval_us: u64,
    /// Longest interval, microseconds.
    pub max_interval_us: u64,
    /// Share of the received rate that feedback may take, percent.
    pub share_percent: u64,
    /// Arrivals remembered between two messages; more and one is due at once.
    pub max_pending: usize,
}

impl Default for TwccConfig {
    fn default() -> Self {
        Self {
            min_interval_us: 50_000,
            max_interval_us: 100_000,
            share_percent: 5,
            max_pending: 512,
        }
    }
}

/// A message's usual size with its share of headers, bytes.
const FEEDBACK_BYTES: u64 = 120;
/// Longest loss before an arrival that is worth telling, packets.
const MAX_LOSS_TOLD: u64 = 2000;

/// Records arrivals of one peer.
#[derive(Clone, Debug)]
pub struct TwccRecorder {
    config: TwccConfig,
    unwrapper: Unwrapper,
    /// (number, arrival), ascending; reordered arrivals are put in place.
    pending: Vec<(u64, u64)>,
    /// First number that no message told of yet.
    next: u64,
    feedback_count: u8,
    media: Option<Ssrc>,
    last_us: Option<u64>,
    bytes: u64,
}

impl TwccRecorder {
    /// Reserves its list at once.
    pub fn new(config: TwccConfig) -> Self {
        Self {
            config,
            unwrapper: Unwrapper::new(),
            pending: Vec::with_capacity(config.max_pending),
            next: 0,
            feedback_count: 0,
            media: None,
            last_us: None,
            bytes: 0,
        }
    }

    /// Takes a packet. A duplicate keeps its first arrival. `media` is `None` for a probe: browsers ignore feedback
    /// that names an SSRC which is none of their streams.
    pub fn on_packet(&mut self, seq: u16, media: Option<Ssrc>, arrival_us: u64, bytes: usize) {
        let first = self.unwrapper.highest().is_none();
        let seq = match self.unwrapper.push(seq) {
            Step::Ahead(seq) | Step::Late(seq) => seq,
            Step::Reset(seq) => {
                self.pending.clear();
                self.next = seq;
                seq
            }
            Step::Suspect => return,
        };
        if first {
            self.next = seq;
            self.last_us = Some(arrival_us);
        }
        self.media = media.or(self.media);
        self.bytes += bytes as u64;
        if self.pending.len() == self.config.max_pending {
            return;
        }
        let place = self.pending.partition_point(|&(known, _)| known < seq);
        if self.pending.get(place).is_none_or(|&(known, _)| known != seq) {
            self.pending.insert(place, (seq, arrival_us));
        }
    }

    /// When a message is due, monotonic microseconds.
    pub fn next_timeout(&self) -> Option<u64> {
        if self.pending.is_empty() {
            return None;
        }
        let last = self.last_us?;
        if self.pending.len() == self.config.max_pending {
            return Some(last);
        }
        // The interval at which messages take their share of what came in since the last one.
        let allowed = (self.bytes * self.config.share_percent / 100).max(1);
        let scaled = self.config.max_interval_us * FEEDBACK_BYTES / allowed;
        Some(last + scaled.clamp(self.config.min_interval_us, self.config.max_interval_us))
    }

    /// Writes the messages that are due into a compound packet; returns how many.
    pub fn write(&mut self, now_us: u64, sender: Ssrc, writer: &mut Writer<'_>) -> usize {
        let (Some(due), Some(media)) = (self.next_timeout(), self.media) else {
            return 0;
        };
        if due > now_us {
            return 0;
        }
        let mut messages = 0;
        while let Some(&(first, _)) = self.pending.first() {
            // Arrivals after their neighbours were told of go alone, so that those are not called lost.
            let late = first < self.next;
            let end = if late { self.contiguous() } else { self.pending.len() };
            let base = if late {
                first
            } else {
                self.next.max(first.saturating_sub(MAX_LOSS_TOLD))
            };
            let arrivals = &self.pending[..end];
            let Ok(told) = writer.transport_feedback(sender, media, base, self.feedback_count, arrivals) else {
                break;
            };
            self.next = self.next.max(self.pending[told - 1].0 + 1);
            self.pending.drain(..told);
            self.feedback_count = self.feedback_count.wrapping_add(1);
            messages += 1;
        }
        self.last_us = Some(now_us);
        self.bytes = 0;
        messages
    }

    /// Length of the first run without a gap.
    fn contiguous(&self) -> usize {
        let first = self.pending[0].0;
        self.pending
            .iter()
            .zip(first..)
            .take_while(|((seq, _), expected)| seq == expected && seq < &self.next)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::{packets, Packet};
    use std::collections::BTreeMap;

    const MEDIA: Ssrc = Ssrc(77);

    /// Statuses of all messages that are due, the first word on a number being the last.
    fn told(recorder: &mut TwccRecorder, now_us: u64, known: &mut BTreeMap<u16, Option<i64>>) -> usize {
        let mut buf = [0; 1400];
        let mut writer = Writer::new(&mut buf);
        let messages = recorder.write(now_us, Ssrc(1), &mut writer);
        let len = writer.len();
        for packet in packets(&buf[..len]) {
            let Ok(Packet::TransportFeedback(feedback)) = packet else {
                panic!("only feedback is written")
            };
            assert_eq!(feedback.media, MEDIA);
            for status in feedback.statuses() {
                let entry = known.entry(status.seq).or_default();
                *entry = entry.or(status.arrival_us);
            }
        }
        messages
    }

    #[test]
    fn a_probe_of_ssrc_zero_does_not_take_the_place_of_a_stream_in_feedback() {
        let mut recorder = TwccRecorder::new(TwccConfig::default());
        recorder.on_packet(1, None, 900_000, 100);
        let mut buf = [0; 1200];
        let told = recorder.write(2_000_000, Ssrc(1), &mut Writer::new(&mut buf));
        assert_eq!(told, 0, "no stream is known that feedback could name");
        recorder.on_packet(2, Some(MEDIA), 2_000_000, 1200);
        recorder.on_packet(3, None, 2_001_000, 100);
        let told = recorder.write(3_000_000, Ssrc(1), &mut Writer::new(&mut buf));
        assert_eq!(told, 1);
        assert_eq!(buf[8..12], MEDIA.0.to_be_bytes());
    }

    #[test]
    fn loss_and_reordering_over_the_wrap_are_told() {
        let mut recorder = TwccRecorder::new(TwccConfig::default());
        let mut known = BTreeMap::new();
        for (at, seq) in [(0, 65_534), (1, 65_535), (3, 1), (2, 0), (6, 4)] {
            recorder.on_packet(seq, Some(MEDIA), 64_000_000 + at * 1000, 100);
        }
        assert_eq!(recorder.next_timeout(), Some(64_100_000));
        assert_eq!(told(&mut recorder, 64_099_999, &mut known), 0);
        assert_eq!(told(&mut recorder, 64_100_000, &mut known), 1);
        let expected = [(65_534, 0), (65_535, 1), (0, 2), (1, 3), (4, 6)];
        for (seq, at) in expected {
            assert_eq!(known[&seq], Some(64_000_000 + at * 1000), "{seq}");
        }
        assert_eq!((known[&2], known[&3], known.len()), (None, None, 7));
        assert_eq!(recorder.next_timeout(), None);
    }

    #[test]
    fn an_arrival_after_its_neighbours_were_told_does_not_call_them_lost() {
        let mut recorder = TwccRecorder::new(TwccConfig::default());
        let mut known = BTreeMap::new();
        for seq in [10, 12, 14] {
            recorder.on_packet(seq, Some(MEDIA), 1_000_000, 1200);
        }
        told(&mut recorder, 1_100_000, &mut known);
        for seq in [11, 13, 16] {
            recorder.on_packet(seq, Some(MEDIA), 1_150_000, 1200);
        }
        let mut second = BTreeMap::new();
        assert_eq!(told(&mut recorder, 1_200_000, &mut second), 3);
        assert_eq!(second.keys().copied().collect::<Vec<_>>(), [11, 13, 15, 16]);
        assert_eq!(second[&15], None);
    }

    #[test]
    fn a_fast_stream_is_answered_each_50_ms() {
        let mut recorder = TwccRecorder::new(TwccConfig::default());
        for seq in 0..60 {
            recorder.on_packet(seq, Some(MEDIA), 1_000_000, 1200);
        }
        assert_eq!(recorder.next_timeout(), Some(1_050_000));
    }

    #[test]
    fn a_flood_is_due_at_once_and_bounded() {
        let mut recorder = TwccRecorder::new(TwccConfig {
            max_pending: 16,
            ..TwccConfig::default()
        });
        for seq in 0..100 {
            recorder.on_packet(seq, Some(MEDIA), 1_000_000, 10);
        }
        assert_eq!(recorder.next_timeout(), Some(1_000_000));
        let mut known = BTreeMap::new();
        told(&mut recorder, 1_000_000, &mut known);
        assert_eq!(known.len(), 16);
    }
}
