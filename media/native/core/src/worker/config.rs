//! Every limit of a worker, with its default and unit. All are plain numbers, so that a shell can set them by name.

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $default:expr,)*) => {
        /// Limits and timings of one worker; `_us` are microseconds, `_bps` bits a second.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct WorkerConfig {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Default for WorkerConfig {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl WorkerConfig {
            /// Sets one limit; false when there is none of this name.
            pub fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => return false,
                }
                true
            }

            /// Names and values in one fixed order.
            pub fn entries(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

const MS: u64 = 1_000;
const S: u64 = 1_000_000;

limits! {
    /// Bytes of the largest datagram that is looked at.
    max_datagram = 1_500,
    /// STUN requests with a known user name, each second, from one address and port.
    stun_per_tuple = 20,
    /// The same from one IP address: a whole class behind one NAT checks at once.
    stun_per_ip = 200,
    /// Sources remembered by the two limits above; further ones are refused until the next second.
    stun_sources = 65_536,
    /// Validated addresses of one peer; the one silent for longest gives way.
    tuples_per_peer = 8,
    /// Without a valid check for so long the peer is gone (RFC 7675 section 5.1).
    consent_timeout_us = 30 * S,
    /// Old credentials live so long after the new path was nominated.
    ice_restart_overlap_us = 3 * S,
    /// A plain check from another address takes over when the selected one was silent for so long (NAT rebinding);
    /// consent checks come every 4 to 6 s (RFC 7675 section 5.1).
    rebind_silence_us = 5 * S,
    /// DTLS datagrams each second of one peer; a handshake needs about ten.
    dtls_per_second = 100,
    /// RTP packets each second of one peer: three simulcast layers, a screen and their retransmissions.
    rtp_per_second = 2_000,
    /// Packets each second of one track, and bits a second of a camera, a screen and a microphone.
    track_packets_per_second = 1_000,
    camera_bps = 4_000_000,
    screen_bps = 6_000_000,
    /// Opus reaches 510 kbit/s (RFC 6716 section 2.1.1), and encoders that publish music use it.
    microphone_bps = 640_000,
    /// RTCP datagrams each second of one peer.
    rtcp_per_second = 200,
    /// Tracks that one peer may publish.
    tracks_per_peer = 20,
    /// Slots that one peer may receive.
    slots_per_peer = 64,
    /// Packets that one peer may be sent by one flush, beside retransmissions.
    flush_packets = 2_048,
    /// A video frame whose end has not arrived waits for it so long, so that its packets leave in one GSO run;
    /// 0 = never. A browser sends a frame within a fraction of it.
    frame_hold_us = MS,
    /// Retransmissions may take this share of the bytes sent to a subscriber, in percent.
    rtx_percent = 15,
    /// Bytes of retransmissions that are saved up, so that a burst of loss on a thin stream is repaired.
    rtx_burst_bytes = 64_000,
    /// Sent packets that a video slot can be asked for again: 1 s of 250 packets/s. Small, since every packet sent
    /// touches it.
    rtx_remembered = 256,
    /// Retransmissions of one slot in one flush.
    rtx_per_flush = 128,
    /// A packet is sent again at most so often.
    rtx_tries = 3,
    /// Packets kept for reuse, so that none is allocated after warm-up.
    pool_packets = 4_096,
    /// Packets kept of each layer for retransmission and replay.
    cache_packets = 512,
    /// Packets kept of an audio track for retransmission.
    cache_packets_audio = 128,
    /// Key frames are asked from a publisher at most this often: lowest layer, and those above.
    key_frame_interval_low_us = 500 * MS,
    key_frame_interval_us = S,
    /// Key frame requests of one subscriber each second that are looked at.
    key_frame_requests_per_second = 10,
    /// A joiner is served from the cache when the cached key frame is at most this old.
    gop_age_us = 4 * S,
    /// Lost packets are looked for this often.
    nack_interval_us = 20 * MS,
    /// Receiver reports to publishers.
    receiver_report_us = S,
    /// Sender reports of video and of audio.
    sender_report_video_us = S,
    sender_report_audio_us = 5 * S,
    /// A layer that nobody wants is reported after so long, since viewers often come back.
    layers_wanted_hold_us = 2 * S,
    /// A layer without packets for so long is inactive.
    layer_silence_us = 1_500 * MS,
    /// The same for a screen, which may stay still.
    screen_silence_us = 10 * S,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_can_be_set_by_its_name() {
        let mut config = WorkerConfig::default();
        for (name, value) in WorkerConfig::default().entries() {
            assert!(config.set(name, value + 1));
        }
        assert!(config
            .entries()
            .iter()
            .zip(WorkerConfig::default().entries())
            .all(|(a, b)| a.1 == b.1 + 1));
        assert!(!config.set("no_such_limit", 1));
    }
}
