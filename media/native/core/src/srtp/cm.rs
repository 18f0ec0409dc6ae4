//! AES counter mode with HMAC-SHA1, 80-bit tag (RFC 3711 sections 4.1.1 and 4.2.1).

use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext, UnboundCipherKey, AES_128, AES_256};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use super::{SrtpError, ENCRYPTED};
use crate::id::Ssrc;
use crate::wire::put_u32;

pub(super) const TAG_LEN: usize = 10;
pub(super) const SALT_LEN: usize = 14;
const RTCP_CLEAR: usize = 8;

pub(super) struct Key {
    cipher: EncryptingKey,
    salt: [u8; SALT_LEN],
    auth: hmac::Key,
}

/// AES in counter mode with a key of 16 or 32 bytes.
pub(super) fn counter_mode(key: &[u8]) -> Result<EncryptingKey, Unspecified> {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    EncryptingKey::ctr(UnboundCipherKey::new(algorithm, key)?)
}

/// Encrypts or decrypts in place: both are the same operation in counter mode.
pub(super) fn apply(cipher: &EncryptingKey, iv: [u8; 16], bytes: &mut [u8]) -> Result<(), Unspecified> {
    let context = EncryptionContext::Iv128(FixedLength::from(&iv));
    cipher.less_safe_encrypt(bytes, context)?;
    Ok(())
}

impl Key {
    pub(super) fn new(key: &[u8], salt: [u8; SALT_LEN], auth: &[u8]) -> Result<Self, SrtpError> {
        Ok(Self {
            cipher: counter_mode(key).map_err(|_| SrtpError::Key)?,
            salt,
            auth: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth),
        })
    }

    /// Salt, SSRC and index by their places of RFC 3711 section 4.1.1; the last 16 bits count blocks.
    fn apply(&self, ssrc: Ssrc, index: u64, bytes: &mut [u8]) -> Result<(), SrtpError> {
        let mut iv = [0; 16];
        iv[..SALT_LEN].copy_from_slice(&self.salt);
        let numbers = u128::from(ssrc.0) << 48 | u128::from(index);
        let iv = u128::from_be_bytes(iv) ^ numbers << 16;
        let iv = iv.to_be_bytes();
        apply(&self.cipher, iv, bytes).map_err(|_| SrtpError::Key)
    }

    fn tag(&self, packet: &[u8], roc: Option<u32>) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.auth);
        context.update(packet);
        if let Some(roc) = roc {
            context.update(&roc.to_be_bytes());
        }
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG_LEN]);
        tag
    }

    /// Splits off the tag and checks it; returns the length of what stands before it.
    fn verify(&self, packet: &[u8], roc: Option<u32>) -> Result<usize, SrtpError> {
        let len = packet.len().checked_sub(TAG_LEN).ok_or(SrtpError::Malformed)?;
        let (signed, tag) = packet.split_at(len);
        verify_slices_are_equal(&self.tag(signed, roc), tag).map_err(|_| SrtpError::Auth)?;
        Ok(len)
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: Ssrc,
        index: u64,
    ) -> Result<usize, SrtpError> {
        if packet.len() < header_len + TAG_LEN {
            return Err(SrtpError::Malformed);
        }
        let len = self.verify(packet, Some((index >> 16) as u32))?;
        self.apply(ssrc, index, &mut packet[header_len..len])?;
        Ok(len)
    }

    /// `len` is header and payload; the caller has checked that the tag fits behind them.
    pub(super) fn seal_rtp(
        &self,
        buf: &mut [u8],
        header_len: usize,
        len: usize,
        ssrc: Ssrc,
        index: u64,
    ) -> Result<usize, SrtpError> {
        self.apply(ssrc, index, &mut buf[header_len..len])?;
        let tag = self.tag(&buf[..len], Some((index >> 16) as u32));
        buf[len..len + TAG_LEN].copy_from_slice(&tag);
        Ok(len + TAG_LEN)
    }

    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: Ssrc, word: u32) -> Result<usize, SrtpError> {
        if packet.len() < RTCP_CLEAR + 4 + TAG_LEN {
            return Err(SrtpError::Malformed);
        }
        let len = self.verify(packet, None)? - 4;
        if word & ENCRYPTED != 0 {
            self.apply(ssrc, u64::from(word & !ENCRYPTED), &mut packet[RTCP_CLEAR..len])?;
        }
        Ok(len)
    }

    pub(super) fn seal_rtcp(&self, buf: &mut [u8], len: usize, ssrc: Ssrc, index: u32) -> Result<usize, SrtpError> {
        self.apply(ssrc, u64::from(index), &mut buf[RTCP_CLEAR..len])?;
        put_u32(buf, len, index | ENCRYPTED);
        let tag = self.tag(&buf[..len + 4], None);
        buf[len + 4..len + 4 + TAG_LEN].copy_from_slice(&tag);
        Ok(len + 4 + TAG_LEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::hex;

    #[test]
    fn the_key_stream_matches_rfc_3711_appendix_b2() {
        let mut salt = [0; SALT_LEN];
        salt.copy_from_slice(&hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"));
        let key = Key::new(&hex("2b7e151628aed2a6abf7158809cf4f3c"), salt, &[0; 20]).unwrap();
        let mut stream = [0; 48];
        key.apply(Ssrc(0), 0, &mut stream).unwrap();
        let expected = "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab\
                        41e95b3bb0a2e8dd477901e4fca894c0";
        assert_eq!(stream[..], hex(expected));
    }
}
