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
            microphone_bps: 128_000,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Codec, ExtensionIds};
    use crate::id::{Pt, Ssrc, TrackId};
    use crate::rtp::extension::audio_level;
    use crate::rtp::{Fields, HeaderWriter};

    const LEVEL_ID: u8 = 4;
    const CAPTURE_ID: u8 = 5;

    struct Publisher {
        track: InboundTrack,
        pool: PacketPool,
        now_us: u64,
    }

    impl Publisher {
        fn new(kind: Kind, rids: usize) -> Self {
            let codec = if kind == Kind::Audio { Codec::Opus } else { Codec::Vp8 };
            let spec = ReceiveSpec {
                track: TrackId(1),
                kind,
                mid: "0".into(),
                rids: (0..rids).map(|rid| rid.to_string()).collect(),
                ssrcs: vec![],
                rtx_ssrcs: vec![],
                codecs: vec![CodecSpec {
                    codec,
                    pt: Pt(96),
                    rtx_pt: Some(Pt(97)),
                }],
                extensions: ExtensionIds {
                    audio_level: LEVEL_ID,
                    abs_capture_time: CAPTURE_ID,
                    ..ExtensionIds::default()
                },
                screen: false,
            };
            let track = InboundTrack::new(spec, TrackConfig::default());
            Self {
                track,
                pool: PacketPool::new(64),
                now_us: 1_000_000,
            }
        }

        fn send(&mut self, header: Fields, extension: (u8, &[u8]), payload: &[u8]) -> Result<Accepted, Refused> {
            let mut buf = [0; 1500];
            let mut writer = HeaderWriter::new(&mut buf, header).unwrap();
            writer.extension(extension.0, extension.1).unwrap();
            let start = writer.finish();
            buf[start..start + payload.len()].copy_from_slice(payload);
            let view = View::parse(&buf[..start + payload.len()]).unwrap();
            let rtx = header.pt == Pt(97);
            let binding = Binding {
                track: 0,
                layer: Layer(0),
                rtx,
            };
            self.now_us += 1000;
            self.track.accept(self.now_us, &view, binding, &mut self.pool)
        }

        fn video(&mut self, seq: u16, key: bool) -> Result<Accepted, Refused> {
            self.send(fields(96, seq), (0, &[]), &vp8(key))
        }

        fn audio(&mut self, seq: u16, level: u8) -> Result<Accepted, Refused> {
            self.now_us += 19_000;
            self.send(fields(96, seq), (LEVEL_ID, &audio_level(level, level < 60)), &[1, 2, 3])
        }
    }

    fn fields(pt: u8, seq: u16) -> Fields {
        Fields {
            marker: true,
            pt: Pt(pt),
            seq,
            timestamp: u32::from(seq) * 3000,
            ssrc: Ssrc(7),
        }
    }

    /// Descriptor with S=1 and the first byte of a frame tag: P=0 for a key frame (RFC 7741 section 4.3).
    fn vp8(key: bool) -> [u8; 12] {
        let mut payload = [0; 12];
        payload[0] = 0x10;
        payload[1] = u8::from(!key);
        payload[4..7].copy_from_slice(&[0x9d, 0x01, 0x2a]);
        payload
    }

    fn seq(accepted: Result<Accepted, Refused>) -> u64 {
        accepted.unwrap().packet.unwrap().seq
    }

    #[test]
    fn a_retransmission_becomes_the_original_packet() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        let first = seq(publisher.video(65_535, true));
        publisher.video(1, false).unwrap();
        publisher.now_us += 20_000;
        let mut asked = Vec::new();
        let now_us = publisher.now_us;
        publisher.track.layers()[0].poll_nack(now_us, None, &mut asked);
        assert_eq!(asked, [0]);
        let mut payload = vec![0, 0];
        payload.extend_from_slice(&vp8(false));
        let accepted = publisher.send(fields(97, 500), (0, &[]), &payload).unwrap();
        assert!(accepted.recovered);
        let packet = accepted.packet.unwrap();
        assert_eq!((packet.seq, packet.pt, packet.recovered), (first + 1, Pt(96), true));
        assert_eq!(packet.payload, vp8(false));
        let again = publisher.send(fields(97, 501), (0, &[]), &payload);
        assert_eq!(again.unwrap_err(), Refused::Duplicate);
        let report = publisher.track.layers()[0].stats().unwrap().report(0).unwrap();
        assert_eq!(report.cumulative_lost, 0);
    }

    #[test]
    fn a_padding_only_retransmission_is_a_probe() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        publisher.video(1, true).unwrap();
        assert!(publisher.send(fields(97, 1), (0, &[]), &[]).unwrap().packet.is_none());
        assert_eq!(
            publisher.send(fields(97, 2), (0, &[]), &[9]).unwrap_err(),
            Refused::Malformed
        );
        assert_eq!(
            publisher.send(fields(100, 2), (0, &[]), &[9]).unwrap_err(),
            Refused::UnknownPayloadType
        );
    }

    #[test]
    fn padding_between_packets_leaves_no_gap() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        let first = seq(publisher.video(1, true));
        assert!(publisher.send(fields(96, 2), (0, &[]), &[]).unwrap().packet.is_none());
        assert_eq!(seq(publisher.video(3, false)), first + 1);
    }

    #[test]
    fn a_disabled_track_shares_nothing_and_begins_again_with_a_key_frame() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        let first = seq(publisher.video(1, true));
        publisher.track.set_enabled(false);
        for number in 2..500 {
            assert_eq!(publisher.video(number, number == 100).unwrap_err(), Refused::Disabled);
        }
        publisher.track.set_enabled(true);
        assert!(publisher.track.awaits_key_frame(Layer(0)));
        assert_eq!(publisher.video(500, false).unwrap_err(), Refused::AwaitsKeyFrame);
        assert_eq!(seq(publisher.video(501, true)), first + 1);
        assert_eq!(seq(publisher.video(502, false)), first + 2);
    }

    #[test]
    fn another_ssrc_for_a_layer_goes_on_above_the_old_numbers() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        let first = seq(publisher.video(60_000, true));
        let other = Fields {
            ssrc: Ssrc(8),
            ..fields(96, 3)
        };
        assert_eq!(
            publisher.send(other, (0, &[]), &vp8(false)).unwrap_err(),
            Refused::AwaitsKeyFrame
        );
        let other = Fields { seq: 4, ..other };
        let next = seq(publisher.send(other, (0, &[]), &vp8(true)));
        assert!(next > first && next <= first + 2, "{first} {next}");
    }

    #[test]
    fn layers_become_active_and_inactive_after_1500_ms() {
        let mut publisher = Publisher::new(Kind::Video, 3);
        assert!(publisher.video(1, true).unwrap().activated);
        assert!(!publisher.video(2, false).unwrap().activated);
        assert_eq!(publisher.track.active_mask(), 1);
        let due = publisher.track.next_timeout().unwrap();
        assert_eq!(due, publisher.now_us + 1_500_000);
        assert_eq!(publisher.track.poll(due - 1), (0, None));
        assert_eq!(publisher.track.poll(due), (1, None));
        assert_eq!(publisher.track.next_timeout(), None);
        assert!(publisher.video(3, false).unwrap().activated);
    }

    #[test]
    fn silence_is_left_out_without_a_gap_and_speech_is_reported() {
        let mut publisher = Publisher::new(Kind::Audio, 0);
        let first = seq(publisher.audio(1, 30));
        let mut reported = None;
        for number in 2..20 {
            reported = reported.or(publisher.audio(number, 30).unwrap().speaking);
        }
        assert_eq!(reported, Some(true));
        for number in 20..23 {
            assert!(publisher.audio(number, 127).is_ok());
        }
        for number in 23..80 {
            assert_eq!(publisher.audio(number, 127).unwrap_err(), Refused::Silent);
        }
        assert_eq!(publisher.track.poll(publisher.now_us), (0, Some(false)));
        assert_eq!(seq(publisher.audio(80, 30)), first + 22);
        let report = publisher.track.layers()[0].stats().unwrap().report(0).unwrap();
        assert_eq!(report.cumulative_lost, 0);
    }

    #[test]
    fn capture_time_is_carried_on_our_clock() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        let body = 1000u64.to_be_bytes();
        let carried = |publisher: &mut Publisher, number| {
            let accepted = publisher
                .send(fields(96, number), (CAPTURE_ID, &body), &vp8(true))
                .unwrap();
            accepted.packet.unwrap().abs_capture_time.as_slice().to_vec()
        };
        assert!(carried(&mut publisher, 1).is_empty());
        publisher.track.set_capture_offset(Some(-400));
        assert_eq!(carried(&mut publisher, 2), 600u64.to_be_bytes());
    }

    #[test]
    fn a_flood_is_cut_at_the_packet_rate() {
        let mut publisher = Publisher::new(Kind::Video, 0);
        let refused = (1..2000u16).filter(|number| {
            publisher.now_us -= 999;
            publisher
                .video(*number, true)
                .is_err_and(|reason| reason == Refused::Rate)
        });
        assert!((900..1000).contains(&refused.count()));
    }
}
