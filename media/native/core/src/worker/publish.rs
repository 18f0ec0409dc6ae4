//! The way in: a decrypted packet becomes one shared `Packet`, whoever receives it.

use std::sync::Arc;

use super::replica::MAX_LAYERS;
use super::Worker;
use crate::api::{Kind, Now, ReceiveSpec, Shared, Sink};
use crate::codec;
use crate::id::{Layer, Pt, Ssrc};
use crate::ingress::bitrate::BitrateMeter;
use crate::ingress::nack::{NackConfig, NackGenerator};
use crate::ingress::receive_stats::{Arrival, ReceiveStats};
use crate::packet::{ExtensionBody, Packet};
use crate::rtcp::ReportBlock;
use crate::rtp::extension::{parse_audio_level, parse_transport_cc, AbsCaptureTime};
use crate::rtp::{rtx, Header, View};

/// What a peer publishes on one media section.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) spec: ReceiveSpec,
    /// Position of the replica.
    pub(crate) replica: usize,
    layers: [Option<Box<LayerIn>>; MAX_LAYERS],
    retry_nacks: bool,
}

/// One received encoding.
#[derive(Debug)]
struct LayerIn {
    ssrc: Ssrc,
    stats: ReceiveStats,
    nack: NackGenerator,
    rate: BitrateMeter,
}

impl Published {
    pub(crate) fn new(spec: ReceiveSpec) -> Self {
        let retry_nacks = spec.kind == Kind::Video || spec.codecs.iter().any(|codec| codec.rtx_pt.is_some());
        Self {
            spec,
            replica: usize::MAX,
            layers: [const { None }; MAX_LAYERS],
            retry_nacks,
        }
    }

    /// SSRC of a layer, once it was announced or heard.
    pub(crate) fn ssrc(&self, layer: Layer) -> Option<Ssrc> {
        let index = usize::from(layer.0);
        let heard = self.layers.get(index)?.as_ref().map(|layer| layer.ssrc);
        heard.or_else(|| self.spec.ssrcs.get(index).copied())
    }

    pub(crate) fn layers(&self) -> impl Iterator<Item = Layer> {
        (0..MAX_LAYERS as u8).map(Layer)
    }

    pub(crate) fn on_sender_report(&mut self, now_us: u64, layer: Layer, ntp: u64) {
        if let Some(Some(layer)) = self.layers.get_mut(usize::from(layer.0)) {
            layer.stats.on_sender_report(now_us, ntp);
        }
    }

    /// Appends what to ask for again; true = a packet was given up.
    pub(crate) fn missing(&mut self, now_us: u64, layer: Layer, rtt_us: Option<u64>, out: &mut Vec<u16>) -> bool {
        match self.layers.get_mut(usize::from(layer.0)) {
            Some(Some(layer)) => layer.nack.poll(now_us, rtt_us, out),
            _ => false,
        }
    }

    /// Fills report blocks of all layers; returns how many, and adds up what was lost.
    pub(crate) fn report_blocks(&mut self, now_us: u64, blocks: &mut [ReportBlock]) -> usize {
        let reports = self
            .layers
            .iter_mut()
            .flatten()
            .filter_map(|layer| layer.stats.report(now_us));
        let mut count = 0;
        for (place, report) in blocks.iter_mut().zip(reports) {
            *place = report;
            count += 1;
        }
        count
    }

    /// Bits a second of each layer.
    pub(crate) fn bitrates(&self, now_us: u64) -> Vec<u32> {
        let count = self.spec.rids.len().clamp(1, MAX_LAYERS);
        let rate = |layer: &Option<Box<LayerIn>>| layer.as_ref().map_or(0, |layer| layer.rate.bps(now_us));
        self.layers[..count].iter().map(rate).collect()
    }

