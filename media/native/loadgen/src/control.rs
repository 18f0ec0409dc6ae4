//! The control: what sealing and sending alone cost on this machine, with nothing of the server around them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey, AES_128_GCM};
use muster_net::{bind, Clock, EgressBuffer, Poller, ReceiveBatch, SocketOptions, UdpSocket};

use crate::say;

const HEADER: usize = 12;
/// As the server's video packets.
const PAYLOAD: usize = 1_088;
const TAG: usize = 16;
/// Destinations of one buffer, as many as the server's egress holds.
const BUFFER_BYTES: usize = 256 << 10;
/// A sink whose control has gone ends by itself.
const QUIET: Duration = Duration::from_secs(20);
/// Read like the subscribers: by napping, so that no arrival wakes anybody at the sender's expense.
const NAP: Duration = Duration::from_millis(1);

fn open(gso: bool) -> Result<(u16, UdpSocket), String> {
    let options = SocketOptions {
        gso,
        ..SocketOptions::default()
    };
    let (port, mut sockets) =
        bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1, options).map_err(|error| error.to_string())?;
    Ok((port, sockets.remove(0)))
}

/// Opens `count` sockets, says their ports, and reads them until nothing came for a while.
pub(crate) fn sink(count: usize) -> Result<(), String> {
    let sockets = (0..count).map(|_| open(false)).collect::<Result<Vec<_>, _>>()?;
    let mut poller = Poller::new().map_err(|error| error.to_string())?;
    for (index, (_, socket)) in sockets.iter().enumerate() {
        poller.add(socket, index as u64).map_err(|error| error.to_string())?;
    }
    let ports: Vec<String> = sockets.iter().map(|(port, _)| port.to_string()).collect();
    say(&ports.join(" "))?;
    let mut batch = ReceiveBatch::default();
    let mut ready = Vec::new();
    let mut heard = Instant::now();
    loop {
        ready.clear();
        poller.wait(Some(0), &mut ready).map_err(|error| error.to_string())?;
        if !ready.is_empty() {
            heard = Instant::now();
        } else if heard.elapsed() > QUIET {
            return Ok(());
        } else {
            std::thread::sleep(NAP);
        }
        for event in &ready {
            sockets[event.token as usize].1.receive(&mut batch);
        }
    }
}

/// Seals and sends to every port in turn, `segments` packets each, for `seconds`; says packets and CPU time.
pub(crate) fn control(seconds: u32, segments: usize, ports: &[u32]) -> Result<(), String> {
    let (_, mut socket) = open(segments > 1)?;
    let destinations = ports
        .iter()
        .map(|port| Ok((SocketAddr::from(([127, 0, 0, 1], *port as u16)), key(*port)?)))
        .collect::<Result<Vec<_>, String>>()?;
    let template = [0x55; HEADER + PAYLOAD];
    let mut buffer = EgressBuffer::new(BUFFER_BYTES, 512);
    let mut counter = 0_u64;
    let (mut sent, mut dropped) = (0, 0);
    let until_us = Clock.read().mono_us + u64::from(seconds) * 1_000_000;
    let before = cpu_ns()?;
    while Clock.read().mono_us < until_us {
        for (to, key) in &destinations {
            for _ in 0..segments {
                if !buffer.fits(HEADER + PAYLOAD + TAG) {
                    let result = socket.send(&mut buffer);
                    sent += result.datagrams;
                    dropped += result.dropped_full + result.dropped_error;
                }
                counter += 1;
                buffer.push(*to, HEADER + PAYLOAD + TAG, &mut |room| {
                    seal(room, key, &template, counter)
                });
            }
        }
    }
    let cpu = cpu_ns()? - before;
    say(&format!(
        "{{\"sent\": {sent}, \"dropped\": {dropped}, \"cpu_ns\": {cpu}}}"
    ))
}

fn key(port: u32) -> Result<LessSafeKey, String> {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&port.to_be_bytes());
    UnboundKey::new(&AES_128_GCM, &bytes)
        .map(LessSafeKey::new)
        .map_err(|_| "AES-128-GCM is missing".to_owned())
}

fn seal(room: &mut [u8], key: &LessSafeKey, template: &[u8], counter: u64) -> usize {
    room[..template.len()].copy_from_slice(template);
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter.to_be_bytes());
    let (header, payload) = room.split_at_mut(HEADER);
    let (payload, tag) = payload.split_at_mut(PAYLOAD);
    match key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), payload) {
        Ok(sealed) => {
            tag[..TAG].copy_from_slice(sealed.as_ref());
            HEADER + PAYLOAD + TAG
        }
        Err(_) => 0,
    }
}

/// Time on a CPU of this process, which has one thread (proc(5), schedstat).
fn cpu_ns() -> Result<u64, String> {
    let text = std::fs::read_to_string("/proc/self/schedstat").map_err(|error| error.to_string())?;
    text.split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| "schedstat is empty".to_owned())
}
