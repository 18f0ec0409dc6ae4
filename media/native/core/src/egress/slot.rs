//! One outgoing stream of one subscriber: decides on each packet, numbers it, and writes it into a send buffer.
//!
//! Whatever is routed to the slot, its SSRC, numbers, timestamps and picture ids go on without a break.

use crate::api::{Codec, Kind, Now, SlotSpec};
use crate::egress::descriptor::FrameNumbers;
use crate::egress::layer::{Choice, LayerSelector};
use crate::egress::outgoing::{NextNumbers, Outgoing, Retransmission, Skip};
use crate::egress::replay::Replay;
use crate::egress::rtx::{Refusal, RetransmitConfig, RetransmitMap, Sent};
use crate::egress::seq_map::SeqMap;
use crate::egress::timestamp::{Aligned, Entry, Fit, SourceClock, TimestampMap};
use crate::egress::vp8::{Vp8Patch, Vp8Rewriter};
use crate::id::{Layer, Pt};
use crate::ingress::bitrate::BitrateMeter;
use crate::packet::Packet;
use crate::rtcp::SenderInfo;

/// State of one outgoing stream and of its retransmission stream.
#[derive(Debug)]
pub struct OutboundSlot {
    pub(super) spec: SlotSpec,
    pub(super) numbers: SeqMap,
    pub(super) times: TimestampMap,
    vp8: Vp8Rewriter,
    frames: FrameNumbers,
    selector: LayerSelector,
    sent: RetransmitMap,
    rtx_seq: u64,
    /// Counts sources; a remembered packet of another one is not sent again.
    source: u32,
    /// An audio source waits for its first packet.
    fresh: bool,
    /// The newest packet ended its frame.
    complete: bool,
    /// A key frame was refused for its time; the next one is taken.
    refused: bool,
    /// MID is sent until the subscriber's first report (RFC 8843 section 14.3).
    pub(super) mid_needed: bool,
    pub(super) replay: Option<Replay>,
    packets: u32,
    octets: u32,
    bitrate: BitrateMeter,
}

impl OutboundSlot {
    /// Reserves its memory at once. Nothing is sent before `begin_source`.
    pub fn new(spec: SlotSpec, retransmit: RetransmitConfig) -> Self {
        // Any start does under SRTP, but below 2^15, so that a lost first packet cannot hide a wrap
        // (RFC 3711 section 3.3.1).
        let start = 1 + u64::from(spec.ssrc.0.wrapping_mul(0x9e37_79b1) >> 18);
        Self {
            numbers: SeqMap::new(start),
            times: TimestampMap::new(clock_rate(spec.kind)),
            vp8: Vp8Rewriter::default(),
            frames: FrameNumbers::default(),
            selector: LayerSelector::new(Layer(0), 0),
            sent: RetransmitMap::new(retransmit),
            rtx_seq: start,
            source: 0,
            fresh: true,
            complete: true,
            refused: false,
            mid_needed: true,
            replay: None,
            packets: 0,
            octets: 0,
            bitrate: BitrateMeter::default(),
            spec,
        }
    }

    /// Like `new`, for an SSRC that an earlier slot had.
    pub fn resume(spec: SlotSpec, retransmit: RetransmitConfig, numbers: NextNumbers) -> Self {
        Self {
            numbers: SeqMap::new(numbers.media),
            rtx_seq: numbers.retransmission,
            ..Self::new(spec, retransmit)
        }
    }

    /// Where a later slot with this SSRC has to go on.
    pub fn next_numbers(&self) -> NextNumbers {
        NextNumbers {
            ssrc: self.spec.ssrc,
            media: self.numbers.last_out() + 1,
            retransmission: self.rtx_seq,
        }
    }

    /// Takes another description of the same stream. The numbers go on: a slot that keeps its SSRC must be kept,
    /// or its packets would repeat nonces.
    pub fn reconfigure(&mut self, spec: SlotSpec) {
        self.mid_needed |= spec.mid != self.spec.mid;
        self.spec = spec;
    }

    /// What the slot was made for.
    pub fn spec(&self) -> &SlotSpec {
        &self.spec
    }

