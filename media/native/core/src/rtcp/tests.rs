//! What the writer writes the parser reads; what is inconsistent is refused.

use super::*;
use crate::id::Ssrc;
use crate::vectors::hex;
use proptest::prelude::*;

fn written(fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Vec<u8> {
    let mut buf = [0; 1500];
    let mut writer = Writer::new(&mut buf);
    fill(&mut writer).unwrap();
    let len = writer.len();
    buf[..len].to_vec()
}

fn only(bytes: &[u8]) -> Packet<'_> {
    let mut walk = packets(bytes);
    let packet = walk.next().unwrap().unwrap();
    assert!(walk.next().is_none());
    packet
}

fn refused(bytes: &[u8]) -> Malformed {
    packets(bytes).find_map(Result::err).unwrap()
}

#[test]
fn a_compound_is_walked_packet_by_packet() {
    let info = SenderInfo {
        ntp: 0x1122_3344_5566_7788,
        rtp_ts: 5,
        packets: 6,
        octets: 7,
    };
    let block = ReportBlock {
        ssrc: Ssrc(9),
        fraction_lost: 12,
        cumulative_lost: -1,
        highest_seq: 0x1_0002,
        jitter: 3,
        last_sr: 4,
        delay_since_last_sr: 5,
    };
    let bytes = written(|writer| {
        writer.sender_report(Ssrc(1), &info, &[block])?;
        writer.receiver_report(Ssrc(1), &[block, block])?;
        writer.cname(Ssrc(1), b"participant")?;
        writer.bye(&[Ssrc(1), Ssrc(2)])
    });
    let walk: Vec<Packet<'_>> = packets(&bytes).map(Result::unwrap).collect();
    let [Packet::SenderReport(sr), Packet::ReceiverReport(rr), Packet::Sdes(sdes), Packet::Bye(bye)] = walk[..] else {
        panic!("four packets in their order, not {walk:?}")
    };
    assert_eq!((sr.ssrc, sr.info), (Ssrc(1), info));
    assert_eq!(sr.blocks.collect::<Vec<_>>(), [block]);
    assert_eq!(rr.blocks.count(), 2);
    assert_eq!(sdes.cnames().collect::<Vec<_>>(), [(Ssrc(1), &b"participant"[..])]);
    assert_eq!(bye.ssrcs().collect::<Vec<_>>(), [Ssrc(1), Ssrc(2)]);
}

#[test]
fn key_frame_requests_come_back() {
    let bytes = written(|writer| writer.pli(Ssrc(1), Ssrc(2)));
    assert_eq!(bytes, hex("81ce0002 00000001 00000002"));
    let Packet::Pli(pli) = only(&bytes) else {
        panic!("a PLI")
    };
    assert_eq!((pli.sender, pli.media), (Ssrc(1), Ssrc(2)));
    let bytes = written(|writer| writer.fir(Ssrc(1), Ssrc(2), 200));
    let Packet::Fir(fir) = only(&bytes) else {
        panic!("a FIR")
    };
    assert_eq!(fir.entries().collect::<Vec<_>>(), [(Ssrc(2), 200)]);
}

#[test]
fn a_nack_packs_sixteen_numbers_behind_the_first() {
    let missing = [65534, 65535, 0, 14, 15, 16, 300];
    let bytes = written(|writer| writer.nack(Ssrc(1), Ssrc(2), &missing));
    assert_eq!(bytes[12..], hex("fffe8003 000f0001 012c0000"));
    let Packet::Nack(nack) = only(&bytes) else {
        panic!("a NACK")
    };
    assert_eq!(nack.missing().collect::<Vec<_>>(), missing);
    assert!(written(|writer| writer.nack(Ssrc(1), Ssrc(2), &[])).is_empty());
}

#[test]
fn a_remb_of_the_draft_is_read_and_every_rate_fits() {
    let bytes = hex("8fce0005 00000001 00000000 52454d42 0113f7a0 00000005");
    let Packet::Remb(remb) = only(&bytes) else {
        panic!("a REMB")
    };
    assert_eq!(remb.bitrate_bps, 0x3_f7a0 << 4);
    assert_eq!(remb.ssrcs().collect::<Vec<_>>(), [Ssrc(5)]);
    for rate in [0, 1, 0x3_ffff, 0x4_0000, 1_234_567, u64::MAX] {
        let bytes = written(|writer| writer.remb(Ssrc(1), rate, &[]));
        let Packet::Remb(remb) = only(&bytes) else {
            panic!("a REMB")
        };
        assert!(
            remb.bitrate_bps <= rate && remb.bitrate_bps >= rate / 0x2_0000 * 0x1_ffff,
            "{rate}"
        );
    }
}

