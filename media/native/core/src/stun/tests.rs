//! The vectors of RFC 5769, and both directions against each other.

use super::*;
use crate::vectors::hex;
use proptest::prelude::*;
use std::net::SocketAddr;

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74\
    002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020\
    000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
const RESPONSE_V4: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220\
    002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
const RESPONSE_V6: &str = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220\
    002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed41\
    80280004c8fb0b4c";

fn check(use_candidate: bool) -> RequestFields<'static> {
    RequestFields {
        transaction: *b"twelve bytes",
        username: "ours:theirs",
        priority: 7,
        role: Role::Controlling(9),
        use_candidate,
    }
}

fn written(fields: &RequestFields<'_>) -> Vec<u8> {
    let mut buf = [0; 200];
    let len = request(&mut buf, fields, &IntegrityKey::new(PASSWORD)).unwrap();
    buf[..len].to_vec()
}

/// A signed check with one attribute more.
fn with_attribute(kind: u16, value: &[u8; 4]) -> Vec<u8> {
    let key = IntegrityKey::new(PASSWORD);
    let plain = written(&check(false));
    let mut bytes = plain[..plain.len() - 32].to_vec();
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 4]);
    bytes.extend_from_slice(value);
    let tag = key.sign(&bytes);
    bytes.extend_from_slice(&[0, 8, 0, 20]);
    bytes.extend_from_slice(tag.as_ref());
    let crc = fingerprint(&bytes);
    bytes.extend_from_slice(&[0x80, 0x28, 0, 4]);
    bytes.extend_from_slice(&crc.to_be_bytes());
    let len = (bytes.len() - HEADER_LEN) as u16;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    bytes
}

#[test]
fn the_request_of_rfc_5769_is_read_and_verified() {
    let bytes = hex(REQUEST);
    let message = Message::parse(&bytes).unwrap();
    assert_eq!(message.class, Class::Request);
    assert_eq!(message.ufrags(), Some(("evtj", "h6vY")));
    assert_eq!(message.priority, Some(0x6e00_01ff));
    assert_eq!(message.role, Some(Role::Controlled(0x932f_f9b1_5126_3b36)));
    assert!(!message.use_candidate);
    assert!(message.unknown().is_empty());
    assert!(message.verify(&IntegrityKey::new(PASSWORD)));
    assert!(!message.verify(&IntegrityKey::new("another password")));
}

#[test]
fn the_responses_of_rfc_5769_are_read_and_verified() {
    for (response, address) in [
        (RESPONSE_V4, "192.0.2.1:32853"),
        (RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let bytes = hex(response);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.class, Class::Success);
        assert_eq!(message.mapped, Some(address.parse().unwrap()));
        assert!(message.verify(&IntegrityKey::new(PASSWORD)));
    }
}

#[test]
fn a_success_answer_names_the_source_and_is_not_longer_than_the_request() {
    let request = written(&check(true));
    assert!(Message::parse(&request).unwrap().use_candidate);
    for (from, told) in [
        ("192.0.2.7:4000", "192.0.2.7:4000"),
        ("[::ffff:192.0.2.7]:4000", "192.0.2.7:4000"),
        ("[2001:db8::1]:4000", "[2001:db8::1]:4000"),
    ] {
        let key = IntegrityKey::new(PASSWORD);
        let mut buf = [0; 100];
        let len = success(&mut buf, b"twelve bytes", from.parse().unwrap(), &key).unwrap();
        let message = Message::parse(&buf[..len]).unwrap();
        assert_eq!(message.mapped, Some(told.parse().unwrap()));
        assert_eq!(&message.transaction, b"twelve bytes");
        assert!(message.verify(&key));
        assert!(len <= request.len());
        assert_eq!(
            success(&mut buf[..len - 1], b"twelve bytes", from.parse().unwrap(), &key),
            None
        );
    }
}

