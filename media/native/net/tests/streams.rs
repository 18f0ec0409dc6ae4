//! RFC 4571 connections over the loopback interface.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use muster_net::{listen, Poller, Ready, StreamLimits, Streams};

const LISTENER: u64 = 0;
const BASE: u64 = 1;
const WAIT_US: u64 = 5_000_000;
/// Type and length of a binding request, enough to be let in here.
const STUN: [u8; 4] = [0, 1, 0, 0];

struct Server {
    poller: Poller,
    streams: Streams,
    address: SocketAddr,
    now_us: u64,
}

impl Server {
    fn new(limits: StreamLimits) -> Self {
        let (port, mut listeners) = listen(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port");
        let streams = Streams::new(listeners.remove(0), 3, limits);
        let poller = Poller::new().expect("a descriptor");
        poller.add(streams.listener(), LISTENER).expect("an open listener");
        Self {
            poller,
            streams,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            now_us: 0,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the listener's backlog has room");
        stream
            .set_read_timeout(Some(Duration::from_micros(WAIT_US)))
            .expect("a valid timeout");
        stream.set_nodelay(true).expect("an open stream");
        stream
    }

    /// Serves until `done`, and returns the frames that came with the connection they came on.
    fn serve(&mut self, mut done: impl FnMut(&Streams, &[(u32, Vec<u8>)]) -> bool) -> Vec<(u32, Vec<u8>)> {
        let mut frames = Vec::new();
        let mut ready = Vec::new();
        while !done(&self.streams, &frames) {
            ready.clear();
            self.poller.wait(Some(WAIT_US), &mut ready).expect("epoll works");
            assert!(!ready.is_empty(), "nothing happened in time");
            for Ready { token, read, write } in ready.drain(..) {
                if token == LISTENER {
                    self.streams.accept(self.now_us, &self.poller, BASE);
                    continue;
                }
                let id = (token - BASE) as u32;
                if read {
                    self.streams.read(id, &mut |_, frame| frames.push((id, frame.to_vec())));
                }
                if write {
                    self.streams.write(id, &self.poller, BASE);
                }
            }
        }
        frames
    }

    fn send(&mut self, id: u32, len: usize, fill: u8) -> usize {
        self.streams.send(id, len, self.now_us, &mut |room| {
            room.fill(fill);
            len
        })
    }
}

fn framed(frame: &[u8]) -> Vec<u8> {
    let mut bytes = (frame.len() as u16).to_be_bytes().to_vec();
    bytes.extend_from_slice(frame);
    bytes
}

fn is_closed(mut stream: TcpStream) -> bool {
    match stream.read(&mut [0; 16]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn frames_pass_both_ways_and_a_split_frame_is_put_together() {
    let mut server = Server::new(StreamLimits::default());
    let mut client = server.connect();
    let bytes = [framed(&STUN), framed(&[0x80; 1_200])].concat();
    client.write_all(&bytes[..700]).expect("the server reads");
    let frames = server.serve(|_, frames| frames.len() == 1);
    let id = frames[0].0;
    assert_eq!((frames[0].1.as_slice(), Streams::worker_of(id)), (&STUN[..], 3));
    client.write_all(&bytes[700..]).expect("the server reads");
    assert_eq!(server.serve(|_, frames| frames.len() == 1), [(id, vec![0x80; 1_200])]);

    assert_eq!((server.send(id, 100, 1), server.send(id, 1, 2)), (100, 1));
    server.streams.flush(&server.poller, BASE);
    let mut answer = [0; 105];
    client.read_exact(&mut answer).expect("both frames under the timeout");
    assert_eq!(answer.to_vec(), [framed(&[1; 100]), framed(&[2])].concat());
}

#[test]
fn a_stream_that_does_not_begin_with_stun_is_closed() {
    for greeting in [b"GET / HTTP/1.1\r\n\r\n".to_vec(), framed(&[0x80; 40]), framed(&[])] {
        let mut server = Server::new(StreamLimits::default());
        let mut client = server.connect();
        client.write_all(&greeting).expect("the server reads");
        let frames = server.serve(|streams, _| streams.counters().malformed == 1);
        assert!(frames.is_empty() && server.streams.is_empty());
        assert!(is_closed(client));
    }
}

#[test]
fn a_slow_reader_loses_whole_frames_and_gets_the_rest_when_it_reads() {
    let limits = StreamLimits {
        outbound_bytes: 20_000,
        ..StreamLimits::default()
    };
    let mut server = Server::new(limits);
    let mut client = server.connect();
    client.write_all(&framed(&STUN)).expect("the server reads");
    let id = server.serve(|_, frames| frames.len() == 1)[0].0;
    let mut accepted = 0_usize;
    while server.streams.counters().frames_dropped < 100 {
        accepted += usize::from(server.send(id, 1_000, (accepted % 251) as u8) > 0);
        server.streams.flush(&server.poller, BASE);
    }
    assert!(server.streams.pressure(id) >= 90, "a sender can see it coming");
    let reader = std::thread::spawn(move || {
        for index in 0..accepted {
            let mut frame = [0; 1_002];
            client
                .read_exact(&mut frame)
                .expect("every accepted frame under the timeout");
            assert_eq!(frame[..2], 1_000_u16.to_be_bytes());
            assert!(frame[2..].iter().all(|byte| *byte == (index % 251) as u8));
        }
    });
    while !reader.is_finished() {
        let mut ready = Vec::new();
        server.poller.wait(Some(10_000), &mut ready).expect("epoll works");
        for event in ready.iter().filter(|event| event.write) {
            server.streams.write((event.token - BASE) as u32, &server.poller, BASE);
        }
    }
    reader.join().expect("the reader saw every frame");
    assert_eq!(server.streams.pressure(id), 0);
}

#[test]
fn a_connection_that_gets_no_answer_is_closed_and_an_answered_one_lives_on() {
    let limits = StreamLimits::default();
    let mut server = Server::new(limits);
    let (silent, mut answered) = (server.connect(), server.connect());
    answered.write_all(&framed(&STUN)).expect("the server reads");
    let frames = server.serve(|streams, frames| streams.len() == 2 && frames.len() == 1);
    server.now_us = limits.first_answer_us - 1;
    assert_eq!(server.send(frames[0].0, 20, 0), 20);
    server.streams.expire(server.now_us);
    assert_eq!(server.streams.len(), 2);
    server.streams.expire(limits.first_answer_us);
    assert_eq!((server.streams.len(), server.streams.counters().expired), (1, 1));
    let closed = server.streams.take_closed().expect("one ended");
    assert_eq!(Ok(closed.1), silent.local_addr().map_err(|error| error.kind()));
    assert_eq!(server.streams.take_closed(), None);
    assert!(is_closed(silent));
    server.streams.expire(server.now_us + limits.idle_us);
    assert!(server.streams.is_empty());
}

#[test]
fn one_address_gets_no_more_connections_than_its_share() {
    let mut server = Server::new(StreamLimits {
        per_address: 2,
        ..StreamLimits::default()
    });
    let clients = [server.connect(), server.connect(), server.connect()];
    server.serve(|streams, _| streams.counters().accepted + streams.counters().refused == 3);
    assert_eq!((server.streams.len(), server.streams.counters().refused), (2, 1));
    let [first, _, last] = clients;
    assert!(is_closed(last));
    drop(first);
    server.serve(|streams, _| streams.len() == 1);
    let _another = server.connect();
    server.serve(|streams, _| streams.len() == 2);
}

#[test]
fn frames_for_a_connection_that_is_gone_are_dropped_and_counted() {
    let mut server = Server::new(StreamLimits::default());
    assert_eq!(server.send(5, 100, 0), 0);
    assert_eq!(server.streams.counters().frames_dropped, 1);
}
