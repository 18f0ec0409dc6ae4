//! Publisher to subscriber over two lossy, reordering links with retransmission on both: nothing is mixed up, and up
//! to moderate loss nothing is missing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use muster_core::api::{Codec, CodecSpec, ExtensionIds, Kind, ReceiveSpec};
use muster_core::cache::{CacheConfig, LayerCache, PacketPool};
use muster_core::egress::rtx::RetransmitConfig;
use muster_core::egress::slot::OutboundSlot;
use muster_core::egress::write::Stamp;
use muster_core::feedback::{KeyFrameConfig, KeyFrameRequests};
use muster_core::id::{Layer, Pt, Ssrc, TrackId};
use muster_core::ingress::binding::{Source, SsrcTable};
use muster_core::ingress::nack::{NackConfig, NackGenerator};
use muster_core::ingress::track::{InboundTrack, TrackConfig};
use muster_core::rtp::{Fields, HeaderWriter, View};
use muster_core::seq::extend;

use crate::source::{at, random, spec};

const DELAY_US: u64 = 20_000;
const TICK_US: u64 = 5_000;
const PACKETS_PER_FRAME: u32 = 3;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Message {
    ToServer(Vec<u8>),
    ToViewer(Vec<u8>),
    AskPublisher(Vec<u16>),
    AskServer(Vec<u16>),
    KeyFrame,
}

/// Both links: each message is lost or delayed by chance.
struct Network {
    queue: BinaryHeap<Reverse<(u64, u64, Message)>>,
    loss_percent: u64,
    state: u64,
    order: u64,
}

impl Network {
    fn send(&mut self, now_us: u64, message: Message) {
        if random(&mut self.state) % 100 < self.loss_percent {
            return;
        }
        self.order += 1;
        let late_us = random(&mut self.state) % 8_000;
        self.queue
            .push(Reverse((now_us + DELAY_US + late_us, self.order, message)));
    }

    fn receive(&mut self, now_us: u64) -> Option<Message> {
        let due = self.queue.peek().is_some_and(|Reverse((when, _, _))| *when <= now_us);
        if due {
            self.queue.pop().map(|Reverse((_, _, message))| message)
        } else {
            None
        }
    }
}

/// Sends numbered packets: the payload says which one it is.
struct Publisher {
    seq: u16,
    rtx_seq: u16,
    count: u32,
    key_wanted: bool,
    history: BTreeMap<u16, Vec<u8>>,
}

