//! The publisher: Opus 50 times a second, VP8 of 1.2 Mbit/s in a burst of 1,100-byte packets for each frame.

use muster_core::demux::{classify, Class};
use muster_core::id::{Pt, Ssrc};
use muster_core::rtp::extension::{audio_level, transport_cc};
use muster_core::rtp::{Fields, HeaderWriter};
use muster_core::srtp::Outbound;
use muster_net::{Clock, EgressBuffer, ReceiveBatch};

use crate::endpoint::Endpoint;

pub(crate) const AUDIO: Ssrc = Ssrc(1);
pub(crate) const VIDEO: Ssrc = Ssrc(2);
pub(crate) const OPUS: Pt = Pt(111);
pub(crate) const VP8: Pt = Pt(96);
pub(crate) const AUDIO_LEVEL_ID: u8 = 1;
pub(crate) const TRANSPORT_CC_ID: u8 = 3;
pub(crate) const AUDIO_US: u64 = 20_000;
const FRAME_US: u64 = 1_000_000 / 30;
/// About 48 kbit/s of speech.
const AUDIO_BYTES: usize = 120;
/// The datagram without its tag.
const VIDEO_BYTES: usize = 1_100;
const FRAME_BYTES: usize = 1_200_000 / 8 / 30;
/// Where the send time stands, from the end of a payload.
pub(crate) const STAMP: usize = 8;
const PSFB: u8 = 206;

pub(crate) struct Publisher {
    pub(crate) endpoint: Endpoint,
    next_audio_us: u64,
    next_frame_us: u64,
    audio: Stream,
    video: Stream,
    frames: u32,
    owed_bytes: usize,
    transport_seq: u16,
    key_frame_wanted: bool,
    pub(crate) sent: u64,
}

struct Stream {
    ssrc: Ssrc,
    pt: Pt,
    seq: u64,
    timestamp: u32,
}

impl Publisher {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            next_audio_us: 0,
            next_frame_us: 0,
            audio: Stream {
                ssrc: AUDIO,
                pt: OPUS,
                seq: 0,
                timestamp: 0,
            },
            video: Stream {
                ssrc: VIDEO,
                pt: VP8,
                seq: 0,
                timestamp: 0,
            },
            frames: 0,
            owed_bytes: 0,
            transport_seq: 0,
            key_frame_wanted: true,
            sent: 0,
        }
    }

    /// Sets the time of the first packets.
    pub(crate) fn begin(&mut self, now_us: u64) {
        (self.next_audio_us, self.next_frame_us) = (now_us, now_us);
    }

    pub(crate) fn next_us(&self) -> u64 {
        self.next_audio_us.min(self.next_frame_us)
    }

    /// Sends what is due.
    pub(crate) fn send(&mut self, now_us: u64, buffer: &mut EgressBuffer) {
        if now_us >= self.next_audio_us {
            self.next_audio_us += AUDIO_US;
            self.audio.timestamp = self.audio.timestamp.wrapping_add(960);
            self.queue(buffer, true, &[0x78; AUDIO_BYTES], AUDIO_BYTES, true);
        }
        if now_us >= self.next_frame_us {
            self.next_frame_us += FRAME_US;
            self.video.timestamp = self.video.timestamp.wrapping_add(3_000);
            self.frame(buffer);
        }
        self.endpoint.socket.send(buffer);
    }

    fn frame(&mut self, buffer: &mut EgressBuffer) {
        self.owed_bytes += FRAME_BYTES;
        let packets = (self.owed_bytes / VIDEO_BYTES).max(1);
        self.owed_bytes = self.owed_bytes.saturating_sub(packets * VIDEO_BYTES);
        let key = std::mem::take(&mut self.key_frame_wanted);
        for index in 0..packets {
            let mut payload = [0x55; 16];
            let picture = self.frames & 0x7FFF;
            // Descriptor with 15-bit picture id, TL0PICIDX and TID (RFC 7741 section 4.2), then the frame's own
            // header (section 4.3), of which bit 0 tells a key frame.
            payload[0] = 0x80 | if index == 0 { 0x10 } else { 0 };
            payload[1] = 0xE0;
            payload[2..4].copy_from_slice(&(picture as u16 | 0x8000).to_be_bytes());
            payload[4] = self.frames as u8;
            payload[5] = 0x20;
            payload[6] = u8::from(!key);
            payload[9..16].copy_from_slice(&[0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01]);
            self.queue(buffer, false, &payload, VIDEO_BYTES - 20, index + 1 == packets);
        }
        self.frames += 1;
    }

    /// One packet of `len` bytes of payload that begins with `start` and ends with the time.
    fn queue(&mut self, buffer: &mut EgressBuffer, audio: bool, start: &[u8], len: usize, marker: bool) {
        let stream = if audio { &mut self.audio } else { &mut self.video };
        stream.seq += 1;
        self.transport_seq = self.transport_seq.wrapping_add(1);
        let (seq, transport_seq) = (stream.seq, self.transport_seq);
        let fields = Fields {
            marker,
            pt: stream.pt,
            seq: seq as u16,
            timestamp: stream.timestamp,
            ssrc: stream.ssrc,
        };
        let stamp = Clock.read().wall_ns.to_be_bytes();
        self.endpoint.queue(buffer, |room, outbound: &mut Outbound| {
            let Ok(mut header) = HeaderWriter::new(room, fields) else {
                return 0;
            };
            let level = if audio {
                header.extension(AUDIO_LEVEL_ID, &audio_level(30, true))
            } else {
                Ok(())
            };
            if level
                .and_then(|()| header.extension(TRANSPORT_CC_ID, &transport_cc(transport_seq)))
                .is_err()
            {
                return 0;
            }
            let head = header.finish();
            room[head..head + len].fill(0x55);
            room[head..head + start.len()].copy_from_slice(start);
            room[head + len - STAMP..head + len].copy_from_slice(&stamp);
            outbound.seal_rtp(room, head, len, seq).unwrap_or(0)
        });
        self.sent += 1;
    }

    /// Takes what the server sends: answers to checks, and requests for a key frame.
    pub(crate) fn receive(&mut self, batch: &mut ReceiveBatch) {
        let mut datagrams = self.endpoint.socket.receive(batch);
        for index in 0..datagrams.len() {
            let data = datagrams.get(index).data;
            match classify(data) {
                Ok(Class::Stun) => self.endpoint.connected = true,
                Ok(Class::Rtcp) => {
                    let Ok(len) = self.endpoint.inbound.unprotect_rtcp(data) else {
                        continue;
                    };
                    self.key_frame_wanted |= asks_for_key_frame(&data[..len]);
                }
                _ => {}
            }
        }
    }
}

fn asks_for_key_frame(mut compound: &[u8]) -> bool {
    while compound.len() >= 4 {
        if compound[1] == PSFB {
            return true;
        }
        let len = 4 + 4 * usize::from(u16::from_be_bytes([compound[2], compound[3]]));
        compound = compound.get(len..).unwrap_or(&[]);
    }
    false
}
