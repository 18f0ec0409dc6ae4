//! RTCP from a peer: about what it receives (NACK, PLI, reports) and about what it sends (SR, BYE).

use super::peer::REPORTER;
use super::replica::Subscriber;
use super::Worker;
use crate::api::{Now, Shared, Sink};
use crate::egress::rtx::Refusal;
use crate::egress::timestamp::SourceClock;
use crate::id::{Layer, Ssrc};
use crate::rtcp::report::compact_ntp;
use crate::rtcp::{packets, Fir, Nack, Packet, ReportBlock, SenderInfo, XrBlock};

impl Worker {
    /// `data` is a decrypted compound of the peer at `at`.
    pub(super) fn rtcp(&mut self, now: Now, at: usize, data: &[u8], out: &mut dyn Sink) {
        for packet in packets(data) {
            let Ok(packet) = packet else {
                self.counters.drop_rtcp_malformed += 1;
                return;
            };
            match packet {
                Packet::SenderReport(report) => {
                    self.publisher_report(now, at, report.ssrc, report.info, out);
                    report.blocks.for_each(|block| self.report_block(now, at, &block));
                }
                Packet::ReceiverReport(report) => report.blocks.for_each(|block| self.report_block(now, at, &block)),
                Packet::Nack(nack) => self.nack(now, at, &nack),
                Packet::Pli(pli) => self.picture_lost(now, at, pli.media, out),
                Packet::Fir(fir) => self.full_intra(now, at, &fir, out),
                Packet::Remb(remb) => {
                    if let Some(peer) = self.peers.get_mut(at) {
                        peer.link.remb_bps = Some(remb.bitrate_bps);
                    }
                }
                Packet::TransportFeedback(feedback) => {
                    if let Some(peer) = self.peers.get_mut(at) {
                        peer.link.feedback(&feedback);
                    }
                }
                Packet::ExtendedReport(report) => {
                    for block in report.blocks() {
                        let Some(peer) = self.peers.get_mut(at) else { return };
                        match block {
                            XrBlock::ReferenceTime(ntp) => {
                                peer.reference_time = Some((report.ssrc, compact_ntp(ntp), now.mono_us));
                            }
                            XrBlock::Dlrr(items) => {
                                let ours = items.filter(|item| item.ssrc == REPORTER && item.last_rr != 0);
                                ours.for_each(|item| peer.link.echo(compact_ntp(now.ntp), item));
                            }
                        }
                    }
                }
                // A goodbye of one SSRC says nothing about a track (one layer of simulcast may end), and one of
                // another's SSRC says nothing at all: tracks end by command.
                Packet::Bye(_) | Packet::Sdes(_) | Packet::Unknown { .. } => {}
            }
        }
    }

    /// The capture clock of a layer; an SSRC that is not the peer's own is ignored.
    fn publisher_report(&mut self, now: Now, at: usize, ssrc: Ssrc, info: SenderInfo, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get_mut(at) else { return };
        let Some((index, layer)) = peer.sources.media(ssrc) else {
            return;
        };
        peer.clock.on_sender_report(now, info.ntp);
        let Some(ntp) = peer.clock.to_local(info.ntp) else {
            return;
        };
        let offset = peer.clock.offset();
        for published in &mut peer.tracks {
            published.inbound.set_capture_offset(offset);
        }
        let Some(published) = peer.tracks.get_mut(index) else {
            return;
        };
        let known = published.inbound.layers().get_mut(usize::from(layer.0));
        if let Some(stats) = known.and_then(|known| known.stats()) {
            stats.on_sender_report(now.mono_us, info.ntp);
        }
        let (track, replica) = (published.inbound.spec().track, published.replica);
        let clock = SourceClock {
            ntp,
            rtp_ts: info.rtp_ts,
        };
        self.set_clock(replica, layer, clock);
        let Some(replica) = self.tracks.get(replica) else {
            return;
        };
        for (worker, _) in &replica.remote {
            out.share(
                *worker,
                Shared::SenderReport {
                    track,
                    layer,
                    ntp,
                    rtp_ts: info.rtp_ts,
                },
            );
        }
    }

    fn report_block(&mut self, now: Now, at: usize, block: &ReportBlock) {
        let Some(peer) = self.peers.get_mut(at) else { return };
        if let Some(slot) = peer.slots.iter_mut().find(|slot| slot.spec.ssrc == block.ssrc) {
            if let Some(stream) = &mut slot.stream {
                stream.on_report();
            }
            peer.link
                .report(block.fraction_lost, block.round_trip(compact_ntp(now.ntp)));
        }
    }

    /// Notes what to send again at the next flush; the retransmission map of the slot decides on each number.
    fn nack(&mut self, now: Now, at: usize, nack: &Nack<'_>) {
        let Some(peer) = self.peers.get_mut(at) else { return };
        let Some(index) = peer.slots.iter().position(|slot| slot.spec.ssrc == nack.media) else {
            return;
        };
        let rtt_us = peer.link.rtt_us;
        for seq in nack.missing() {
            self.counters.nack_received += 1;
            let slot = &mut peer.slots[index];
            let Some(stream) = &mut slot.stream else { return };
            if slot.again.len() as u64 >= self.config.rtx_per_flush {
                self.counters.drop_nack_limit += 1;
                continue;
            }
            match stream.retransmit(now.mono_us, seq, rtt_us) {
                Ok(again) => {
                    slot.again.push(again);
                    peer.mark(index, at, &mut self.scratch.dirty_peers);
                }
                Err(Refusal::Unknown | Refusal::NotNegotiated) => self.counters.drop_nack_not_cached += 1,
                Err(_) => self.counters.drop_nack_limit += 1,
            }
        }
    }

    fn picture_lost(&mut self, now: Now, at: usize, media: Ssrc, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get_mut(at) else { return };
        let Some(index) = peer.slots.iter().position(|slot| slot.spec.ssrc == media) else {
            return;
        };
        self.counters.pli_received += 1;
        if !peer.limits.key_frames(now.mono_us, &self.config) {
            self.counters.drop_rtcp_rate += 1;
            return;
        }
        let slot = &peer.slots[index];
        let layer = slot.shown().or_else(|| slot.wants_key_frame());
        let Some((track, layer)) = slot.track.zip(layer) else {
            return;
        };
        self.lost_picture_of(now, track, layer, Subscriber { peer: at, slot: index }, out);
    }

    fn full_intra(&mut self, now: Now, at: usize, fir: &Fir<'_>, out: &mut dyn Sink) {
        for (ssrc, command) in fir.entries() {
            let peer = self.peers.get_mut(at);
            let slot = peer.and_then(|peer| peer.slots.iter_mut().find(|slot| slot.spec.ssrc == ssrc));
            if slot.is_some_and(|slot| slot.fir.is_new(command)) {
                self.picture_lost(now, at, ssrc, out);
            }
        }
    }

    /// A viewer cannot decode what it has: it needs a new key frame, not the cached one that it may have seen.
    fn lost_picture_of(&mut self, now: Now, track: usize, layer: Layer, from: Subscriber, out: &mut dyn Sink) {
        let waits = self
            .peers
            .get(from.peer)
            .and_then(|peer| peer.slots.get(from.slot)?.wants_key_frame());
        match waits {
            Some(waited) => self.need_key_frame(now, track, waited, from, out),
            None => self.request_key_frames(now, track, 1u8.checked_shl(u32::from(layer.0)).unwrap_or(0), out),
        }
    }
}
