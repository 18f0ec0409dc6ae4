//! A published track: what becomes of its packets, retransmissions, silence and pauses.

use muster_core::api::{Codec, CodecSpec, ExtensionIds, Kind, ReceiveSpec};
use muster_core::cache::PacketPool;
use muster_core::id::{Layer, Pt, Ssrc, TrackId};
use muster_core::ingress::binding::Binding;
use muster_core::ingress::track::{Accepted, InboundTrack, Refused, TrackConfig};
use muster_core::rtp::extension::audio_level;
use muster_core::rtp::{Fields, HeaderWriter, View};

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
