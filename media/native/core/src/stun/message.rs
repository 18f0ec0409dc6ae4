//! Reading a Binding message.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{attribute, fingerprint, IntegrityKey, TransactionId, COOKIE, HEADER_LEN, INTEGRITY_LEN};
use crate::wire::{u16_at, u32_at, u64_at};
use aws_lc_rs::constant_time::verify_slices_are_equal;

const BINDING: u16 = 1;
/// Unknown attributes that an error answer names at most.
const MAX_UNKNOWN: usize = 8;

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Short,
    /// Without the magic cookie: RFC 3489 or not STUN at all.
    Cookie,
    /// The length field or an attribute contradicts the datagram.
    Length,
    /// Another method than Binding.
    Method,
    /// Missing, wrong or not last (RFC 8445 section 7.1 demands one).
    Fingerprint,
    /// A known attribute with an impossible value.
    Attribute,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// The role that a peer claims, with its tie breaker (RFC 8445 section 7.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Controlling(u64),
    Controlled(u64),
}

/// A Binding message whose structure and fingerprint are right; its integrity is not verified yet.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub class: Class,
    pub transaction: TransactionId,
    /// `receiver:sender` ufrags.
    pub username: Option<&'a str>,
    pub priority: Option<u32>,
    pub use_candidate: bool,
    pub role: Option<Role>,
    /// XOR-MAPPED-ADDRESS of a success answer.
    pub mapped: Option<SocketAddr>,
    /// Code of an error answer.
    pub error: Option<u16>,
    /// Everything before the integrity attribute, and its value.
    signed: Option<(&'a [u8], &'a [u8])>,
    unknown: [u16; MAX_UNKNOWN],
    unknown_len: usize,
}

