//! One published track: makes shared packets out of its authenticated RTP packets, once for all subscribers.

use std::sync::Arc;

use crate::api::{CodecSpec, Kind, ReceiveSpec};
use crate::cache::PacketPool;
use crate::codec;
use crate::id::Layer;
use crate::ingress::audio::{AudioConfig, SilenceGate, SpeakingDetector};
use crate::ingress::binding::Binding;
use crate::ingress::layer::{InboundLayer, Taken};
use crate::ingress::nack::NackConfig;
use crate::ingress::rate::RateLimit;
use crate::ingress::receive_stats::Arrival;
use crate::packet::{ExtensionBody, Packet};
use crate::rtp::extension::parse_audio_level;
use crate::rtp::{rtx, View};

/// Limits of one track.
#[derive(Clone, Copy, Debug)]
pub struct TrackConfig {
    /// Packets a second of all its layers, retransmissions included.
    pub packets_per_s: u32,
    /// Bits a second of a camera, a screen and a microphone.
    pub camera_bps: u32,
    pub screen_bps: u32,
    pub microphone_bps: u32,
    /// A layer without packets for so long is inactive, microseconds.
    pub silence_us: u64,
    /// The same for a screen, which may stay still.
    pub screen_silence_us: u64,
    pub nack: NackConfig,
    pub audio: AudioConfig,
}

impl Default for TrackConfig {
    fn default() -> Self {
        Self {
            packets_per_s: 1000,
            camera_bps: 4_000_000,
            screen_bps: 6_000_000,
            microphone_bps: 640_000,
            silence_us: 1_500_000,
            screen_silence_us: 10_000_000,
            nack: NackConfig::default(),
            audio: AudioConfig::default(),
        }
    }
}

/// What came of a packet.
#[derive(Debug, Default)]
pub struct Accepted {
    /// To be cached and shared; none for a padding-only probe.
    pub packet: Option<Arc<Packet>>,
    /// It had been asked for.
    pub recovered: bool,
    /// The layer cannot be decoded on from what came: ask for a key frame.
    pub need_key_frame: bool,
    /// The layer was inactive before.
    pub activated: bool,
    /// The participant began (true) or ceased to speak.
    pub speaking: Option<bool>,
    /// A header extension did not fit its place and is not carried on.
    pub extension_dropped: bool,
}

/// Why a packet is not shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    UnknownPayloadType,
    /// A retransmission without its original number.
    Malformed,
    Duplicate,
    /// Far from the rest of its stream.
    Suspect,
    Rate,
    Disabled,
    /// After the track was enabled again, or its source restarted: useless without a key frame.
    AwaitsKeyFrame,
    Silent,
    /// So late that its place in the order is gone.
    Late,
}

/// State of one published track.
#[derive(Debug)]
pub struct InboundTrack {
    spec: ReceiveSpec,
    config: TrackConfig,
    layers: Vec<InboundLayer>,
    enabled: bool,
    /// Layers that wait for a key frame, bit n = layer n.
    await_key: u8,
    rate: RateLimit,
    gate: SilenceGate,
    speaking: SpeakingDetector,
    capture_offset: Option<i64>,
}

impl InboundTrack {
    /// Reserves its state at once.
    pub fn new(spec: ReceiveSpec, config: TrackConfig) -> Self {
        let clock_rate = if spec.kind == Kind::Audio { 48_000 } else { 90_000 };
        let repair = spec.kind == Kind::Video || spec.codecs.iter().any(|codec| codec.rtx_pt.is_some());
        let count = spec.rids.len().max(spec.ssrcs.len()).clamp(1, 8);
        let bps = match (spec.kind, spec.screen) {
            (Kind::Audio, _) => config.microphone_bps,
            (Kind::Video, false) => config.camera_bps,
            (Kind::Video, true) => config.screen_bps,
        };
        Self {
            layers: vec![InboundLayer::new(clock_rate, repair, config.nack); count],
            enabled: true,
            await_key: 0,
            rate: RateLimit::new(config.packets_per_s, bps),
            gate: SilenceGate::new(config.audio),
            speaking: SpeakingDetector::new(config.audio),
            capture_offset: None,
            config,
            spec,
        }
    }

