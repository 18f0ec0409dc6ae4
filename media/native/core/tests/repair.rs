//! Loss, reordering and joining late: what is asked for, what is sent again, what a newcomer sees first.

mod simulated;

use std::collections::BTreeSet;

use muster_core::id::Ssrc;
use muster_core::rtcp::{Packet, Writer};
use simulated::media::{camera, mic, tag, video_slot, Encoder, VP8_RTX};
use simulated::Simulation;

fn screening() -> (Simulation, usize, usize) {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    (sim, tutor, officer)
}

fn nacks(sim: &Simulation, client: usize) -> Vec<(u32, Vec<u16>)> {
    sim.clients[client].rtcp_of(|packet| match packet {
        Packet::Nack(nack) => Some((nack.media.0, nack.missing().collect())),
        _ => None,
    })
}

fn ask_again(sim: &mut Simulation, client: usize, ssrc: u32, missing: &[u16]) {
    let mut buf = [0; 500];
    let mut writer = Writer::new(&mut buf);
    writer.nack(Ssrc(5), Ssrc(ssrc), missing).expect("room");
    let len = writer.len();
    sim.send_rtcp(client, &buf[..len]);
    sim.flush();
}

#[test]
fn a_lost_packet_is_asked_for_and_its_recovery_fills_the_gap() {
    let (mut sim, tutor, officer) = screening();
    let mut encoder = Encoder::new(601, "q");
    let mut lost = None;
    for number in 0..20 {
        for (place, packet) in encoder.frame(number == 0, number, 3).into_iter().enumerate() {
            if (number, place) == (10, 1) {
                lost = Some(packet);
            } else {
                sim.send_rtp(tutor, &packet);
            }
        }
        sim.flush();
        sim.advance(5_000);
    }
    assert_eq!(nacks(&sim, tutor).first(), Some(&(601, vec![1000 + 31])));
    assert_eq!(sim.clients[officer].payloads(7000).len(), 59);
    sim.send_rtp(tutor, &lost.expect("a packet was kept back"));
    sim.flush();
    let seen = sim.clients[officer].stream(7000);
    let numbers: BTreeSet<u16> = seen.iter().map(|packet| packet.seq).collect();
    assert_eq!((seen.len(), numbers.len()), (60, 60));
    assert_eq!(tag(&seen[59].payload), (10, 1));
    assert_eq!(seen[59].seq, seen[30].seq.wrapping_add(1));
    assert_eq!(sim.counters().recovered, 1);
}

#[test]
fn order_and_gaps_survive_reordering_over_the_wrap() {
    let (mut sim, tutor, officer) = screening();
    let mut encoder = Encoder::new(601, "q");
    encoder.seq = 65_500;
    for number in 0..40 {
        let mut frame = encoder.frame(number == 0, number, 4);
        if number > 0 {
            frame.swap(1, 3);
        }
        for packet in &frame {
            sim.send_rtp(tutor, packet);
        }
        sim.flush();
        sim.advance(5_000);
    }
    let mut seen: Vec<_> = sim.clients[officer].stream(7000);
    assert_eq!(seen.len(), 160);
    let first = seen[0].seq;
    seen.sort_by_key(|packet| packet.seq.wrapping_sub(first));
    let tags: Vec<_> = seen.iter().map(|packet| tag(&packet.payload)).collect();
    let expected: Vec<_> = (0..40)
        .flat_map(|number| (0..4).map(move |place| (number, place)))
        .collect();
    assert_eq!(tags, expected);
}

#[test]
fn a_viewer_is_sent_again_what_it_asks_for_on_the_retransmission_stream() {
    let (mut sim, tutor, officer) = screening();
    let mut encoder = Encoder::new(601, "q");
    for number in 0..5 {
        for packet in encoder.frame(number == 0, number, 3) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
    }
    let original = sim.clients[officer].stream(7000)[7].clone();
    ask_again(&mut sim, officer, 7000, &[original.seq]);
    let again = sim.clients[officer].stream(7001);
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].pt, again[0].rtp_ts, again[0].marker),
        (VP8_RTX, original.rtp_ts, original.marker)
    );
    assert_eq!(again[0].payload[..2], original.seq.to_be_bytes());
    assert_eq!(again[0].payload[2..], original.payload[..]);
    // The same within a round trip is not answered; a fourth time never.
    ask_again(&mut sim, officer, 7000, &[original.seq]);
    assert_eq!(sim.clients[officer].stream(7001).len(), 1);
    for _ in 0..5 {
        sim.advance(300_000);
        ask_again(&mut sim, officer, 7000, &[original.seq]);
    }
    assert_eq!(sim.clients[officer].stream(7001).len(), 3);
}

