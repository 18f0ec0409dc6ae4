//! Attacks that reach a worker's socket: each is dropped, counted, and costs nobody else anything.

mod simulated;

use muster_core::api::{Command, Event, Transport, Tuple};
use muster_core::id::Ssrc;
use muster_core::rtcp::{packets, Packet, Writer};
use muster_core::stun::Role;
use simulated::media::{audio_slot, camera, mic, speech, video_slot, Encoder};
use simulated::{tuple, Simulation};

/// A tutor who speaks and an officer who listens.
fn class() -> (Simulation, usize, usize) {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    let officer = sim.join(1, vec![mic(11, 501)], vec![audio_slot(0, 9000)]);
    sim.route(officer, 0, Some(10), 0);
    (sim, tutor, officer)
}

/// A tutor with a camera and an officer who watches its lowest layer.
fn screening() -> (Simulation, usize, usize, Encoder) {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    let mut encoder = Encoder::new(601, "q");
    for number in 0..10 {
        for packet in encoder.frame(number == 0, number, 3) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
        sim.advance(33_000);
    }
    (sim, tutor, officer, encoder)
}

fn compound(write: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buf = vec![0; 1400];
    let mut writer = Writer::new(&mut buf);
    write(&mut writer);
    let len = writer.len();
    buf.truncate(len);
    buf
}

#[test]
fn empty_short_oversize_and_unknown_datagrams_are_counted_and_unanswered() {
    let (mut sim, _, _) = class();
    let stranger = tuple(4000);
    sim.receive(stranger, &[]);
    sim.receive(stranger, &[0x80]);
    sim.receive(stranger, &[0x05; 40]);
    sim.receive(stranger, &[22; 5]);
    sim.receive(stranger, &vec![0x80; 1501]);
    sim.receive(stranger, &vec![0x80; 65_000]);
    let counters = sim.counters();
    assert_eq!(
        (counters.drop_empty, counters.drop_oversize, counters.drop_unknown_kind),
        (1, 2, 3)
    );
    assert!(sim.stray.is_empty());
}

#[test]
fn checks_without_the_right_password_or_user_get_no_answer() {
    let (mut sim, tutor, _) = class();
    let stranger = tuple(4000);
    let good = sim.clients[tutor].check(true);
    for at in 20..good.len() {
        let mut forged = good.clone();
        forged[at] ^= 1;
        sim.receive(stranger, &forged);
    }
    sim.clients[tutor].pwd = "another password of 22 characters".into();
    let wrong = sim.clients[tutor].check(true);
    sim.receive(stranger, &wrong);
    sim.clients[tutor].ufrag = "nobody".into();
    let unknown = sim.clients[tutor].check(true);
    sim.receive(stranger, &unknown);
    assert!(sim.stray.is_empty());
    let counters = sim.counters();
    assert_eq!(counters.drop_stun_malformed, good.len() as u64 - 20);
    assert_eq!((counters.drop_stun_integrity, counters.drop_stun_unknown_ufrag), (1, 1));
}

#[test]
fn a_flood_of_checks_is_answered_twenty_times_a_second() {
    let (mut sim, tutor, _) = class();
    sim.advance(2_000_000);
    let before = sim.clients[tutor].stun.len();
    for _ in 0..500 {
        sim.check(tutor, false);
    }
    assert_eq!(sim.clients[tutor].stun.len() - before, 20);
    assert_eq!(sim.counters().drop_stun_rate, 480);
}

#[test]
fn an_answer_is_never_longer_than_its_request() {
    let (mut sim, tutor, _) = class();
    let v6 = Tuple {
        transport: Transport::Udp,
        remote: "[2001:db8::1]:4000".parse().expect("an address"),
    };
    for role in [Role::Controlling(1), Role::Controlled(1)] {
        let request = sim.clients[tutor].check_as(false, role);
        sim.receive(v6, &request);
        let (to, answer) = sim.stray.pop().expect("an authenticated check is answered");
        assert_eq!(to, v6);
        assert!(answer.len() <= request.len(), "{} > {}", answer.len(), request.len());
    }
}

