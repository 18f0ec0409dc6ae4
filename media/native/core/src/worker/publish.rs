//! The way in: a decrypted packet becomes one shared `Packet`, whoever receives it.

use std::sync::Arc;

use super::config::WorkerConfig;
use super::Worker;
use crate::api::{Event, Kind, Now, ReceiveSpec, Shared, Sink};
use crate::id::{Layer, Ssrc};
use crate::ingress::binding::Source;
use crate::ingress::track::{Accepted, InboundTrack, Refused, TrackConfig};
use crate::packet::Packet;
use crate::rtp::extension::parse_transport_cc;
use crate::rtp::View;
use crate::stats::Counters;

/// What a peer publishes on one media section.
#[derive(Debug)]
pub(crate) struct Published {
    /// Position of the replica.
    pub(crate) replica: usize,
    pub(crate) inbound: InboundTrack,
}

impl Published {
    pub(crate) fn new(spec: ReceiveSpec, config: &WorkerConfig) -> Self {
        let bps = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let limits = TrackConfig {
            packets_per_s: bps(config.track_packets_per_second),
            camera_bps: bps(config.camera_bps),
            screen_bps: bps(config.screen_bps),
            microphone_bps: bps(config.microphone_bps),
            silence_us: config.layer_silence_us,
            screen_silence_us: config.screen_silence_us,
            ..TrackConfig::default()
        };
        Self {
            replica: usize::MAX,
            inbound: InboundTrack::new(spec, limits),
        }
    }

    /// SSRC of a layer, once it was announced or heard.
    pub(crate) fn ssrc(&mut self, layer: Layer) -> Option<Ssrc> {
        let index = usize::from(layer.0);
        let heard = self.inbound.layers().get(index).and_then(|layer| layer.ssrc());
        heard.or_else(|| self.inbound.spec().ssrcs.get(index).copied())
    }
}

impl Worker {
    /// `data` is a decrypted packet of the peer at `at`.
    pub(super) fn rtp(&mut self, now: Now, at: usize, data: &[u8], out: &mut dyn Sink) {
        let Ok(view) = View::parse(data) else {
            self.counters.drop_rtp_malformed += 1;
            return;
        };
        let header = view.header();
        let Some(peer) = self.peers.get_mut(at) else { return };
        let binding = match peer.sources.resolve(now.mono_us, header, &peer.specs) {
            Source::Bound(binding) => Some(binding),
            Source::Probe => None,
            Source::Unknown => {
                self.counters.drop_rtp_unknown_ssrc += 1;
                return;
            }
        };
        let specs = binding.map_or(peer.specs.first(), |binding| peer.specs.get(binding.track));
        let Some(spec) = specs else { return };
        if let Some(seq) = header
            .extension(spec.extensions.transport_cc)
            .and_then(parse_transport_cc)
        {
            let media = binding.map(|_| header.ssrc());
            peer.arrivals.on_packet(seq, media, now.mono_us, data.len());
        }
        let Some(binding) = binding else { return };
        let Some(published) = peer.tracks.get_mut(binding.track) else {
            return;
        };
        self.counters.rtx_in += u64::from(binding.rtx);
        let replica = published.replica;
        match published.inbound.accept(now.mono_us, &view, binding, &mut self.pool) {
            Ok(accepted) => self.accepted(now, replica, binding.layer, accepted, out),
            Err(refused) => {
                *counter(&mut self.counters, refused) += 1;
                if refused == Refused::AwaitsKeyFrame {
                    self.request_key_frames(now, replica, 1 << binding.layer.0.min(7), out);
                }
            }
        }
    }

    fn accepted(&mut self, now: Now, at: usize, layer: Layer, accepted: Accepted, out: &mut dyn Sink) {
        self.counters.recovered += u64::from(accepted.recovered);
        self.counters.drop_extension_too_long += u64::from(accepted.extension_dropped);
        let Some(replica) = self.tracks.get(at) else { return };
        if let Some(active) = accepted.speaking {
            out.event(Event::Speaking {
                track: replica.info.track,
                active,
            });
        }
        if accepted.need_key_frame {
            self.request_key_frames(now, at, 1 << layer.0.min(7), out);
        }
        if let Some(packet) = accepted.packet {
            self.publish(now, at, packet, out);
        }
    }

    /// To this worker's subscribers, to taps and to the workers that want the layer.
    fn publish(&mut self, now: Now, at: usize, packet: Arc<Packet>, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get(at) else { return };
        let (track, group) = (replica.info.track, replica.info.group);
        for (worker, mask) in &replica.remote {
            if (mask >> packet.layer.0.min(7)) & 1 == 1 {
                out.share(
                    *worker,
                    Shared::Published {
                        track,
                        packet: Arc::clone(&packet),
                    },
                );
            }
        }
        if let Some(group) = self.groups.get(&group) {
            for tap in &group.taps {
                out.tap(*tap, track, &packet);
            }
        }
        self.deliver(now, at, packet, out);
    }

    /// Keeps a packet on this worker until the next flush, from here or from another worker.
    pub(super) fn deliver(&mut self, now: Now, at: usize, packet: Arc<Packet>, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get_mut(at) else { return };
        let layer = packet.layer;
        if layer.0 >= replica.info.layers {
            return;
        }
        let began = replica.carries(now.mono_us, layer);
        let key_frame = packet.inspection.key_frame;
        if key_frame {
            replica.key_frames.on_key_frame(layer);
        }
        if replica.info.kind == Kind::Audio && !self.hears(now, at, &packet, out) {
            self.recycle(at, packet);
            return;
        }
        let Some(replica) = self.tracks.get_mut(at) else { return };
        if replica.batch.len() as u64 >= self.config.flush_packets {
            self.counters.drop_send_buffer_full += 1;
            return;
        }
        replica.batch.push(Arc::clone(&packet));
        if !std::mem::replace(&mut replica.dirty, true) {
            self.scratch.dirty_tracks.push(at);
        }
        let replaced = replica
            .cache(layer, &self.config)
            .and_then(|cache| cache.insert(packet));
        if let Some(replaced) = replaced {
            self.recycle(at, replaced);
        }
        if began {
            self.layer_active(at, layer, true, out);
            // What waits for a key frame takes this one, if it is one.
            if !key_frame {
                self.refresh_all(now, at, out);
            }
        }
    }

    /// Only the worker that made a packet uses it again: in two pools it would be nobody's.
    fn recycle(&mut self, at: usize, packet: Arc<Packet>) {
        if self.tracks.get(at).is_some_and(|replica| replica.publisher.is_some()) {
            self.pool.give_back(packet);
        }
    }
}

fn counter(counters: &mut Counters, refused: Refused) -> &mut u64 {
    match refused {
        Refused::UnknownPayloadType => &mut counters.drop_rtp_unknown_pt,
        Refused::Malformed => &mut counters.drop_rtp_malformed,
        Refused::Duplicate | Refused::Suspect | Refused::Late => &mut counters.drop_rtp_duplicate,
        Refused::Rate => &mut counters.drop_rtp_rate,
        Refused::Disabled => &mut counters.drop_track_disabled,
        Refused::AwaitsKeyFrame => &mut counters.drop_rtp_awaits_key_frame,
        Refused::Silent => &mut counters.drop_audio_silent,
    }
}