#[test]
fn unknown_attributes_are_ignored_or_named_by_their_number() {
    for ignored in [0x8030, 0xc057, 0x0030] {
        let bytes = with_attribute(ignored, &[0; 4]);
        let message = Message::parse(&bytes).unwrap();
        assert!(message.verify(&IntegrityKey::new(PASSWORD)));
        assert!(message.unknown().is_empty(), "{ignored:#x}");
    }
    let bytes = with_attribute(0x0031, &[0; 4]);
    assert_eq!(Message::parse(&bytes).unwrap().unknown(), [0x0031]);
}

#[test]
fn error_answers_carry_their_code() {
    let key = IntegrityKey::new(PASSWORD);
    for (code, number) in [
        (ErrorCode::BadRequest, 400),
        (ErrorCode::Unauthenticated, 401),
        (ErrorCode::UnknownAttribute, 420),
        (ErrorCode::RoleConflict, 487),
    ] {
        let mut buf = [0; 120];
        let len = error(&mut buf, b"twelve bytes", code, &[0x31, 0x32, 0x33], Some(&key)).unwrap();
        let message = Message::parse(&buf[..len]).unwrap();
        assert_eq!((message.class, message.error), (Class::Error, Some(number)));
        assert!(message.verify(&key));
        let len = error(&mut buf, b"twelve bytes", code, &[], None).unwrap();
        assert!(!Message::parse(&buf[..len]).unwrap().verify(&key));
    }
}

#[test]
fn a_message_without_integrity_or_fingerprint_is_never_believed() {
    let bytes = written(&check(false));
    let mut unsigned = bytes[..bytes.len() - 32].to_vec();
    let len = (unsigned.len() - HEADER_LEN) as u16;
    unsigned[2..4].copy_from_slice(&len.to_be_bytes());
    assert_eq!(Message::parse(&unsigned).unwrap_err(), Malformed::Fingerprint);
    for place in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[place] ^= 1;
        assert!(Message::parse(&forged).is_err(), "byte {place}");
    }
}

#[test]
fn attributes_after_the_integrity_are_not_believed() {
    let bytes = written(&check(false));
    let mut longer = bytes[..bytes.len() - 8].to_vec();
    longer.extend_from_slice(&[0, 0x25, 0, 0]);
    let crc = fingerprint(&longer);
    longer.extend_from_slice(&[0x80, 0x28, 0, 4]);
    longer.extend_from_slice(&crc.to_be_bytes());
    let len = (longer.len() - HEADER_LEN) as u16;
    longer[2..4].copy_from_slice(&len.to_be_bytes());
    let message = Message::parse(&longer).unwrap();
    assert!(message.verify(&IntegrityKey::new(PASSWORD)));
    assert!(!message.use_candidate);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), framed: bool) {
        if framed && bytes.len() >= HEADER_LEN {
            bytes.truncate(bytes.len() / 4 * 4);
            let len = (bytes.len() - HEADER_LEN) as u16;
            bytes[..2].copy_from_slice(&[0, 1]);
            bytes[2..4].copy_from_slice(&len.to_be_bytes());
            bytes[4..8].copy_from_slice(&COOKIE.to_be_bytes());
        }
        if let Ok(message) = Message::parse(&bytes) {
            prop_assert!(!message.verify(&IntegrityKey::new(PASSWORD)));
        }
    }

    #[test]
    fn any_address_survives_the_mask(ip: [u8; 16], v4: bool, port: u16, transaction: [u8; 12]) {
        let ip = if v4 { [ip[0], ip[1], ip[2], ip[3]].into() } else { std::net::IpAddr::from(ip) };
        let from = SocketAddr::new(ip.to_canonical(), port);
        let mut buf = [0; 100];
        let len = success(&mut buf, &transaction, from, &IntegrityKey::new("x")).unwrap();
        prop_assert_eq!(Message::parse(&buf[..len]).unwrap().mapped, Some(from));
    }
}