    /// What the publisher announced.
    pub fn spec(&self) -> &ReceiveSpec {
        &self.spec
    }

    /// Layers, lowest first.
    pub fn layers(&mut self) -> &mut [InboundLayer] {
        &mut self.layers
    }

    /// Layers that carry packets, bit n = layer n.
    pub fn active_mask(&self) -> u8 {
        let active = self.layers.iter().enumerate().filter(|(_, layer)| layer.is_active());
        active.fold(0, |mask, (index, _)| mask | 1 << index)
    }

    /// False = packets are counted and dropped. Enabling asks for key frames by the next packets. Gives `false` when
    /// it ended speech.
    pub fn set_enabled(&mut self, enabled: bool) -> Option<bool> {
        if enabled == self.enabled {
            return None;
        }
        self.enabled = enabled;
        self.layers.iter_mut().for_each(InboundLayer::give_up_missing);
        if enabled {
            self.await_keys(0xff);
            return None;
        }
        self.speaking.stop()
    }

    /// Offset of the publisher's clock, from `RemoteClock`; without it abs-capture-time is not carried on.
    pub fn set_capture_offset(&mut self, offset: Option<i64>) {
        self.capture_offset = offset;
    }

    /// Takes a decrypted packet that `SsrcTable` bound to this track.
    ///
    /// # Errors
    /// The reason why it is not shared.
    pub fn accept(
        &mut self,
        now_us: u64,
        view: &View<'_>,
        binding: Binding,
        pool: &mut PacketPool,
    ) -> Result<Accepted, Refused> {
        let header = view.header();
        let codec = self.codec_of(binding, view).ok_or(Refused::UnknownPayloadType)?;
        if !self.rate.allows(now_us, view.payload().len()) {
            return Err(Refused::Rate);
        }
        let (ssrc, seq, payload) = if binding.rtx {
            match rtx::unwrap(view).map_err(|_| Refused::Malformed)? {
                Some((original, payload)) => (None, original, payload),
                None => return Ok(Accepted::default()),
            }
        } else {
            (Some(header.ssrc()), header.seq(), view.payload())
        };
        let index = usize::from(binding.layer.0);
        let layer = self.layers.get_mut(index).ok_or(Refused::UnknownPayloadType)?;
        let taken = layer
            .take(now_us, ssrc, seq, header.timestamp(), payload.len())
            .map_err(refusal)?;
        if payload.is_empty() {
            layer.skip(taken.wire_seq);
            return Ok(Accepted::default());
        }
        let mut packet = pool.take();
        let Some(filled) = Arc::get_mut(&mut packet) else {
            return Err(Refused::Late);
        };
        let extension_dropped = self.fill(filled, view, codec, payload);
        filled.layer = binding.layer;
        filled.arrival_us = now_us;
        filled.recovered = binding.rtx;
        match self.publish(now_us, filled, &taken) {
            Ok((activated, speaking)) => Ok(Accepted {
                packet: Some(packet),
                recovered: taken.outcome.recovered,
                need_key_frame: taken.outcome.need_key_frame,
                activated,
                speaking,
                extension_dropped,
            }),
            Err(refused) => {
                pool.give_back(packet);
                Err(refused)
            }
        }
    }

    /// True while a layer waits for a key frame, because the track was enabled or its source restarted.
    pub fn awaits_key_frame(&self, layer: Layer) -> bool {
        self.enabled && self.await_key & bit(layer) != 0
    }

    /// Layers that just became inactive, bit n = layer n, and `false` when the participant ceased to speak.
    pub fn poll(&mut self, now_us: u64) -> (u8, Option<bool>) {
        let silence_us = self.silence_us();
        let mut mask = 0;
        for (index, layer) in self.layers.iter_mut().enumerate() {
            mask |= u8::from(layer.expire(now_us, silence_us)) << index;
        }
        (mask, self.speaking.poll(now_us))
    }

    /// When `poll` has something to do, monotonic microseconds.
    pub fn next_timeout(&self) -> Option<u64> {
        let silence_us = self.silence_us();
        let layers = self.layers.iter().filter_map(|layer| layer.expires_us(silence_us));
        layers.chain(self.speaking.next_timeout()).min()
    }

