//! One simulated peer: credentials, SRTP of its own, and what it has received.

use muster_core::api::{MasterKey, Profile, Tuple};
use muster_core::id::{PeerId, Ssrc};
use muster_core::rtcp;
use muster_core::rtp::View;
use muster_core::srtp::{master_key_len, Inbound, Outbound};
use muster_core::stun::{self, IntegrityKey, Message, RequestFields, Role};

/// A decrypted packet as a browser would see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub ssrc: Ssrc,
    pub pt: u8,
    pub seq: u16,
    pub rtp_ts: u32,
    pub marker: bool,
    pub payload: Vec<u8>,
}

pub struct Client {
    pub peer: PeerId,
    pub tuple: Tuple,
    pub ufrag: String,
    pub pwd: String,
    pub remote_ufrag: String,
    pub tx: Option<Outbound>,
    pub rx: Option<Inbound>,
    /// Numbers of each sent source, extended.
    highest: std::collections::HashMap<u32, u64>,
    pub rtp: Vec<Received>,
    /// Decrypted compounds.
    pub rtcp: Vec<Vec<u8>>,
    /// Classes of STUN messages received.
    pub stun: Vec<stun::Class>,
    pub dtls: Vec<Vec<u8>>,
    transactions: u64,
}

impl Client {
    pub fn new(id: u64, tuple: Tuple) -> Self {
        Self {
            peer: PeerId(id),
            tuple,
            ufrag: format!("local{id}"),
            pwd: format!("password-of-peer-{id:08}"),
            remote_ufrag: format!("remote{id}"),
            tx: None,
            rx: None,
            highest: Default::default(),
            rtp: Vec::new(),
            rtcp: Vec::new(),
            stun: Vec::new(),
            dtls: Vec::new(),
            transactions: 0,
        }
    }

    /// Installs keys and gives the server's half: its sending and receiving key.
    pub fn set_keys(&mut self, profile: Profile) -> (MasterKey, MasterKey) {
        let key = |from: u8| MasterKey((0..master_key_len(profile)).map(|at| at as u8 ^ from).collect());
        let (ours, theirs) = (key(self.peer.0 as u8), key(!self.peer.0 as u8));
        self.tx = Outbound::new(profile, &ours).ok();
        self.rx = Inbound::new(profile, &theirs).ok();
        (theirs, ours)
    }

    pub fn check(&mut self, nominate: bool) -> Vec<u8> {
        self.check_as(nominate, Role::Controlling(7))
    }

    pub fn check_as(&mut self, use_candidate: bool, role: Role) -> Vec<u8> {
        self.transactions += 1;
        let mut transaction = [0; 12];
        transaction[..8].copy_from_slice(&self.transactions.to_be_bytes());
        let username = format!("{}:{}", self.ufrag, self.remote_ufrag);
        let fields = RequestFields {
            transaction,
            username: &username,
            priority: 1,
            role,
            use_candidate,
        };
        let mut buf = [0; 200];
        let len = stun::request(&mut buf, &fields, &IntegrityKey::new(&self.pwd)).expect("200 bytes are enough");
        buf[..len].to_vec()
    }

    pub fn seal_rtp(&mut self, packet: &[u8]) -> Vec<u8> {
        let view = View::parse(packet).expect("tests build well-formed packets");
        let (header, payload) = (view.header().len(), packet.len() - view.header().len());
        let (ssrc, seq) = (view.header().ssrc().0, view.header().seq());
        let index = match self.highest.get(&ssrc) {
            Some(highest) => muster_core::seq::extend(*highest, seq),
            None => u64::from(seq),
        };
        let highest = self.highest.entry(ssrc).or_default();
        *highest = index.max(*highest);
        let mut buf = packet.to_vec();
        buf.resize(packet.len() + 32, 0);
        let tx = self.tx.as_mut().expect("the client has keys");
        let len = tx.seal_rtp(&mut buf, header, payload, index).expect("a fresh number");
        buf.truncate(len);
        buf
    }

    pub fn seal_rtcp(&mut self, compound: &[u8]) -> Vec<u8> {
        let mut buf = compound.to_vec();
        buf.resize(compound.len() + 32, 0);
        let tx = self.tx.as_mut().expect("the client has keys");
        let len = tx.seal_rtcp(&mut buf, compound.len()).expect("a well-formed compound");
        buf.truncate(len);
        buf
    }

    pub fn receive(&mut self, data: &[u8]) {
        let mut data = data.to_vec();
        match data[0] {
            0..=3 => {
                let message = Message::parse(&data).expect("the server answers well-formed STUN");
                assert!(message.verify(&IntegrityKey::new(&self.pwd)));
                self.stun.push(message.class);
            }
            20..=63 => self.dtls.push(data),
            _ if (192..=223).contains(&data[1]) => {
                let rx = self.rx.as_mut().expect("the client has keys");
                let len = rx
                    .unprotect_rtcp(&mut data)
                    .expect("the server seals RTCP for this client");
                data.truncate(len);
                assert!(rtcp::packets(&data).all(|packet| packet.is_ok()));
                self.rtcp.push(data);
            }
            _ => self.receive_rtp(data),
        }
    }

    fn receive_rtp(&mut self, mut data: Vec<u8>) {
        let rx = self.rx.as_mut().expect("the client has keys");
        let len = rx
            .unprotect_rtp(&mut data)
            .expect("the server seals RTP for this client, once for each number");
        let view = View::parse(&data[..len]).expect("the server writes well-formed packets");
        let header = view.header();
        self.rtp.push(Received {
            ssrc: header.ssrc(),
            pt: header.pt().0,
            seq: header.seq(),
            rtp_ts: header.timestamp(),
            marker: header.marker(),
            payload: view.payload().to_vec(),
        });
    }

    /// Payloads of one stream in the order of arrival.
    pub fn payloads(&self, ssrc: u32) -> Vec<Vec<u8>> {
        self.rtp
            .iter()
            .filter(|packet| packet.ssrc == Ssrc(ssrc))
            .map(|packet| packet.payload.clone())
            .collect()
    }

    /// Packets of one stream in the order of arrival.
    pub fn stream(&self, ssrc: u32) -> Vec<&Received> {
        self.rtp.iter().filter(|packet| packet.ssrc == Ssrc(ssrc)).collect()
    }

    /// RTCP packets received that `pick` maps to something.
    pub fn rtcp_of<T>(&self, mut pick: impl FnMut(&rtcp::Packet<'_>) -> Option<T>) -> Vec<T> {
        let compounds = self.rtcp.iter();
        compounds
            .flat_map(|compound| rtcp::packets(compound))
            .filter_map(|packet| pick(&packet.ok()?))
            .collect()
    }

    /// SSRCs for which a key frame was asked.
    pub fn plis(&self) -> Vec<u32> {
        self.rtcp_of(|packet| match packet {
            rtcp::Packet::Pli(pli) => Some(pli.media.0),
            _ => None,
        })
    }
}