#[test]
fn extended_reports_come_back_and_unknown_blocks_are_skipped() {
    let item = DlrrBlock {
        ssrc: Ssrc(2),
        last_rr: 3,
        delay_since_last_rr: 4,
    };
    let bytes = written(|writer| {
        writer.reference_time(Ssrc(1), 99)?;
        writer.dlrr(Ssrc(1), &[item, item])
    });
    let walk: Vec<Packet<'_>> = packets(&bytes).map(Result::unwrap).collect();
    let [Packet::ExtendedReport(time), Packet::ExtendedReport(answer)] = walk[..] else {
        panic!("two extended reports")
    };
    assert!(matches!(time.blocks().next(), Some(XrBlock::ReferenceTime(99))));
    let Some(XrBlock::Dlrr(items)) = answer.blocks().next() else {
        panic!("a DLRR block")
    };
    assert_eq!(items.collect::<Vec<_>>(), [item, item]);
    let mixed = hex("80cf0006 00000001 2a000001 00000009 04000002 00000000 00000063");
    let Packet::ExtendedReport(report) = only(&mixed) else {
        panic!("an extended report")
    };
    assert_eq!(report.blocks().count(), 1);
}

#[test]
fn inconsistent_packets_are_refused_and_end_the_walk() {
    assert_eq!(refused(&hex("80c900")), Malformed::Short);
    assert_eq!(refused(&hex("40c90001 00000001")), Malformed::Version);
    assert_eq!(refused(&hex("80c90002 00000001")), Malformed::Length);
    assert_eq!(refused(&hex("a0c90001 00000000")), Malformed::Padding);
    assert_eq!(refused(&hex("a0c90001 00000005")), Malformed::Padding);
    assert_eq!(refused(&hex("81c90001 00000001")), Malformed::Body);
    assert_eq!(refused(&hex("80c80001 00000001")), Malformed::Body);
    assert_eq!(refused(&hex("82cb0001 00000001")), Malformed::Body);
    assert_eq!(refused(&hex("81ca0002 00000001 01026162")), Malformed::Body);
    assert_eq!(refused(&hex("81cd0002 00000001 00000002")), Malformed::Body);
    let after_error = hex("81c90001 00000001 81ce0002 00000001 00000002");
    assert_eq!(packets(&after_error).count(), 1);
}

#[test]
fn a_packet_without_room_leaves_the_compound_as_it_was() {
    let mut buf = [0; 20];
    let mut writer = Writer::new(&mut buf);
    writer.pli(Ssrc(1), Ssrc(2)).unwrap();
    assert_eq!(writer.pli(Ssrc(1), Ssrc(2)), Err(Full));
    assert_eq!(
        writer.receiver_report(Ssrc(1), &[ReportBlock::default(); 32]),
        Err(Full)
    );
    assert_eq!(writer.transport_feedback(Ssrc(1), Ssrc(2), 0, 0, &[(0, 0)]), Err(Full));
    assert_eq!(writer.len(), 12);
    writer.receiver_report(Ssrc(1), &[]).unwrap();
    assert_eq!(packets(&buf).filter(Result::is_ok).count(), 2);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        crate::fuzzing::rtcp(&bytes);
    }

    #[test]
    fn arbitrary_bodies_of_known_types_never_panic(
        packet_type in 200u8..208, count in 0u8..32, body in prop::collection::vec(any::<[u8; 4]>(), 0..40),
    ) {
        let mut bytes = vec![0x80 | count, packet_type, 0, body.len() as u8];
        bytes.extend(body.concat());
        crate::fuzzing::rtcp(&bytes);
    }

    #[test]
    fn any_set_of_missing_numbers_comes_back(start: u16, gaps in prop::collection::vec(1u16..60, 1..100)) {
        let mut seq = start;
        let missing: Vec<u16> = gaps.iter().map(|gap| { seq = seq.wrapping_add(*gap); seq }).collect();
        let bytes = written(|writer| writer.nack(Ssrc(1), Ssrc(2), &missing));
        let Packet::Nack(nack) = only(&bytes) else { panic!("a NACK") };
        prop_assert_eq!(nack.missing().collect::<Vec<_>>(), missing);
    }

    #[test]
    fn a_cname_of_any_length_comes_back(cname in prop::collection::vec(any::<u8>(), 0..=255)) {
        let bytes = written(|writer| writer.cname(Ssrc(7), &cname));
        let Packet::Sdes(sdes) = only(&bytes) else { panic!("a source description") };
        prop_assert_eq!(sdes.cnames().collect::<Vec<_>>(), [(Ssrc(7), &cname[..])]);
    }
}
