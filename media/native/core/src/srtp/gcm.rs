//! AES-GCM protection (RFC 7714).

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey, AES_128_GCM, AES_256_GCM};

use super::{SrtpError, ENCRYPTED};
use crate::id::Ssrc;
use crate::wire::put_u32;

pub(super) const TAG_LEN: usize = 16;
pub(super) const SALT_LEN: usize = 12;
/// The part of a compound that stays in the clear: first header word and SSRC.
const RTCP_CLEAR: usize = 8;

pub(super) struct Key {
    aead: LessSafeKey,
    salt: [u8; SALT_LEN],
}

impl Key {
    /// From a session key of 16 or 32 bytes and its salt.
    pub(super) fn new(key: &[u8], salt: [u8; SALT_LEN]) -> Result<Self, SrtpError> {
        let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let unbound = UnboundKey::new(algorithm, key).map_err(|_| SrtpError::Key)?;
        let aead = LessSafeKey::new(unbound);
        Ok(Self { aead, salt })
    }

    /// 00 || SSRC || ROC || SEQ, salted (RFC 7714 section 8.1).
    fn rtp_nonce(&self, ssrc: Ssrc, index: u64) -> Nonce {
        let mut iv = [0; SALT_LEN];
        iv[2..6].copy_from_slice(&ssrc.0.to_be_bytes());
        iv[6..].copy_from_slice(&index.to_be_bytes()[2..]);
        self.salted(iv)
    }

    /// 00 || SSRC || 00 || index, salted (RFC 7714 section 9.1).
    fn rtcp_nonce(&self, ssrc: Ssrc, index: u32) -> Nonce {
        let mut iv = [0; SALT_LEN];
        iv[2..6].copy_from_slice(&ssrc.0.to_be_bytes());
        iv[8..].copy_from_slice(&index.to_be_bytes());
        self.salted(iv)
    }

    fn salted(&self, mut iv: [u8; SALT_LEN]) -> Nonce {
        for (byte, salt) in iv.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        Nonce::assume_unique_for_key(iv)
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: Ssrc,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let (header, sealed) = packet.split_at_mut(header_len);
        if sealed.len() < TAG_LEN {
            return Err(SrtpError::Malformed);
        }
        let nonce = self.rtp_nonce(ssrc, index);
        let plain = self
            .aead
            .open_in_place(nonce, Aad::from(&*header), sealed)
            .map_err(|_| SrtpError::Auth)?;
        Ok(header_len + plain.len())
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
        let (header, rest) = buf.split_at_mut(header_len);
        let (payload, rest) = rest.split_at_mut(len - header_len);
        let nonce = self.rtp_nonce(ssrc, index);
        let tag = self
            .aead
            .seal_in_place_separate_tag(nonce, Aad::from(&*header), payload)
            .map_err(|_| SrtpError::Key)?;
        rest[..TAG_LEN].copy_from_slice(tag.as_ref());
        Ok(len + TAG_LEN)
    }

    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: Ssrc, word: u32) -> Result<usize, SrtpError> {
        let len = packet
            .len()
            .checked_sub(TAG_LEN + 4)
            .filter(|len| *len >= RTCP_CLEAR)
            .ok_or(SrtpError::Malformed)?;
        let nonce = self.rtcp_nonce(ssrc, word & !ENCRYPTED);
        if word & ENCRYPTED == 0 {
            return self.open_clear_rtcp(packet, nonce, word, len);
        }
        let (clear, rest) = packet.split_at_mut(RTCP_CLEAR);
        let sealed_len = rest.len() - 4;
        let aad = rtcp_aad(clear, word);
        self.aead
            .open_in_place(nonce, Aad::from(aad), &mut rest[..sealed_len])
            .map_err(|_| SrtpError::Auth)?;
        Ok(len)
    }

    /// Authenticated only: the whole compound and the word are additional data (RFC 7714 section 9.3). The
    /// word takes the place of the tag, so that both stand together.
    fn open_clear_rtcp(&self, packet: &mut [u8], nonce: Nonce, word: u32, len: usize) -> Result<usize, SrtpError> {
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&packet[len..len + TAG_LEN]);
        put_u32(packet, len, word);
        self.aead
            .open_in_place(nonce, Aad::from(&packet[..len + 4]), &mut tag)
            .map_err(|_| SrtpError::Auth)?;
        Ok(len)
    }

    pub(super) fn seal_rtcp(&self, buf: &mut [u8], len: usize, ssrc: Ssrc, index: u32) -> Result<usize, SrtpError> {
        let word = index | ENCRYPTED;
        let aad = rtcp_aad(buf, word);
        let nonce = self.rtcp_nonce(ssrc, index);
        let tag = self
            .aead
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut buf[RTCP_CLEAR..len])
            .map_err(|_| SrtpError::Key)?;
        buf[len..len + TAG_LEN].copy_from_slice(tag.as_ref());
        put_u32(buf, len + TAG_LEN, word);
        Ok(len + TAG_LEN + 4)
    }
}

