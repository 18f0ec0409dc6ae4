//! A simulated encoder and the subscriber's slot that the tests share.

use std::sync::Arc;

use muster_core::api::{Codec, CodecSpec, ExtensionIds, Kind, Now, SlotSpec};
use muster_core::cache::PacketPool;
use muster_core::egress::timestamp::SourceClock;
use muster_core::id::{Layer, Pt, SlotId, Ssrc};
use muster_core::packet::{Packet, PictureId};

pub(crate) const FRAME_US: u64 = 33_333;
pub(crate) const IDS: ExtensionIds = ExtensionIds {
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

pub(crate) fn spec(kind: Kind) -> SlotSpec {
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

pub(crate) fn at(us: u64) -> Now {
    Now {
        mono_us: us,
        ntp: (1 << 60) + (u128::from(us) * (1 << 32) / 1_000_000) as u64,
    }
}

/// One simulcast layer of a source: frames of `packets` packets, each 33 ms.
pub(crate) struct Encoder {
    pub(crate) layer: u8,
    pub(crate) base_ts: u32,
    pub(crate) seq: u64,
    pub(crate) picture: u16,
    pub(crate) tl0: u8,
    pub(crate) packets: usize,
    pub(crate) frame: u64,
}

impl Encoder {
    pub(crate) fn new(layer: u8, seed: u64) -> Self {
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

    pub(crate) fn clock(&self) -> Option<SourceClock> {
        Some(SourceClock {
            ntp: at(0).ntp,
            rtp_ts: self.base_ts,
        })
    }

    /// The frame captured at `frame * 33 ms`, `tid` 0 or 1.
    pub(crate) fn encode(&mut self, key: bool, tid: u8) -> Vec<Arc<Packet>> {
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

/// The next number of a seeded sequence.
pub(crate) fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}
