//! One class over several workers: every subscriber gets the same, however many share the work.

mod simulated;

use std::collections::BTreeMap;

use muster_core::api::Event;
use simulated::client::Received;
use simulated::media::{camera, loudest_slot, mic, speech, video_slot, Encoder};
use simulated::Simulation;

const PEERS: u64 = 6;

/// Six peers with microphone and camera, three loudest slots and one video slot each; five of them speak in turn.
fn class(workers: u16) -> Simulation {
    let mut sim = Simulation::new(workers);
    for id in 1..=PEERS {
        let slots = (0..3).map(|slot| loudest_slot(slot, id as u32 * 100 + u32::from(slot)));
        let slots = slots.chain([video_slot(9, id as u32 * 100 + 50)]).collect();
        sim.join(1, vec![mic(id * 10, id as u32 * 7), camera(id * 10 + 1)], slots);
    }
    for viewer in 0..PEERS as usize {
        let next = (viewer as u64 + 1) % PEERS + 1;
        sim.route(viewer, 9, Some(next * 10 + 1), 1);
    }
    let mut encoders: Vec<_> = (1..=PEERS as u32)
        .map(|id| [Encoder::new(id * 1000, "q"), Encoder::new(id * 1000 + 1, "h")])
        .collect();
    for number in 0..120u32 {
        for (speaker, layers) in encoders.iter_mut().enumerate() {
            let turn = (number / 30) as usize;
            let level = if speaker == turn || speaker == turn + 1 {
                15
            } else {
                70 - speaker as u8
            };
            sim.send_rtp(speaker, &speech((speaker as u32 + 1) * 7, number, level));
            if number % 2 == 0 {
                for encoder in layers {
                    for packet in encoder.frame(number % 40 == 0, number as u8, 2) {
                        sim.send_rtp(speaker, &packet);
                    }
                }
            }
        }
        if number % 50 == 0 {
            (0..PEERS as usize).for_each(|client| sim.check(client, false));
        }
        sim.flush();
        sim.advance(20_000);
    }
    sim
}

/// What each client received on each stream, in the order of arrival.
fn received(sim: &Simulation) -> Vec<BTreeMap<u32, Vec<Received>>> {
    let of = |client: &simulated::client::Client| {
        let mut streams: BTreeMap<u32, Vec<Received>> = BTreeMap::new();
        for packet in &client.rtp {
            streams.entry(packet.ssrc.0).or_default().push(packet.clone());
        }
        streams
    };
    sim.clients.iter().map(of).collect()
}

#[test]
fn one_two_and_three_workers_give_each_subscriber_the_same() {
    let mut alone = class(1);
    let expected = received(&alone);
    assert!(
        expected.iter().all(|streams| streams.len() >= 3),
        "everybody hears and sees something"
    );
    assert_eq!(alone.counters().handed_over, 0);
    for workers in [2, 3] {
        let mut shared = class(workers);
        assert!(shared.counters().handed_over > 0);
        for (client, (got, expected)) in received(&shared).iter().zip(&expected).enumerate() {
            let lengths = |streams: &BTreeMap<u32, Vec<Received>>| {
                streams
                    .iter()
                    .map(|(ssrc, packets)| (*ssrc, packets.len()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(lengths(got), lengths(expected), "client {client} of {workers} workers");
            assert_eq!(got, expected, "client {client} of {workers} workers");
        }
    }
}

#[test]
fn nobody_hears_themselves_and_at_most_three_others() {
    let sim = class(2);
    for (index, client) in sim.clients.iter().enumerate() {
        let own = (index as u32 + 1) * 7;
        let audio: Vec<_> = client
            .rtp
            .iter()
            .filter(|packet| packet.pt == simulated::media::OPUS)
            .collect();
        assert!(!audio.is_empty());
        let source = |packet: &Received| u32::from_be_bytes(packet.payload[1..5].try_into().expect("four bytes"));
        assert!(audio.iter().all(|packet| source(packet) != own));
        assert!(audio.len() <= 3 * 120);
    }
}

#[test]
fn every_filling_of_a_slot_is_told() {
    let sim = class(3);
    let filled = sim.events_of(|event| match event {
        Event::SlotFilled { peer, slot, track } => Some((peer.0, slot.0, track.map(|track| track.0))),
        _ => None,
    });
    for id in 1..=PEERS {
        let last: BTreeMap<u16, Option<u64>> = filled
            .iter()
            .filter(|(peer, ..)| *peer == id)
            .map(|(_, slot, track)| (*slot, *track))
            .collect();
        assert_eq!(last.len(), 3, "peer {id}");
        assert!(last.values().flatten().all(|track| *track != id * 10));
    }
}

#[test]
fn a_layer_that_nobody_on_any_worker_watches_is_told_after_the_hold() {
    let mut sim = Simulation::new(3);
    let tutor = sim.join(1, vec![camera(20)], vec![]);
    let near = sim.join(1, vec![], vec![video_slot(1, 7000)]);
    let far = sim.join(1, vec![], vec![video_slot(1, 8000)]);
    let told = |sim: &Simulation| {
        sim.events_of(|event| match event {
            Event::LayersWanted { mask, .. } => Some(*mask),
            _ => None,
        })
    };
    assert!(told(&sim).is_empty());
    sim.route(near, 1, Some(20), 0);
    sim.route(far, 1, Some(20), 2);
    sim.advance(5_000_000);
    assert!(told(&sim).is_empty(), "all layers are wanted, as the publisher assumes");
    sim.route(far, 1, Some(20), 1);
    sim.advance(1_000_000);
    assert!(told(&sim).is_empty());
    sim.advance(6_000_000);
    assert_eq!(told(&sim), [0b011]);
    sim.remove(far);
    sim.advance(6_000_000);
    assert_eq!(told(&sim).last(), Some(&0b001));
    sim.route(near, 1, Some(20), 2);
    assert_eq!(told(&sim).last(), Some(&0b111));
    sim.remove(tutor);
    sim.remove(near);
    assert_eq!(sim.table_entries(), 0);
}
