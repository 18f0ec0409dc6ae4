//! Both directions against each other.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::api::MasterKey;
use crate::id::Pt;
use crate::rtp::{Fields, HeaderWriter};
use crate::vectors::hex;

const PROFILES: [Profile; 3] = [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm, Profile::Aes128CmSha1_80];

fn pair(profile: Profile) -> (Outbound, Inbound) {
    let master = MasterKey((0..master_key_len(profile) as u8).collect());
    let outbound = Outbound::new(profile, &master).unwrap();
    (outbound, Inbound::new(profile, &master).unwrap())
}

fn write_packet(buf: &mut [u8], ssrc: u32, index: u64, payload: &[u8]) -> usize {
    let fields = Fields {
        marker: false,
        pt: Pt(96),
        seq: index as u16,
        timestamp: 7,
        ssrc: Ssrc(ssrc),
    };
    let mut writer = HeaderWriter::new(buf, fields).unwrap();
    writer.extension(1, &[9; 3]).unwrap();
    let header_len = writer.finish();
    buf[header_len..header_len + payload.len()].copy_from_slice(payload);
    header_len
}

fn sealed(outbound: &mut Outbound, ssrc: u32, index: u64, payload: &[u8]) -> Vec<u8> {
    let mut buf = [0; 1500];
    let header_len = write_packet(&mut buf, ssrc, index, payload);
    let len = outbound.seal_rtp(&mut buf, header_len, payload.len(), index).unwrap();
    buf[..len].to_vec()
}

