//! Paths: the first one, another one, a restart that breaks nothing before it is made, and the end of consent.

mod simulated;

use muster_core::api::{Command, Event, GoneReason, Transport, Tuple};
use simulated::media::{audio_slot, mic, speech};
use simulated::{tuple, Simulation};

fn class() -> (Simulation, usize, usize) {
    let mut sim = Simulation::new(1);
    let tutor = sim.join(1, vec![mic(10, 500)], vec![]);
    let officer = sim.join(1, vec![], vec![audio_slot(0, 9000)]);
    sim.route(officer, 0, Some(10), 0);
    (sim, tutor, officer)
}

/// Speech every 20 ms and a check each second of those who are in `alive`.
fn talk(sim: &mut Simulation, tutor: usize, from: u32, count: u32, alive: &[usize]) {
    for number in from..from + count {
        if number % 50 == 0 {
            alive.iter().for_each(|client| sim.check(*client, false));
        }
        sim.send_rtp(tutor, &speech(500, number, 20));
        sim.flush();
        sim.advance(20_000);
    }
}

fn paths(sim: &Simulation, client: usize) -> Vec<Tuple> {
    let id = sim.clients[client].peer;
    sim.events_of(|event| match event {
        Event::PathSelected { peer, tuple } if *peer == id => Some(*tuple),
        _ => None,
    })
}

#[test]
fn a_nominated_address_takes_over_at_once() {
    let (mut sim, tutor, officer) = class();
    talk(&mut sim, tutor, 0, 10, &[]);
    sim.clients[officer].tuple = tuple(5000);
    sim.check(officer, true);
    talk(&mut sim, tutor, 10, 10, &[]);
    assert_eq!(sim.clients[officer].rtp.len(), 20);
    assert_eq!(paths(&sim, officer).last(), Some(&tuple(5000)));
}

#[test]
fn a_plain_check_from_another_address_takes_over_only_when_the_old_one_is_silent() {
    let (mut sim, tutor, officer) = class();
    let old = sim.clients[officer].tuple;
    let probe = sim.clients[officer].check(false);
    sim.receive(tuple(5000), &probe);
    talk(&mut sim, tutor, 0, 10, &[]);
    assert_eq!(sim.clients[officer].rtp.len(), 10);
    sim.advance(6_000_000);
    sim.clients[officer].tuple = tuple(5000);
    sim.check(officer, false);
    talk(&mut sim, tutor, 10, 10, &[]);
    assert_eq!(sim.clients[officer].rtp.len(), 20);
    assert_eq!(paths(&sim, officer), [old, tuple(5000)]);
}

#[test]
fn an_ice_restart_keeps_the_old_path_until_the_new_one_is_nominated() {
    let (mut sim, tutor, officer) = class();
    let old_check = |sim: &mut Simulation, officer: usize| sim.clients[officer].check(false);
    talk(&mut sim, tutor, 0, 10, &[]);
    let id = sim.clients[officer].peer;
    let restarted = |suffix: &str| format!("restarted-{suffix}-0123456789");
    sim.command(
        officer,
        Command::Register {
            peer: id,
            owner: muster_core::id::WorkerId(0),
            ufrag: "new".into(),
            pwd: restarted("pwd"),
            remote_ufrag: "far".into(),
        },
    );
    // Old credentials still work and media still flows.
    let stun = sim.clients[officer].stun.len();
    let check = old_check(&mut sim, officer);
    sim.receive(sim.clients[officer].tuple, &check);
    assert_eq!(sim.clients[officer].stun.len(), stun + 1);
    talk(&mut sim, tutor, 10, 10, &[]);
    assert_eq!(sim.clients[officer].rtp.len(), 20);
    // The new path is nominated; the old credentials live 3 s more, and cannot take the path back.
    let before = sim.clients[officer].check(true);
    sim.clients[officer].ufrag = "new".into();
    sim.clients[officer].pwd = restarted("pwd");
    sim.clients[officer].remote_ufrag = "far".into();
    sim.clients[officer].tuple = tuple(5000);
    sim.check(officer, true);
    sim.receive(tuple(6000), &before);
    assert_eq!(sim.stray.len(), 1, "the old credentials are answered");
    talk(&mut sim, tutor, 20, 200, &[officer]);
    assert_eq!(sim.clients[officer].rtp.len(), 220);
    assert_eq!(paths(&sim, officer).last(), Some(&tuple(5000)));
    sim.receive(tuple(6000), &before);
    assert_eq!(sim.stray.len(), 1, "the old credentials have ended");
    assert_eq!(sim.counters().drop_stun_unknown_ufrag, 1);
}

#[test]
fn without_a_check_for_30_s_the_peer_is_gone_though_its_media_goes_on() {
    let (mut sim, tutor, officer) = class();
    talk(&mut sim, tutor, 0, 50 * 33, &[officer]);
    let gone = sim.events_of(|event| match event {
        Event::PeerGone { peer, reason } => Some((*peer, *reason)),
        _ => None,
    });
    assert_eq!(gone, [(sim.clients[tutor].peer, GoneReason::ConsentExpired)]);
    let heard = sim.clients[officer].rtp.len();
    assert!((50 * 29..=50 * 32).contains(&heard), "{heard}");
}

#[test]
fn a_closed_tcp_stream_falls_back_to_the_other_path() {
    let (mut sim, tutor, officer) = class();
    let stream = Tuple {
        transport: Transport::Tcp(3),
        remote: "10.9.9.9:80".parse().expect("an address"),
    };
    let udp = sim.clients[officer].tuple;
    let check = sim.clients[officer].check(true);
    sim.receive(stream, &check);
    assert_eq!(paths(&sim, officer).last(), Some(&stream));
    let (now, mut out) = (sim.now(), simulated::Outbox::default());
    sim.workers[0].tuple_closed(now, stream, &mut out);
    assert!(matches!(out.events[..], [Event::PathSelected { tuple, .. }] if tuple == udp));
    talk(&mut sim, tutor, 0, 5, &[]);
    assert_eq!(sim.clients[officer].rtp.len(), 5);
}

#[test]
fn an_address_is_not_taken_from_a_live_peer() {
    let (mut sim, tutor, officer) = class();
    let stolen = sim.clients[tutor].check(true);
    sim.receive(sim.clients[officer].tuple, &stolen);
    talk(&mut sim, tutor, 0, 5, &[]);
    assert_eq!(sim.clients[officer].rtp.len(), 5);
    assert_eq!(paths(&sim, tutor).len(), 1);
}