    fn layer(&mut self, layer: Layer, ssrc: Ssrc) -> Option<&mut LayerIn> {
        let clock = if self.spec.kind == Kind::Audio { 48_000 } else { 90_000 };
        let place = self.layers.get_mut(usize::from(layer.0))?;
        let renewed = place.as_ref().is_some_and(|known| known.ssrc != ssrc);
        if renewed || place.is_none() {
            *place = Some(Box::new(LayerIn {
                ssrc,
                stats: ReceiveStats::new(ssrc, clock),
                nack: NackGenerator::new(NackConfig::default()),
                rate: BitrateMeter::default(),
            }));
        }
        place.as_deref_mut()
    }
}

impl Worker {
    /// `data` is a decrypted packet of the peer at `at`.
    pub(super) fn rtp(&mut self, now: Now, at: usize, data: &[u8], out: &mut dyn Sink) {
        let Ok(view) = View::parse(data) else {
            self.counters.drop_rtp_malformed += 1;
            return;
        };
        let header = *view.header();
        let Some(peer) = self.peers.get_mut(at) else { return };
        let known = peer.sources.get(header.ssrc()).or_else(|| match header.ssrc() {
            // Browsers probe bandwidth on SSRC 0 before there is a stream.
            Ssrc(0) => None,
            _ => peer.sources.learn(&header, &peer.tracks),
        });
        let Some(source) = known else {
            self.counters.drop_rtp_unknown_ssrc += 1;
            return;
        };
        let Some(published) = peer.tracks.get_mut(source.track) else {
            return;
        };
        let transport_seq = header
            .extension(published.spec.extensions.transport_cc)
            .and_then(parse_transport_cc);
        if let Some(seq) = transport_seq {
            peer.arrivals.on_packet(seq, header.ssrc(), now.mono_us, data.len());
        }
        let pt = header.pt();
        let codecs = &published.spec.codecs;
        let found = codecs.iter().find(|c| {
            if source.retransmission {
                c.rtx_pt == Some(pt)
            } else {
                c.pt == pt
            }
        });
        let Some(codec) = found.copied() else {
            self.counters.drop_rtp_unknown_pt += 1;
            return;
        };
        let (seq, payload) = if source.retransmission {
            self.counters.rtx_in += 1;
            match rtx::unwrap(&view) {
                Ok(Some(original)) => original,
                // Padding only: a bandwidth probe.
                Ok(None) => return,
                Err(_) => {
                    self.counters.drop_rtp_malformed += 1;
                    return;
                }
            }
        } else {
            (header.seq(), view.payload())
        };
        let media = match (source.retransmission, published.ssrc(source.layer)) {
            (false, _) => header.ssrc(),
            (true, Some(media)) => media,
            (true, None) => return,
        };
        let retry = published.retry_nacks;
        let Some(layer) = published.layer(source.layer, media) else {
            return;
        };
        let arrival = layer
            .stats
            .receive(seq, header.timestamp(), now.mono_us, source.retransmission);
        let (extended, restarted) = match arrival {
            Arrival::New(seq) | Arrival::Late(seq) => (seq, false),
            Arrival::Restarted(seq) => (seq, true),
            Arrival::Duplicate | Arrival::Suspect => {
                self.counters.drop_rtp_duplicate += 1;
                return;
            }
        };
        layer.rate.add(now.mono_us, data.len());
        let mut lost = false;
        if restarted {
            layer.nack.restart(extended);
        } else if retry {
            let outcome = layer.nack.on_packet(now.mono_us, extended);
            self.counters.recovered += u64::from(outcome.recovered);
            lost = outcome.need_key_frame;
        }
        let replica = published.replica;
        if !self.tracks.get(replica).is_some_and(|replica| replica.enabled) {
            self.counters.drop_track_disabled += 1;
            return;
        }
        let mut shared = self.pool.take();
        // The pool gives only packets that nobody else holds.
        let Some(packet) = Arc::get_mut(&mut shared) else {
            return;
        };
        packet.layer = source.layer;
        packet.codec = codec.codec;
        packet.ssrc = media;
        packet.pt = Pt(codec.pt.0);
        packet.seq = extended;
        packet.rtp_ts = header.timestamp();
        packet.marker = header.marker();
        packet.arrival_us = now.mono_us;
        packet.recovered = source.retransmission;
        packet.payload.extend_from_slice(payload);
        self.counters.drop_extension_too_long += read_extensions(packet, &header, &published.spec, peer.clock_offset);
        packet.inspection = codec::inspect(codec.codec, payload, packet.dependency_descriptor.as_slice());
        let key_frame = packet.inspection.key_frame;
        if let Some(layer) = published.layer(source.layer, media).filter(|_| key_frame) {
            layer.nack.forget_before(extended);
        }
        if restarted {
            self.forget_cached(replica, source.layer);
        }
        if lost {
            self.request_key_frames(now, replica, 1 << source.layer.0.min(7), out);
        }
        self.publish(now, replica, shared, out);
    }

