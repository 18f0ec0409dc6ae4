//! From a publisher to its subscribers: what arrives, under which numbers, and who may not have it.

mod simulated;

use muster_core::api::{Command, Event};
use muster_core::id::{GroupId, Ssrc, TapId, TrackId};
use muster_core::rtcp::report::compact_ntp;
use muster_core::rtcp::{Packet, ReportBlock, Writer};
use simulated::client::Client;
use simulated::media::{audio_slot, camera, mic, speech, tag, video_slot, Encoder};
use simulated::{tuple, Simulation};

#[test]
fn speech_on_a_routed_slot_arrives_once_with_the_slots_ssrc() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    let officer = sim.join(1, vec![], vec![audio_slot(0, 9000)]);
    sim.route(officer, 0, Some(10), 0);
    for number in 0..50 {
        sim.send_rtp(tutor, &speech(500, number, 20));
        sim.flush();
        sim.advance(20_000);
    }
    let heard = sim.clients[officer].stream(9000);
    assert_eq!(heard.len(), 50);
    assert!(heard.windows(2).all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1)));
    assert!(heard
        .windows(2)
        .all(|pair| pair[1].rtp_ts == pair[0].rtp_ts.wrapping_add(960)));
    assert!(sim.clients[tutor].rtp.is_empty());
}

#[test]
fn a_viewer_gets_the_best_active_layer_from_a_key_frame_on() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 2);
    let (mut low, mut high) = (Encoder::new(601, "q"), Encoder::new(603, "f"));
    for (number, key) in [(0, true), (1, false), (2, false)] {
        for packet in low.frame(key, number, 2) {
            sim.send_rtp(tutor, &packet);
        }
        sim.flush();
        sim.advance(33_000);
    }
    let seen: Vec<_> = sim.clients[officer]
        .payloads(7000)
        .iter()
        .map(|payload| tag(payload))
        .collect();
    assert_eq!(seen, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]);
    // The high layer begins: its delta frame is asked to be a key frame, and nothing of it is sent before.
    for packet in high.frame(false, 50, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    assert_eq!(sim.clients[officer].payloads(7000).len(), 6);
    assert_eq!(sim.clients[tutor].plis().last(), Some(&603));
    for packet in high.frame(true, 51, 3) {
        sim.send_rtp(tutor, &packet);
    }
    for packet in low.frame(false, 3, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    let seen: Vec<_> = sim.clients[officer]
        .payloads(7000)
        .iter()
        .map(|payload| tag(payload))
        .collect();
    assert_eq!(seen[6..], [(51, 0), (51, 1), (51, 2)]);
    let layers = sim.events_of(|event| match event {
        Event::SlotLayer { layer, .. } => Some(layer.map(|layer| layer.0)),
        _ => None,
    });
    assert_eq!(layers, [Some(0), Some(2)]);
}

#[test]
fn a_track_of_another_group_and_ones_own_are_refused() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![audio_slot(0, 8000)]);
    let stranger = sim.join(2, vec![], vec![audio_slot(0, 9000)]);
    sim.route(stranger, 0, Some(10), 0);
    sim.route(tutor, 0, Some(10), 0);
    for number in 0..10 {
        sim.send_rtp(tutor, &speech(500, number, 20));
        sim.flush();
    }
    assert!(sim.clients[stranger].rtp.is_empty() && sim.clients[tutor].rtp.is_empty());
}

#[test]
fn a_route_to_a_track_that_comes_later_begins_with_it() {
    let mut sim = Simulation::new(1);
    let officer = sim.join(1, vec![], vec![audio_slot(0, 9000)]);
    sim.route(officer, 0, Some(10), 0);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    sim.send_rtp(tutor, &speech(500, 0, 20));
    sim.flush();
    assert_eq!(sim.clients[officer].rtp.len(), 1);
}

#[test]
fn a_disabled_track_is_not_forwarded_and_goes_on_without_a_gap() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    let officer = sim.join(1, vec![], vec![audio_slot(0, 9000)]);
    sim.route(officer, 0, Some(10), 0);
    let (peer, track) = (sim.clients[tutor].peer, TrackId(10));
    for number in 0..30 {
        let enabled = !(10..20).contains(&number);
        sim.command(tutor, Command::SetTrackEnabled { peer, track, enabled });
        sim.send_rtp(tutor, &speech(500, number, 20));
        sim.flush();
        sim.advance(20_000);
    }
    let heard = sim.clients[officer].stream(9000);
    assert_eq!(heard.len(), 20);
    assert!(heard.windows(2).all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1)));
    // The pause is in the timestamps.
    assert_eq!(heard[10].rtp_ts.wrapping_sub(heard[9].rtp_ts), 11 * 960);
    assert_eq!(sim.counters().drop_track_disabled, 10);
}

#[test]
fn a_tap_gets_every_layer_of_its_group_only() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let other = sim.join(2, vec![mic(30, 500)], vec![]);
    sim.command_on(
        0,
        Command::AddTap {
            tap: TapId(4),
            group: GroupId(1),
        },
    );
    let (mut low, mut high) = (Encoder::new(601, "q"), Encoder::new(603, "f"));
    for packet in low.frame(true, 0, 1).iter().chain(&high.frame(true, 0, 1)) {
        sim.send_rtp(tutor, packet);
    }
    sim.send_rtp(other, &speech(500, 0, 20));
    sim.flush();
    let tapped: Vec<_> = sim
        .taps
        .iter()
        .map(|(tap, track, packet)| (tap.0, track.0, packet.layer.0))
        .collect();
    assert_eq!(tapped, [(4, 20, 0), (4, 20, 2)]);
}