    /// Another track is routed here. `active` = its layers that carry packets, bit n = layer n.
    pub fn begin_source(&mut self, active: u8) {
        self.selector.restart(active);
        self.fresh = true;
        self.refused = false;
        self.replay = None;
    }

    /// Layer selection, to set limits and activity; the slot looks at it with each packet.
    pub fn selector(&mut self) -> &mut LayerSelector {
        &mut self.selector
    }

    /// The layer that is sent now (video).
    pub fn layer(&self) -> Option<Layer> {
        self.selector.current()
    }

    /// Layer whose key frame is needed; ask the publisher, throttled, until this gives nothing.
    pub fn wants_key_frame(&self) -> Option<Layer> {
        if self.spec.kind == Kind::Audio {
            None
        } else {
            self.selector.wants_key_frame()
        }
    }

    /// The subscriber reported on this stream: it knows which media section it is.
    pub fn on_report(&mut self) {
        self.mid_needed = false;
    }

    /// Decides on a packet of the routed track. `clock` = last sender report of the packet's layer.
    ///
    /// # Errors
    /// The reason why it is not sent.
    pub fn forward(&mut self, now: Now, packet: &Packet, clock: Option<SourceClock>) -> Result<Outgoing, Skip> {
        let pt = self.pt_of(packet.codec).ok_or(Skip::CodecMismatch)?;
        let entry = Entry {
            rtp_ts: packet.rtp_ts,
            arrival_ntp: arrival_ntp(now, packet),
            clock,
        };
        let switched = match self.spec.kind {
            Kind::Audio => self.enter_audio(entry),
            Kind::Video => self.select(packet, entry)?,
        };
        self.number(now, packet, pt, switched, None)
    }

    /// What was sent is broken for the receiver (its buffer was full): nothing more before a key frame.
    pub fn interrupt(&mut self) {
        self.selector.interrupt();
        self.complete = false;
    }

    /// Decides on one number of a NACK; the caller finds the packet of `sent` in the layer's cache.
    ///
    /// # Errors
    /// The reason why nothing is sent again.
    pub fn retransmit(&mut self, now_us: u64, seq: u16, rtt_us: Option<u64>) -> Result<Retransmission, Refusal> {
        if self.spec.rtx_ssrc.is_none() {
            return Err(Refusal::NotNegotiated);
        }
        let source = self.source;
        let sent = self.sent.answer(now_us, seq, rtt_us, |sent| sent.source == source)?;
        let codec = self.spec.codecs.iter().find(|codec| codec.pt == sent.pt);
        let pt = codec.and_then(|codec| codec.rtx_pt).ok_or(Refusal::NotNegotiated)?;
        let rtx_seq = self.rtx_seq;
        self.rtx_seq += 1;
        Ok(Retransmission { sent, rtx_seq, pt })
    }