#[test]
fn dtls_and_media_from_an_address_without_a_check_are_dropped() {
    let (mut sim, tutor, officer) = class();
    let stranger = tuple(4000);
    sim.receive(stranger, &[22; 60]);
    let stolen = sim.clients[tutor].seal_rtp(&speech(500, 0, 20));
    sim.receive(stranger, &stolen);
    sim.flush();
    assert_eq!(sim.counters().drop_unknown_tuple, 2);
    assert!(sim.clients[officer].rtp.is_empty());
    assert!(!sim.events.iter().any(|event| matches!(event, Event::Dtls { .. })));
}

#[test]
fn a_handshake_is_answered_on_the_path_that_brought_it_until_one_is_nominated() {
    // A check that arrives is no proof that our answer does: a host with several addresses answers from the wrong one.
    let mut sim = Simulation::new(1);
    let peer = sim.register(1);
    let (id, one_way) = (sim.clients[peer].peer, tuple(4000));
    let first = sim.clients[peer].check(false);
    sim.receive(one_way, &first);
    sim.check(peer, false);
    let works = sim.clients[peer].tuple;
    sim.receive(works, &[22; 60]);
    let answer = |sim: &mut Simulation| {
        sim.command(
            peer,
            Command::SendDtls {
                peer: id,
                data: vec![22; 700],
            },
        );
    };
    answer(&mut sim);
    assert_eq!(sim.clients[peer].dtls.len(), 1);
    // Named by the peer, the path stays, wherever a late handshake record comes from.
    sim.check(peer, true);
    sim.receive(one_way, &[22; 60]);
    answer(&mut sim);
    assert_eq!(sim.clients[peer].dtls.len(), 2);
}

#[test]
fn dtls_is_handed_up_after_the_first_check_and_answered_on_its_path() {
    let mut sim = Simulation::new(1);
    let peer = sim.register(1);
    sim.check(peer, false);
    let client = sim.clients[peer].tuple;
    sim.receive(client, &[22; 60]);
    let hello = sim.events_of(|event| match event {
        Event::Dtls { data, .. } => Some(data.len()),
        _ => None,
    });
    assert_eq!(hello, [60]);
    let id = sim.clients[peer].peer;
    sim.command(
        peer,
        Command::SendDtls {
            peer: id,
            data: vec![22; 700],
        },
    );
    assert_eq!(sim.clients[peer].dtls, [vec![22; 700]]);
}

#[test]
fn a_flood_of_dtls_is_cut_off() {
    let (mut sim, tutor, _) = class();
    for _ in 0..1000 {
        sim.receive(sim.clients[tutor].tuple, &[22; 60]);
    }
    let handed_up = sim
        .events
        .iter()
        .filter(|event| matches!(event, Event::Dtls { .. }))
        .count();
    assert_eq!((handed_up, sim.counters().drop_dtls_queue_full), (100, 900));
}

#[test]
fn a_packet_replayed_a_thousand_times_is_forwarded_once() {
    let (mut sim, tutor, officer) = class();
    let packet = sim.clients[tutor].seal_rtp(&speech(500, 0, 20));
    for _ in 0..1000 {
        sim.receive(sim.clients[tutor].tuple, &packet);
    }
    sim.flush();
    assert_eq!(sim.clients[officer].rtp.len(), 1);
    assert_eq!(sim.counters().drop_srtp_replay, 999);
}

#[test]
fn a_packet_with_a_broken_tag_or_before_the_keys_goes_nowhere() {
    let (mut sim, tutor, officer) = class();
    let mut packet = sim.clients[tutor].seal_rtp(&speech(500, 0, 20));
    *packet.last_mut().expect("a packet has bytes") ^= 1;
    sim.receive(sim.clients[tutor].tuple, &packet);
    let early = sim.register(1);
    sim.check(early, true);
    sim.receive(sim.clients[early].tuple, &packet);
    sim.flush();
    assert!(sim.clients[officer].rtp.is_empty());
    assert_eq!(
        (sim.counters().drop_srtp_auth, sim.counters().drop_srtp_no_keys),
        (1, 1)
    );
}