    /// To this worker's subscribers, to taps and to the workers that want the layer.
    fn publish(&mut self, now: Now, at: usize, packet: Arc<Packet>, out: &mut dyn Sink) {
        let Some(replica) = self.tracks.get(at) else { return };
        let (track, group) = (replica.info.track, replica.info.group);
        for (worker, mask) in &replica.remote {
            if mask >> packet.layer.0.min(7) & 1 == 1 {
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
        if usize::from(packet.layer.0) >= usize::from(replica.info.layers) {
            return;
        }
        let began = replica.carries(now.mono_us, packet.layer);
        if packet.inspection.key_frame {
            replica.key_frames.on_key_frame(packet.layer);
        }
        let (kind, layer) = (replica.info.kind, packet.layer);
        if kind == Kind::Audio && !self.hears(now, at, &packet, out) {
            self.pool.give_back(packet);
            return;
        }
        let Some(replica) = self.tracks.get_mut(at) else { return };
        let replaced = replica
            .cache(layer, &self.config)
            .and_then(|cache| cache.insert(Arc::clone(&packet)));
        if replica.batch.len() as u64 >= self.config.flush_packets {
            self.counters.drop_send_buffer_full += 1;
            return;
        }
        replica.batch.push(packet);
        if !std::mem::replace(&mut replica.dirty, true) {
            self.scratch.dirty_tracks.push(at);
        }
        if let Some(replaced) = replaced {
            self.pool.give_back(replaced);
        }
        if began {
            self.layer_active(now, at, layer, true, out);
        }
    }

    fn forget_cached(&mut self, at: usize, layer: Layer) {
        let replica = self.tracks.get_mut(at);
        if let Some(Some(cache)) = replica.and_then(|replica| replica.caches.get_mut(usize::from(layer.0))) {
            cache.clear(&mut self.pool);
        }
    }
}

/// Carries the known header extensions over; returns how many were too long.
fn read_extensions(packet: &mut Packet, header: &Header<'_>, spec: &ReceiveSpec, clock_offset: Option<i64>) -> u64 {
    packet.audio_level = None;
    packet.abs_capture_time = ExtensionBody::default();
    packet.video_orientation = None;
    packet.playout_delay = None;
    packet.dependency_descriptor = ExtensionBody::default();
    let ids = &spec.extensions;
    let mut too_long = 0;
    for (id, body) in header.extensions() {
        if id == ids.audio_level {
            packet.audio_level = parse_audio_level(body);
        } else if id == ids.abs_capture_time {
            // Useful only on our clock; before the first sender report its offset is not known.
            let time = AbsCaptureTime::parse(body).zip(clock_offset);
            if let Some((time, offset)) = time {
                let ntp = time
                    .ntp
                    .wrapping_add_signed(offset.wrapping_add(time.clock_offset.unwrap_or(0)));
                let (body, len) = AbsCaptureTime {
                    ntp,
                    clock_offset: None,
                }
                .encode();
                packet.abs_capture_time = ExtensionBody::new(&body[..len]);
            }
        } else if id == ids.video_orientation {
            packet.video_orientation = body.first().copied();
        } else if id == ids.playout_delay {
            packet.playout_delay = body.try_into().ok();
        } else if id == ids.dependency_descriptor {
            packet.dependency_descriptor = ExtensionBody::new(body);
            too_long += u64::from(packet.dependency_descriptor.is_empty() && !body.is_empty());
        }
    }
    too_long
}