    /// Contents of a sender report at `now` (RFC 3550 section 6.4.1); `clock` = last report of the layer that is
    /// sent. None before the first packet. The line between NTP and RTP time goes on over every switch.
    pub fn sender_report(&self, now: Now, clock: Option<SourceClock>) -> Option<SenderInfo> {
        if self.packets == 0 {
            return None;
        }
        let rtp_ts = self.times.at(now.ntp, clock)?;
        Some(SenderInfo {
            ntp: now.ntp,
            rtp_ts,
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// Bits a second of payload on this stream, retransmissions included.
    pub fn bitrate_bps(&self, now_us: u64) -> u32 {
        self.bitrate.bps(now_us)
    }

    pub(super) fn count(&mut self, now_us: u64, payload: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload as u32);
        self.bitrate.add(now_us, payload);
    }

    pub(super) fn count_retransmission(&mut self, now_us: u64, payload: usize) {
        self.sent.charge(payload);
        self.bitrate.add(now_us, payload);
    }

    fn enter_audio(&mut self, entry: Entry) -> bool {
        if !self.fresh {
            return false;
        }
        self.times.switch(entry, Fit::Force { frames: 1 });
        self.enter(Layer(0));
        true
    }

    /// True when the packet begins another source or layer.
    fn select(&mut self, packet: &Packet, entry: Entry) -> Result<bool, Skip> {
        let in_order = self.numbers.highest_src().is_none_or(|highest| packet.seq > highest);
        match self.selector.choose(packet, in_order) {
            Choice::Switch => {}
            _ => return self.select_current(packet).map(|()| false),
        }
        let fit = if self.refused {
            Fit::Force { frames: 1 }
        } else {
            Fit::Strict
        };
        if self.times.switch(entry, fit) == Aligned::TooEarly {
            self.refused = true;
            return Err(Skip::NeedKeyFrame);
        }
        self.enter(packet.layer);
        self.replay = Some(Replay {
            layer: packet.layer,
            next: packet.seq + 1,
            squeezed: None,
        });
        Ok(true)
    }

    pub(super) fn select_current(&mut self, packet: &Packet) -> Result<(), Skip> {
        let in_order = self.numbers.highest_src().is_none_or(|highest| packet.seq > highest);
        match self.selector.choose(packet, in_order) {
            Choice::Forward => Ok(()),
            // A key frame of the target while a group of pictures of the current layer is replayed cannot be: they
            // are the same layer then.
            Choice::Switch | Choice::Other => Err(Skip::OtherLayer),
            Choice::Skip => {
                self.numbers.skip(packet.seq);
                if packet.codec == Codec::Vp8 {
                    self.vp8.skip(&packet.inspection);
                }
                Err(Skip::Temporal)
            }
        }
    }

    pub(super) fn enter(&mut self, layer: Layer) {
        // A number is left out when the last frame was cut short, so that the receiver does not join the two.
        self.numbers.switch(u64::from(!self.complete));
        self.vp8.switch();
        self.frames.switch();
        self.selector.switched(layer);
        self.source = self.source.wrapping_add(1);
        self.fresh = false;
        self.refused = false;
    }

    /// Numbers and remembers a packet; `following` = frames of a replay after this one.
    pub(super) fn number(
        &mut self,
        now: Now,
        packet: &Packet,
        pt: Pt,
        switched: bool,
        following: Option<u32>,
    ) -> Result<Outgoing, Skip> {
        let newest_before = self.numbers.last_out();
        let out_seq = self.numbers.forward(packet.seq).ok_or(Skip::Late)?;
        if !self.sent.is_unused(out_seq) {
            return Err(Skip::Duplicate);
        }
        let patch = if packet.codec == Codec::Vp8 {
            self.vp8.forward(&packet.inspection).ok_or(Skip::Late)?
        } else {
            Vp8Patch::default()
        };
        let rtp_ts = match following.and_then(|frames| Some((frames, self.times.last_out()?))) {
            Some((frames, last)) => last.wrapping_sub(frames * (clock_rate(self.spec.kind) / 1000)),
            None => self.times.map(packet.rtp_ts),
        };
        let frame_number = self.frames.forward(&packet.dependency_descriptor);
        if out_seq > newest_before {
            self.complete = packet.marker || self.spec.kind == Kind::Audio;
        }
        // A new speaker begins a talk spurt (RFC 3551 section 4.1).
        let marker = packet.marker || switched && self.spec.kind == Kind::Audio;
        let (layer, src_seq, source) = (packet.layer, packet.seq, self.source);
        let sent = Sent {
            out_seq,
            source,
            layer,
            src_seq,
            rtp_ts,
            marker,
            pt,
            patch,
            frame_number,
        };
        self.sent.insert(now.mono_us, sent, packet.payload.len());
        Ok(Outgoing {
            out_seq,
            rtp_ts,
            marker,
            pt,
            patch,
            frame_number,
            switched,
        })
    }

    pub(super) fn pt_of(&self, codec: Codec) -> Option<Pt> {
        self.spec
            .codecs
            .iter()
            .find(|spec| spec.codec == codec)
            .map(|spec| spec.pt)
    }
}

/// Clock rate of RTP timestamps in Hz (RFC 7587 section 4.1; 90 kHz for every video codec).
fn clock_rate(kind: Kind) -> u32 {
    match kind {
        Kind::Audio => 48_000,
        Kind::Video => 90_000,
    }
}

/// When a packet arrived, on our wall clock.
pub(super) fn arrival_ntp(now: Now, packet: &Packet) -> u64 {
    let ago_us = u128::from(now.mono_us.saturating_sub(packet.arrival_us));
    now.ntp.wrapping_sub(((ago_us << 32) / 1_000_000) as u64)
}