fn rtcp_aad(packet: &[u8], word: u32) -> [u8; RTCP_CLEAR + 4] {
    let mut aad = [0; RTCP_CLEAR + 4];
    aad[..RTCP_CLEAR].copy_from_slice(&packet[..RTCP_CLEAR]);
    put_u32(&mut aad, RTCP_CLEAR, word);
    aad
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::hex;

    const SALT: &[u8; SALT_LEN] = b"Quid pro quo";
    const RTP: &str = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976697361\
                       20696e207061727465732074726573";
    const RTCP: &str = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61\
                        deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

    fn key(len: u8) -> Key {
        let bytes: Vec<u8> = (0..len).collect();
        Key::new(&bytes, *SALT).unwrap()
    }

    fn seal_and_open_rtp(key: &Key, sealed: &str) {
        let plain = hex(RTP);
        let mut buf = plain.clone();
        buf.resize(plain.len() + TAG_LEN, 0);
        let len = key
            .seal_rtp(&mut buf, 12, plain.len(), Ssrc(0x5501_a0b2), 0xf17b)
            .unwrap();
        assert_eq!(buf[..len], hex(sealed));
        let len = key.open_rtp(&mut buf, 12, Ssrc(0x5501_a0b2), 0xf17b).unwrap();
        assert_eq!(buf[..len], plain);
    }

    #[test]
    fn rtp_matches_rfc_7714_section_16_1_1() {
        let sealed = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f\
                      42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce";
        seal_and_open_rtp(&key(16), sealed);
    }

    #[test]
    fn rtp_matches_rfc_7714_section_16_2_1() {
        let sealed = "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3\
                      b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13";
        seal_and_open_rtp(&key(32), sealed);
    }

    #[test]
    fn rtcp_matches_rfc_7714_section_17_1() {
        let sealed = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1\
                      730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4";
        let plain = hex(RTCP);
        let mut buf = plain.clone();
        buf.resize(plain.len() + TAG_LEN + 4, 0);
        let len = key(16)
            .seal_rtcp(&mut buf, plain.len(), Ssrc(0x4d61_7273), 0x5d4)
            .unwrap();
        assert_eq!(buf[..len], hex(sealed));
        let len = key(16).open_rtcp(&mut buf, Ssrc(0x4d61_7273), 0x8000_05d4).unwrap();
        assert_eq!(buf[..len], plain);
    }

    #[test]
    fn an_authenticated_compound_in_the_clear_is_taken() {
        let plain = hex(RTCP);
        let (ssrc, index) = (Ssrc(0x4d61_7273), 0x5d4);
        let key = key(16);
        let mut aad = plain.clone();
        aad.extend_from_slice(&u32::to_be_bytes(index));
        let tag = key
            .aead
            .seal_in_place_separate_tag(key.rtcp_nonce(ssrc, index), Aad::from(&aad), &mut [])
            .unwrap();
        let mut packet = [&plain[..], tag.as_ref(), &index.to_be_bytes()].concat();
        let mut forged = packet.clone();
        forged[9] ^= 1;
        assert_eq!(key.open_rtcp(&mut packet, ssrc, index), Ok(plain.len()));
        assert_eq!(packet[..plain.len()], plain);
        assert_eq!(key.open_rtcp(&mut forged, ssrc, index), Err(SrtpError::Auth));
    }
}