impl<'a> Message<'a> {
    /// Takes a datagram apart.
    ///
    /// # Errors
    /// [`Malformed`]; such a datagram gets no answer.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Malformed> {
        if datagram.len() < HEADER_LEN {
            return Err(Malformed::Short);
        }
        let kind = u16_at(datagram, 0);
        if kind >> 14 != 0 || u32_at(datagram, 4) != COOKIE {
            return Err(Malformed::Cookie);
        }
        if usize::from(u16_at(datagram, 2)) != datagram.len() - HEADER_LEN || !datagram.len().is_multiple_of(4) {
            return Err(Malformed::Length);
        }
        // Method and class bits are interleaved (RFC 8489 section 5).
        if kind & !0x0110 != BINDING {
            return Err(Malformed::Method);
        }
        let class = match kind & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            0x0100 => Class::Success,
            _ => Class::Error,
        };
        let mut transaction = [0; 12];
        transaction.copy_from_slice(&datagram[8..HEADER_LEN]);
        let mut message = Self {
            class,
            transaction,
            username: None,
            priority: None,
            use_candidate: false,
            role: None,
            mapped: None,
            error: None,
            signed: None,
            unknown: [0; MAX_UNKNOWN],
            unknown_len: 0,
        };
        message.read_attributes(datagram)?;
        Ok(message)
    }

    /// True when the message was signed with this password; compared in constant time.
    pub fn verify(&self, key: &IntegrityKey) -> bool {
        let Some((signed, tag)) = self.signed else {
            return false;
        };
        verify_slices_are_equal(key.sign(signed).as_ref(), tag).is_ok()
    }

    /// Our ufrag and the peer's, out of a request's username (RFC 8445 section 7.1.2).
    pub fn ufrags(&self) -> Option<(&'a str, &'a str)> {
        self.username?.split_once(':')
    }

    /// Attributes that must be understood and are not; a verified request with one is answered by 420.
    pub fn unknown(&self) -> &[u16] {
        &self.unknown[..self.unknown_len]
    }

    fn read_attributes(&mut self, datagram: &'a [u8]) -> Result<(), Malformed> {
        let mut at = HEADER_LEN;
        while at < datagram.len() {
            let kind = u16_at(datagram, at);
            let start = at + 4;
            let end = start + usize::from(u16_at(datagram, at + 2));
            let value = datagram.get(start..end).ok_or(Malformed::Length)?;
            let next = end.next_multiple_of(4);
            if kind == attribute::FINGERPRINT {
                let right = value == fingerprint(&datagram[..at]).to_be_bytes() && next == datagram.len();
                return if right { Ok(()) } else { Err(Malformed::Fingerprint) };
            }
            // What follows the integrity is not protected (RFC 8489 section 14.5).
            if self.signed.is_none() {
                self.read(kind, value, &datagram[..at])?;
            }
            at = next;
        }
        Err(Malformed::Fingerprint)
    }

    /// Takes one attribute; of repeated ones the first counts (RFC 8489 section 14).
    fn read(&mut self, kind: u16, value: &'a [u8], before: &'a [u8]) -> Result<(), Malformed> {
        match kind {
            attribute::MESSAGE_INTEGRITY => {
                exactly(value, INTEGRITY_LEN)?;
                self.signed = Some((before, value));
            }
            attribute::USERNAME => {
                let text = std::str::from_utf8(value).map_err(|_| Malformed::Attribute)?;
                self.username = self.username.or(Some(text));
            }
            attribute::PRIORITY => self.priority = self.priority.or(Some(u32_at(exactly(value, 4)?, 0))),
            attribute::USE_CANDIDATE => self.use_candidate = true,
            attribute::ICE_CONTROLLING => {
                let tie_breaker = u64_at(exactly(value, 8)?, 0);
                self.role = self.role.or(Some(Role::Controlling(tie_breaker)));
            }
            attribute::ICE_CONTROLLED => {
                let tie_breaker = u64_at(exactly(value, 8)?, 0);
                self.role = self.role.or(Some(Role::Controlled(tie_breaker)));
            }
            attribute::XOR_MAPPED_ADDRESS => {
                let mapped = unmask(value, &self.transaction).ok_or(Malformed::Attribute)?;
                self.mapped = self.mapped.or(Some(mapped));
            }
            attribute::ERROR_CODE => {
                let [_, _, hundreds, rest, ..] = value else {
                    return Err(Malformed::Attribute);
                };
                let code = u16::from(hundreds & 7) * 100 + u16::from(*rest);
                self.error = self.error.or(Some(code));
            }
            attribute::MAPPED_ADDRESS | attribute::UNKNOWN_ATTRIBUTES | attribute::REALM | attribute::NONCE => {}
            // The upper half may be ignored, NOMINATION (0x8030 and the early 0x0030) among it.
            0x8000.. | EARLY_NOMINATION => {}
            _ if self.unknown_len < MAX_UNKNOWN => {
                self.unknown[self.unknown_len] = kind;
                self.unknown_len += 1;
            }
            _ => {}
        }
        Ok(())
    }
}

/// NOMINATION is sent under a number of the lower half by browsers that renominate; refusing it with 420
/// would cut them off.
const EARLY_NOMINATION: u16 = 0x0030;

fn exactly(value: &[u8], len: usize) -> Result<&[u8], Malformed> {
    if value.len() == len {
        Ok(value)
    } else {
        Err(Malformed::Attribute)
    }
}

/// Address of an XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).
fn unmask(value: &[u8], transaction: &TransactionId) -> Option<SocketAddr> {
    let port = value.get(2..4)?;
    let port = u16_at(port, 0) ^ (COOKIE >> 16) as u16;
    let ip = match (value[1], &value[4..]) {
        (1, address) if address.len() == 4 => IpAddr::V4(Ipv4Addr::from(u32_at(address, 0) ^ COOKIE)),
        (2, address) if address.len() == 16 => {
            let masked = u128::from(u64_at(address, 0)) << 64 | u128::from(u64_at(address, 8));
            IpAddr::V6(Ipv6Addr::from(masked ^ super::writer::v6_mask(transaction)))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}
