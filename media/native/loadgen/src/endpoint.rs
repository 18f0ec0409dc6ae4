//! One peer's socket with its ICE credentials and keys. Keys follow from the peer's number, so that both
//! processes know them without a handshake.

use std::net::SocketAddr;

use muster_core::api::{MasterKey, Profile};
use muster_core::srtp::{Inbound, Outbound};
use muster_core::stun::{request, IntegrityKey, RequestFields, Role};
use muster_net::{bind, EgressBuffer, SocketOptions, UdpSocket};

/// Largest datagram that a peer sends.
pub(crate) const MTU: usize = 1_300;

pub(crate) struct Endpoint {
    pub(crate) socket: UdpSocket,
    server: SocketAddr,
    peer: u32,
    pub(crate) outbound: Outbound,
    pub(crate) inbound: Inbound,
    integrity: IntegrityKey,
    checks: u64,
    pub(crate) connected: bool,
}

impl Endpoint {
    pub(crate) fn new(peer: u32, server: SocketAddr) -> Result<Self, String> {
        // Browsers send datagram by datagram.
        let options = SocketOptions {
            gso: false,
            ..SocketOptions::default()
        };
        let (_, mut sockets) = bind(SocketAddr::new(server.ip(), 0), 1, options).map_err(|error| error.to_string())?;
        let keys = |side| MasterKey(key(peer, side));
        let error = |error| format!("keys: {error:?}");
        Ok(Self {
            socket: sockets.remove(0),
            server,
            peer,
            outbound: Outbound::new(Profile::AeadAes128Gcm, &keys(0)).map_err(error)?,
            inbound: Inbound::new(Profile::AeadAes128Gcm, &keys(1)).map_err(error)?,
            integrity: IntegrityKey::new(&format!("password-of-peer-{peer:08}")),
            checks: 0,
            connected: false,
        })
    }

    /// Sends a nominating check.
    pub(crate) fn check(&mut self, buffer: &mut EgressBuffer) {
        self.checks += 1;
        let mut transaction = [0; 12];
        transaction[..4].copy_from_slice(&self.peer.to_be_bytes());
        transaction[4..].copy_from_slice(&self.checks.to_be_bytes());
        let fields = RequestFields {
            transaction,
            username: &format!("peer{:08}:load", self.peer),
            priority: 1,
            role: Role::Controlling(7),
            use_candidate: true,
        };
        let integrity = &self.integrity;
        buffer.push(self.server, MTU, &mut |room| {
            request(room, &fields, integrity).unwrap_or(0)
        });
        self.socket.send(buffer);
    }

    /// Queues one datagram of this peer, sealed by `fill`.
    pub(crate) fn queue(&mut self, buffer: &mut EgressBuffer, fill: impl Fn(&mut [u8], &mut Outbound) -> usize) {
        let outbound = &mut self.outbound;
        buffer.push(self.server, MTU, &mut |room| fill(room, outbound));
    }
}

/// Master key and salt of a peer: side 0 is what the peer sends with, 1 what the server sends with.
fn key(peer: u32, side: u8) -> Vec<u8> {
    let mut bytes = vec![side; 4];
    for _ in 0..6 {
        bytes.extend_from_slice(&peer.to_be_bytes());
    }
    bytes
}
