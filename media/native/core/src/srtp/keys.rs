//! Session keys out of master keys (RFC 3711 section 4.3, RFC 6188 for 256 bits, RFC 7714 section 11).

use super::{cm, gcm, key_len, master_key_len, Cipher, SrtpError};
use crate::api::{MasterKey, Profile};

const RTP_LABEL: u8 = 0;
const RTCP_LABEL: u8 = 3;
const AUTH_LEN: usize = 20;

/// Ciphers for RTP and for RTCP of one direction.
pub(super) fn derive(profile: Profile, master: &MasterKey) -> Result<(Cipher, Cipher), SrtpError> {
    if master.0.len() != master_key_len(profile) {
        return Err(SrtpError::Key);
    }
    let (key, salt) = master.0.split_at(key_len(profile));
    Ok((
        cipher(profile, key, salt, RTP_LABEL)?,
        cipher(profile, key, salt, RTCP_LABEL)?,
    ))
}

fn cipher(profile: Profile, key: &[u8], salt: &[u8], label: u8) -> Result<Cipher, SrtpError> {
    let mut session_key = [0; 32];
    let session_key = &mut session_key[..key.len()];
    expand(key, salt, label, session_key)?;
    match profile {
        Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => {
            let mut session_salt = [0; gcm::SALT_LEN];
            expand(key, salt, label + 2, &mut session_salt)?;
            gcm::Key::new(session_key, session_salt).map(Cipher::Gcm)
        }
        Profile::Aes128CmSha1_80 => {
            let mut session_salt = [0; cm::SALT_LEN];
            expand(key, salt, label + 2, &mut session_salt)?;
            let mut auth = [0; AUTH_LEN];
            expand(key, salt, label + 1, &mut auth)?;
            Ok(Cipher::Cm(Box::new(cm::Key::new(session_key, session_salt, &auth)?)))
        }
    }
}

/// The AES counter mode generator with a key derivation rate of zero; a salt of 96 bits is padded with
/// zeroes on the right.
fn expand(key: &[u8], salt: &[u8], label: u8, out: &mut [u8]) -> Result<(), SrtpError> {
    let mut iv = [0; 16];
    iv[..salt.len()].copy_from_slice(salt);
    iv[7] ^= label;
    out.fill(0);
    cm::counter_mode(key)
        .and_then(|cipher| cm::apply(&cipher, iv, out))
        .map_err(|_| SrtpError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::hex;

    #[test]
    fn session_keys_match_rfc_3711_appendix_b3() {
        let key = hex("e1f97a0d3e018be0d64fa32c06de4139");
        let salt = hex("0ec675ad498afeebb6960b3aabe6");
        let derived = |label, len| {
            let mut out = vec![0; len];
            expand(&key, &salt, label, &mut out).unwrap();
            out
        };
        assert_eq!(derived(0, 16), hex("c61e7a93744f39ee10734afe3ff7a087"));
        assert_eq!(derived(2, 14), hex("30cbbc08863d8c85d49db34a9ae1"));
        assert_eq!(derived(1, 20), hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
    }

    #[test]
    fn key_material_of_another_length_is_refused() {
        for profile in [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm, Profile::Aes128CmSha1_80] {
            let len = master_key_len(profile);
            assert!(derive(profile, &MasterKey(vec![1; len])).is_ok());
            assert_eq!(
                derive(profile, &MasterKey(vec![1; len - 1])).err(),
                Some(SrtpError::Key)
            );
        }
    }
}