#[test]
fn ten_thousand_peers_come_and_go_and_leave_nothing() {
    const AT_ONCE: usize = 32;
    let mut sim = Simulation::new(2);
    for round in 0..10_000u64 {
        let index = round as usize % AT_ONCE;
        let mut client = Client::new(round + 1, tuple(1000));
        if sim.clients.len() < AT_ONCE {
            sim.clients.push(deaf(&client));
        } else {
            sim.remove(index);
            sim.clients[index] = deaf(&client);
        }
        sim.register_all(&client);
        let (peer, group) = (client.peer, GroupId(round % 7));
        sim.command(index, Command::AddPeer { peer, group });
        let check = client.check(true);
        sim.receive(client.tuple, &check);
        let published = if round % 8 == 0 { camera(round) } else { mic(round, 500) };
        sim.configure(index, vec![published], vec![video_slot(1, 7000)]);
        sim.route(index, 1, Some(round / 8 * 8), 2);
        sim.stray.clear();
    }
    assert!(sim.table_entries() > 100);
    (0..AT_ONCE).for_each(|index| sim.remove(index));
    assert_eq!(sim.table_entries(), 0);
}

/// The same peer, but answers do not reach it.
fn deaf(client: &Client) -> Client {
    Client::new(client.peer.0, tuple(1))
}

#[test]
fn a_renegotiation_keeps_the_streams_that_stay_the_same() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    let mut encoder = Encoder::new(601, "q");
    for packet in encoder.frame(true, 0, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    sim.configure(tutor, vec![mic(10, 500), camera(20)], vec![]);
    sim.configure(officer, vec![], vec![audio_slot(0, 9000), video_slot(1, 7000)]);
    // Browsers cease to name the layer once it was reported.
    encoder.named = false;
    for packet in encoder.frame(false, 1, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    let seen = sim.clients[officer].stream(7000);
    assert_eq!(seen.len(), 4);
    assert!(seen.windows(2).all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1)));
    assert!(sim.clients[tutor].plis().is_empty());
    // A track that is withdrawn leaves its slot empty, and what comes of it afterwards is of nobody.
    sim.configure(tutor, vec![mic(10, 500)], vec![]);
    for packet in encoder.frame(true, 2, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    assert_eq!(sim.clients[officer].stream(7000).len(), 4);
    assert_eq!(sim.counters().drop_rtp_unknown_ssrc, 2);
}

#[test]
fn what_a_subscriber_reports_is_in_the_snapshot() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    let officer = sim.join(1, vec![], vec![audio_slot(0, 9000)]);
    sim.route(officer, 0, Some(10), 0);
    for number in 0..60 {
        sim.send_rtp(tutor, &speech(500, number, 20));
        sim.flush();
        sim.advance(20_000);
    }
    let reports = sim.clients[officer].rtcp_of(|packet| match packet {
        Packet::SenderReport(report) => Some(report.info.ntp),
        _ => None,
    });
    let last = *reports.last().expect("the officer was told the clock");
    let sent_us = ((u128::from(sim.ntp() - last) * 1_000_000) >> 32) as u64;
    // The report was under way for 40 ms in all, and was held for the rest.
    let block = ReportBlock {
        ssrc: Ssrc(9000),
        fraction_lost: 64,
        last_sr: compact_ntp(last),
        delay_since_last_sr: (((sent_us - 40_000) << 16) / 1_000_000) as u32,
        ..Default::default()
    };
    let mut buf = [0; 100];
    let mut writer = Writer::new(&mut buf);
    writer.receiver_report(Ssrc(5), &[block]).expect("room for one block");
    let len = writer.len();
    sim.send_rtcp(officer, &buf[..len]);
    let (now, id) = (sim.now(), sim.clients[officer].peer);
    let snapshot = sim.workers[0].snapshot(now);
    let peer = snapshot.peers.iter().find(|peer| peer.peer == id);
    let peer = peer.expect("the officer is a peer");
    assert!((peer.rtt_ms.expect("a round trip was reported") - 40.0).abs() < 1.0);
    assert!((peer.loss_down - 0.25).abs() < 0.001);
    assert!(peer.bitrate_out_bps > 0 && !peer.tcp);
    assert_eq!(snapshot.tracks[0].subscribers, 1);
}

#[test]
fn an_unfinished_frame_waits_a_millisecond_at_most_and_speech_never_waits() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500), camera(20)], vec![]);
    let officer = sim.join(1, vec![], vec![audio_slot(0, 9000), video_slot(1, 7000)]);
    sim.route(officer, 0, Some(10), 0);
    sim.route(officer, 1, Some(20), 0);
    assert_eq!(sim.workers[0].flush_at(), 0);
    let mut encoder = Encoder::new(601, "q");
    let frame = encoder.frame(true, 0, 3);
    let arrival_us = sim.now().mono_us;
    sim.send_rtp(tutor, &frame[0]);
    sim.mono_us += 300;
    sim.send_rtp(tutor, &frame[1]);
    assert_eq!(sim.workers[0].flush_at(), arrival_us + 1_000);
    sim.send_rtp(tutor, &frame[2]);
    assert_eq!(sim.workers[0].flush_at(), 0, "the frame is complete");
    sim.flush();
    sim.send_rtp(tutor, &encoder.frame(false, 1, 2)[0]);
    assert_eq!(sim.workers[0].flush_at(), sim.mono_us + 1_000);
    sim.send_rtp(tutor, &speech(500, 0, 20));
    assert_eq!(
        sim.workers[0].flush_at(),
        0,
        "speech goes at once, and what waits with it"
    );
}
