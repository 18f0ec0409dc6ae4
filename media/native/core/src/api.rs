//! The contract of the packet path: what goes into a worker and what comes out.
//!
//! A worker is driven by its shell in this order, for ever:
//! 1. `handle_datagram` for each datagram of one receive batch, `handle_command` and `handle_shared`
//!    for what waits in the queues;
//! 2. `flush` once `flush_at` has come, which seals everything that the batch produced, subscriber after subscriber, so
//!    that the shell can group equal sizes for one destination into one GSO send;
//! 3. sleep until `next_timeout`, then `handle_timeout`.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::id::{GroupId, Layer, PeerId, Pt, SlotId, Ssrc, TapId, TrackId, WorkerId};
use crate::packet::Packet;
use crate::stats::Snapshot;

/// The time of a call: the core reads no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Monotonic, microseconds.
    pub mono_us: u64,
    /// Wall clock as an NTP timestamp (RFC 3550 section 4), for sender reports.
    pub ntp: u64,
}

/// Which socket a datagram came through; for TCP the stream, since a port may be reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    Udp,
    /// RFC 4571 stream; the number is the shell's connection id.
    Tcp(u32),
}

/// The remote end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuple {
    pub transport: Transport,
    pub remote: SocketAddr,
}

/// SRTP protection profiles in our order of preference (RFC 7714 section 14.2, RFC 5764 section 4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    AeadAes128Gcm,
    AeadAes256Gcm,
    Aes128CmSha1_80,
}

/// Key and salt of one direction, `key || salt`. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(pub Vec<u8>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Audio,
    Video,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}

/// A negotiated codec of one media section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecSpec {
    pub codec: Codec,
    pub pt: Pt,
    /// Payload type of its retransmissions (RFC 4588 `apt`), when negotiated.
    pub rtx_pt: Option<Pt>,
}

/// Negotiated ids of header extensions (RFC 8285); 0 = not negotiated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtensionIds {
    pub mid: u8,
    pub rid: u8,
    pub repaired_rid: u8,
    pub audio_level: u8,
    pub abs_send_time: u8,
    pub transport_cc: u8,
    pub abs_capture_time: u8,
    pub video_orientation: u8,
    pub playout_delay: u8,
    pub dependency_descriptor: u8,
}

/// What a publisher sends on one media section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveSpec {
    pub track: TrackId,
    pub kind: Kind,
    pub mid: String,
    /// Simulcast rids, lowest layer first; empty = one encoding.
    pub rids: Vec<String>,
    /// SSRCs announced by `a=ssrc`, one per layer, may be empty.
    pub ssrcs: Vec<Ssrc>,
    /// SSRCs of retransmissions, paired with `ssrcs` (`a=ssrc-group:FID`), may be empty.
    pub rtx_ssrcs: Vec<Ssrc>,
    pub codecs: Vec<CodecSpec>,
    pub extensions: ExtensionIds,
    /// A screen keeps resolution over frame rate and may stay still for long.
    pub screen: bool,
}

/// What a subscriber receives on one media section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSpec {
    pub slot: SlotId,
    pub kind: Kind,
    pub mid: String,
    pub ssrc: Ssrc,
    pub rtx_ssrc: Option<Ssrc>,
    pub codecs: Vec<CodecSpec>,
    pub extensions: ExtensionIds,
    /// True = filled by the loudest speakers of the group; false = by `Command::Route`.
    pub loudest: bool,
    /// RTCP CNAME of this slot's streams (RFC 3550 section 6.5.1).
    pub cname: String,
}

