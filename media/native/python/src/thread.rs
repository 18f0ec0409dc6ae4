//! The thread of one worker: waits, takes in what came, lets the worker answer, and sends.

use std::net::SocketAddr;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use muster_core::api::{Command, Now, Transport, Tuple};
use muster_core::worker::Worker;
use muster_net::{Clock, Reading, Ready, ReceiveBatch, Wake, BATCH};

use crate::output::{Mail, Output, INBOX, LISTENER, SOCKET, STREAMS};
use crate::queue::Consumer;

/// Receive batches of one turn: what waits longer may be answered later, but commands must not starve.
const BATCHES: usize = 4;
/// Commands, and messages of other workers, of one turn.
const LETTERS: usize = 1_024;
/// Connections are looked over this often.
const STREAM_CHECK_US: u64 = 1_000_000;

/// What the control side asks of a worker's thread.
pub(crate) enum Order {
    Command(Command),
    /// Panics, so that a test can see what a panic does.
    Crash,
}

/// Everything one thread owns.
pub(crate) struct WorkerThread {
    pub(crate) worker: Worker,
    pub(crate) output: Output,
    pub(crate) orders: Consumer<Order>,
    pub(crate) mail: Consumer<Mail>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) stop: Arc<AtomicBool>,
}

/// Frames of one read, copied so that the answers may go to the connections that they came from.
#[derive(Default)]
struct Frames {
    bytes: Vec<u8>,
    frames: Vec<(SocketAddr, usize)>,
}

/// Memory that a thread uses in every turn.
#[derive(Default)]
struct Scratch {
    batch: ReceiveBatch,
    ready: Vec<Ready>,
    frames: Frames,
}

impl WorkerThread {
    /// Runs until `stop` is set. A panic ends the whole process: half a server would look alive to its supervisor.
    pub(crate) fn run(self) {
        let index = self.output.id.0;
        if catch_unwind(AssertUnwindSafe(|| self.turns())).is_err() {
            eprintln!("muster: media worker {index} panicked (the message above says where); the process ends");
            std::process::abort();
        }
    }

    fn turns(mut self) {
        let mut scratch = Scratch::default();
        let mut check_streams_us = 0;
        let mut last_us = 0;
        while !self.stop.load(Ordering::Acquire) {
            let timeout_us = self.timeout_us(last_us);
            scratch.ready.clear();
            self.output
                .poller
                .wait(Some(timeout_us), &mut scratch.ready)
                .expect("epoll of our own descriptors works");
            let reading = Clock.read();
            self.output.now_us = reading.mono_us.max(last_us);
            for index in 0..scratch.ready.len() {
                let ready = scratch.ready[index];
                self.take_ready(ready, &reading, &mut last_us, &mut scratch);
            }
            last_us = last_us.max(reading.mono_us);
            let now = now_of(&reading, last_us);
            self.take_orders(&reading, &mut last_us);
            self.take_mail(now);
            if now.mono_us >= self.worker.next_timeout() {
                self.worker.handle_timeout(now, &mut self.output);
            }
            if now.mono_us >= self.worker.flush_at() {
                self.worker.flush(now, &mut self.output);
            }
            if now.mono_us >= check_streams_us {
                check_streams_us = now.mono_us + STREAM_CHECK_US;
                self.expire_streams(now);
            }
            self.close_streams(now);
            self.output.send();
        }
    }

    fn timeout_us(&self, now_us: u64) -> u64 {
        if self.orders.is_empty() && self.mail.is_empty() {
            let flush_at = match self.worker.flush_at() {
                0 => u64::MAX,
                at => at,
            };
            self.worker
                .next_timeout()
                .min(flush_at)
                .saturating_sub(now_us)
                .min(STREAM_CHECK_US)
        } else {
            0
        }
    }

    /// Called once more before the datagrams of each batch: what was asked before a datagram was sent is done first.
    fn take_orders(&mut self, reading: &Reading, last_us: &mut u64) {
        for _ in 0..LETTERS {
            let Some(order) = self.orders.pop() else {
                return;
            };
            *last_us = reading.mono_us.max(*last_us);
            match order {
                Order::Command(command) => {
                    self.worker
                        .handle_command(now_of(reading, *last_us), command, &mut self.output);
                }
                Order::Crash => panic!("a crash was asked for"),
            }
        }
    }

