//! SRTP and SRTCP (RFC 3711, RFC 7714): one context for each direction of a peer, in place, without
//! allocation per packet.

mod cm;
mod gcm;
mod inbound;
mod keys;
mod outbound;
mod replay;
mod table;
#[cfg(test)]
mod tests;

pub use inbound::Inbound;
pub use outbound::Outbound;

use crate::api::Profile;
use crate::id::Ssrc;

/// What protection adds to an RTP packet at most, bytes.
pub const MAX_RTP_OVERHEAD: usize = 16;
/// What protection adds to a compound RTCP packet at most, bytes.
pub const MAX_RTCP_OVERHEAD: usize = 20;
/// An extended RTP sequence number has 48 bits: rollover counter and sequence number (RFC 3711 section 3.3.1).
const MAX_RTP_INDEX: u64 = (1 << 48) - 1;
const MAX_RTCP_INDEX: u32 = (1 << 31) - 1;
/// The flag for encryption in the word that holds the SRTCP index (RFC 3711 section 3.4).
const ENCRYPTED: u32 = 1 << 31;

/// Why a packet was not opened or sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrtpError {
    /// Key material of the wrong length for its profile.
    Key,
    /// Too short or inconsistent to be a packet of this kind.
    Malformed,
    /// The tag does not fit; the buffer's content is undefined now.
    Auth,
    /// Accepted before, or older than the replay window.
    Replay,
    /// The number was sealed before, or is below one that was: sealing it would repeat a nonce.
    IndexUsed,
    /// All numbers of this key are used up.
    Exhausted,
    /// The caller's buffer has no room for the tag.
    Full,
    /// More sources than the context may hold.
    TooManyStreams,
}

/// Length of `key || salt` of one direction, bytes.
pub fn master_key_len(profile: Profile) -> usize {
    key_len(profile) + salt_len(profile)
}

fn key_len(profile: Profile) -> usize {
    match profile {
        Profile::AeadAes128Gcm | Profile::Aes128CmSha1_80 => 16,
        Profile::AeadAes256Gcm => 32,
    }
}

fn salt_len(profile: Profile) -> usize {
    match profile {
        Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => gcm::SALT_LEN,
        Profile::Aes128CmSha1_80 => cm::SALT_LEN,
    }
}

/// Session keys of one direction, for one kind of packet.
enum Cipher {
    Gcm(gcm::Key),
    Cm(Box<cm::Key>),
}

impl Cipher {
    fn rtp_overhead(&self) -> usize {
        match self {
            Self::Gcm(_) => gcm::TAG_LEN,
            Self::Cm(_) => cm::TAG_LEN,
        }
    }

    fn rtcp_overhead(&self) -> usize {
        self.rtp_overhead() + 4
    }

    fn open_rtp(&self, packet: &mut [u8], header_len: usize, ssrc: Ssrc, index: u64) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(key) => key.open_rtp(packet, header_len, ssrc, index),
            Self::Cm(key) => key.open_rtp(packet, header_len, ssrc, index),
        }
    }

    fn seal_rtp(
        &self,
        buf: &mut [u8],
        header_len: usize,
        len: usize,
        ssrc: Ssrc,
        index: u64,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(key) => key.seal_rtp(buf, header_len, len, ssrc, index),
            Self::Cm(key) => key.seal_rtp(buf, header_len, len, ssrc, index),
        }
    }

    fn open_rtcp(&self, packet: &mut [u8], ssrc: Ssrc, word: u32) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(key) => key.open_rtcp(packet, ssrc, word),
            Self::Cm(key) => key.open_rtcp(packet, ssrc, word),
        }
    }

    fn seal_rtcp(&self, buf: &mut [u8], len: usize, ssrc: Ssrc, index: u32) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(key) => key.seal_rtcp(buf, len, ssrc, index),
            Self::Cm(key) => key.seal_rtcp(buf, len, ssrc, index),
        }
    }

    /// Where the word with E flag and SRTCP index stands: last with GCM (RFC 7714 section 9.2), before the
    /// tag with CM (RFC 3711 section 3.4).
    fn rtcp_word_at(&self, packet_len: usize) -> Option<usize> {
        match self {
            Self::Gcm(_) => packet_len.checked_sub(4),
            Self::Cm(_) => packet_len.checked_sub(4 + cm::TAG_LEN),
        }
    }
}
