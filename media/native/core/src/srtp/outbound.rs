//! Sealing what we send. No number of a key is ever sealed twice.

use super::replay::ReplayWindow;
use super::table::Table;
use super::{keys, Cipher, SrtpError, MAX_RTCP_INDEX, MAX_RTP_INDEX};
use crate::api::{MasterKey, Profile};
use crate::id::Ssrc;
use crate::wire::{u16_at, u32_at};

/// The sending direction of one peer.
pub struct Outbound {
    rtp: Cipher,
    rtcp: Cipher,
    /// Sealed indices of each source; what is older than the window counts as sealed. Never forgotten while the
    /// key lives.
    sealed: Table<ReplayWindow>,
    next_rtcp_index: u32,
}

impl Outbound {
    /// Sources of one key: slots and their retransmissions, with room for renewed ones.
    pub const MAX_STREAMS: usize = 4096;

    /// # Errors
    /// `Key` for material of the wrong length.
    pub fn new(profile: Profile, master: &MasterKey) -> Result<Self, SrtpError> {
        let (rtp, rtcp) = keys::derive(profile, master)?;
        Ok(Self {
            rtp,
            rtcp,
            sealed: Table::new(Self::MAX_STREAMS),
            next_rtcp_index: 0,
        })
    }

    /// Bytes that `seal_rtp` adds.
    pub fn rtp_overhead(&self) -> usize {
        self.rtp.rtp_overhead()
    }

    /// Bytes that `seal_rtcp` adds.
    pub fn rtcp_overhead(&self) -> usize {
        self.rtcp.rtcp_overhead()
    }

    /// Seals header and payload at the start of `buf` in place and returns the length with the tag. `index` is
    /// the extended sequence number, not sealed before for the SSRC in the header: a late packet may fill a gap of
    /// the last 512. A receiver begins
    /// with a rollover counter of 0, so the first one is best below 32768 (RFC 3711 section 3.3.1).
    ///
    /// # Errors
    /// `Full` without room for the tag, `Malformed` when header and index disagree, `IndexUsed`, `Exhausted`
    /// above 48 bits, `TooManyStreams`. The buffer is untouched then.
    pub fn seal_rtp(
        &mut self,
        buf: &mut [u8],
        header_len: usize,
        payload_len: usize,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let len = header_len.saturating_add(payload_len);
        if buf.len() < len.saturating_add(self.rtp.rtp_overhead()) {
            return Err(SrtpError::Full);
        }
        if header_len < 12 || u16_at(buf, 2) != index as u16 {
            return Err(SrtpError::Malformed);
        }
        let ssrc = Ssrc(u32_at(buf, 8));
        self.claim(ssrc, index)?;
        self.rtp.seal_rtp(buf, header_len, len, ssrc, index)
    }

    /// Seals the compound of `len` bytes at the start of `buf` in place and returns the length with index
    /// and tag.
    ///
    /// # Errors
    /// `Full`, `Malformed` below 8 bytes, `Exhausted` after 2^31 packets.
    pub fn seal_rtcp(&mut self, buf: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        if buf.len() < len.saturating_add(self.rtcp.rtcp_overhead()) {
            return Err(SrtpError::Full);
        }
        if len < 8 {
            return Err(SrtpError::Malformed);
        }
        let index = self.next_rtcp_index;
        if index > MAX_RTCP_INDEX {
            return Err(SrtpError::Exhausted);
        }
        self.next_rtcp_index += 1;
        let ssrc = Ssrc(u32_at(buf, 4));
        self.rtcp.seal_rtcp(buf, len, ssrc, index)
    }

    /// Reserves the index before it is used, so that not even a failed seal can repeat it.
    fn claim(&mut self, ssrc: Ssrc, index: u64) -> Result<(), SrtpError> {
        if index > MAX_RTP_INDEX {
            return Err(SrtpError::Exhausted);
        }
        if let Some(sealed) = self.sealed.get_mut(ssrc) {
            if !sealed.is_fresh(index) {
                return Err(SrtpError::IndexUsed);
            }
            sealed.accept(index);
            return Ok(());
        }
        if self.sealed.is_full() {
            return Err(SrtpError::TooManyStreams);
        }
        let mut sealed = ReplayWindow::default();
        sealed.accept(index);
        self.sealed.insert(ssrc, sealed);
        Ok(())
    }
}
