//! What a class of an hour brings: layers that a browser switches off and on, and people who are mute for long.

mod simulated;

use muster_core::api::{Command, Event};
use muster_core::id::TrackId;
use simulated::media::{audio_slot, camera, loudest_slot, mic, speech, tag, video_slot, Encoder};
use simulated::Simulation;

fn film(sim: &mut Simulation, tutor: usize, encoder: &mut Encoder, key: bool, number: u8) {
    for packet in encoder.frame(key, number, 2) {
        sim.send_rtp(tutor, &packet);
    }
}

fn next_frame(sim: &mut Simulation) {
    sim.flush();
    sim.advance(33_000);
}

#[test]
fn a_layer_that_the_browser_switches_off_falls_to_the_lower_one_and_comes_back_at_a_key_frame() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 1);
    let (mut low, mut high) = (Encoder::new(601, "q"), Encoder::new(602, "h"));
    for number in 0..10 {
        film(&mut sim, tutor, &mut low, number == 0, number);
        film(&mut sim, tutor, &mut high, number == 0, 100 + number);
        next_frame(&mut sim);
    }
    // Only the low layer goes on; its publisher answers the request for a key frame.
    let mut answered = 0;
    for number in 10..80 {
        let asked = sim.clients[tutor].plis().iter().filter(|ssrc| **ssrc == 601).count();
        film(&mut sim, tutor, &mut low, asked > answered, number);
        answered = asked;
        next_frame(&mut sim);
    }
    for number in 80..90 {
        film(&mut sim, tutor, &mut low, false, number);
        film(&mut sim, tutor, &mut high, number == 80, 100 + number);
        next_frame(&mut sim);
    }
    let seen: Vec<u8> = sim.clients[officer]
        .payloads(7000)
        .iter()
        .map(|payload| tag(payload).0)
        .collect();
    let resumed = seen
        .iter()
        .position(|frame| (10..80).contains(frame))
        .expect("the low layer is shown");
    assert!(
        seen[resumed] <= 10 + 48,
        "at most 1.6 s without a picture, but it began with {}",
        seen[resumed]
    );
    assert_eq!(seen.last(), Some(&189));
    let layers = sim.events_of(|event| match event {
        Event::SlotLayer { layer, .. } => Some(layer.map(|layer| layer.0)),
        _ => None,
    });
    assert_eq!(layers, [Some(1), Some(0), Some(1)]);
    let stream = sim.clients[officer].stream(7000);
    assert!(stream.windows(2).all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1)));
    assert!(stream
        .windows(2)
        .all(|pair| pair[1].rtp_ts.wrapping_sub(pair[0].rtp_ts) < 1 << 31));
}

#[test]
fn a_microphone_that_was_mute_for_half_an_hour_is_heard_at_once_and_in_time() {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    let officer = sim.join(1, vec![], vec![loudest_slot(0, 8000), audio_slot(1, 9000)]);
    sim.route(officer, 1, Some(10), 0);
    let (peer, track) = (sim.clients[tutor].peer, TrackId(10));
    let talk = |sim: &mut Simulation, from: u32| {
        for number in from..from + 30 {
            sim.send_rtp(tutor, &speech(500, number, 20));
            sim.flush();
            sim.advance(20_000);
        }
    };
    talk(&mut sim, 0);
    sim.command(
        tutor,
        Command::SetTrackEnabled {
            peer,
            track,
            enabled: false,
        },
    );
    // The officer's and the tutor's checks go on, and no packet is sent.
    for _ in 0..180 {
        sim.check(tutor, true);
        sim.check(officer, true);
        sim.advance(10_000_000);
    }
    sim.command(
        tutor,
        Command::SetTrackEnabled {
            peer,
            track,
            enabled: true,
        },
    );
    // The clock of the microphone went on: 48,000 a second.
    let elapsed = 30 + 180 * 500;
    talk(&mut sim, elapsed);
    for ssrc in [8000, 9000] {
        let heard = sim.clients[officer].stream(ssrc);
        let pause = heard
            .windows(2)
            .position(|pair| pair[1].rtp_ts.wrapping_sub(pair[0].rtp_ts) > 960_000);
        let pause = pause.expect("the pause is in the timestamps");
        let leap = heard[pause + 1].rtp_ts.wrapping_sub(heard[pause].rtp_ts);
        assert!(leap.abs_diff(1_800 * 48_000) < 48_000, "{ssrc}: {leap}");
        assert!(heard.len() - pause > 25, "{ssrc}: it is heard within a few packets");
    }
}
