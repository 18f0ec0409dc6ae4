//! What is written parses back; what cannot be true is refused.

use super::*;
use crate::rtcp::{packets, Packet, Writer};
use proptest::prelude::*;

fn round_trip(base: u64, arrivals: &[(u64, u64)]) -> (usize, Vec<Status>) {
    let mut buf = [0; 1400];
    let mut writer = Writer::new(&mut buf);
    let told = writer.transport_feedback(Ssrc(1), Ssrc(2), base, 77, arrivals).unwrap();
    let len = writer.len();
    let Some(Ok(Packet::TransportFeedback(feedback))) = packets(&buf[..len]).next() else {
        panic!("what was written parses")
    };
    assert_eq!((feedback.sender, feedback.media), (Ssrc(1), Ssrc(2)));
    assert_eq!(feedback.feedback_count, 77);
    (told, feedback.statuses().collect())
}

#[test]
fn the_runs_and_vectors_of_the_draft_are_read() {
    // Sections 3.1.3 and 3.1.4: a run of 221 lost packets, one-bit and two-bit vectors.
    let chunks = [0x00, 0xdd, 0x9f, 0x1c, 0xcd, 0x50];
    let symbols: Vec<u8> = Symbols::new(&chunks, 221 + 14 + 7).collect();
    assert_eq!(symbols[..221], [0; 221]);
    assert_eq!(symbols[221..235], [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0]);
    assert_eq!(symbols[235..], [0, 0, 1, 1, 1, 0, 0]);
}

#[test]
fn losses_small_large_and_negative_deltas_come_back() {
    let start = 9_000_000_000;
    let arrivals = [
        (100, start),
        (101, start + 250),
        (103, start + 100_000),
        (104, start + 99_000),
        (125, start + 1_000_000),
    ];
    let (told, statuses) = round_trip(99, &arrivals);
    assert_eq!(told, 5);
    assert_eq!(statuses.len(), 27);
    let lost = statuses.iter().filter(|status| status.arrival_us.is_none()).count();
    assert_eq!(lost, 22);
    let heard: Vec<_> = statuses
        .iter()
        .filter_map(|status| Some((u64::from(status.seq), status.arrival_us? as u64)))
        .collect();
    assert_eq!(heard, arrivals);
}

#[test]
fn a_jump_in_time_is_left_for_the_next_message() {
    let (told, statuses) = round_trip(5, &[(5, 1_000_000), (6, 20_000_000)]);
    assert_eq!((told, statuses.len()), (1, 1));
}

#[test]
fn a_huge_count_is_refused() {
    let body = [
        0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0x1f, 0xff, 0x1f, 0xff,
    ];
    assert_eq!(TransportFeedback::parse(&body).unwrap_err(), Malformed::TooMany);
}

#[test]
fn missing_chunks_and_deltas_are_refused() {
    let chunkless = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0];
    assert_eq!(TransportFeedback::parse(&chunkless).unwrap_err(), Malformed::Body);
    let deltaless = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0x20, 5, 1, 2];
    assert_eq!(TransportFeedback::parse(&deltaless).unwrap_err(), Malformed::Body);
}

proptest! {
    #[test]
    fn every_arrival_told_is_read_back(
        base in 0u64..1 << 40,
        start in 0u64..1 << 40,
        steps in prop::collection::vec((1u64..40, -3000i64..70_000), 1..300),
    ) {
        let mut seq = base;
        let mut time = start as i64;
        let arrivals: Vec<(u64, u64)> = steps.iter().map(|(gap, delta)| {
            seq += gap;
            time = (time + delta).max(0);
            (seq, time as u64)
        }).collect();
        let (told, statuses) = round_trip(base, &arrivals);
        prop_assert!(told > 0);
        let heard: Vec<_> = statuses.iter().filter_map(|status| Some((status.seq, status.arrival_us?))).collect();
        let span = 1i64 << 24;
        let expected: Vec<_> = arrivals[..told].iter().map(|(seq, us)| (*seq as u16, (us / TICK_US) as i64)).collect();
        prop_assert_eq!(heard.len(), told);
        for ((seq, us), (expected_seq, ticks)) in heard.into_iter().zip(expected) {
            prop_assert_eq!(seq, expected_seq);
            prop_assert_eq!((us / TICK_US as i64 - ticks).rem_euclid(span * 256), 0);
        }
    }
}
