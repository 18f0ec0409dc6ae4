//! What a subscriber reports of its link: round trip, loss, and arrivals for a bandwidth estimator.

use crate::rtcp::{DlrrBlock, TransportFeedback};

/// Sent packets remembered for transport feedback: 2 s of 500 packets/s.
const SENT: usize = 1024;
/// A longer round trip (10 s in 1/65536 s) is a clock that jumped.
const MAX_TRIP: u32 = 10 << 16;

/// One packet on its way, by transport-wide sequence number. Eight bytes, since every packet sent touches it.
#[derive(Clone, Copy, Debug, Default)]
struct SentPacket {
    /// Low 32 bits of the time: feedback comes within the hour after which they repeat.
    sent_us: u32,
    seq: u16,
    /// 0 = never sent.
    bytes: u16,
}

/// Input of a send-side estimator: one packet that feedback told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Low 32 bits of the monotonic time.
    pub(crate) sent_us: u32,
    pub(crate) bytes: u16,
    /// On the receiver's clock; none = lost.
    pub(crate) arrival_us: Option<i64>,
}

/// Measurements of one peer's downlink. The estimator of bandwidth will read each
/// `Arrival`; until there is one, they are counted.
#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) rtt_us: Option<u64>,
    pub(crate) remb_bps: Option<u64>,
    /// Share reported lost over the last second, of all slots: lost and expected.
    lost: f32,
    reports: u32,
    next_seq: u16,
    now_us: u64,
    sent: Vec<SentPacket>,
    pub(crate) told: u64,
    pub(crate) told_lost: u64,
}

impl Link {
    /// Number of the next packet that carries the transport-wide extension; `sent` takes it.
    pub(crate) fn next(&mut self, now_us: u64) -> u16 {
        self.now_us = now_us;
        self.next_seq
    }

    /// The packet of `seq` left with so many bytes.
    pub(crate) fn sent(&mut self, seq: u16, bytes: usize) {
        if self.sent.is_empty() {
            self.sent.resize(SENT, SentPacket::default());
        }
        self.next_seq = seq.wrapping_add(1);
        self.sent[usize::from(seq) % SENT] = SentPacket {
            seq,
            sent_us: self.now_us as u32,
            bytes: bytes as u16,
        };
    }

    /// Takes transport feedback; statuses of numbers that were never sent or are forgotten are ignored.
    pub(crate) fn feedback(&mut self, feedback: &TransportFeedback<'_>) {
        for status in feedback.statuses() {
            let Some(packet) = self.sent.get(usize::from(status.seq) % SENT) else {
                return;
            };
            if packet.seq != status.seq || packet.bytes == 0 {
                continue;
            }
            let arrival = Arrival {
                sent_us: packet.sent_us,
                bytes: packet.bytes,
                arrival_us: status.arrival_us,
            };
            self.told += 1;
            self.told_lost += u64::from(arrival.arrival_us.is_none());
        }
    }

    /// A report block about one of our streams.
    pub(crate) fn report(&mut self, fraction_lost: u8, round_trip: Option<u32>) {
        self.lost += f32::from(fraction_lost) / 256.0;
        self.reports += 1;
        if let Some(trip) = round_trip {
            self.round_trip(trip);
        }
    }

    /// An answer to our reference time, which a peer that only sends gives (RFC 3611 section 4.5).
    pub(crate) fn echo(&mut self, arrival: u32, item: DlrrBlock) {
        let trip = arrival
            .wrapping_sub(item.last_rr)
            .wrapping_sub(item.delay_since_last_rr);
        if trip < MAX_TRIP {
            self.round_trip(trip);
        }
    }

    /// In 1/65536 s; smoothed like TCP's (RFC 6298 section 2).
    fn round_trip(&mut self, trip: u32) {
        let sample = (u64::from(trip) * 1_000_000) >> 16;
        self.rtt_us = Some(self.rtt_us.map_or(sample, |rtt| (rtt * 7 + sample) / 8));
    }

    /// Mean loss reported since the last call, 0..=1.
    pub(crate) fn take_loss(&mut self) -> f32 {
        let loss = if self.reports == 0 {
            0.0
        } else {
            self.lost / self.reports as f32
        };
        (self.lost, self.reports) = (0.0, 0);
        loss
    }
}
