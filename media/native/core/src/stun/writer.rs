//! Writing Binding messages into a caller's buffer.

use std::net::{IpAddr, SocketAddr};

use super::message::Role;
use super::{attribute, fingerprint, IntegrityKey, TransactionId, COOKIE, HEADER_LEN};
use crate::wire::{put_u16, put_u32};

const REQUEST: u16 = 0x0001;
const SUCCESS: u16 = 0x0101;
const ERROR: u16 = 0x0111;

/// The errors that an ICE-lite agent answers (RFC 8489 section 14.8, RFC 8445 section 7.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    BadRequest,
    Unauthenticated,
    /// Names the attributes that must be understood and were not.
    UnknownAttribute,
    RoleConflict,
}

impl ErrorCode {
    fn parts(self) -> (u8, u8, &'static [u8]) {
        match self {
            Self::BadRequest => (4, 0, b"Bad Request"),
            Self::Unauthenticated => (4, 1, b"Unauthenticated"),
            Self::UnknownAttribute => (4, 20, b"Unknown Attribute"),
            Self::RoleConflict => (4, 87, b"Role Conflict"),
        }
    }
}

/// What a connectivity check of a full ICE agent says.
#[derive(Clone, Copy, Debug)]
pub struct RequestFields<'a> {
    pub transaction: TransactionId,
    /// `receiver:sender` ufrags.
    pub username: &'a str,
    pub priority: u32,
    pub role: Role,
    pub use_candidate: bool,
}

/// Success answer with the address that the request came from: 64 bytes for IPv4, 76 for IPv6, which no
/// authenticated check is shorter than. Returns its length, none when `buf` is too small.
pub fn success(buf: &mut [u8], transaction: &TransactionId, from: SocketAddr, key: &IntegrityKey) -> Option<usize> {
    let mut message = Message::begin(buf, SUCCESS, transaction)?;
    let port = from.port() ^ (COOKIE >> 16) as u16;
    // An IPv4 peer on a dual-stack socket is told its IPv4 address.
    match from.ip().to_canonical() {
        IpAddr::V4(ip) => {
            let mut value = [0, 1, 0, 0, 0, 0, 0, 0];
            put_u16(&mut value, 2, port);
            put_u32(&mut value, 4, ip.to_bits() ^ COOKIE);
            message.attribute(attribute::XOR_MAPPED_ADDRESS, &value)?;
        }
        IpAddr::V6(ip) => {
            let mut value = [0; 20];
            value[1] = 2;
            put_u16(&mut value, 2, port);
            value[4..].copy_from_slice(&(ip.to_bits() ^ v6_mask(transaction)).to_be_bytes());
            message.attribute(attribute::XOR_MAPPED_ADDRESS, &value)?;
        }
    }
    message.finish(Some(key))
}

/// Error answer; `unknown` is named for `UnknownAttribute` only. Without a key it carries no integrity, as
/// RFC 8489 section 9.1.3 asks for 400 and 401. Returns its length, none when `buf` is too small.
pub fn error(
    buf: &mut [u8],
    transaction: &TransactionId,
    code: ErrorCode,
    unknown: &[u16],
    key: Option<&IntegrityKey>,
) -> Option<usize> {
    let mut message = Message::begin(buf, ERROR, transaction)?;
    let (hundreds, rest, reason) = code.parts();
    let mut value = [0; 32];
    value[2..4].copy_from_slice(&[hundreds, rest]);
    value[4..4 + reason.len()].copy_from_slice(reason);
    message.attribute(attribute::ERROR_CODE, &value[..4 + reason.len()])?;
    if code == ErrorCode::UnknownAttribute {
        let mut list = [0; 32];
        let named = unknown.len().min(list.len() / 2);
        for (place, kind) in list.chunks_exact_mut(2).zip(unknown) {
            put_u16(place, 0, *kind);
        }
        message.attribute(attribute::UNKNOWN_ATTRIBUTES, &list[..2 * named])?;
    }
    message.finish(key)
}

/// Connectivity check, for load generators and simulated peers; a lite agent sends none. Returns its length,
/// none when `buf` is too small.
pub fn request(buf: &mut [u8], fields: &RequestFields<'_>, key: &IntegrityKey) -> Option<usize> {
    let mut message = Message::begin(buf, REQUEST, &fields.transaction)?;
    message.attribute(attribute::USERNAME, fields.username.as_bytes())?;
    message.attribute(attribute::PRIORITY, &fields.priority.to_be_bytes())?;
    let (kind, tie_breaker) = match fields.role {
        Role::Controlling(tie_breaker) => (attribute::ICE_CONTROLLING, tie_breaker),
        Role::Controlled(tie_breaker) => (attribute::ICE_CONTROLLED, tie_breaker),
    };
    message.attribute(kind, &tie_breaker.to_be_bytes())?;
    if fields.use_candidate {
        message.attribute(attribute::USE_CANDIDATE, &[])?;
    }
    message.finish(Some(key))
}

pub(super) fn v6_mask(transaction: &TransactionId) -> u128 {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&COOKIE.to_be_bytes());
    mask[4..].copy_from_slice(transaction);
    u128::from_be_bytes(mask)
}

struct Message<'b> {
    buf: &'b mut [u8],
    len: usize,
}

impl<'b> Message<'b> {
    fn begin(buf: &'b mut [u8], kind: u16, transaction: &TransactionId) -> Option<Self> {
        let header = buf.get_mut(..HEADER_LEN)?;
        put_u16(header, 0, kind);
        put_u32(header, 4, COOKIE);
        header[8..].copy_from_slice(transaction);
        Some(Self { buf, len: HEADER_LEN })
    }

    fn attribute(&mut self, kind: u16, value: &[u8]) -> Option<()> {
        let end = self.len + 4 + value.len();
        let place = self.buf.get_mut(self.len..end.next_multiple_of(4))?;
        put_u16(place, 0, kind);
        put_u16(place, 2, u16::try_from(value.len()).ok()?);
        place[4..4 + value.len()].copy_from_slice(value);
        place[4 + value.len()..].fill(0);
        self.len = end.next_multiple_of(4);
        Some(())
    }

    fn finish(mut self, key: Option<&IntegrityKey>) -> Option<usize> {
        if let Some(key) = key {
            let tag = key.sign(&self.buf[..self.len]);
            self.attribute(attribute::MESSAGE_INTEGRITY, tag.as_ref())?;
        }
        let fingerprint = fingerprint(&self.buf[..self.len]);
        self.attribute(attribute::FINGERPRINT, &fingerprint.to_be_bytes())?;
        let len = u16::try_from(self.len - HEADER_LEN).ok()?;
        put_u16(self.buf, 2, len);
        Some(self.len)
    }
}