    fn take_mail(&mut self, now: Now) {
        for _ in 0..LETTERS {
            match self.mail.pop() {
                Some(Mail::Shared(message)) => self.worker.handle_shared(now, message, &mut self.output),
                Some(Mail::Frame { connection, from, data }) => self.output.frame(connection, from, &data),
                Some(Mail::Pressure { connection, full }) => self.output.backlog.hear(connection, full),
                Some(Mail::StreamClosed(tuple)) => self.worker.tuple_closed(now, tuple, &mut self.output),
                None => return,
            }
        }
    }

    fn take_ready(&mut self, ready: Ready, reading: &Reading, last_us: &mut u64, scratch: &mut Scratch) {
        match ready.token {
            SOCKET => self.take_datagrams(reading, last_us, &mut scratch.batch),
            INBOX => self.wake.drain(),
            LISTENER => {
                if let Some(streams) = &mut self.output.streams {
                    streams.accept(reading.mono_us, &self.output.poller, STREAMS);
                }
            }
            token => {
                let connection = (token - STREAMS) as u32;
                if ready.read {
                    self.take_frames(connection, reading, last_us, &mut scratch.frames);
                }
                if ready.write {
                    if let Some(streams) = &mut self.output.streams {
                        streams.write(connection, &self.output.poller, STREAMS);
                    }
                }
            }
        }
    }

    fn take_datagrams(&mut self, reading: &Reading, last_us: &mut u64, batch: &mut ReceiveBatch) {
        for _ in 0..BATCHES {
            let mut datagrams = self.output.socket.receive(batch);
            self.take_orders(reading, last_us);
            for index in 0..datagrams.len() {
                let datagram = datagrams.get(index);
                // The kernel's time, but never before a time that the worker has seen.
                let arrival_us = datagram
                    .wall_ns
                    .map_or(reading.mono_us, |wall_ns| reading.mono_us_of(wall_ns));
                *last_us = arrival_us.max(*last_us);
                let from = Tuple {
                    transport: Transport::Udp,
                    remote: datagram.from,
                };
                self.worker
                    .handle_datagram(now_of(reading, *last_us), from, datagram.data, &mut self.output);
            }
            if datagrams.len() < BATCH {
                return;
            }
        }
    }

    fn take_frames(&mut self, connection: u32, reading: &Reading, last_us: &mut u64, frames: &mut Frames) {
        let Some(streams) = &mut self.output.streams else {
            return;
        };
        frames.bytes.clear();
        frames.frames.clear();
        streams.read(connection, &mut |remote, frame| {
            frames.bytes.extend_from_slice(frame);
            frames.frames.push((remote, frame.len()));
        });
        self.take_orders(reading, last_us);
        *last_us = reading.mono_us.max(*last_us);
        let mut rest = frames.bytes.as_mut_slice();
        for &(remote, len) in &frames.frames {
            let (frame, after) = rest.split_at_mut(len);
            let from = Tuple {
                transport: Transport::Tcp(connection),
                remote,
            };
            self.worker
                .handle_datagram(now_of(reading, *last_us), from, frame, &mut self.output);
            rest = after;
        }
    }

    fn expire_streams(&mut self, now: Now) {
        if let Some(streams) = &mut self.output.streams {
            streams.expire(now.mono_us);
        }
    }

    /// Tells every worker of connections that ended: their owner may be any of them.
    fn close_streams(&mut self, now: Now) {
        while let Some((connection, remote)) = self.output.streams.as_mut().and_then(|streams| streams.take_closed()) {
            let tuple = Tuple {
                transport: Transport::Tcp(connection),
                remote,
            };
            self.worker.tuple_closed(now, tuple, &mut self.output);
            let own = usize::from(self.output.id.0);
            for other in (0..self.output.neighbours.len()).filter(|other| *other != own) {
                self.output.mail(other, Mail::StreamClosed(tuple));
            }
        }
    }
}

fn now_of(reading: &Reading, mono_us: u64) -> Now {
    Now {
        mono_us,
        ntp: reading.ntp(),
    }
}
