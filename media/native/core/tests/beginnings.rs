//! Pictures that begin, or begin again, when something else came late: keys, a path, room to send.

mod simulated;

use muster_core::api::{Event, Profile};
use muster_core::id::Ssrc;
use muster_core::rtcp::Writer;
use simulated::media::{audio_slot, camera, mic, speech, tag, video_slot, Encoder};
use simulated::{tuple, Simulation};

/// A tutor's camera of one layer; gives (simulation, tutor, encoder).
fn filming() -> (Simulation, usize, Encoder) {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![camera(20), mic(10, 500)], vec![]);
    (sim, tutor, Encoder::new(601, "q"))
}

fn film(sim: &mut Simulation, tutor: usize, encoder: &mut Encoder, key: bool, number: u8) {
    for packet in encoder.frame(key, number, 2) {
        sim.send_rtp(tutor, &packet);
    }
    sim.flush();
    sim.advance(33_000);
}

fn frames(sim: &Simulation, client: usize) -> Vec<u8> {
    let mut frames: Vec<u8> = sim.clients[client]
        .payloads(7000)
        .iter()
        .map(|payload| tag(payload).0)
        .collect();
    frames.dedup();
    frames
}

#[test]
fn a_route_that_was_set_before_the_keys_shows_the_picture_when_they_come() {
    let (mut sim, tutor, mut encoder) = filming();
    film(&mut sim, tutor, &mut encoder, true, 0);
    let officer = sim.register(1);
    sim.check(officer, true);
    sim.configure(officer, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    film(&mut sim, tutor, &mut encoder, false, 1);
    film(&mut sim, tutor, &mut encoder, false, 2);
    sim.set_keys(officer, Profile::AeadAes128Gcm);
    sim.flush();
    assert_eq!(frames(&sim, officer), [0, 1, 2]);
    assert_eq!(sim.counters().gop_replayed, 1);
    film(&mut sim, tutor, &mut encoder, false, 3);
    assert_eq!(frames(&sim, officer), [0, 1, 2, 3]);
}

#[test]
fn keys_that_come_when_the_cached_picture_is_too_old_ask_for_a_new_one() {
    let (mut sim, tutor, mut encoder) = filming();
    film(&mut sim, tutor, &mut encoder, true, 0);
    let officer = sim.register(1);
    sim.check(officer, true);
    sim.configure(officer, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    for number in 1..150 {
        film(&mut sim, tutor, &mut encoder, false, number);
    }
    let before = sim.clients[tutor].plis().len();
    sim.set_keys(officer, Profile::AeadAes128Gcm);
    assert_eq!(sim.clients[tutor].plis().len(), before + 1);
    film(&mut sim, tutor, &mut encoder, true, 150);
    assert_eq!(frames(&sim, officer), [150]);
}

#[test]
fn a_renegotiation_right_after_a_route_does_not_lose_the_cached_picture() {
    let (mut sim, tutor, mut encoder) = filming();
    film(&mut sim, tutor, &mut encoder, true, 0);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    sim.configure(officer, vec![], vec![video_slot(1, 7000), audio_slot(2, 9000)]);
    sim.flush();
    assert_eq!(frames(&sim, officer), [0]);
}

#[test]
fn a_slot_that_was_taken_away_and_comes_back_goes_on_with_its_numbers() {
    let (mut sim, tutor, mut encoder) = filming();
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    for number in 0..20 {
        film(&mut sim, tutor, &mut encoder, number == 0, number);
    }
    sim.configure(officer, vec![], vec![]);
    film(&mut sim, tutor, &mut encoder, false, 20);
    sim.configure(officer, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    film(&mut sim, tutor, &mut encoder, true, 21);
    film(&mut sim, tutor, &mut encoder, false, 22);
    let seen = frames(&sim, officer);
    assert_eq!((seen[..20].len(), seen.last()), (20, Some(&22)));
    let stream = sim.clients[officer].stream(7000);
    assert!(stream.windows(2).all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1)));
    assert_eq!(
        sim.counters().drop_send_buffer_full,
        0,
        "no number was refused by the seal"
    );
}

#[test]
fn a_joiner_asks_a_screen_that_stands_still_for_its_picture() {
    let mut sim = Simulation::new(2);
    let mut screen = camera(20);
    screen.screen = true;
    let tutor = sim.join(1, vec![screen], vec![]);
    let mut encoder = Encoder::new(601, "q");
    film(&mut sim, tutor, &mut encoder, true, 0);
    sim.advance(15_000_000);
    assert_eq!(sim.clients[tutor].plis(), [0; 0]);
    let officers = [0, 1, 2].map(|_| sim.join(1, vec![], vec![video_slot(1, 7000)]));
    for officer in officers {
        sim.route(officer, 1, Some(20), 0);
    }
    assert_eq!(sim.clients[tutor].plis(), [601], "once for all");
    film(&mut sim, tutor, &mut encoder, true, 1);
    for officer in officers {
        assert_eq!(frames(&sim, officer), [1]);
    }
}

#[test]
fn a_new_path_after_none_begins_at_a_key_frame() {
    let (mut sim, tutor, mut encoder) = filming();
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    film(&mut sim, tutor, &mut encoder, true, 0);
    film(&mut sim, tutor, &mut encoder, false, 1);
    let (now, mut out) = (sim.now(), simulated::Outbox::default());
    sim.workers[0].tuple_closed(now, sim.clients[officer].tuple, &mut out);
    for number in 2..200 {
        film(&mut sim, tutor, &mut encoder, false, number);
    }
    assert_eq!(frames(&sim, officer), [0, 1]);
    let before = sim.clients[tutor].plis().len();
    sim.clients[officer].tuple = tuple(4000);
    sim.check(officer, true);
    assert_eq!(
        sim.clients[tutor].plis().len(),
        before + 1,
        "what was missed is not asked for piece by piece"
    );
    film(&mut sim, tutor, &mut encoder, false, 200);
    assert_eq!(frames(&sim, officer), [0, 1], "nothing that cannot be decoded");
    film(&mut sim, tutor, &mut encoder, true, 201);
    assert_eq!(frames(&sim, officer), [0, 1, 201]);
}

#[test]
fn a_viewer_who_sees_nothing_yet_may_ask_for_a_picture() {
    let (mut sim, tutor, mut encoder) = filming();
    film(&mut sim, tutor, &mut encoder, false, 0);
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    sim.route(officer, 1, Some(20), 0);
    film(&mut sim, tutor, &mut encoder, true, 1);
    let mut buf = [0; 100];
    let mut writer = Writer::new(&mut buf);
    writer.receiver_report(Ssrc(77), &[]).expect("room for a report");
    writer.pli(Ssrc(77), Ssrc(7000)).expect("room for a PLI");
    let len = writer.len();
    sim.send_rtcp(officer, &buf[..len]);
    film(&mut sim, tutor, &mut encoder, false, 2);
    assert_eq!(frames(&sim, officer), [1, 2]);
    assert_eq!(sim.counters().pli_received, 1);
}

#[test]
fn a_full_send_queue_costs_pictures_and_not_speech_and_ends_with_a_key_frame() {
    let (mut sim, tutor, mut encoder) = filming();
    let officer = sim.join(1, vec![], vec![video_slot(1, 7000), audio_slot(2, 9000)]);
    sim.route(officer, 1, Some(20), 0);
    sim.route(officer, 2, Some(10), 0);
    film(&mut sim, tutor, &mut encoder, true, 0);
    let asked = sim.clients[tutor].plis().len();
    sim.pressure = 80;
    for number in 1..100 {
        sim.send_rtp(tutor, &speech(500, number.into(), 20));
        film(&mut sim, tutor, &mut encoder, number == 50, number);
    }
    assert_eq!(frames(&sim, officer), [0]);
    assert_eq!(sim.clients[officer].stream(9000).len(), 99);
    assert_eq!(
        sim.clients[tutor].plis().len(),
        asked,
        "one thin link asks nothing of the tutor while it is full"
    );
    assert!(sim.counters().drop_send_buffer_full >= 190);
    sim.pressure = 50;
    film(&mut sim, tutor, &mut encoder, false, 100);
    assert_eq!(sim.clients[tutor].plis().len(), asked, "half full is not drained");
    sim.pressure = 10;
    film(&mut sim, tutor, &mut encoder, false, 101);
    assert_eq!(sim.clients[tutor].plis().len(), asked + 1);
    film(&mut sim, tutor, &mut encoder, true, 102);
    film(&mut sim, tutor, &mut encoder, false, 103);
    assert_eq!(frames(&sim, officer), [0, 102, 103]);
    let numbers: Vec<u16> = sim.clients[officer]
        .stream(7000)
        .iter()
        .map(|packet| packet.seq)
        .collect();
    assert!(
        numbers.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) <= 2),
        "no gap to ask for: {numbers:?}"
    );
    let layers = sim.events_of(|event| match event {
        Event::SlotLayer { layer, .. } => Some(layer.is_some()),
        _ => None,
    });
    assert_eq!(layers, [true, false, true], "the tile says that it is paused");
}