#[test]
fn a_joiner_gets_the_cached_picture_without_a_request_to_the_publisher() {
    let (mut sim, tutor, officer) = screening();
    let mut encoder = Encoder::new(601, "q");
    for number in 0..10 {
        for packet in encoder.frame(number == 0, number, 2) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
        sim.advance(33_000);
    }
    let asked = sim.clients[tutor].plis().len();
    let late = sim.join(1, vec![], vec![video_slot(1, 8000)]);
    sim.route(late, 1, Some(20), 0);
    sim.flush();
    for packet in encoder.frame(false, 10, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    let seen: Vec<_> = sim.clients[late]
        .payloads(8000)
        .iter()
        .map(|payload| tag(payload))
        .collect();
    let expected: Vec<_> = (0..11).flat_map(|number| [(number, 0), (number, 1)]).collect();
    assert_eq!(seen, expected);
    assert_eq!(sim.clients[tutor].plis().len(), asked);
    assert_eq!(sim.counters().gop_replayed, 1);
    assert_eq!(sim.clients[officer].payloads(7000).len(), 22);
}

#[test]
fn a_joiner_whose_key_frame_is_too_old_asks_for_one_until_it_comes() {
    let (mut sim, tutor, _) = screening();
    let mut encoder = Encoder::new(601, "q");
    for number in 0..150u8 {
        for packet in encoder.frame(number == 0, number, 1) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
        sim.advance(33_000);
    }
    let asked = sim.clients[tutor].plis().len();
    let late = sim.join(1, vec![], vec![video_slot(1, 8000)]);
    sim.route(late, 1, Some(20), 0);
    for _ in 0..60 {
        for packet in encoder.frame(false, 200, 1) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
        sim.advance(33_000);
    }
    let repeated = sim.clients[tutor].plis().len() - asked;
    assert!((3..=5).contains(&repeated), "{repeated}");
    assert!(sim.clients[late].payloads(8000).is_empty());
    for packet in encoder.frame(true, 201, 1) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    assert_eq!(sim.clients[late].payloads(8000).len(), 1);
    let asked = sim.clients[tutor].plis().len();
    sim.advance(3_000_000);
    assert_eq!(sim.clients[tutor].plis().len(), asked);
}

#[test]
fn publishers_get_reports_and_transport_feedback_and_viewers_get_clocks() {
    let (mut sim, tutor, officer) = screening();
    let second = sim.join(1, vec![mic(30, 777)], vec![]);
    let mut encoder = Encoder::new(601, "q");
    for number in 0..70u8 {
        for packet in encoder.frame(number == 0, number, 2) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
        sim.advance(33_000);
    }
    let blocks = sim.clients[tutor].rtcp_of(|packet| match packet {
        Packet::ReceiverReport(report) => report
            .blocks
            .clone()
            .next()
            .map(|block| (block.ssrc.0, block.fraction_lost)),
        _ => None,
    });
    assert!(!blocks.is_empty() && blocks.iter().all(|block| *block == (601, 0)));
    let told = sim.clients[tutor].rtcp_of(|packet| match packet {
        Packet::TransportFeedback(feedback) => Some(feedback.statuses().filter(|s| s.arrival_us.is_some()).count()),
        _ => None,
    });
    assert!(told.iter().sum::<usize>() >= 130, "{told:?}");
    let clocks = sim.clients[officer].rtcp_of(|packet| match packet {
        Packet::SenderReport(report) => Some((report.ssrc.0, report.info.packets)),
        _ => None,
    });
    assert!(
        (2..=4).contains(&clocks.len()) && clocks.iter().all(|clock| clock.0 == 7000),
        "{clocks:?}"
    );
    let names = sim.clients[officer].rtcp_of(|packet| match packet {
        Packet::Sdes(sdes) => sdes.cnames().next().map(|(ssrc, name)| (ssrc.0, name.to_vec())),
        _ => None,
    });
    assert!(names.contains(&(7000, b"slot1".to_vec())));
    assert!(sim.clients[second].rtp.is_empty());
}
