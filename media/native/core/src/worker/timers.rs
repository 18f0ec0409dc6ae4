//! When a worker wants to be called, and what it does then.

use super::Worker;
use crate::api::{Event, Now, Sink};
use crate::id::Layer;

const SECOND_US: u64 = 1_000_000;

/// Two clocks: a fast one while there are tracks, and one of a second.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timers {
    fast_us: Option<u64>,
    second_us: u64,
}

impl Timers {
    pub(crate) fn next(&self) -> u64 {
        self.fast_us.unwrap_or(u64::MAX).min(self.second_us)
    }

    /// There is a track: begin the fast clock.
    pub(crate) fn wake(&mut self, now_us: u64) {
        self.fast_us.get_or_insert(now_us);
    }
}

impl Worker {
    pub(super) fn timeout(&mut self, now: Now, out: &mut dyn Sink) {
        if self.timers.fast_us.is_some_and(|due| now.mono_us >= due) {
            self.timers.fast_us = (self.tracks.len() > 0).then_some(now.mono_us + self.config.nack_interval_us);
            self.tick_tracks(now, out);
            self.send_feedback(now, out);
            self.send_sender_reports(now, out);
            self.tick_audio(now, out);
        }
        if now.mono_us >= self.timers.second_us {
            self.timers.second_us = now.mono_us + SECOND_US;
            self.expire_consent(now, out);
            let snapshot = self.take_snapshot(now);
            out.event(Event::Stats(Box::new(snapshot)));
        }
    }

    fn expire_consent(&mut self, now: Now, out: &mut dyn Sink) {
        let mut expired = std::mem::take(&mut self.scratch.expired);
        self.ice.expire(now.mono_us, self.id, &self.config, &mut expired);
        for peer in expired.drain(..) {
            self.consent_expired(peer, out);
        }
        self.scratch.expired = expired;
    }

    /// Layers that fell silent, key frames still missing, wishes whose hold ended.
    fn tick_tracks(&mut self, now: Now, out: &mut dyn Sink) {
        for at in 0..self.tracks.end() {
            let Some(replica) = self.tracks.get_mut(at) else {
                continue;
            };
            let silence_us = if replica.info.screen {
                self.config.screen_silence_us
            } else {
                self.config.layer_silence_us
            };
            let silent = replica.fallen_silent(now.mono_us, silence_us);
            let again = replica.key_frames.poll(now.mono_us);
            for layer in (0..8u8).filter(|layer| silent >> layer & 1 == 1) {
                self.layer_active(at, Layer(layer), false, out);
            }
            if silent != 0 {
                self.refresh_all(now, at, out);
            }
            self.send_key_frame_requests(at, again, out);
            self.update_wanted(now, at, out);
        }
    }
}
