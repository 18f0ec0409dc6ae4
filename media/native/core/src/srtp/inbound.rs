//! Opening what a peer sends: index estimation, authentication, replay check.

use super::replay::ReplayWindow;
use super::table::Table;
use super::{keys, Cipher, SrtpError, ENCRYPTED, MAX_RTP_INDEX};
use crate::api::{MasterKey, Profile};
use crate::id::Ssrc;
use crate::rtp::Header;
use crate::seq::extend;
use crate::wire::u32_at;

/// A datagram is never longer (see `demux`).
const MAX_PACKET: usize = 1500;

/// The receiving direction of one peer.
pub struct Inbound {
    rtp: Cipher,
    rtcp: Cipher,
    rtp_streams: Table<Stream>,
    rtcp_streams: Table<Stream>,
    /// Counts accepted packets: tells which source was silent for longest.
    accepted: u64,
    /// Ciphertext of the first packet of a source, for a second attempt.
    spare: Box<[u8; MAX_PACKET]>,
}

#[derive(Debug, Default)]
struct Stream {
    window: ReplayWindow,
    last_used: u64,
}

impl Inbound {
    /// Sources that are remembered; beyond it the one silent for longest is forgotten. Only authenticated
    /// packets make one, so a stranger cannot push others out.
    pub const MAX_STREAMS: usize = 256;

    /// # Errors
    /// `Key` for material of the wrong length.
    pub fn new(profile: Profile, master: &MasterKey) -> Result<Self, SrtpError> {
        let (rtp, rtcp) = keys::derive(profile, master)?;
        Ok(Self {
            rtp,
            rtcp,
            rtp_streams: Table::new(Self::MAX_STREAMS),
            rtcp_streams: Table::new(Self::MAX_STREAMS),
            accepted: 0,
            spare: Box::new([0; MAX_PACKET]),
        })
    }

    /// Opens an RTP packet in place and returns its length without the tag.
    ///
    /// # Errors
    /// `Malformed`, `Replay` or `Auth`; no state has changed then.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let (header_len, ssrc, seq) = match Header::parse(packet) {
            Ok(header) => (header.len(), header.ssrc(), header.seq()),
            Err(_) => return Err(SrtpError::Malformed),
        };
        let (len, index) = match self
            .rtp_streams
            .get(ssrc)
            .and_then(|stream| stream.window.highest().map(|highest| (stream, highest)))
        {
            Some((stream, highest)) => {
                let index = extend(highest, seq);
                if index > MAX_RTP_INDEX || !stream.window.is_fresh(index) {
                    return Err(SrtpError::Replay);
                }
                (self.rtp.open_rtp(packet, header_len, ssrc, index)?, index)
            }
            None => self.open_first(packet, header_len, ssrc, seq)?,
        };
        self.accepted += 1;
        remember(&mut self.rtp_streams, ssrc, index, self.accepted);
        Ok(len)
    }

    /// Opens a compound RTCP packet in place and returns its length without index and tag.
    ///
    /// # Errors
    /// `Malformed`, `Replay` or `Auth`; no state has changed then.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let word_at = self
            .rtcp
            .rtcp_word_at(packet.len())
            .filter(|at| *at >= 8)
            .ok_or(SrtpError::Malformed)?;
        let word = u32_at(packet, word_at);
        let index = u64::from(word & !ENCRYPTED);
        let ssrc = Ssrc(u32_at(packet, 4));
        if let Some(stream) = self.rtcp_streams.get(ssrc) {
            if !stream.window.is_fresh(index) {
                return Err(SrtpError::Replay);
            }
        }
        let len = self.rtcp.open_rtcp(packet, ssrc, word)?;
        self.accepted += 1;
        remember(&mut self.rtcp_streams, ssrc, index, self.accepted);
        Ok(len)
    }

    /// A source that begins shortly before a wrap, and loses all until after it, arrives with a rollover
    /// counter of 1; without the second attempt it would stay mute for ever.
    fn open_first(
        &mut self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: Ssrc,
        seq: u16,
    ) -> Result<(usize, u64), SrtpError> {
        let index = u64::from(seq);
        let spare = self.spare.get_mut(..packet.len()).ok_or(SrtpError::Malformed)?;
        spare.copy_from_slice(packet);
        match self.rtp.open_rtp(packet, header_len, ssrc, index) {
            Err(SrtpError::Auth) if seq < 0x8000 => {
                let index = index + 0x1_0000;
                packet.copy_from_slice(spare);
                Ok((self.rtp.open_rtp(packet, header_len, ssrc, index)?, index))
            }
            opened => Ok((opened?, index)),
        }
    }
}

fn remember(streams: &mut Table<Stream>, ssrc: Ssrc, index: u64, accepted: u64) {
    if streams.get(ssrc).is_none() {
        if streams.is_full() {
            streams.remove_min_by_key(|stream| stream.last_used);
        }
        streams.insert(ssrc, Stream::default());
    }
    if let Some(stream) = streams.get_mut(ssrc) {
        stream.window.accept(index);
        stream.last_used = accepted;
    }
}
