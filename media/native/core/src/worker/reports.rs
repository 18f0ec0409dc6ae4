//! RTCP that we send: to publishers what we miss, to subscribers the clocks of what they get.

use super::peer::{Peer, REPORTER};
use super::Worker;
use crate::api::{Kind, Now, Sink};
use crate::id::{Layer, Ssrc, TrackId};
use crate::rtcp::{DlrrBlock, Full, ReportBlock, Writer};
use crate::srtp::MAX_RTCP_OVERHEAD;
use crate::stats::{Counters, PeerStats, SlotStats, Snapshot, TrackStats};

/// Longest compound, bytes: fits every link without fragments.
const COMPOUND: usize = 1200;
/// A compound holds at most this many report blocks (RFC 3550 section 6.4.1).
const BLOCKS: usize = 31;

impl Worker {
    /// A picture loss indication, at once: a viewer waits. The reduced compound begins with an empty report.
    pub(super) fn send_pli(&mut self, publisher: usize, track: TrackId, layer: Layer, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get_mut(publisher) else {
            return;
        };
        let published = peer
            .tracks
            .iter_mut()
            .find(|published| published.inbound.spec().track == track);
        let Some(media) = published.and_then(|published| published.ssrc(layer)) else {
            return;
        };
        let sent = send(peer, &mut self.counters, out, |writer, _| {
            writer.receiver_report(REPORTER, &[])?;
            writer.pli(REPORTER, media)
        });
        self.counters.pli_sent += u64::from(sent);
    }

    /// To each publisher: lost packets and transport feedback as they are due, reports once a second.
    pub(super) fn send_feedback(&mut self, now: Now, out: &mut dyn Sink) {
        for at in 0..self.peers.end() {
            let Some(peer) = self.peers.get_mut(at) else { continue };
            if peer.tracks.is_empty() || peer.path.is_none() || peer.tx.is_none() {
                continue;
            }
            self.send_nacks(now, at, out);
            let Some(peer) = self.peers.get_mut(at) else { continue };
            let report = now.mono_us >= peer.next_report_us;
            if report {
                peer.next_report_us = now.mono_us + self.config.receiver_report_us;
            }
            if report || peer.arrivals.next_timeout().is_some_and(|due| due <= now.mono_us) {
                send_receiver_report(now, peer, report, &mut self.counters, out);
            }
        }
    }

    fn send_nacks(&mut self, now: Now, at: usize, out: &mut dyn Sink) {
        let Some(peer) = self.peers.get_mut(at) else { return };
        let rtt_us = peer.link.rtt_us;
        let mut missing = std::mem::take(&mut self.scratch.seqs);
        for index in 0..peer.tracks.len() {
            for layer in (0..peer.tracks[index].inbound.layers().len()).map(|layer| Layer(layer as u8)) {
                missing.clear();
                let published = &mut peer.tracks[index];
                let Some(media) = published.ssrc(layer) else { continue };
                let replica = published.replica;
                let inbound = &mut published.inbound.layers()[usize::from(layer.0)];
                if inbound.poll_nack(now.mono_us, rtt_us, &mut missing) {
                    self.scratch.lost.push((replica, layer));
                }
                if missing.is_empty() {
                    continue;
                }
                self.counters.nack_sent += missing.len() as u64;
                send(peer, &mut self.counters, out, |writer, _| {
                    writer.receiver_report(REPORTER, &[])?;
                    writer.nack(REPORTER, media, &missing)
                });
            }
        }
        missing.clear();
        self.scratch.seqs = missing;
        while let Some((replica, layer)) = self.scratch.lost.pop() {
            self.request_key_frames(now, replica, 1 << layer.0.min(7), out);
        }
    }

    /// To each subscriber, for each of its streams that is due.
    pub(super) fn send_sender_reports(&mut self, now: Now, out: &mut dyn Sink) {
        for at in 0..self.peers.end() {
            let Some(peer) = self.peers.get_mut(at) else { continue };
            if peer.path.is_none() || peer.tx.is_none() {
                continue;
            }
            for index in 0..peer.slots.len() {
                let slot = &mut peer.slots[index];
                if now.mono_us < slot.report_us {
                    continue;
                }
                let (Some(track), Some(stream)) = (slot.track, &slot.stream) else {
                    continue;
                };
                let layer = usize::from(stream.layer().unwrap_or_default().0);
                let clock = self.tracks.get(track).and_then(|replica| *replica.clocks.get(layer)?);
                let Some(info) = stream.sender_report(now, clock) else {
                    continue;
                };
                slot.report_us = now.mono_us
                    + match slot.spec.kind {
                        Kind::Audio => self.config.sender_report_audio_us,
                        Kind::Video => self.config.sender_report_video_us,
                    };
                let ssrc = slot.spec.ssrc;
                let reference = peer.reference_time.take();
                send(peer, &mut self.counters, out, |writer, peer| {
                    writer.sender_report(ssrc, &info, &[])?;
                    writer.cname(ssrc, peer.slots[index].spec.cname.as_bytes())?;
                    match reference {
                        Some(reference) => writer.dlrr(ssrc, &[answer(now, reference)]),
                        None => Ok(()),
                    }
                });
            }
        }
    }

