//! What one forwarded packet costs the pure core: one publisher, many subscribers, output that goes nowhere.
//!
//! `cargo run --release --example fanout [subscribers] [packets of each frame] [frames]`. Inside the clock: opening,
//! inspection, rewriting, sealing. Outside: sockets, and the publisher's own sealing. Needs no benchmark crate; run it
//! under `valgrind --tool=callgrind` to see where the time goes.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use muster_core::api::{
    Codec, CodecSpec, Command, Event, ExtensionIds, Kind, MasterKey, Now, Profile, ReceiveSpec, Shared, Sink, SlotSpec,
    Transport, Tuple,
};
use muster_core::id::{GroupId, Layer, PeerId, Pt, SlotId, Ssrc, TapId, TrackId, WorkerId};
use muster_core::packet::Packet;
use muster_core::rtp::{Fields, HeaderWriter};
use muster_core::srtp::{master_key_len, Outbound};
use muster_core::stun::{self, IntegrityKey, RequestFields, Role};
use muster_core::worker::{Worker, WorkerConfig};

const PROFILE: Profile = Profile::AeadAes128Gcm;
const PAYLOAD: usize = 1100;

/// Counts what it is given and forgets it.
struct Null {
    buf: Vec<u8>,
    packets: u64,
}

impl Sink for Null {
    fn datagram(&mut self, _to: Tuple, capacity: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize) {
        self.packets += u64::from(fill(&mut self.buf[..capacity]) > 0);
    }

    fn share(&mut self, _to: WorkerId, _message: Shared) {}
    fn event(&mut self, _event: Event) {}
    fn tap(&mut self, _tap: TapId, _track: TrackId, _packet: &Arc<Packet>) {}
}

struct Setup {
    worker: Worker,
    out: Null,
    mono_us: u64,
}

impl Setup {
    fn now(&self) -> Now {
        Now {
            mono_us: self.mono_us,
            ntp: self.mono_us << 12,
        }
    }

    fn command(&mut self, command: Command) {
        self.worker.handle_command(self.now(), command, &mut self.out);
    }

    fn join(&mut self, id: u64, receive: Vec<ReceiveSpec>, slots: Vec<SlotSpec>) -> Tuple {
        let peer = PeerId(id);
        let (ufrag, pwd) = (format!("u{id}"), "a password of 22 bytes".to_string());
        let remote = SocketAddr::from(([10, 0, (id >> 8) as u8, id as u8], 5000));
        let tuple = Tuple {
            transport: Transport::Udp,
            remote,
        };
        let username = format!("{ufrag}:r");
        let key = IntegrityKey::new(&pwd);
        self.command(Command::Register {
            peer,
            owner: WorkerId(0),
            ufrag,
            pwd,
            remote_ufrag: "r".into(),
        });
        self.command(Command::AddPeer {
            peer,
            group: GroupId(1),
        });
        self.command(Command::SetKeys {
            peer,
            profile: PROFILE,
            tx: master_key(),
            rx: master_key(),
        });
        let fields = RequestFields {
            transaction: [0; 12],
            username: &username,
            priority: 1,
            role: Role::Controlling(1),
            use_candidate: true,
        };
        let mut buf = [0; 200];
        let len = stun::request(&mut buf, &fields, &key).expect("200 bytes are enough");
        self.worker
            .handle_datagram(self.now(), tuple, &mut buf[..len], &mut self.out);
        self.command(Command::Configure { peer, receive, slots });
        tuple
    }
}

fn master_key() -> MasterKey {
    MasterKey(vec![7; master_key_len(PROFILE)])
}

fn codecs() -> Vec<CodecSpec> {
    vec![CodecSpec {
        codec: Codec::Vp8,
        pt: Pt(96),
        rtx_pt: Some(Pt(97)),
    }]
}

fn extensions() -> ExtensionIds {
    ExtensionIds {
        mid: 1,
        abs_send_time: 3,
        transport_cc: 5,
        ..Default::default()
    }
}

