//! Batched UDP over the loopback interface.

use std::net::{SocketAddr, UdpSocket as Plain};
use std::time::Duration;

use muster_net::{bind, Clock, EgressBuffer, Poller, ReceiveBatch, SocketOptions, UdpSocket};

const WAIT_US: u64 = 5_000_000;

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn one(address: SocketAddr, options: SocketOptions) -> (SocketAddr, UdpSocket) {
    let (port, mut sockets) = bind(address, 1, options).expect("a free port");
    (loopback(port), sockets.remove(0))
}

fn plain() -> Plain {
    let socket = Plain::bind(loopback(0)).expect("a free port");
    socket
        .set_read_timeout(Some(Duration::from_micros(WAIT_US)))
        .expect("a valid timeout");
    socket
}

fn wait(socket: &UdpSocket) {
    let mut poller = Poller::new().expect("a descriptor");
    poller.add(socket, 0).expect("an open socket");
    let mut ready = Vec::new();
    poller.wait(Some(WAIT_US), &mut ready).expect("epoll works");
    assert!(!ready.is_empty(), "nothing arrived");
}

fn queue(buffer: &mut EgressBuffer, to: SocketAddr, len: usize, fill: u8) {
    let pushed = buffer.push(to, 1_500, &mut |room| {
        room[..len].fill(fill);
        len
    });
    assert_eq!(pushed, len);
}

fn received(socket: &Plain, count: usize) -> Vec<(usize, u8)> {
    let mut bytes = [0; 2_048];
    (0..count)
        .map(|_| {
            let len = socket.recv(&mut bytes).expect("a datagram under the timeout");
            assert!(bytes[..len].iter().all(|byte| *byte == bytes[0]));
            (len, bytes[0])
        })
        .collect()
}

#[test]
fn runs_and_single_datagrams_arrive_whole_and_in_order_with_and_without_gso() {
    for gso in [true, false] {
        let (_, mut socket) = one(
            loopback(0),
            SocketOptions {
                gso,
                ..SocketOptions::default()
            },
        );
        assert!(gso || !socket.gso());
        let (first, second) = (plain(), plain());
        let mut buffer = EgressBuffer::new(1 << 20, 512);
        let to_first = first.local_addr().expect("bound");
        let mut expected = Vec::new();
        for fill in 0..40 {
            let len = if fill % 10 == 9 { 700 } else { 1_100 };
            queue(&mut buffer, to_first, len, fill);
            expected.push((len, fill));
        }
        queue(&mut buffer, second.local_addr().expect("bound"), 160, 200);
        let sent = socket.send(&mut buffer);
        assert_eq!((sent.datagrams, sent.dropped_full, sent.dropped_error), (41, 0, 0));
        assert!(buffer.is_empty());
        assert_eq!(received(&first, 40), expected);
        assert_eq!(received(&second, 1), [(160, 200)]);
    }
}

#[test]
fn a_refused_destination_is_counted_and_the_others_are_served() {
    let (_, mut socket) = one(loopback(0), SocketOptions::default());
    let sink = plain();
    let mut buffer = EgressBuffer::new(1 << 16, 16);
    queue(&mut buffer, SocketAddr::from(([127, 0, 0, 1], 0)), 100, 1);
    queue(&mut buffer, "[::1]:9".parse().expect("a literal address"), 100, 2);
    queue(&mut buffer, sink.local_addr().expect("bound"), 100, 3);
    let sent = socket.send(&mut buffer);
    assert_eq!((sent.datagrams, sent.dropped_error), (1, 2));
    assert_eq!(received(&sink, 1), [(100, 3)]);
}

#[test]
fn a_full_socket_drops_and_counts_instead_of_blocking() {
    let (_, mut socket) = one(
        loopback(0),
        SocketOptions {
            send_buffer: 1,
            ..SocketOptions::default()
        },
    );
    let blackhole = loopback(9);
    let mut buffer = EgressBuffer::new(4 << 20, 4_096);
    for index in 0..2_000_u32 {
        queue(&mut buffer, blackhole, 1_000 + index as usize % 2, 0);
    }
    let sent = socket.send(&mut buffer);
    assert_eq!(sent.datagrams + sent.dropped_full + sent.dropped_error, 2_000);
}

#[test]
fn a_batch_carries_sources_lengths_and_kernel_times_even_of_empty_datagrams() {
    let (address, socket) = one(loopback(0), SocketOptions::default());
    let peer = plain();
    let before = Clock.read();
    peer.send_to(&[], address).expect("loopback takes it");
    peer.send_to(&[7; 300], address).expect("loopback takes it");
    wait(&socket);
    let mut batch = ReceiveBatch::default();
    let mut datagrams = socket.receive(&mut batch);
    assert_eq!(datagrams.len(), 2);
    assert!(datagrams.get(0).data.is_empty());
    let second = datagrams.get(1);
    assert_eq!(second.from, peer.local_addr().expect("bound"));
    assert_eq!(second.data, [7; 300]);
    let arrival = Clock.read().mono_us_of(second.wall_ns.expect("the kernel's time"));
    assert!((before.mono_us..=Clock.read().mono_us).contains(&arrival));
}

#[test]
fn a_port_is_shared_by_our_workers_and_by_nobody_else() {
    let (port, sockets) = bind(loopback(0), 3, SocketOptions::default()).expect("a free port");
    assert_eq!(sockets.len(), 3);
    let refused = bind(loopback(port), 1, SocketOptions::default())
        .err()
        .expect("the port is taken");
    assert_eq!(refused.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn a_dual_stack_socket_shows_ipv4_as_ipv4() {
    let any = "[::]:0".parse().expect("a literal address");
    let Ok((port, mut sockets)) = bind(any, 1, SocketOptions::default()) else {
        return; // a machine without IPv6
    };
    let mut socket = sockets.remove(0);
    let peer = plain();
    peer.send_to(b"to six", loopback(port)).expect("loopback takes it");
    wait(&socket);
    let mut batch = ReceiveBatch::default();
    let from = socket.receive(&mut batch).get(0).from;
    assert_eq!(from, peer.local_addr().expect("bound"));
    let mut buffer = EgressBuffer::new(1 << 16, 16);
    queue(&mut buffer, from, 20, 5);
    assert_eq!(socket.send(&mut buffer).datagrams, 1);
    assert_eq!(received(&peer, 1), [(20, 5)]);
}
