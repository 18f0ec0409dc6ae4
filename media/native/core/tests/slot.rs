//! A subscriber's outgoing video stream under switches, loss, reordering and re-routing.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use muster_core::api::{Codec, CodecSpec, ExtensionIds, Kind, Now, SlotSpec};
use muster_core::cache::{CacheConfig, LayerCache, PacketPool};
use muster_core::egress::layer::Budget;
use muster_core::egress::rtx::{Refusal, RetransmitConfig};
use muster_core::egress::slot::{OutboundSlot, Outgoing, Skip};
use muster_core::egress::timestamp::SourceClock;
use muster_core::egress::write::Stamp;
use muster_core::id::{Layer, Pt, SlotId, Ssrc};
use muster_core::packet::{ExtensionBody, Packet, PictureId};
use muster_core::rtp::extension::parse_audio_level;
use muster_core::rtp::View;
use muster_core::seq::ts_diff;

const FRAME_US: u64 = 33_333;
const IDS: ExtensionIds = ExtensionIds {
    mid: 1,
    rid: 2,
    repaired_rid: 3,
    audio_level: 4,
    abs_send_time: 5,
    transport_cc: 6,
    abs_capture_time: 7,
    video_orientation: 8,
    playout_delay: 9,
    dependency_descriptor: 10,
};

fn spec(kind: Kind) -> SlotSpec {
    let codec = if kind == Kind::Audio { Codec::Opus } else { Codec::Vp8 };
    SlotSpec {
        slot: SlotId(0),
        kind,
        mid: "v0".into(),
        ssrc: Ssrc(0x1234_5678),
        rtx_ssrc: Some(Ssrc(0x9999)),
        codecs: vec![CodecSpec {
            codec,
            pt: Pt(120),
            rtx_pt: Some(Pt(121)),
        }],
        extensions: IDS,
        loudest: false,
        cname: "c".into(),
    }
}

fn at(us: u64) -> Now {
    Now {
        mono_us: us,
        ntp: (1 << 60) + (u128::from(us) * (1 << 32) / 1_000_000) as u64,
    }
}

/// One simulcast layer of a source: frames of `packets` packets, each 33 ms.
struct Encoder {
    layer: u8,
    base_ts: u32,
    seq: u64,
    picture: u16,
    tl0: u8,
    packets: usize,
    frame: u64,
}

impl Encoder {
    fn new(layer: u8, seed: u64) -> Self {
        let random = |salt: u64| (seed + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        Self {
            layer,
            base_ts: random(1) as u32,
            seq: 0x1_0000 + (random(2) & 0xffff),
            picture: random(3) as u16 & 0x7fff,
            tl0: random(4) as u8,
            packets: 1 + usize::from(layer),
            frame: 0,
        }
    }

    fn clock(&self) -> Option<SourceClock> {
        Some(SourceClock {
            ntp: at(0).ntp,
            rtp_ts: self.base_ts,
        })
    }

    /// The frame captured at `frame * 33 ms`, `tid` 0 or 1.
    fn encode(&mut self, key: bool, tid: u8) -> Vec<Arc<Packet>> {
        let capture_us = self.frame * FRAME_US;
        let rtp_ts = self.base_ts.wrapping_add((capture_us * 90 / 1000) as u32);
        if tid == 0 {
            self.tl0 = self.tl0.wrapping_add(1);
        }
        let count = if key { self.packets * 3 } else { self.packets };
        let frame = (0..count).map(|index| {
            let mut shared = PacketPool::new(0).take();
            let packet = Arc::get_mut(&mut shared).expect("a new packet is unique");
            packet.layer = Layer(self.layer);
            packet.codec = Codec::Vp8;
            packet.seq = self.seq + index as u64;
            packet.rtp_ts = rtp_ts;
            packet.arrival_us = capture_us + 30_000;
            packet.marker = index + 1 == count;
            packet.inspection.key_frame = key && index == 0;
            packet.inspection.frame_start = index == 0;
            packet.inspection.temporal_id = tid;
            packet.inspection.switching_point = true;
            packet.inspection.picture_id = Some(PictureId {
                offset: 2,
                value: self.picture,
                bits: 15,
            });
            packet.inspection.tl0_pic_idx = Some((4, self.tl0));
            packet.payload.extend_from_slice(&[0x90, 0xe0, 0x80, 0, 0, 0, 7, 7]);
            shared
        });
        let frame = frame.collect();
        self.seq += count as u64;
        self.picture = (self.picture + 1) & 0x7fff;
        self.frame += 1;
        frame
    }
}

/// What a receiver would see.
#[derive(Default)]
struct Receiver {
    numbers: BTreeMap<u64, (u32, u16, u8)>,
    newest_ts: Option<u32>,
}

impl Receiver {
    fn take(&mut self, out: &Outgoing) {
        let ids = (
            out.rtp_ts,
            out.patch.picture_id().unwrap(),
            out.patch.tl0_pic_idx().unwrap(),
        );
        assert!(
            self.numbers.insert(out.out_seq, ids).is_none(),
            "number {} was given twice",
            out.out_seq
        );
        if self.newest_ts.is_none_or(|newest| ts_diff(out.rtp_ts, newest) > 0) {
            self.newest_ts = Some(out.rtp_ts);
        }
    }

