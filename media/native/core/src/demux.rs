//! What a datagram is, by its first bytes (RFC 7983 as updated by RFC 9443; RTCP by RFC 5761 section 4).

/// Longest datagram that is looked at, bytes: nothing of ours exceeds an Ethernet MTU.
pub const MAX_DATAGRAM: usize = 1500;
const MIN_STUN: usize = 20;
const MIN_DTLS: usize = 13;
const MIN_RTP: usize = 12;
const MIN_RTCP: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Stun,
    Dtls,
    /// SRTP, still protected.
    Rtp,
    /// SRTCP, still protected.
    Rtcp,
}

/// Why a datagram is dropped unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Empty,
    Oversize,
    /// ZRTP, TURN channel data, QUIC, unassigned, or too short for its class.
    Unknown,
}

/// Class of a datagram; nothing is verified yet but its smallest length.
///
/// # Errors
/// [`Refused`], with which it is counted.
pub fn classify(datagram: &[u8]) -> Result<Class, Refused> {
    let first = *datagram.first().ok_or(Refused::Empty)?;
    if datagram.len() > MAX_DATAGRAM {
        return Err(Refused::Oversize);
    }
    let (class, least) = match (first, datagram.get(1)) {
        (0..=3, _) => (Class::Stun, MIN_STUN),
        (20..=63, _) => (Class::Dtls, MIN_DTLS),
        (128..=191, Some(192..=223)) => (Class::Rtcp, MIN_RTCP),
        (128..=191, _) => (Class::Rtp, MIN_RTP),
        _ => return Err(Refused::Unknown),
    };
    if datagram.len() < least {
        return Err(Refused::Unknown);
    }
    Ok(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(first: u8, second: u8, len: usize) -> Result<Class, Refused> {
        let mut datagram = vec![0; len];
        datagram[..2].copy_from_slice(&[first, second]);
        classify(&datagram)
    }

    #[test]
    fn every_first_byte_has_its_class() {
        for first in 0..=255u8 {
            let expected = match first {
                0..=3 => Ok(Class::Stun),
                20..=63 => Ok(Class::Dtls),
                128..=191 => Ok(Class::Rtp),
                _ => Err(Refused::Unknown),
            };
            assert_eq!(class_of(first, 96, 40), expected, "first byte {first}");
        }
    }

    #[test]
    fn rtcp_is_told_by_the_packet_type_byte() {
        for second in 0..=255u8 {
            let expected = if (192..=223).contains(&second) {
                Class::Rtcp
            } else {
                Class::Rtp
            };
            assert_eq!(class_of(0x80, second, 40), Ok(expected), "second byte {second}");
        }
    }

    #[test]
    fn empty_short_and_oversize_datagrams_are_refused() {
        assert_eq!(classify(&[]), Err(Refused::Empty));
        assert_eq!(classify(&[0x80]), Err(Refused::Unknown));
        for (first, second, least) in [(0, 1, 20), (22, 254, 13), (0x80, 96, 12), (0x80, 200, 8)] {
            assert_eq!(class_of(first, second, least - 1), Err(Refused::Unknown));
            assert!(class_of(first, second, least).is_ok());
        }
        assert!(class_of(0x80, 96, 1500).is_ok());
        assert_eq!(class_of(0x80, 96, 1501), Err(Refused::Oversize));
    }
}