    pub(super) fn take_snapshot(&mut self, now: Now) -> Snapshot {
        let mut peers = Vec::with_capacity(self.peers.len());
        let mut slots = Vec::new();
        for (_, peer) in self.peers.iter_mut() {
            let age_us = self.ice.consent_age(now.mono_us, peer.id).unwrap_or(0);
            let loss_down = peer.link.take_loss();
            peers.push(PeerStats {
                peer: peer.id,
                rtt_ms: peer.link.rtt_us.map(|rtt| rtt as f32 / 1000.0),
                loss_down,
                loss_up: peer.loss_up,
                bitrate_in_bps: peer.rate_in.bps(now.mono_us),
                bitrate_out_bps: peer.rate_out.bps(now.mono_us),
                consent_age_ms: (age_us / 1000) as u32,
                tcp: super::ice::is_tcp(peer.path),
            });
            let active = peer.slots.iter().filter(|slot| slot.track.is_some());
            slots.extend(active.filter_map(|slot| {
                let bitrate_bps = slot.stream.as_ref()?.bitrate_bps(now.mono_us);
                Some(SlotStats {
                    peer: peer.id,
                    slot: slot.spec.slot,
                    bitrate_bps,
                })
            }));
        }
        let tracks = self.tracks.iter().map(|(at, replica)| {
            let publisher = replica.publisher.and_then(|peer| self.peers.get_mut(peer));
            let published = publisher.and_then(|peer| peer.tracks.iter_mut().find(|known| known.replica == at));
            let layer_bps = published.map_or_else(Vec::new, |published| {
                published
                    .inbound
                    .layers()
                    .iter()
                    .map(|layer| layer.bitrate_bps(now.mono_us))
                    .collect()
            });
            TrackStats {
                track: replica.info.track,
                layer_bps,
                subscribers: replica.subscribers.len() as u32,
            }
        });
        let tracks = tracks.collect();
        Snapshot {
            worker: self.id,
            counters: self.counters.clone(),
            peers,
            tracks,
            slots,
        }
    }
}

fn send_receiver_report(now: Now, peer: &mut Peer, report: bool, counters: &mut Counters, out: &mut dyn Sink) {
    let mut blocks = [ReportBlock::default(); BLOCKS];
    let mut count = 0;
    if report {
        let layers = peer.tracks.iter_mut().flat_map(|published| published.inbound.layers());
        let reports = layers.filter_map(|layer| layer.stats()?.report(now.mono_us));
        for (place, report) in blocks.iter_mut().zip(reports) {
            *place = report;
            count += 1;
        }
    }
    if count > 0 {
        let lost: f32 = blocks[..count].iter().map(|block| f32::from(block.fraction_lost)).sum();
        peer.loss_up = lost / 256.0 / count as f32;
    }
    send(peer, counters, out, |writer, peer| {
        writer.receiver_report(REPORTER, &blocks[..count])?;
        if report {
            writer.cname(REPORTER, b"muster")?;
            // So that a publisher who only sends learns its round trip to us, and we ours (RFC 3611 section 4.4).
            writer.reference_time(REPORTER, now.ntp)?;
        }
        peer.arrivals.write(now.mono_us, REPORTER, writer);
        Ok(())
    });
}

fn answer(now: Now, (ssrc, last_rr, at_us): (Ssrc, u32, u64)) -> DlrrBlock {
    let delay_us = now.mono_us.saturating_sub(at_us);
    DlrrBlock {
        ssrc,
        last_rr,
        delay_since_last_rr: ((delay_us << 16) / 1_000_000) as u32,
    }
}

/// Writes, seals and sends one compound; false when the peer cannot be reached or it does not fit.
fn send(
    peer: &mut Peer,
    counters: &mut Counters,
    out: &mut dyn Sink,
    mut write: impl FnMut(&mut Writer<'_>, &mut Peer) -> Result<(), Full>,
) -> bool {
    let (Some(to), Some(mut tx)) = (peer.path, peer.tx.take()) else {
        return false;
    };
    let mut sealed = 0;
    out.datagram(to, COMPOUND + MAX_RTCP_OVERHEAD, &mut |buf| {
        let room = buf.len().saturating_sub(MAX_RTCP_OVERHEAD);
        let mut writer = Writer::new(&mut buf[..room]);
        sealed = match write(&mut writer, peer) {
            Ok(()) => {
                let len = writer.len();
                tx.seal_rtcp(buf, len).unwrap_or(0)
            }
            Err(Full) => 0,
        };
        sealed
    });
    peer.tx = Some(tx);
    if sealed == 0 {
        return false;
    }
    counters.rtcp_out += 1;
    counters.datagrams_out += 1;
    counters.bytes_out += sealed as u64;
    true
}
