//! What a slot writes: header, extensions, payload, retransmissions, audio.

use std::sync::Arc;

use muster_core::api::{Codec, Kind};
use muster_core::cache::{CacheConfig, LayerCache, PacketPool};
use muster_core::egress::outgoing::{Outgoing, Skip};
use muster_core::egress::rtx::{Refusal, RetransmitConfig};
use muster_core::egress::slot::OutboundSlot;
use muster_core::egress::write::Stamp;
use muster_core::id::{Pt, Ssrc};
use muster_core::packet::ExtensionBody;
use muster_core::rtp::extension::parse_audio_level;
use muster_core::rtp::View;

use crate::source::{at, spec, Encoder, IDS};

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