    /// Carries over what a packet says of itself; true when an extension was too long.
    fn fill(&self, packet: &mut Packet, view: &View<'_>, spec: CodecSpec, payload: &[u8]) -> bool {
        let (header, ids) = (view.header(), &self.spec.extensions);
        packet.codec = spec.codec;
        packet.pt = spec.pt;
        packet.ssrc = header.ssrc();
        packet.rtp_ts = header.timestamp();
        packet.marker = header.marker();
        packet.audio_level = header.extension(ids.audio_level).and_then(parse_audio_level);
        let capture = header.extension(ids.abs_capture_time).unwrap_or_default();
        packet.abs_capture_time = self.local_capture_time(capture);
        packet.video_orientation = header
            .extension(ids.video_orientation)
            .and_then(|body| body.first().copied());
        packet.playout_delay = header
            .extension(ids.playout_delay)
            .and_then(|body| body.try_into().ok());
        let descriptor = header.extension(ids.dependency_descriptor).unwrap_or_default();
        packet.dependency_descriptor = ExtensionBody::new(descriptor);
        packet.inspection = codec::inspect(spec.codec, payload, descriptor);
        packet.payload.extend_from_slice(payload);
        packet.dependency_descriptor.is_empty() && !descriptor.is_empty()
    }

    fn local_capture_time(&self, body: &[u8]) -> ExtensionBody<16> {
        let (Some(offset), Some(Ok(ntp))) = (self.capture_offset, body.get(..8).map(TryInto::try_into)) else {
            return ExtensionBody::default();
        };
        let mut local = [0; 16];
        let len = if body.len() == 16 { 16 } else { 8 };
        local[..8].copy_from_slice(&u64::from_be_bytes(ntp).wrapping_add_signed(offset).to_be_bytes());
        local[8..len].copy_from_slice(body.get(8..len).unwrap_or_default());
        ExtensionBody::new(&local[..len])
    }

    /// Decides whether a packet is shared and numbers it; gives (activated, speaking).
    fn publish(&mut self, now_us: u64, packet: &mut Packet, taken: &Taken) -> Result<(bool, Option<bool>), Refused> {
        let here = bit(packet.layer);
        if taken.restarted {
            self.await_keys(here);
        }
        if packet.inspection.key_frame && self.enabled {
            self.await_key &= !here;
        }
        let audible = self.gate.passes(packet.audio_level);
        let layer = &mut self.layers[usize::from(packet.layer.0)];
        let refused = if !self.enabled {
            Some(Refused::Disabled)
        } else if self.await_key & here != 0 {
            Some(Refused::AwaitsKeyFrame)
        } else if self.spec.kind == Kind::Audio && !audible {
            Some(Refused::Silent)
        } else {
            None
        };
        if let Some(refused) = refused {
            layer.skip(taken.wire_seq);
            return Err(refused);
        }
        if packet.inspection.key_frame {
            layer.on_key_frame(taken.wire_seq);
        }
        packet.seq = layer.publish(taken.wire_seq).ok_or(Refused::Late)?;
        let activated = layer.touch(now_us);
        let level = packet.audio_level.filter(|_| self.spec.kind == Kind::Audio);
        let speaking = level.and_then(|(level, _)| self.speaking.on_level(now_us, level));
        Ok((activated, speaking))
    }

    fn await_keys(&mut self, mask: u8) {
        // Every audio packet stands alone.
        if self.spec.kind == Kind::Video {
            self.await_key |= mask;
        }
    }

    fn codec_of(&self, binding: Binding, view: &View<'_>) -> Option<CodecSpec> {
        let pt = view.header().pt();
        let wanted = |codec: &&CodecSpec| {
            if binding.rtx {
                codec.rtx_pt == Some(pt)
            } else {
                codec.pt == pt
            }
        };
        self.spec.codecs.iter().find(wanted).copied()
    }

    fn silence_us(&self) -> u64 {
        if self.spec.screen {
            self.config.screen_silence_us
        } else {
            self.config.silence_us
        }
    }
}

fn bit(layer: Layer) -> u8 {
    1u8.checked_shl(u32::from(layer.0)).unwrap_or(0)
}

fn refusal(arrival: Arrival) -> Refused {
    if arrival == Arrival::Duplicate {
        Refused::Duplicate
    } else {
        Refused::Suspect
    }
}
