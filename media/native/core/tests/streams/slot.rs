//! A subscriber's outgoing video stream under switches, loss, reordering and re-routing.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use muster_core::api::Kind;
use muster_core::cache::{CacheConfig, LayerCache};
use muster_core::egress::layer::Budget;
use muster_core::egress::outgoing::{Outgoing, Skip};
use muster_core::egress::rtx::RetransmitConfig;
use muster_core::egress::slot::OutboundSlot;
use muster_core::egress::write::Stamp;
use muster_core::id::Layer;
use muster_core::packet::Packet;
use muster_core::seq::ts_diff;

use crate::source::{at, random, spec, Encoder, FRAME_US};

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
