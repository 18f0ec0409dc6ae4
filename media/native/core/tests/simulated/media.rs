//! What simulated browsers offer and send: Opus, and VP8 in three layers.

use muster_core::api::{Codec, CodecSpec, ExtensionIds, Kind, ReceiveSpec, SlotSpec};
use muster_core::id::{Pt, SlotId, Ssrc, TrackId};
use muster_core::rtp::{Fields, HeaderWriter};

pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
pub const VP8_RTX: u8 = 97;

pub fn extensions() -> ExtensionIds {
    ExtensionIds {
        mid: 1,
        rid: 2,
        repaired_rid: 3,
        audio_level: 4,
        transport_cc: 5,
        ..Default::default()
    }
}

fn opus() -> Vec<CodecSpec> {
    vec![CodecSpec {
        codec: Codec::Opus,
        pt: Pt(OPUS),
        rtx_pt: None,
    }]
}

fn vp8() -> Vec<CodecSpec> {
    vec![CodecSpec {
        codec: Codec::Vp8,
        pt: Pt(VP8),
        rtx_pt: Some(Pt(VP8_RTX)),
    }]
}

/// A microphone whose SSRC is announced.
pub fn mic(track: u64, ssrc: u32) -> ReceiveSpec {
    ReceiveSpec {
        track: TrackId(track),
        kind: Kind::Audio,
        mid: "a".into(),
        rids: vec![],
        ssrcs: vec![Ssrc(ssrc)],
        rtx_ssrcs: vec![],
        codecs: opus(),
        extensions: extensions(),
        screen: false,
    }
}

/// A camera of three layers, bound by rid.
pub fn camera(track: u64) -> ReceiveSpec {
    ReceiveSpec {
        track: TrackId(track),
        kind: Kind::Video,
        mid: "v".into(),
        rids: ["q", "h", "f"].map(String::from).to_vec(),
        ssrcs: vec![],
        rtx_ssrcs: vec![],
        codecs: vp8(),
        extensions: extensions(),
        screen: false,
    }
}

fn slot(slot: u16, kind: Kind, ssrc: u32, codecs: Vec<CodecSpec>, loudest: bool) -> SlotSpec {
    SlotSpec {
        slot: SlotId(slot),
        kind,
        mid: slot.to_string(),
        ssrc: Ssrc(ssrc),
        rtx_ssrc: (kind == Kind::Video).then_some(Ssrc(ssrc + 1)),
        codecs,
        extensions: extensions(),
        loudest,
        cname: format!("slot{slot}"),
    }
}

pub fn audio_slot(number: u16, ssrc: u32) -> SlotSpec {
    slot(number, Kind::Audio, ssrc, opus(), false)
}

pub fn loudest_slot(number: u16, ssrc: u32) -> SlotSpec {
    slot(number, Kind::Audio, ssrc, opus(), true)
}

pub fn video_slot(number: u16, ssrc: u32) -> SlotSpec {
    slot(number, Kind::Video, ssrc, vp8(), false)
}

/// One RTP packet in the clear.
pub fn rtp(fields: Fields, extensions: &[(u8, &[u8])], payload: &[u8]) -> Vec<u8> {
    let mut buf = vec![0; 200 + payload.len()];
    let mut header = HeaderWriter::new(&mut buf, fields).expect("room for a header");
    for (id, body) in extensions {
        header.extension(*id, body).expect("room for extensions");
    }
    let len = header.finish();
    buf[len..len + payload.len()].copy_from_slice(payload);
    buf.truncate(len + payload.len());
    buf
}

/// 20 ms of speech at `level` (-dBov); the payload tells the packets apart.
pub fn speech(ssrc: u32, number: u32, level: u8) -> Vec<u8> {
    let fields = Fields {
        marker: false,
        pt: Pt(OPUS),
        seq: (number & 0xffff) as u16,
        timestamp: number.wrapping_mul(960),
        ssrc: Ssrc(ssrc),
    };
    let voice = u8::from(level < 80) << 7;
    rtp(
        fields,
        &[(4, &[voice | level])],
        &[&[0x78], &ssrc.to_be_bytes()[..], &number.to_be_bytes()[..]].concat(),
    )
}

/// A VP8 camera layer with 15-bit picture ids.
pub struct Encoder {
    pub ssrc: u32,
    pub rid: &'static str,
    pub seq: u16,
    pub rtp_ts: u32,
    pub picture: u16,
    pub transport: u16,
    /// Packets name their media section and layer.
    pub named: bool,
}

impl Encoder {
    pub fn new(ssrc: u32, rid: &'static str) -> Self {
        Self {
            ssrc,
            rid,
            seq: 1000,
            rtp_ts: ssrc.wrapping_mul(77),
            picture: 5,
            transport: 0,
            named: true,
        }
    }

    /// A frame of `count` packets; the last bytes of each payload are the frame's tag and the packet's place.
    pub fn frame(&mut self, key: bool, tag: u8, count: usize) -> Vec<Vec<u8>> {
        let packets = (0..count)
            .map(|place| self.packet(key, tag, place, place + 1 == count))
            .collect();
        self.rtp_ts = self.rtp_ts.wrapping_add(3000);
        self.picture = (self.picture + 1) & 0x7fff;
        packets
    }

    fn packet(&mut self, key: bool, tag: u8, place: usize, marker: bool) -> Vec<u8> {
        let fields = Fields {
            marker,
            pt: Pt(VP8),
            seq: self.seq,
            timestamp: self.rtp_ts,
            ssrc: Ssrc(self.ssrc),
        };
        self.seq = self.seq.wrapping_add(1);
        let start = u8::from(place == 0) << 4;
        let picture = (0x8000 | self.picture).to_be_bytes();
        // X, S; I; picture id; the frame header's P bit is 0 in a key frame.
        let mut payload = vec![0x80 | start, 0x80, picture[0], picture[1], u8::from(!key), 0, 0];
        if key && place == 0 {
            payload.extend([0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]);
        }
        payload.extend([tag, place as u8]);
        self.transport = self.transport.wrapping_add(1);
        let transport = self.transport.to_be_bytes();
        let names: [(u8, &[u8]); 3] = [(5, &transport), (1, b"v"), (2, self.rid.as_bytes())];
        rtp(fields, if self.named { &names } else { &names[..1] }, &payload)
    }
}

/// Tag and place of a packet that an `Encoder` made.
pub fn tag(payload: &[u8]) -> (u8, u8) {
    (payload[payload.len() - 2], payload[payload.len() - 1])
}
