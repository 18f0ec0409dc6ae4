//! One encoding of a published track: numbering, repair and liveness of its stream.

use crate::egress::seq_map::SeqMap;
use crate::id::Ssrc;
use crate::ingress::bitrate::BitrateMeter;
use crate::ingress::nack::{NackConfig, NackGenerator, NackOutcome};
use crate::ingress::receive_stats::{Arrival, ReceiveStats};

/// A packet that was taken into the layer's order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    /// Extended number on the wire.
    pub(crate) wire_seq: u64,
    pub(crate) outcome: NackOutcome,
    /// Another SSRC or a restarted source: frames before it cannot be continued.
    pub(crate) restarted: bool,
}

/// State of one layer.
#[derive(Clone, Debug)]
pub struct InboundLayer {
    clock_rate: u32,
    repair: bool,
    nack_config: NackConfig,
    stream: Option<Stream>,
    /// Published numbers leave out what was dropped on purpose, so that subscribers see only real loss as gaps.
    numbers: Option<SeqMap>,
    meter: BitrateMeter,
    seen_us: u64,
    active: bool,
}

/// The SSRC that carries the layer at present.
#[derive(Clone, Debug)]
struct Stream {
    ssrc: Ssrc,
    stats: ReceiveStats,
    nack: NackGenerator,
    /// Added to its numbers, a whole number of cycles, so that they are above those of the SSRC before.
    epoch: u64,
}

impl InboundLayer {
    /// `repair` = ask for missing packets.
    pub(crate) fn new(clock_rate: u32, repair: bool, nack_config: NackConfig) -> Self {
        Self {
            clock_rate,
            repair,
            nack_config,
            stream: None,
            numbers: None,
            meter: BitrateMeter::default(),
            seen_us: 0,
            active: false,
        }
    }

    /// SSRC of the layer's packets, once one came.
    pub fn ssrc(&self) -> Option<Ssrc> {
        self.stream.as_ref().map(|stream| stream.ssrc)
    }

    /// Reception statistics for reports.
    pub fn stats(&mut self) -> Option<&mut ReceiveStats> {
        self.stream.as_mut().map(|stream| &mut stream.stats)
    }

    /// Packets to ask for; see `NackGenerator::poll`.
    pub fn poll_nack(&mut self, now_us: u64, rtt_us: Option<u64>, out: &mut Vec<u16>) -> bool {
        self.stream
            .as_mut()
            .is_some_and(|stream| stream.nack.poll(now_us, rtt_us, out))
    }

    /// When `poll_nack` has something to do, monotonic microseconds.
    pub fn next_nack(&self) -> Option<u64> {
        self.stream.as_ref()?.nack.next_timeout()
    }

    /// Bits a second of payload.
    pub fn bitrate_bps(&self, now_us: u64) -> u32 {
        self.meter.bps(now_us)
    }

    /// The layer carries packets.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Takes the number of a packet; `Err` = duplicate or not believed yet. `ssrc` is `None` for a retransmission.
    pub(crate) fn take(
        &mut self,
        now_us: u64,
        ssrc: Option<Ssrc>,
        seq: u16,
        rtp_ts: u32,
        len: usize,
    ) -> Result<Taken, Arrival> {
        let replaced = self.follow_ssrc(ssrc);
        let stream = self.stream.as_mut().ok_or(Arrival::Suspect)?;
        let arrival = stream.stats.receive(seq, rtp_ts, now_us, ssrc.is_none());
        let (own, restarted) = match arrival {
            Arrival::New(own) | Arrival::Late(own) => (own, false),
            Arrival::Restarted(own) => {
                stream.nack.restart(own);
                (own, true)
            }
            refused => return Err(refused),
        };
        let outcome = if self.repair {
            stream.nack.on_packet(now_us, own)
        } else {
            NackOutcome::default()
        };
        self.meter.add(now_us, len);
        Ok(Taken {
            wire_seq: stream.epoch + own,
            outcome,
            restarted: restarted || replaced,
        })
    }

    /// Published number of a packet; none when its place is gone.
    pub(crate) fn publish(&mut self, wire_seq: u64) -> Option<u64> {
        self.numbers
            .get_or_insert_with(|| SeqMap::identity(wire_seq))
            .forward(wire_seq)
    }

    /// Leaves a packet out of the published numbers.
    pub(crate) fn skip(&mut self, wire_seq: u64) {
        if let Some(numbers) = self.numbers.as_mut() {
            numbers.skip(wire_seq);
        }
    }

    /// Nothing before this key frame needs repair.
    pub(crate) fn on_key_frame(&mut self, wire_seq: u64) {
        if let Some(stream) = self.stream.as_mut() {
            stream.nack.forget_before(wire_seq.saturating_sub(stream.epoch));
        }
    }

    /// Ceases to ask for what is missing.
    pub(crate) fn give_up_missing(&mut self) {
        if let Some(stream) = self.stream.as_mut() {
            let highest = stream.stats.highest().unwrap_or(0);
            stream.nack.restart(highest);
        }
    }

    /// Notes a published packet; true = the layer was inactive before.
    pub(crate) fn touch(&mut self, now_us: u64) -> bool {
        self.seen_us = now_us;
        !std::mem::replace(&mut self.active, true)
    }

    /// True when the layer just became inactive.
    pub(crate) fn expire(&mut self, now_us: u64, silence_us: u64) -> bool {
        let silent = self.active && now_us.saturating_sub(self.seen_us) >= silence_us;
        if silent {
            self.active = false;
        }
        silent
    }

    /// When the layer becomes inactive, monotonic microseconds.
    pub(crate) fn expires_us(&self, silence_us: u64) -> Option<u64> {
        self.active.then_some(self.seen_us + silence_us)
    }

    /// Begins a new stream when the SSRC changed; true = one was replaced.
    fn follow_ssrc(&mut self, ssrc: Option<Ssrc>) -> bool {
        let Some(ssrc) = ssrc.filter(|ssrc| self.ssrc() != Some(*ssrc)) else {
            return false;
        };
        let above = self
            .stream
            .as_ref()
            .and_then(|stream| Some(stream.epoch + stream.stats.highest()?));
        let epoch = above.map_or(0, |above| (above | 0xffff) + 1);
        self.stream = Some(Stream {
            ssrc,
            stats: ReceiveStats::new(ssrc, self.clock_rate),
            nack: NackGenerator::new(self.nack_config),
            epoch,
        });
        above.is_some()
    }
}