#[test]
fn the_ssrc_of_somebody_else_does_not_reach_their_listeners() {
    let (mut sim, _, officer) = class();
    // The officer sends under the tutor's SSRC: it binds to the officer's own microphone by payload type, or not at all.
    sim.send_rtp(officer, &speech(500, 0, 1));
    sim.send_rtp(officer, &speech(0, 0, 1));
    sim.flush();
    assert!(sim.clients[officer].rtp.is_empty());
}

#[test]
fn a_flood_of_rtcp_is_cut_off() {
    let (mut sim, _, officer) = class();
    let report = compound(|writer| writer.receiver_report(Ssrc(5), &[]).expect("room"));
    for _ in 0..1000 {
        sim.send_rtcp(officer, &report);
    }
    let counters = sim.counters();
    assert_eq!((counters.rtcp_in, counters.drop_rtcp_rate), (200, 800));
}

#[test]
fn a_flood_of_picture_losses_asks_the_publisher_twice_a_second_at_most() {
    let (mut sim, tutor, officer, _) = screening();
    let before = sim.clients[tutor].plis().len();
    let lost = compound(|writer| writer.pli(Ssrc(5), Ssrc(7000)).expect("room"));
    for _ in 0..100 {
        sim.send_rtcp(officer, &lost);
        sim.advance(10_000);
    }
    let asked = sim.clients[tutor].plis().len() - before;
    assert!((1..=3).contains(&asked), "{asked}");
}

#[test]
fn a_flood_of_nacks_costs_a_bounded_share() {
    let (mut sim, _, officer, _) = screening();
    let sent = sim.clients[officer].stream(7000);
    let (first, count) = (sent[0].seq, sent.len() as u64);
    let missing: Vec<u16> = (0..300).map(|at| first.wrapping_add(at)).collect();
    let nack = compound(|writer| writer.nack(Ssrc(5), Ssrc(7000), &missing).expect("room"));
    for _ in 0..100 {
        sim.send_rtcp(officer, &nack);
        sim.flush();
        sim.advance(200_000);
    }
    let again = sim.clients[officer].stream(7001).len() as u64;
    assert!(again <= 3 * count, "{again} of {count}");
    assert!(sim.counters().drop_nack_limit + sim.counters().drop_nack_not_cached > 0);
}

#[test]
fn a_goodbye_for_another_ones_stream_changes_nothing() {
    let (mut sim, tutor, officer) = class();
    let bye = compound(|writer| writer.bye(&[Ssrc(500), Ssrc(9000)]).expect("room"));
    sim.send_rtcp(officer, &bye);
    sim.send_rtcp(tutor, &bye);
    sim.send_rtp(tutor, &speech(500, 0, 20));
    sim.flush();
    assert_eq!(sim.clients[officer].rtp.len(), 1);
}

#[test]
fn transport_feedback_that_claims_65535_packets_is_refused() {
    let (mut sim, _, officer) = class();
    // RTPFB, format 15: base 0, 65535 statuses, one run-length chunk.
    let mut huge = vec![
        0x8f, 205, 0, 5, 0, 0, 0, 5, 0, 0, 0x23, 0x28, 0, 0, 0xff, 0xff, 0, 0, 0, 1, 0x3f, 0xff, 0, 0,
    ];
    assert!(packets(&huge).any(|packet| packet.is_err()));
    sim.send_rtcp(officer, &huge);
    // One that is believed tells of packets that were never sent.
    huge[14..16].copy_from_slice(&100u16.to_be_bytes());
    huge[20..22].copy_from_slice(&100u16.to_be_bytes());
    assert!(packets(&huge).all(|packet| matches!(packet, Ok(Packet::TransportFeedback(_)))));
    sim.send_rtcp(officer, &huge);
    assert_eq!(sim.counters().drop_rtcp_malformed, 1);
}

#[test]
fn arbitrary_bytes_from_a_validated_address_do_no_harm() {
    let (mut sim, tutor, officer) = class();
    let mut state = 0x2545_f491_4f6c_dd1du64;
    for round in 0..3000usize {
        let mut junk = vec![0u8; round % 200];
        for byte in &mut junk {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
        sim.receive(sim.clients[tutor].tuple, &junk);
        sim.advance(5_000);
    }
    sim.send_rtp(tutor, &speech(500, 0, 20));
    sim.flush();
    assert_eq!(sim.clients[officer].rtp.len(), 1);
}
