//! Retransmission format (RFC 4588): the original sequence number stands before the original payload.

use crate::rtp::header::{Malformed, View};
use crate::wire::{put_u16, u16_at};

/// Length of the original sequence number, bytes.
pub const OSN_LEN: usize = 2;

/// Original sequence number and payload of a retransmission; none for a padding-only packet, which browsers
/// send as a bandwidth probe.
///
/// # Errors
/// `NoOriginal` when a payload of one byte stands where the number should.
pub fn unwrap<'a>(view: &View<'a>) -> Result<Option<(u16, &'a [u8])>, Malformed> {
    match view.payload() {
        [] => Ok(None),
        [_] => Err(Malformed::NoOriginal),
        payload => Ok(Some((u16_at(payload, 0), &payload[OSN_LEN..]))),
    }
}

/// Writes the original sequence number at the start of `payload`; returns where the original payload goes.
///
/// # Errors
/// `Full` when there is no room for it.
pub fn write_osn(payload: &mut [u8], original: u16) -> Result<usize, Malformed> {
    if payload.len() < OSN_LEN {
        return Err(Malformed::Full);
    }
    put_u16(payload, 0, original);
    Ok(OSN_LEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Pt, Ssrc};
    use crate::rtp::{Fields, HeaderWriter};

    fn packet(payload: &[u8]) -> Vec<u8> {
        let mut buf = vec![0; 12 + payload.len()];
        let fields = Fields {
            marker: true,
            pt: Pt(97),
            seq: 5,
            timestamp: 6,
            ssrc: Ssrc(7),
        };
        let len = HeaderWriter::new(&mut buf, fields).unwrap().finish();
        buf[len..].copy_from_slice(payload);
        buf
    }

    #[test]
    fn a_wrapped_packet_gives_back_number_and_payload() {
        let mut payload = [0, 0, 1, 2, 3];
        assert_eq!(write_osn(&mut payload, 0xfffe), Ok(2));
        let packet = packet(&payload);
        let view = View::parse(&packet).unwrap();
        assert_eq!(unwrap(&view), Ok(Some((0xfffe, &[1, 2, 3][..]))));
    }

    #[test]
    fn a_padding_only_packet_is_a_probe_and_one_byte_is_refused() {
        let mut probe = packet(&[0, 0, 0, 4]);
        probe[0] |= 0x20;
        assert_eq!(unwrap(&View::parse(&probe).unwrap()), Ok(None));
        assert_eq!(unwrap(&View::parse(&packet(&[1])).unwrap()), Err(Malformed::NoOriginal));
        assert_eq!(write_osn(&mut [0], 1), Err(Malformed::Full));
    }
}