fn packet(pt: u8, ssrc: u32, seq: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Vec<u8> {
    let mut buf = vec![0; 100];
    let fields = Fields {
        marker,
        pt: Pt(pt),
        seq,
        timestamp,
        ssrc: Ssrc(ssrc),
    };
    let start = HeaderWriter::new(&mut buf, fields).unwrap().finish();
    buf[start..start + payload.len()].copy_from_slice(payload);
    buf.truncate(start + payload.len());
    buf
}

impl Publisher {
    fn frame(&mut self, now_us: u64, network: &mut Network) {
        let key = std::mem::take(&mut self.key_wanted);
        for index in 0..PACKETS_PER_FRAME {
            // VP8 descriptor, frame tag and start code of a key frame, and the packet's count.
            let mut payload = vec![
                if index == 0 { 0x10 } else { 0 },
                u8::from(!key),
                0,
                0,
                0x9d,
                0x01,
                0x2a,
                0,
                0,
            ];
            payload.extend_from_slice(&self.count.to_be_bytes());
            let timestamp = (now_us * 90 / 1000) as u32;
            let bytes = packet(96, 7, self.seq, timestamp, index + 1 == PACKETS_PER_FRAME, &payload);
            self.history.insert(self.seq, bytes.clone());
            network.send(now_us, Message::ToServer(bytes));
            self.seq = self.seq.wrapping_add(1);
            self.count += 1;
        }
    }

    fn answer(&mut self, now_us: u64, seqs: &[u16], network: &mut Network) {
        for seq in seqs {
            let Some(bytes) = self.history.get(seq) else { continue };
            let view = View::parse(bytes).unwrap();
            let mut payload = seq.to_be_bytes().to_vec();
            payload.extend_from_slice(view.payload());
            let header = view.header();
            let again = packet(97, 8, self.rtx_seq, header.timestamp(), header.marker(), &payload);
            self.rtx_seq = self.rtx_seq.wrapping_add(1);
            network.send(now_us, Message::ToServer(again));
        }
    }
}

struct Server {
    specs: Vec<ReceiveSpec>,
    ssrcs: SsrcTable,
    track: InboundTrack,
    pool: PacketPool,
    cache: LayerCache,
    slot: OutboundSlot,
    requests: KeyFrameRequests,
}

impl Server {
    fn new() -> Self {
        let receive = ReceiveSpec {
            track: TrackId(1),
            kind: Kind::Video,
            mid: "0".into(),
            rids: vec![],
            ssrcs: vec![Ssrc(7)],
            rtx_ssrcs: vec![Ssrc(8)],
            codecs: vec![CodecSpec {
                codec: Codec::Vp8,
                pt: Pt(96),
                rtx_pt: Some(Pt(97)),
            }],
            extensions: ExtensionIds::default(),
            screen: false,
        };
        let specs = vec![receive.clone()];
        let mut ssrcs = SsrcTable::new(16);
        ssrcs.configure(&specs);
        let mut slot = OutboundSlot::new(spec(Kind::Video), RetransmitConfig::default());
        slot.begin_source(1);
        Self {
            specs,
            ssrcs,
            track: InboundTrack::new(receive, TrackConfig::default()),
            pool: PacketPool::new(2048),
            cache: LayerCache::new(CacheConfig::default()),
            slot,
            requests: KeyFrameRequests::new(KeyFrameConfig::default()),
        }
    }

    fn take(&mut self, now_us: u64, bytes: &[u8], network: &mut Network) {
        let view = View::parse(bytes).unwrap();
        let Source::Bound(binding) = self.ssrcs.resolve(now_us, view.header(), &self.specs) else {
            panic!("both SSRCs were announced")
        };
        let Ok(accepted) = self.track.accept(now_us, &view, binding, &mut self.pool) else {
            return;
        };
        if accepted.need_key_frame {
            self.request(now_us, network);
        }
        let Some(shared) = accepted.packet else { return };
        if shared.inspection.key_frame {
            self.requests.on_key_frame(Layer(0));
        }
        if let Some(old) = self.cache.insert(std::sync::Arc::clone(&shared)) {
            self.pool.give_back(old);
        }
        let now = at(now_us);
        let mut buf = [0; 200];
        let stamp = Stamp {
            mono_us: now_us,
            ntp: now.ntp,
            transport_seq: 0,
        };
        if let Ok(out) = self.slot.forward(now, &shared, None) {
            let len = self.slot.write(&out, &shared, stamp, &mut buf);
            network.send(now_us, Message::ToViewer(buf[..len].to_vec()));
        }
        while let Some((out, packet)) = self.slot.next_replay(now, &self.cache) {
            let len = self.slot.write(&out, packet, stamp, &mut buf);
            network.send(now_us, Message::ToViewer(buf[..len].to_vec()));
        }
    }

    fn answer(&mut self, now_us: u64, seqs: &[u16], network: &mut Network) {
        let mut buf = [0; 200];
        for seq in seqs {
            let Ok(again) = self.slot.retransmit(now_us, *seq, Some(2 * DELAY_US)) else {
                continue;
            };
            let Some(packet) = self.cache.get(now_us, again.sent.src_seq) else {
                continue;
            };
            let stamp = Stamp {
                mono_us: now_us,
                ntp: 0,
                transport_seq: 0,
            };
            let len = self.slot.write_retransmission(&again, packet, stamp, &mut buf);
            network.send(now_us, Message::ToViewer(buf[..len].to_vec()));
        }
    }

    fn tick(&mut self, now_us: u64, network: &mut Network) {
        let mut missing = Vec::new();
        let given_up = self.track.layers()[0].poll_nack(now_us, Some(2 * DELAY_US), &mut missing);
        if !missing.is_empty() {
            network.send(now_us, Message::AskPublisher(missing));
        }
        if given_up || self.slot.wants_key_frame().is_some() {
            self.request(now_us, network);
        }
        if self.requests.poll(now_us) != 0 {
            network.send(now_us, Message::KeyFrame);
        }
    }

    fn request(&mut self, now_us: u64, network: &mut Network) {
        if self.requests.request(now_us, Layer(0)) {
            network.send(now_us, Message::KeyFrame);
        }
    }
}

/// Remembers which packet of the publisher came under which number.
struct Viewer {
    packets: BTreeMap<u64, u32>,
    nack: NackGenerator,
    highest: Option<u64>,
}

impl Viewer {
    fn take(&mut self, now_us: u64, bytes: &[u8]) {
        let view = View::parse(bytes).unwrap();
        let (wire, payload) = if view.header().ssrc() == Ssrc(0x9999) {
            let [high, low, rest @ ..] = view.payload() else {
                panic!("a retransmission has a number")
            };
            (u16::from_be_bytes([*high, *low]), rest)
        } else {
            (view.header().seq(), view.payload())
        };
        let seq = extend(self.highest.unwrap_or(0x1_0000), wire);
        self.highest = self.highest.max(Some(seq));
        self.nack.on_packet(now_us, seq);
        let count = u32::from_be_bytes(payload[payload.len() - 4..].try_into().unwrap());
        let before = self.packets.insert(seq, count);
        assert!(
            before.is_none_or(|before| before == count),
            "number {seq} carried two packets"
        );
    }
}

/// Runs 20 s and gives (numbers missing at the viewer, packets that came, packets allocated).
fn run(loss_percent: u64, seed: u64) -> (usize, usize, u64) {
    let mut network = Network {
        queue: BinaryHeap::new(),
        loss_percent,
        state: seed,
        order: 0,
    };
    let mut publisher = Publisher {
        seq: 65_000,
        rtx_seq: 65_530,
        count: 0,
        key_wanted: true,
        history: BTreeMap::new(),
    };
    let mut server = Server::new();
    let mut viewer = Viewer {
        packets: BTreeMap::new(),
        nack: NackGenerator::new(NackConfig::default()),
        highest: None,
    };
    for tick in 0..4200u64 {
        let now_us = 1_000_000 + tick * TICK_US;
        // The last second only repairs.
        if tick.is_multiple_of(7) && tick < 4000 {
            publisher.frame(now_us, &mut network);
        }
        while let Some(message) = network.receive(now_us) {
            match message {
                Message::ToServer(bytes) => server.take(now_us, &bytes, &mut network),
                Message::ToViewer(bytes) => viewer.take(now_us, &bytes),
                Message::AskPublisher(seqs) => publisher.answer(now_us, &seqs, &mut network),
                Message::AskServer(seqs) => server.answer(now_us, &seqs, &mut network),
                Message::KeyFrame => publisher.key_wanted = true,
            }
        }
        server.tick(now_us, &mut network);
        let mut missing = Vec::new();
        viewer.nack.poll(now_us, Some(2 * DELAY_US), &mut missing);
        if !missing.is_empty() {
            network.send(now_us, Message::AskServer(missing));
        }
    }
    let seen: Vec<_> = viewer.packets.iter().collect();
    for pair in seen.windows(2) {
        let ((seq_a, count_a), (seq_b, count_b)) = (pair[0], pair[1]);
        assert_eq!(
            seq_b - seq_a,
            u64::from(count_b - count_a),
            "order and gaps are the publisher's"
        );
    }
    let span = seen[seen.len() - 1].0 - seen[0].0 + 1;
    (span as usize - seen.len(), seen.len(), server.pool.allocated())
}

#[test]
fn nothing_is_missing_at_up_to_five_percent_loss() {
    for (loss, seed) in [(0, 1), (1, 2), (1, 3), (5, 4), (5, 5)] {
        let (missing, came, _) = run(loss, seed);
        assert!(came > 1600, "{loss} %: {came}");
        assert_eq!(missing, 0, "at {loss} %");
    }
}

#[test]
fn heavy_loss_is_mostly_repaired_and_mixes_nothing_up() {
    for (loss, most) in [(15, 0.02), (30, 0.2)] {
        let (missing, came, _) = run(loss, 9);
        let share = missing as f64 / (missing + came) as f64;
        assert!(share < most, "at {loss} %: {share}");
    }
}

#[test]
fn packets_are_reused_once_the_cache_is_full() {
    let (_, came, allocated) = run(1, 7);
    assert!(allocated < 1100, "{allocated} allocated for {came}");
}
