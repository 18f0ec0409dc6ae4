//! The door: who sent a datagram, and may it come in. Nothing unauthenticated gets past this file.

use super::ice::Known;
use super::Worker;
use crate::api::{Event, Now, Shared, Sink, Tuple};
use crate::demux::{classify, Class, Refused};
use crate::id::PeerId;
use crate::srtp::SrtpError;
use crate::stun::{self, ErrorCode, Message, Role};

/// Length of the longest answer to a check: header, address, integrity, fingerprint.
const STUN_ANSWER_LEN: usize = 128;

impl Worker {
    pub(super) fn datagram(&mut self, now: Now, from: Tuple, data: &mut [u8], out: &mut dyn Sink) {
        self.counters.datagrams_in += 1;
        self.counters.bytes_in += data.len() as u64;
        self.datagram_of_peer(now, from, data, out);
    }

    /// A datagram from the wire, or handed over by the worker that got it.
    pub(super) fn datagram_of_peer(&mut self, now: Now, from: Tuple, data: &mut [u8], out: &mut dyn Sink) {
        if data.len() as u64 > self.config.max_datagram {
            self.counters.drop_oversize += 1;
            return;
        }
        let class = match classify(data) {
            Ok(Class::Stun) => return self.stun(now, from, data, out),
            Ok(class) => class,
            Err(refused) => {
                match refused {
                    Refused::Empty => self.counters.drop_empty += 1,
                    Refused::Oversize => self.counters.drop_oversize += 1,
                    Refused::Unknown => self.counters.drop_unknown_kind += 1,
                }
                return;
            }
        };
        let Some(Known { peer, owner }) = self.ice.known(&from) else {
            self.counters.drop_unknown_tuple += 1;
            return;
        };
        if owner != self.id {
            self.counters.handed_over += 1;
            out.share(
                owner,
                Shared::Datagram {
                    from,
                    data: data.to_vec(),
                },
            );
            return;
        }
        match class {
            Class::Dtls => self.dtls(now, peer, from, data, out),
            Class::Rtp => self.srtp(now, peer, from, data, out),
            Class::Rtcp => self.srtcp(now, peer, from, data, out),
            Class::Stun => {}
        }
    }

    /// A binding request (RFC 8489); anything else of STUN is dropped, since a lite agent asks nothing.
    fn stun(&mut self, now: Now, from: Tuple, data: &[u8], out: &mut dyn Sink) {
        let Some(request) = Message::parse(data)
            .ok()
            .filter(|message| message.class == stun::Class::Request)
        else {
            self.counters.drop_stun_malformed += 1;
            return;
        };
        let Some(accepted) = self
            .ice
            .check(now.mono_us, from, &request, &self.config, &mut self.counters)
        else {
            return;
        };
        if accepted.owner != self.id {
            self.counters.handed_over += 1;
            out.share(
                accepted.owner,
                Shared::Datagram {
                    from,
                    data: data.to_vec(),
                },
            );
            return;
        }
        self.counters.stun_binding += 1;
        out.datagram(from, STUN_ANSWER_LEN, &mut |buf| {
            let (transaction, key) = (&request.transaction, &accepted.key);
            let answer = if matches!(request.role, Some(Role::Controlled(_))) {
                // A lite agent never controls: two controlled sides are the peer's fault (RFC 8445 section 7.3.1.1).
                stun::error(buf, transaction, ErrorCode::RoleConflict, &[], Some(key))
            } else if !request.unknown().is_empty() {
                stun::error(
                    buf,
                    transaction,
                    ErrorCode::UnknownAttribute,
                    request.unknown(),
                    Some(key),
                )
            } else {
                stun::success(buf, transaction, from.remote, key)
            };
            answer.unwrap_or(0)
        });
        if accepted.selected {
            self.path_changed(now, accepted.peer, out);
        }
    }

    /// Handed up as soon as the address passed a check: waiting for the nomination costs a ClientHello retransmission.
    fn dtls(&mut self, now: Now, peer: PeerId, from: Tuple, data: &[u8], out: &mut dyn Sink) {
        let Some(known) = self.peers.by_id(peer) else {
            self.counters.drop_dtls_unauthenticated += 1;
            return;
        };
        if !known.limits.dtls(now.mono_us, &self.config) {
            self.counters.drop_dtls_queue_full += 1;
            return;
        }
        if self.ice.handshake(peer, from) {
            self.path_changed(now, peer, out);
        }
        out.event(Event::Dtls {
            peer,
            data: data.to_vec(),
        });
    }

    fn srtp(&mut self, now: Now, peer: PeerId, from: Tuple, data: &mut [u8], out: &mut dyn Sink) {
        let Some(at) = self.peers.at(peer) else { return };
        let Some(known) = self.peers.get_mut(at) else { return };
        if !known.limits.rtp(now.mono_us, &self.config) {
            self.counters.drop_rtp_rate += 1;
            return;
        }
        let Some(rx) = known.rx.as_mut() else {
            self.counters.drop_srtp_no_keys += 1;
            return;
        };
        match rx.unprotect_rtp(data) {
            Ok(len) => {
                known.heard(now.mono_us, data.len());
                self.ice.heard(now.mono_us, peer, &from);
                self.counters.rtp_in += 1;
                self.rtp(now, at, &data[..len], out);
            }
            Err(SrtpError::Malformed) => self.counters.drop_rtp_malformed += 1,
            Err(SrtpError::Replay) => self.counters.drop_srtp_replay += 1,
            Err(_) => self.counters.drop_srtp_auth += 1,
        }
    }

    fn srtcp(&mut self, now: Now, peer: PeerId, from: Tuple, data: &mut [u8], out: &mut dyn Sink) {
        let Some(at) = self.peers.at(peer) else { return };
        let Some(known) = self.peers.get_mut(at) else { return };
        if !known.limits.rtcp(now.mono_us, &self.config) {
            self.counters.drop_rtcp_rate += 1;
            return;
        }
        let Some(rx) = known.rx.as_mut() else {
            self.counters.drop_srtp_no_keys += 1;
            return;
        };
        match rx.unprotect_rtcp(data) {
            Ok(len) => {
                known.heard(now.mono_us, data.len());
                self.ice.heard(now.mono_us, peer, &from);
                self.counters.rtcp_in += 1;
                self.rtcp(now, at, &data[..len], out);
            }
            Err(SrtpError::Malformed) => self.counters.drop_rtcp_malformed += 1,
            Err(SrtpError::Replay) => self.counters.drop_srtcp_replay += 1,
            Err(_) => self.counters.drop_srtcp_auth += 1,
        }
    }
}
