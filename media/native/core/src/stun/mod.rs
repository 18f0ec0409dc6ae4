//! STUN as far as an ICE-lite agent needs it (RFC 8489, RFC 8445).
//!
//! A worker answers only a request whose `verify` succeeded with the password of a known ufrag; everything
//! else is dropped and counted, so that nobody can make us send to a third party.

pub mod message;
#[cfg(test)]
mod tests;
pub mod writer;

pub use message::{Class, Malformed, Message, Role};
pub use writer::{error, request, success, ErrorCode, RequestFields};

use aws_lc_rs::hmac;

const COOKIE: u32 = 0x2112_a442;
const HEADER_LEN: usize = 20;
const INTEGRITY_LEN: usize = 20;
const FINGERPRINT_XOR: u32 = 0x5354_554e;

mod attribute {
    pub(super) const MAPPED_ADDRESS: u16 = 0x0001;
    pub(super) const USERNAME: u16 = 0x0006;
    pub(super) const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub(super) const ERROR_CODE: u16 = 0x0009;
    pub(super) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
    pub(super) const REALM: u16 = 0x0014;
    pub(super) const NONCE: u16 = 0x0015;
    pub(super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub(super) const PRIORITY: u16 = 0x0024;
    pub(super) const USE_CANDIDATE: u16 = 0x0025;
    pub(super) const FINGERPRINT: u16 = 0x8028;
    pub(super) const ICE_CONTROLLED: u16 = 0x8029;
    pub(super) const ICE_CONTROLLING: u16 = 0x802a;
}

/// Identifies a transaction (RFC 8489 section 5).
pub type TransactionId = [u8; 12];

/// A short-term password, prepared once for many messages. Never printed.
#[derive(Clone)]
pub struct IntegrityKey(hmac::Key);

impl std::fmt::Debug for IntegrityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl IntegrityKey {
    /// From an ICE password, which is ASCII and needs no further preparation (RFC 8445 section 5.3).
    pub fn new(password: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
    }

    /// HMAC-SHA1 of `message` as if it ended with the integrity attribute (RFC 8489 section 14.5).
    fn sign(&self, message: &[u8]) -> hmac::Tag {
        let len = (message.len() + 4 + INTEGRITY_LEN - HEADER_LEN) as u16;
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&message[..2]);
        context.update(&len.to_be_bytes());
        context.update(&message[4..]);
        context.sign()
    }
}

/// CRC-32 of a message as if it ended with the fingerprint attribute (RFC 8489 section 14.7).
pub(crate) fn fingerprint(message: &[u8]) -> u32 {
    let len = (message.len() + 8 - HEADER_LEN) as u16;
    let crc = crc32(u32::MAX, &message[..2]);
    let crc = crc32(crc, &len.to_be_bytes());
    !crc32(crc, &message[4..]) ^ FINGERPRINT_XOR
}

fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(crc, |crc, byte| CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};
