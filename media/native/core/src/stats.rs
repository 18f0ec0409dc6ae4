//! Counters and the snapshot that a worker gives once a second.

use crate::id::{PeerId, SlotId, TrackId, WorkerId};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every counter of a worker; a dropped packet is counted by its reason.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Counters {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// Names and values in one fixed order.
            pub fn entries(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }

            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

counters! {
    datagrams_in,
    bytes_in,
    datagrams_out,
    bytes_out,
    rtp_in,
    rtp_out,
    rtcp_in,
    rtcp_out,
    rtx_in,
    rtx_out,
    /// Recovered by a retransmission that we asked for.
    recovered,
    nack_sent,
    nack_received,
    pli_sent,
    pli_received,
    /// Key frame requests answered from the cache or merged with one under way.
    pli_merged,
    gop_replayed,
    handed_over,
    stun_binding,
    drop_empty,
    drop_oversize,
    drop_unknown_kind,
    drop_unknown_tuple,
    drop_stun_malformed,
    drop_stun_unknown_ufrag,
    drop_stun_integrity,
    drop_stun_rate,
    drop_dtls_unauthenticated,
    drop_dtls_queue_full,
    drop_srtp_no_keys,
    drop_srtp_auth,
    drop_srtp_replay,
    drop_srtcp_auth,
    drop_srtcp_replay,
    drop_rtp_malformed,
    drop_rtp_unknown_ssrc,
    drop_rtp_unknown_pt,
    drop_rtp_duplicate,
    drop_rtp_rate,
    drop_rtcp_malformed,
    drop_rtcp_rate,
    drop_track_disabled,
    /// After a restart of the source: useless without a key frame, which was asked for.
    drop_rtp_awaits_key_frame,
    drop_audio_silent,
    drop_audio_not_loudest,
    drop_extension_too_long,
    drop_nack_limit,
    drop_nack_not_cached,
    drop_send_buffer_full,
    drop_share_queue_full,
    drop_event_queue_full,
    drop_tap_queue_full,
    drop_tcp_frame,
}

/// What one peer's connection looks like now, for the quality badge and for `/metrics`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeerStats {
    pub peer: PeerId,
    pub rtt_ms: Option<f32>,
    /// Share of packets that the peer reports lost, 0..=1, over the last second.
    pub loss_down: f32,
    /// Share of the peer's packets lost on the way to us, 0..=1, over the last second.
    pub loss_up: f32,
    pub bitrate_in_bps: u32,
    pub bitrate_out_bps: u32,
    /// Milliseconds since the last valid consent check.
    pub consent_age_ms: u32,
    pub tcp: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrackStats {
    pub track: TrackId,
    /// Bits a second of each layer.
    pub layer_bps: Vec<u32>,
    pub subscribers: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlotStats {
    pub peer: PeerId,
    pub slot: SlotId,
    pub bitrate_bps: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    pub worker: WorkerId,
    pub counters: Counters,
    pub peers: Vec<PeerStats>,
    pub tracks: Vec<TrackStats>,
    pub slots: Vec<SlotStats>,
}