#[test]
fn counter_mode_with_hmac_matches_the_known_packet_of_its_master_key() {
    let master = MasterKey(hex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6"));
    let plain = hex("800f1234decafbadcafebabeabababababababababababababababab");
    let expected = hex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
    let mut buf = plain.clone();
    buf.resize(expected.len(), 0);
    let mut outbound = Outbound::new(Profile::Aes128CmSha1_80, &master).unwrap();
    assert_eq!(outbound.seal_rtp(&mut buf, 12, 16, 0x1234), Ok(expected.len()));
    assert_eq!(buf, expected);
    let mut inbound = Inbound::new(Profile::Aes128CmSha1_80, &master).unwrap();
    assert_eq!(inbound.unprotect_rtp(&mut buf), Ok(plain.len()));
    assert_eq!(buf[..plain.len()], plain);
}

#[test]
fn what_one_side_seals_the_other_opens() {
    for profile in PROFILES {
        let (mut outbound, mut inbound) = pair(profile);
        for index in [5, 6, 9] {
            let mut packet = sealed(&mut outbound, 1, index, b"payload");
            let len = inbound.unprotect_rtp(&mut packet).unwrap();
            assert_eq!(&packet[len - 7..len], b"payload");
            assert_eq!(packet.len() - len, outbound.rtp_overhead());
        }
        for _ in 0..3 {
            let plain: Vec<u8> = (0..40).collect();
            let mut buf = plain.clone();
            buf.resize(40 + outbound.rtcp_overhead(), 0);
            let len = outbound.seal_rtcp(&mut buf, 40).unwrap();
            assert_eq!(len, buf.len());
            assert_ne!(buf[8..40], plain[8..]);
            assert_eq!(inbound.unprotect_rtcp(&mut buf), Ok(40));
            assert_eq!(buf[..40], plain);
        }
    }
}

#[test]
fn one_packet_sent_a_thousand_times_is_accepted_once() {
    for profile in PROFILES {
        let (mut outbound, mut inbound) = pair(profile);
        let rtp = sealed(&mut outbound, 1, 100, b"x");
        let mut rtcp = vec![0; 8 + outbound.rtcp_overhead()];
        outbound.seal_rtcp(&mut rtcp, 8).unwrap();
        let accepted = (0..1000)
            .filter(|_| inbound.unprotect_rtp(&mut rtp.clone()).is_ok())
            .count();
        assert_eq!(accepted, 1);
        let accepted = (0..1000)
            .filter(|_| inbound.unprotect_rtcp(&mut rtcp.clone()).is_ok())
            .count();
        assert_eq!(accepted, 1);
        assert_eq!(inbound.unprotect_rtp(&mut rtp.clone()), Err(SrtpError::Replay));
    }
}

#[test]
fn loss_around_the_wrap_does_not_lose_the_stream() {
    for profile in PROFILES {
        let wrap = 0x1_0000u64;
        // Nothing, one packet on either side, many on either side, and a late one from before the wrap.
        for survivors in [
            vec![wrap - 2, wrap - 1, wrap, wrap + 1],
            vec![wrap - 2, wrap, wrap + 1],
            vec![wrap - 2, wrap - 1, wrap + 1],
            vec![wrap - 9000, wrap + 9000, wrap + 9001],
            vec![wrap - 3, wrap + 2, wrap - 1, wrap + 3],
            vec![wrap + 4, wrap + 5],
            vec![wrap - 1, wrap + 29_000, wrap + 58_000, 2 * wrap + 1],
        ] {
            let (mut outbound, mut inbound) = pair(profile);
            let mut order = survivors.clone();
            order.sort_unstable();
            let packets: Vec<(u64, Vec<u8>)> = order
                .into_iter()
                .map(|index| (index, sealed(&mut outbound, 1, index, b"x")))
                .collect();
            for index in &survivors {
                let mut packet = packets.iter().find(|packet| packet.0 == *index).unwrap().1.clone();
                assert!(inbound.unprotect_rtp(&mut packet).is_ok(), "{index} of {survivors:?}");
            }
        }
    }
}

#[test]
fn forged_packets_change_nothing() {
    for profile in PROFILES {
        let (mut outbound, mut inbound) = pair(profile);
        inbound
            .unprotect_rtp(&mut sealed(&mut outbound, 1, 10, b"first"))
            .unwrap();
        let genuine = sealed(&mut outbound, 1, 11, b"second");
        for place in 1..genuine.len() {
            let mut forged = genuine.clone();
            forged[place] ^= 1;
            assert!(inbound.unprotect_rtp(&mut forged).is_err(), "byte {place}");
        }
        assert!(inbound.unprotect_rtp(&mut genuine.clone()).is_ok());
    }
}

#[test]
fn a_source_beyond_the_limit_takes_the_place_of_the_most_silent_one() {
    let (mut outbound, mut inbound) = pair(Profile::AeadAes128Gcm);
    let limit = Inbound::MAX_STREAMS as u32;
    let silent = sealed(&mut outbound, 0, 1, b"x");
    let busy = sealed(&mut outbound, 1, 1, b"x");
    inbound.unprotect_rtp(&mut silent.clone()).unwrap();
    for ssrc in 1..=limit {
        let mut packet = if ssrc == 1 {
            busy.clone()
        } else {
            sealed(&mut outbound, ssrc, 1, b"x")
        };
        inbound.unprotect_rtp(&mut packet).unwrap();
    }
    // Source 0 was forgotten with its window, source 1 was not.
    assert_eq!(inbound.unprotect_rtp(&mut busy.clone()), Err(SrtpError::Replay));
    assert!(inbound.unprotect_rtp(&mut silent.clone()).is_ok());
}

#[test]
fn sealing_refuses_what_it_cannot_do() {
    let (mut outbound, _) = pair(Profile::AeadAes128Gcm);
    let mut buf = [0; 64];
    let header_len = write_packet(&mut buf, 1, 5, b"");
    assert_eq!(
        outbound.seal_rtp(&mut buf[..30], header_len, 0, 5),
        Err(SrtpError::Full)
    );
    assert_eq!(outbound.seal_rtp(&mut buf, header_len, 0, 6), Err(SrtpError::Malformed));
    assert_eq!(
        outbound.seal_rtp(&mut buf, header_len, usize::MAX, 5),
        Err(SrtpError::Full)
    );
    assert_eq!(
        outbound.seal_rtp(&mut buf, header_len, 0, (1 << 48) + 5),
        Err(SrtpError::Exhausted)
    );
    assert_eq!(outbound.seal_rtcp(&mut buf, 4), Err(SrtpError::Malformed));
    assert_eq!(outbound.seal_rtcp(&mut buf, 60), Err(SrtpError::Full));
    assert!(outbound.seal_rtp(&mut buf, header_len, 0, 5).is_ok());
    let header_len = write_packet(&mut buf, 1, 5, b"");
    assert_eq!(outbound.seal_rtp(&mut buf, header_len, 0, 5), Err(SrtpError::IndexUsed));
}

proptest! {
    #[test]
    fn a_nonce_is_never_used_twice(attempts in prop::collection::vec((0u32..4, prop_oneof![0u64..700, 0u64..200_000]), 1..200)) {
        let (mut outbound, _) = pair(Profile::AeadAes128Gcm);
        let mut used = BTreeSet::new();
        for (ssrc, index) in attempts {
            let mut buf = [0; 64];
            let header_len = write_packet(&mut buf, ssrc, index, b"");
            if outbound.seal_rtp(&mut buf, header_len, 0, index).is_ok() {
                prop_assert!(used.insert((ssrc, index)));
            }
        }
        prop_assert!(!used.is_empty());
    }

    #[test]
    fn arbitrary_bytes_never_open(packet in prop::collection::vec(any::<u8>(), 0..300)) {
        for profile in PROFILES {
            let (_, mut inbound) = pair(profile);
            prop_assert!(inbound.unprotect_rtp(&mut packet.clone()).is_err());
            prop_assert!(inbound.unprotect_rtcp(&mut packet.clone()).is_err());
        }
    }
}