    /// Numbers without a gap; timestamps and picture ids forward, ids one by one.
    fn check(&self) {
        let seen: Vec<_> = self.numbers.iter().collect();
        for pair in seen.windows(2) {
            let ((a, (ts_a, picture_a, tl0_a)), (b, (ts_b, picture_b, tl0_b))) = (pair[0], pair[1]);
            assert_eq!(a + 1, *b);
            assert!(ts_diff(*ts_b, *ts_a) >= 0, "timestamps run backwards at {b}");
            assert_eq!(
                ts_a == ts_b,
                picture_a == picture_b,
                "one picture, one timestamp at {b}"
            );
            assert!(
                picture_b.wrapping_sub(*picture_a) & 0x7fff <= 1,
                "picture ids jump at {b}"
            );
            assert!(tl0_b.wrapping_sub(*tl0_a) <= 1, "TL0PICIDX jumps at {b}");
        }
    }
}

fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn a_thousand_switches_leave_one_stream_and_lip_sync_below_40_ms() {
    let mut state = 11;
    let mut encoders: Vec<Encoder> = (0..3)
        .map(|layer| Encoder::new(layer, u64::from(layer) * 31 + 5))
        .collect();
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(0b111);
    let mut receiver = Receiver::default();
    let (mut switches, mut frame) = (0, 0u64);
    while switches < 1000 {
        if random(&mut state).is_multiple_of(3) {
            slot.selector().set_max(Layer((random(&mut state) % 3) as u8));
        }
        slot.selector().set_budget(Budget {
            layer: Some(Layer(2)),
            temporal: (random(&mut state) % 2) as u8,
        });
        let now = at(frame * FRAME_US + 30_000);
        for encoder in &mut encoders {
            let key = slot.wants_key_frame() == Some(Layer(encoder.layer)) && random(&mut state).is_multiple_of(2);
            let tid = if key { 0 } else { (frame % 2) as u8 };
            for packet in encoder.encode(key, tid) {
                if let Ok(out) = slot.forward(now, &packet, encoder.clock()) {
                    switches += usize::from(out.switched);
                    receiver.take(&out);
                    // What the receiver believes the capture time of this frame to be, by our report.
                    let report = slot.sender_report(now, encoder.clock());
                    let mut buf = [0; 200];
                    let stamp = Stamp {
                        mono_us: now.mono_us,
                        ntp: now.ntp,
                        transport_seq: 0,
                    };
                    assert!(slot.write(&out, &packet, stamp, &mut buf) > 0);
                    if let Some(report) = report {
                        let ticks = i64::from(ts_diff(report.rtp_ts, out.rtp_ts));
                        let skew_us = (ticks * 1_000_000 / 90_000) - 30_000;
                        assert!(skew_us.abs() < 40_000, "skew of {skew_us} us after {switches} switches");
                    }
                }
            }
        }
        frame += 1;
    }
    receiver.check();
    // The line of the reports has not moved against capture time in all these switches.
    let last = slot.layer().unwrap();
    let now = at(frame * FRAME_US);
    let report = slot.sender_report(now, encoders[usize::from(last.0)].clock()).unwrap();
    let newest = receiver.newest_ts.unwrap();
    assert!(ts_diff(report.rtp_ts, newest).unsigned_abs() < 90 * 75);
}

#[test]
fn loss_is_a_gap_reordering_is_not_and_no_number_is_used_twice() {
    let mut state = 3;
    let mut encoder = Encoder::new(2, 77);
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(0b100);
    slot.selector().set_max(Layer(2));
    let mut arrivals: Vec<(u64, Arc<Packet>)> = Vec::new();
    let mut lost = HashSet::new();
    let first = encoder.seq;
    for frame in 0..3000u64 {
        for packet in encoder.encode(frame == 0, 0) {
            match random(&mut state) % 20 {
                0 if frame > 1 => {
                    lost.insert(packet.seq);
                }
                1 if frame > 1 => {
                    arrivals.push((packet.seq + random(&mut state) % 30, Arc::clone(&packet)));
                    arrivals.push((packet.seq, packet));
                }
                2 if frame > 1 => arrivals.push((packet.seq + random(&mut state) % 30, packet)),
                _ => arrivals.push((packet.seq, packet)),
            }
        }
    }
    arrivals.sort_by_key(|(when, _)| *when);
    let mut sent = BTreeMap::new();
    for (_, packet) in arrivals {
        match slot.forward(at(packet.arrival_us), &packet, encoder.clock()) {
            Ok(out) => assert!(sent.insert(packet.seq, out).is_none()),
            Err(reason) => assert_eq!(reason, Skip::Duplicate),
        }
    }
    let offset = sent[&first].out_seq;
    for seq in first..encoder.seq {
        match sent.get(&seq) {
            Some(out) => assert_eq!(out.out_seq - offset, seq - first),
            None => assert!(lost.contains(&seq)),
        }
    }
    assert!(lost.len() > 300);
}

#[test]
fn a_re_routed_slot_goes_on_without_a_break() {
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    let mut receiver = Receiver::default();
    for source in 0..50u64 {
        let mut encoder = Encoder::new(0, source * 1000);
        encoder.frame = source * 20;
        slot.begin_source(1);
        assert_eq!(slot.wants_key_frame(), Some(Layer(0)));
        for index in 0..20 {
            for packet in encoder.encode(index == 3, 0) {
                let now = at(packet.arrival_us);
                let clock = if source % 3 == 0 { None } else { encoder.clock() };
                match slot.forward(now, &packet, clock) {
                    Ok(out) => receiver.take(&out),
                    Err(reason) => assert!(index < 3 && reason == Skip::OtherLayer),
                }
            }
        }
    }
    assert_eq!(receiver.numbers.len(), 50 * 19);
    receiver.check();
}

#[test]
fn a_joiner_gets_the_cached_picture_squeezed_before_the_live_one() {
    let mut encoder = Encoder::new(0, 5);
    let mut cache = LayerCache::new(CacheConfig::default());
    for index in 0..60 {
        for packet in encoder.encode(index == 0, 0) {
            cache.insert(packet);
        }
    }
    let now = at(60 * FRAME_US);
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(1);
    assert!(slot.begin_replay(now, &cache, encoder.clock()));
    let mut receiver = Receiver::default();
    let mut stamps = Vec::new();
    while let Some((out, packet)) = slot.next_replay(now, &cache) {
        assert_eq!(packet.layer, Layer(0));
        receiver.take(&out);
        stamps.push(out.rtp_ts);
    }
    assert_eq!(stamps.len(), 62);
    assert_eq!(stamps.last().unwrap().wrapping_sub(stamps[0]), 59 * 90);
    assert_eq!(slot.wants_key_frame(), None);
    for packet in encoder.encode(false, 0) {
        let out = slot.forward(now, &packet, encoder.clock()).unwrap();
        let step = ts_diff(out.rtp_ts, *stamps.last().unwrap());
        assert!((2990..=3010).contains(&step), "{step}");
        receiver.take(&out);
    }
    receiver.check();
    assert!(
        !slot.begin_replay(now, &cache, encoder.clock()),
        "only before the first picture"
    );
}

#[test]
fn what_overtook_the_first_packet_of_a_key_frame_is_sent_after_it() {
    let mut encoder = Encoder::new(0, 9);
    let mut cache = LayerCache::new(CacheConfig::default());
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(1);
    let key = encoder.encode(true, 0);
    let now = at(40_000);
    let mut sent = Vec::new();
    for packet in [&key[1], &key[0], &key[2]] {
        cache.insert(Arc::clone(packet));
        if let Ok(out) = slot.forward(now, packet, None) {
            sent.push(out.out_seq);
        }
        while let Some((out, _)) = slot.next_replay(now, &cache) {
            sent.push(out.out_seq);
        }
    }
    let first = sent[0];
    assert_eq!(sent, [first, first + 1, first + 2]);
}

#[test]
fn a_written_packet_carries_the_subscribers_ids_and_patched_payload() {
    let mut encoder = Encoder::new(0, 1);
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(1);
    let mut packet = Arc::unwrap_or_clone(encoder.encode(true, 0).remove(0));
    packet.audio_level = Some((5, true));
    packet.video_orientation = Some(3);
    packet.dependency_descriptor = ExtensionBody::new(&[1; 20]);
    let now = at(50_000);
    let out = slot.forward(now, &packet, None).unwrap();
    let stamp = Stamp {
        mono_us: now.mono_us,
        ntp: now.ntp,
        transport_seq: 0xabcd,
    };
    let mut buf = [0; 1500];
    let len = slot.write(&out, &packet, stamp, &mut buf);
    let view = View::parse(&buf[..len]).unwrap();
    let header = view.header();
    assert_eq!(
        (header.ssrc(), header.pt(), header.seq()),
        (Ssrc(0x1234_5678), Pt(120), out.out_seq as u16)
    );
    assert_eq!(header.extension(IDS.mid), Some(&b"v0"[..]));
    assert_eq!(header.extension(IDS.transport_cc), Some(&[0xab, 0xcd][..]));
    assert_eq!(header.extension(IDS.video_orientation), Some(&[3][..]));
    assert_eq!(header.extension(IDS.dependency_descriptor), Some(&[1; 20][..]));
    assert_eq!(header.extension(IDS.audio_level), None, "only audio has a level");
    let picture = out.patch.picture_id().unwrap() | 0x8000;
    assert_eq!(view.payload()[2..4], picture.to_be_bytes());
    assert_eq!(view.payload()[5..], packet.payload[5..]);
    slot.on_report();
    let shorter = slot.write(&out, &packet, stamp, &mut buf);
    assert!(shorter < len);
    assert_eq!(View::parse(&buf[..shorter]).unwrap().header().extension(IDS.mid), None);
    assert_eq!(slot.write(&out, &packet, stamp, &mut buf[..20]), 0);
}

#[test]
fn a_nack_is_answered_on_the_retransmission_stream() {
    let mut encoder = Encoder::new(0, 1);
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(1);
    let now = at(50_000);
    let mut cache = LayerCache::new(CacheConfig::default());
    let mut outs = Vec::new();
    for packet in encoder.encode(true, 0) {
        outs.push(slot.forward(now, &packet, None).unwrap());
        cache.insert(packet);
    }
    let again = slot.retransmit(now.mono_us, outs[1].out_seq as u16, None).unwrap();
    let packet = cache.get(now.mono_us, again.sent.src_seq).unwrap();
    let stamp = Stamp {
        mono_us: now.mono_us,
        ntp: now.ntp,
        transport_seq: 1,
    };
    let mut buf = [0; 1500];
    let len = slot.write_retransmission(&again, packet, stamp, &mut buf);
    let view = View::parse(&buf[..len]).unwrap();
    assert_eq!((view.header().ssrc(), view.header().pt()), (Ssrc(0x9999), Pt(121)));
    assert_eq!(view.header().timestamp(), outs[1].rtp_ts);
    assert_eq!(view.payload()[..2], (outs[1].out_seq as u16).to_be_bytes());
    assert_eq!(
        view.payload()[4..6],
        (outs[1].patch.picture_id().unwrap() | 0x8000).to_be_bytes()
    );
    let next = slot.retransmit(now.mono_us, outs[2].out_seq as u16, None).unwrap();
    assert_eq!(next.rtx_seq(), again.rtx_seq() + 1);
    assert_eq!(
        slot.retransmit(now.mono_us, outs[1].out_seq as u16, None),
        Err(Refusal::TooSoon)
    );
    slot.begin_source(1);
    let mut other = Encoder::new(0, 2);
    slot.forward(at(90_000), &other.encode(true, 0)[0], None).unwrap();
    assert_eq!(
        slot.retransmit(9_000_000, outs[0].out_seq as u16, None),
        Err(Refusal::Abandoned)
    );
}

#[test]
fn a_codec_that_the_subscriber_lacks_is_not_sent() {
    let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
    slot.begin_source(1);
    let mut packet = Arc::unwrap_or_clone(Encoder::new(0, 1).encode(true, 0).remove(0));
    packet.codec = Codec::H264;
    assert_eq!(slot.forward(at(0), &packet, None), Err(Skip::CodecMismatch));
    assert_eq!(slot.sender_report(at(0), None), None);
}

#[test]
fn speakers_that_take_turns_on_an_audio_slot_are_one_stream() {
    let mut slot = OutboundSlot::new(spec(Kind::Audio), RetransmitConfig::default());
    let mut last: Option<Outgoing> = None;
    for speaker in 0..20u64 {
        slot.begin_source(1);
        for index in 0..50u64 {
            let ms = (speaker * 50 + index) * 20;
            let mut packet = Arc::unwrap_or_clone(PacketPool::new(0).take());
            packet.seq = 0x1_0000 + speaker * 777 + index;
            packet.rtp_ts = (speaker as u32)
                .wrapping_mul(0x7654_3210)
                .wrapping_add(index as u32 * 960);
            packet.arrival_us = ms * 1000;
            packet.audio_level = Some((30, true));
            packet.payload.extend_from_slice(&[1, 2, 3]);
            let now = at(ms * 1000);
            let out = slot.forward(now, &packet, None).unwrap();
            assert_eq!((out.switched, out.marker), (index == 0, index == 0));
            if let Some(last) = last {
                assert_eq!(out.out_seq, last.out_seq + 1);
                assert_eq!(out.rtp_ts.wrapping_sub(last.rtp_ts), 960);
            }
            last = Some(out);
            let mut buf = [0; 100];
            let stamp = Stamp {
                mono_us: now.mono_us,
                ntp: now.ntp,
                transport_seq: 0,
            };
            let len = slot.write(&out, &packet, stamp, &mut buf);
            let view = View::parse(&buf[..len]).unwrap();
            let level = view.header().extension(IDS.audio_level).and_then(parse_audio_level);
            assert_eq!(level, Some((30, true)));
        }
    }
    assert_eq!(slot.sender_report(at(20_000_000), None).unwrap().packets, 1000);
}