fn frame_packet(seq: u64, rtp_ts: u32, first: bool, last: bool, key: bool) -> (Vec<u8>, usize) {
    let mut buf = vec![0; 1400];
    let fields = Fields {
        marker: last,
        pt: Pt(96),
        seq: seq as u16,
        timestamp: rtp_ts,
        ssrc: Ssrc(600),
    };
    let mut header = HeaderWriter::new(&mut buf, fields).expect("room");
    header.extension(5, &(seq as u16).to_be_bytes()).expect("room");
    let len = header.finish();
    let picture = 0x8000 | (rtp_ts / 3000) as u16 & 0x7fff;
    buf[len] = 0x80 | u8::from(first) << 4;
    buf[len + 1] = 0x80;
    buf[len + 2..len + 4].copy_from_slice(&picture.to_be_bytes());
    buf[len + 4] = u8::from(!key);
    buf[len + 7..len + 10].copy_from_slice(&[0x9d, 0x01, 0x2a]);
    (buf, len)
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<u64>().ok());
    let subscribers = arguments.next().unwrap_or(200);
    let burst = arguments.next().unwrap_or(5);
    let frames = arguments.next().unwrap_or(400);
    let config = WorkerConfig {
        camera_bps: u64::from(u32::MAX),
        ..WorkerConfig::default()
    };
    let worker = Worker::new(WorkerId(0), 1, config);
    let mut setup = Setup {
        worker,
        out: Null {
            buf: vec![0; 2048],
            packets: 0,
        },
        mono_us: 1_000_000,
    };
    let camera = ReceiveSpec {
        track: TrackId(1),
        kind: Kind::Video,
        mid: "v".into(),
        rids: vec![],
        ssrcs: vec![Ssrc(600)],
        rtx_ssrcs: vec![],
        codecs: codecs(),
        extensions: extensions(),
        screen: false,
    };
    let publisher = setup.join(1, vec![camera], vec![]);
    for id in 2..subscribers + 2 {
        let slot = SlotSpec {
            slot: SlotId(0),
            kind: Kind::Video,
            mid: "0".into(),
            ssrc: Ssrc(id as u32 * 10),
            rtx_ssrc: Some(Ssrc(id as u32 * 10 + 1)),
            codecs: codecs(),
            extensions: extensions(),
            loudest: false,
            cname: "c".into(),
        };
        setup.join(id, vec![], vec![slot]);
        let (slot, track) = (SlotId(0), Some(TrackId(1)));
        setup.command(Command::Route {
            peer: PeerId(id),
            slot,
            track,
            max_layer: Layer(0),
        });
    }
    let mut sealer = Outbound::new(PROFILE, &master_key()).expect("the key has the right length");
    let mut spent = 0;
    let (mut seq, mut measured_from) = (0u64, 0u64);
    let warm_up = frames / 10;
    for frame in 0..frames {
        if frame == warm_up {
            (spent, measured_from) = (0, setup.out.packets);
        }
        let mut sealed = Vec::new();
        for place in 0..burst {
            let (mut buf, header) = frame_packet(seq, frame as u32 * 3000, place == 0, place + 1 == burst, frame == 0);
            let len = sealer.seal_rtp(&mut buf, header, PAYLOAD, seq).expect("a fresh number");
            buf.truncate(len);
            sealed.push(buf);
            seq += 1;
        }
        let now = setup.now();
        let began = cpu_ns();
        for packet in &mut sealed {
            setup.worker.handle_datagram(now, publisher, packet, &mut setup.out);
        }
        setup.worker.flush(now, &mut setup.out);
        if setup.worker.next_timeout() <= now.mono_us {
            setup.worker.handle_timeout(now, &mut setup.out);
        }
        spent += cpu_ns() - began;
        setup.mono_us += 33_333;
    }
    let forwarded = setup.out.packets - measured_from;
    let control = control(subscribers, burst, frames);
    let nanoseconds = spent as f64 / forwarded.max(1) as f64;
    let report = format!(
        "{subscribers} subscribers, {burst} packets a frame: {nanoseconds:.0} ns for each of {forwarded} packets; \
         sealing alone {control:.0} ns\n"
    );
    std::io::Write::write_all(&mut std::io::stdout(), report.as_bytes()).expect("standard output is open");
}

/// The control: only what no forwarder can leave out, the sealing of as many packets with as many keys.
fn control(subscribers: u64, burst: u64, frames: u64) -> f64 {
    let new = |_| Outbound::new(PROFILE, &master_key()).expect("the key has the right length");
    let mut sealers: Vec<_> = (0..subscribers).map(new).collect();
    let (mut buf, header) = frame_packet(0, 0, true, true, true);
    let began = cpu_ns();
    for frame in 0..frames {
        for sealer in &mut sealers {
            for place in 0..burst {
                let seq = frame * burst + place;
                buf[2..4].copy_from_slice(&(seq as u16).to_be_bytes());
                sealer.seal_rtp(&mut buf, header, PAYLOAD, seq).expect("a fresh number");
            }
        }
    }
    (cpu_ns() - began) as f64 / (subscribers * burst * frames) as f64
}

/// Time on the processor, nanoseconds: a shared machine takes it away now and then. Wall time where Linux is not.
fn cpu_ns() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let wall = BEGAN.get_or_init(Instant::now).elapsed().as_nanos() as u64;
    let statistics = std::fs::read_to_string("/proc/self/schedstat").ok();
    let on_cpu = statistics.and_then(|text| text.split(' ').next()?.parse().ok());
    on_cpu.unwrap_or(wall)
}
