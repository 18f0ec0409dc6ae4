//! A subscriber: opens every packet, measures its latency, and reports back as a browser does.

use muster_core::demux::{classify, Class};
use muster_core::id::Ssrc;
use muster_core::rtcp::{ReportBlock, Writer};
use muster_core::rtp::extension::parse_transport_cc;
use muster_core::rtp::View;
use muster_core::seq::extend;
use muster_core::srtp::{Outbound, MAX_RTCP_OVERHEAD};
use muster_net::{EgressBuffer, ReceiveBatch};

use crate::endpoint::Endpoint;
use crate::latency::Latencies;
use crate::publisher::{STAMP, TRANSPORT_CC_ID, VP8};

const OWN_SSRC: Ssrc = Ssrc(77);
/// Receiver reports come with every tenth feedback message, once a second.
const REPORT_EVERY: u8 = 10;

/// What all subscribers saw since the last reset.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) rtp: u64,
    pub(crate) bytes: u64,
    /// Packets that did not open, or whose payload is not the publisher's.
    pub(crate) bad: u64,
    pub(crate) feedback: u64,
    pub(crate) latencies: Latencies,
}

pub(crate) struct Subscriber {
    pub(crate) endpoint: Endpoint,
    arrivals: Vec<(u64, u64)>,
    highest_transport_seq: Option<u64>,
    highest_video_seq: u64,
    video_ssrc: Ssrc,
    feedback_count: u8,
}

impl Subscriber {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            arrivals: Vec::new(),
            highest_transport_seq: None,
            highest_video_seq: 0,
            video_ssrc: Ssrc(0),
            feedback_count: 0,
        }
    }

    pub(crate) fn receive(&mut self, now_us: u64, batch: &mut ReceiveBatch, seen: &mut Seen) {
        let mut datagrams = self.endpoint.socket.receive(batch);
        for index in 0..datagrams.len() {
            let datagram = datagrams.get(index);
            match classify(datagram.data) {
                Ok(Class::Stun) => self.endpoint.connected = true,
                Ok(Class::Rtp) => {
                    seen.rtp += 1;
                    seen.bytes += datagram.data.len() as u64;
                    let stamp = match self.endpoint.inbound.unprotect_rtp(datagram.data) {
                        Ok(len) => Self::stamp(&datagram.data[..len]),
                        Err(_) => None,
                    };
                    match (stamp, datagram.wall_ns) {
                        (Some(sent_ns), Some(wall_ns)) => {
                            seen.latencies.add(wall_ns - sent_ns);
                            self.note(now_us, datagram.data);
                        }
                        _ => seen.bad += 1,
                    }
                }
                _ => {}
            }
        }
    }

    /// The publisher's time in a payload that is whole.
    fn stamp(packet: &[u8]) -> Option<i64> {
        let view = View::parse(packet).ok()?;
        let (body, stamp) = view.payload().split_last_chunk::<STAMP>()?;
        let filled = body
            .iter()
            .rev()
            .take(64)
            .all(|byte| *byte == 0x55 || view.header().pt() != VP8);
        filled.then(|| i64::from_be_bytes(*stamp))
    }

    fn note(&mut self, now_us: u64, packet: &[u8]) {
        let Ok(view) = View::parse(packet) else { return };
        let header = view.header();
        if header.pt() == VP8 {
            self.video_ssrc = header.ssrc();
            self.highest_video_seq = extend(self.highest_video_seq, header.seq()).max(self.highest_video_seq);
        }
        if let Some(seq) = header.extension(TRANSPORT_CC_ID).and_then(parse_transport_cc) {
            let seq = self
                .highest_transport_seq
                .map_or(u64::from(seq) + (1 << 16), |highest| extend(highest, seq));
            self.highest_transport_seq = self.highest_transport_seq.max(Some(seq));
            self.arrivals.push((seq, now_us));
        }
    }

    /// Sends transport feedback, and now and then a receiver report.
    pub(crate) fn feedback(&mut self, buffer: &mut EgressBuffer, seen: &mut Seen) {
        self.arrivals.sort_unstable();
        self.arrivals.dedup_by_key(|arrival| arrival.0);
        self.feedback_count = self.feedback_count.wrapping_add(1);
        let (arrivals, count) = (&self.arrivals, self.feedback_count);
        let block = ReportBlock {
            ssrc: self.video_ssrc,
            highest_seq: self.highest_video_seq as u32,
            ..ReportBlock::default()
        };
        let media = self.video_ssrc;
        self.endpoint.queue(buffer, |room, outbound: &mut Outbound| {
            let end = room.len() - MAX_RTCP_OVERHEAD;
            let mut writer = Writer::new(&mut room[..end]);
            let report = count % REPORT_EVERY == 0 || arrivals.is_empty();
            if report && writer.receiver_report(OWN_SSRC, &[block]).is_err() {
                return 0;
            }
            if let Some((base, _)) = arrivals.first() {
                let told = writer.transport_feedback(OWN_SSRC, media, *base, count, arrivals);
                if told.is_err() {
                    return 0;
                }
            }
            let len = writer.len();
            outbound.seal_rtcp(room, len).unwrap_or(0)
        });
        self.endpoint.socket.send(buffer);
        self.arrivals.clear();
        seen.feedback += 1;
    }
}
