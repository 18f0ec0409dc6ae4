//! What the control side asks for.

use super::peer::Peer;
use super::Worker;
use crate::api::{Command, Event, GoneReason, Now, Shared, Sink};
use crate::id::{GroupId, PeerId, TapId, TrackId};

impl Worker {
    pub(super) fn command(&mut self, now: Now, command: Command, out: &mut dyn Sink) {
        match command {
            Command::Register {
                peer,
                owner,
                ufrag,
                pwd,
                remote_ufrag,
            } => {
                self.ice.register(peer, owner, ufrag, pwd, remote_ufrag);
            }
            Command::Unregister { peer } => self.unregister(peer),
            Command::AddPeer { peer, group } => self.add_peer(peer, group),
            Command::RemovePeer { peer } => self.remove_peer(now, peer, out),
            Command::SendDtls { peer, data } => self.send_dtls(peer, &data, out),
            Command::SetKeys { peer, profile, tx, rx } => {
                if let Some(at) = self.peers.at(peer) {
                    if let Some(peer) = self.peers.get_mut(at) {
                        peer.set_keys(profile, &tx, &rx);
                    }
                    self.restart_pictures(now, at, out);
                }
            }
            Command::Configure { peer, receive, slots } => self.configure(now, peer, receive, slots, out),
            Command::Route {
                peer,
                slot,
                track,
                max_layer,
            } => self.route(now, peer, slot, track, max_layer, out),
            Command::SetTrackEnabled { peer, track, enabled } => self.enable_track(now, peer, track, enabled, out),
            Command::AddTap { tap, group } => {
                self.add_tap(now, tap, group, out);
                self.tell_others(&Shared::TapUp { tap, group }, out);
            }
            Command::RemoveTap { tap } => {
                self.remove_tap(now, tap, out);
                self.tell_others(&Shared::TapDown { tap }, out);
            }
            Command::RequestKeyFrame { peer, track } => self.request_all_key_frames(now, peer, track, out),
        }
    }

    fn add_peer(&mut self, peer: PeerId, group: GroupId) {
        if self.peers.at(peer).is_some() {
            return;
        }
        let path = self.ice.selected(peer);
        let at = self.peers.insert(peer, Peer::new(peer, group, path));
        self.groups.entry(group).or_default().peers.push(at);
    }

    fn remove_peer(&mut self, now: Now, peer: PeerId, out: &mut dyn Sink) {
        let Some(at) = self.peers.at(peer) else { return };
        self.configure(now, peer, Vec::new(), Vec::new(), out);
        let Some(removed) = self.peers.remove(peer) else { return };
        if let Some(group) = self.groups.get_mut(&removed.group) {
            group.forget_peer(at);
        }
        self.drop_group_if_empty(removed.group);
        out.event(Event::PeerGone {
            peer,
            reason: GoneReason::Removed,
        });
    }

    /// Credentials end with the peer; what it publishes ends by `RemovePeer`.
    fn unregister(&mut self, peer: PeerId) {
        self.ice.unregister(peer);
        if let Some(peer) = self.peers.by_id(peer) {
            peer.path = None;
        }
    }

    fn send_dtls(&mut self, peer: PeerId, data: &[u8], out: &mut dyn Sink) {
        let Some(to) = self.ice.selected(peer) else { return };
        if data.is_empty() || data.len() as u64 > self.config.max_datagram {
            return;
        }
        self.counters.datagrams_out += 1;
        self.counters.bytes_out += data.len() as u64;
        out.datagram(to, data.len(), &mut |buf| {
            buf[..data.len()].copy_from_slice(data);
            data.len()
        });
    }

    fn enable_track(&mut self, now: Now, peer: PeerId, track: TrackId, enabled: bool, out: &mut dyn Sink) {
        let Some(at) = self.tracks.at(track) else { return };
        let Some(group) = self.tracks.get(at).map(|replica| replica.info.group) else {
            return;
        };
        let publisher = self.peers.by_id(peer);
        let published = publisher.and_then(|peer| peer.tracks.iter_mut().find(|known| known.replica == at));
        let Some(published) = published else { return };
        if let Some(active) = published.inbound.set_enabled(enabled) {
            out.event(Event::Speaking { track, active });
        }
        if enabled {
            self.request_key_frames(now, at, u8::MAX, out);
        } else {
            self.silence_track(now, group, track, out);
        }
    }

    fn request_all_key_frames(&mut self, now: Now, peer: PeerId, track: TrackId, out: &mut dyn Sink) {
        let Some(at) = self.tracks.at(track) else { return };
        if self.tracks.get(at).is_some_and(|replica| replica.info.peer == peer) {
            self.request_key_frames(now, at, u8::MAX, out);
        }
    }

    pub(super) fn add_tap(&mut self, now: Now, tap: TapId, group: GroupId, out: &mut dyn Sink) {
        self.remove_tap(now, tap, out);
        self.taps.insert(tap, group);
        let entry = self.groups.entry(group).or_default();
        entry.taps.push(tap);
        for at in entry.tracks.clone() {
            self.update_wanted(now, at, out);
        }
    }

    pub(super) fn remove_tap(&mut self, now: Now, tap: TapId, out: &mut dyn Sink) {
        let Some(group) = self.taps.remove(&tap) else { return };
        let Some(entry) = self.groups.get_mut(&group) else {
            return;
        };
        entry.taps.retain(|other| *other != tap);
        for at in entry.tracks.clone() {
            self.update_wanted(now, at, out);
        }
        self.drop_group_if_empty(group);
    }

    pub(super) fn drop_group_if_empty(&mut self, group: GroupId) {
        if self.groups.get(&group).is_some_and(|group| group.is_empty()) {
            self.groups.remove(&group);
        }
    }
}