/// From the control side to the worker that owns the peer (`Register` and `Unregister` to all).
#[derive(Clone, Debug)]
pub enum Command {
    /// Credentials of a peer and the worker that owns it; a second one for the same peer is an ICE
    /// restart: the old credentials stay valid until the new path was nominated, 3 s at most after that.
    Register {
        peer: PeerId,
        owner: WorkerId,
        ufrag: String,
        pwd: String,
        remote_ufrag: String,
    },
    Unregister {
        peer: PeerId,
    },
    AddPeer {
        peer: PeerId,
        group: GroupId,
    },
    RemovePeer {
        peer: PeerId,
    },
    /// Outgoing DTLS record(s), at most one datagram.
    SendDtls {
        peer: PeerId,
        data: Vec<u8>,
    },
    SetKeys {
        peer: PeerId,
        profile: Profile,
        tx: MasterKey,
        rx: MasterKey,
    },
    /// Replaces what the peer publishes and receives; streams that stay the same go on untouched.
    Configure {
        peer: PeerId,
        receive: Vec<ReceiveSpec>,
        slots: Vec<SlotSpec>,
    },
    /// Puts a track on a slot, or clears it. `max_layer` follows tile size and visibility.
    Route {
        peer: PeerId,
        slot: SlotId,
        track: Option<TrackId>,
        max_layer: Layer,
    },
    /// The publisher's own mute state, or the tutor's: packets of a disabled track are dropped.
    SetTrackEnabled {
        peer: PeerId,
        track: TrackId,
        enabled: bool,
    },
    AddTap {
        tap: TapId,
        group: GroupId,
    },
    RemoveTap {
        tap: TapId,
    },
    /// Ask the publisher for a key frame of every layer (a recorder begins).
    RequestKeyFrame {
        peer: PeerId,
        track: TrackId,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoneReason {
    /// No valid consent check for 30 s (RFC 7675).
    ConsentExpired,
    /// Removed by command.
    Removed,
}

/// From a worker to the control side.
#[derive(Clone, Debug)]
pub enum Event {
    /// First authenticated check, or another path was selected.
    PathSelected {
        peer: PeerId,
        tuple: Tuple,
    },
    Dtls {
        peer: PeerId,
        data: Vec<u8>,
    },
    PeerGone {
        peer: PeerId,
        reason: GoneReason,
    },
    Speaking {
        track: TrackId,
        active: bool,
    },
    /// A layer of a track began or ceased to carry packets.
    LayerActive {
        track: TrackId,
        layer: Layer,
        active: bool,
    },
    /// Layers with at least one subscriber, bit n = layer n; for switching off unused encodings.
    LayersWanted {
        track: TrackId,
        mask: u8,
    },
    /// A slot filled by loudness now carries this track.
    SlotFilled {
        peer: PeerId,
        slot: SlotId,
        track: Option<TrackId>,
    },
    /// What a subscriber sees changed: the first frame of a layer left, or nothing can be sent.
    SlotLayer {
        peer: PeerId,
        slot: SlotId,
        layer: Option<Layer>,
    },
    /// Once a second for each worker.
    Stats(Box<Snapshot>),
}

/// Between workers; each worker has one bounded queue for them, and a full one drops media first.
#[derive(Clone, Debug)]
pub enum Shared {
    /// A datagram that arrived at a worker which does not own its peer.
    Datagram {
        from: Tuple,
        data: Vec<u8>,
    },
    TrackUp {
        track: TrackId,
        peer: PeerId,
        group: GroupId,
        owner: WorkerId,
        kind: Kind,
        layers: u8,
        screen: bool,
    },
    TrackDown {
        track: TrackId,
    },
    Published {
        track: TrackId,
        packet: Arc<Packet>,
    },
    /// Which layers the sending worker's subscribers want, bit n = layer n; 0 = nobody.
    Wanted {
        track: TrackId,
        worker: WorkerId,
        mask: u8,
    },
    KeyFrameNeeded {
        track: TrackId,
        layer: Layer,
    },
    /// Capture clock of a layer: an NTP timestamp on our clock and the RTP timestamp at that moment.
    SenderReport {
        track: TrackId,
        layer: Layer,
        ntp: u64,
        rtp_ts: u32,
    },
    TapUp {
        tap: TapId,
        group: GroupId,
    },
    TapDown {
        tap: TapId,
    },
}

/// Pictures stop when a send queue is so full, percent: the rest is for speech.
pub const QUEUE_FULL: u8 = 75;
/// They begin again, at a key frame, when it has drained to this.
pub const QUEUE_DRAINED: u8 = 25;

/// Where a worker's output goes; implemented by the shell and by the simulated tests.
pub trait Sink {
    /// Appends one datagram of at most `capacity` bytes; `fill` writes it in place and returns its
    /// length, 0 = nothing to send. Successive calls for one destination may be sent as one GSO run.
    fn datagram(&mut self, to: Tuple, capacity: usize, fill: &mut dyn FnMut(&mut [u8]) -> usize);
    /// How full the send queue towards `to` is, percent. Pictures give way while there is still room for speech;
    /// 0 where a datagram is sent or lost at once.
    fn pressure(&self, _to: Tuple) -> u8 {
        0
    }
    fn share(&mut self, to: WorkerId, message: Shared);
    fn event(&mut self, event: Event);
    /// A decrypted packet for a recorder. Bounded by the shell, which drops and counts.
    fn tap(&mut self, tap: TapId, track: TrackId, packet: &Arc<Packet>);
}
