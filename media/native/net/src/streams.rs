//! A worker's TCP connections: accepting, frames in, a bounded queue of frames out, and what ends them.

use std::collections::hash_map::Entry;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};

use crate::framing::{prefix, Deframer, MAX_FRAME};
use crate::poll::Poller;
use crate::udp::set_option;

/// Bytes read from one connection before the others have their turn.
const READ_BYTES: usize = 64 << 10;
/// Connections accepted in one turn.
const ACCEPTS: usize = 64;
/// The low bits of a connection id count, the others name the worker.
const COUNT_BITS: u32 = 24;
/// A STUN message begins with two zero bits (RFC 8489 section 5).
const STUN_FIRST_BYTES: std::ops::RangeInclusive<u8> = 0..=3;

/// Limits of one worker's connections.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// Open connections from one IP address; a class behind one NAT shares it.
    pub per_address: usize,
    pub total: usize,
    /// Bytes waiting to be written to one connection; a frame that finds no room is dropped.
    pub outbound_bytes: usize,
    /// A connection to which nothing was said for so long after it came is closed: only valid checks are answered.
    pub first_answer_us: u64,
    /// The same later; consent checks are answered at least every 15 s (RFC 7675 section 5.1).
    pub idle_us: u64,
}

impl Default for StreamLimits {
    /// For one class behind one NAT; 128 KiB are about a second of one video.
    fn default() -> Self {
        Self {
            per_address: 256,
            total: 4_096,
            outbound_bytes: 128 << 10,
            first_answer_us: 10_000_000,
            idle_us: 35_000_000,
        }
    }
}

/// What happened to connections since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounters {
    pub accepted: u64,
    /// Refused by the limits.
    pub refused: u64,
    /// Frames that were dropped: no room, or the connection is gone.
    pub frames_dropped: u64,
    /// Connections closed for a bad frame, or a first frame that is no STUN.
    pub malformed: u64,
    /// Connections closed because they were never validated, or went silent.
    pub expired: u64,
}

/// Owns the listener and the connections of one worker.
pub struct Streams {
    listener: TcpListener,
    limits: StreamLimits,
    first_id: u32,
    next: u32,
    connections: HashMap<u32, Connection>,
    per_address: HashMap<IpAddr, usize>,
    /// Connections with bytes that were not yet offered to the system.
    unflushed: Vec<u32>,
    /// Connections that ended since `take_closed`.
    closed: Vec<(u32, SocketAddr)>,
    scratch: Box<[u8]>,
    counters: StreamCounters,
}

struct Connection {
    stream: TcpStream,
    remote: SocketAddr,
    deframer: Deframer,
    /// The first frame was a STUN message.
    spoke_stun: bool,
    outbound: Vec<u8>,
    /// Bytes of `outbound` that are written.
    written: usize,
    waits_for_room: bool,
    dirty: bool,
    close_at_us: u64,
}

impl Streams {
    /// `token` of the listener and of a connection `id` (its own number) is what `poller` gives back.
    pub fn new(listener: TcpListener, worker: u8, limits: StreamLimits) -> Self {
        Self {
            listener,
            limits,
            first_id: u32::from(worker) << COUNT_BITS,
            next: 0,
            connections: HashMap::new(),
            per_address: HashMap::new(),
            unflushed: Vec::new(),
            closed: Vec::new(),
            scratch: vec![0; READ_BYTES].into_boxed_slice(),
            counters: StreamCounters::default(),
        }
    }

    /// The worker whose connection `id` is.
    pub fn worker_of(id: u32) -> u8 {
        (id >> COUNT_BITS) as u8
    }

    pub fn listener(&self) -> &TcpListener {
        &self.listener
    }

    pub fn counters(&self) -> StreamCounters {
        self.counters
    }

    pub fn len(&self) -> usize {
        self.connections.len()
    }

    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// Takes connections that wait; each is watched under the token `base + id`.
    pub fn accept(&mut self, now_us: u64, poller: &Poller, base: u64) {
        for _ in 0..ACCEPTS {
            let Ok((stream, remote)) = self.listener.accept() else {
                return;
            };
            let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
            let from_there = self.per_address.get(&remote.ip()).copied().unwrap_or(0);
            if self.connections.len() >= self.limits.total || from_there >= self.limits.per_address {
                self.counters.refused += 1;
                continue;
            }
            let id = self.free_id();
            match self.prepare(stream, remote, now_us, poller, base + u64::from(id)) {
                Ok(connection) => {
                    self.counters.accepted += 1;
                    *self.per_address.entry(remote.ip()).or_default() += 1;
                    self.connections.insert(id, connection);
                }
                Err(_) => self.counters.refused += 1,
            }
        }
    }

    fn prepare(
        &self,
        stream: TcpStream,
        remote: SocketAddr,
        now_us: u64,
        poller: &Poller,
        token: u64,
    ) -> io::Result<Connection> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let fd = OwnedFd::from(stream);
        // What waits in the kernel cannot be dropped any more, so it holds no more than our own queue.
        set_option(
            &fd,
            libc::SOL_SOCKET,
            libc::SO_SNDBUF,
            self.limits.outbound_bytes.min(1 << 30) as libc::c_int,
        )?;
        let stream = TcpStream::from(fd);
        poller.add(&stream.as_fd(), token)?;
        Ok(Connection {
            stream,
            remote,
            deframer: Deframer::default(),
            spoke_stun: false,
            outbound: Vec::new(),
            written: 0,
            waits_for_room: false,
            dirty: false,
            close_at_us: now_us + self.limits.first_answer_us,
        })
    }

    fn free_id(&mut self) -> u32 {
        loop {
            let id = self.first_id | self.next;
            self.next = (self.next + 1) & ((1 << COUNT_BITS) - 1);
            if !self.connections.contains_key(&id) {
                return id;
            }
        }
    }

    /// Reads what waits on `id` and gives its frames to `on_frame` with the remote end; closes it at its end, on
    /// an error, and when it does not speak STUN in frames.
    pub fn read(&mut self, id: u32, on_frame: &mut dyn FnMut(SocketAddr, &mut [u8])) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let count = match connection.stream.read(&mut self.scratch) {
            Ok(count) if count > 0 => count,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => return,
            _ => return self.close(id),
        };
        let Connection {
            remote,
            deframer,
            spoke_stun,
            ..
        } = connection;
        let mut is_stun = *spoke_stun;
        let mut foreign = false;
        let fed = deframer.feed(&mut self.scratch[..count], &mut |frame| {
            is_stun = is_stun || STUN_FIRST_BYTES.contains(&frame[0]);
            if is_stun {
                on_frame(*remote, frame);
            } else {
                foreign = true;
            }
        });
        *spoke_stun = is_stun;
        if foreign || fed.is_err() {
            self.counters.malformed += 1;
            self.close(id);
        }
    }

    /// Queues one frame, which `fill` writes in place (0 = none), and returns its length; 0 also when it was
    /// dropped. `flush` writes it.
    pub fn send(&mut self, id: u32, capacity: usize, now_us: u64, fill: &mut dyn FnMut(&mut [u8]) -> usize) -> usize {
        let Some(connection) = self.connections.get_mut(&id) else {
            self.counters.frames_dropped += 1;
            return 0;
        };
        let capacity = capacity.min(MAX_FRAME);
        let start = connection.outbound.len();
        let head = prefix(0).len();
        if start - connection.written + head + capacity > self.limits.outbound_bytes {
            self.counters.frames_dropped += 1;
            return 0;
        }
        connection.outbound.resize(start + head + capacity, 0);
        let len = fill(&mut connection.outbound[start + head..]).min(capacity);
        if len == 0 {
            connection.outbound.truncate(start);
            return 0;
        }
        connection.outbound[start..start + head].copy_from_slice(&prefix(len));
        connection.outbound.truncate(start + head + len);
        connection.close_at_us = now_us + self.limits.idle_us;
        if !connection.dirty {
            connection.dirty = true;
            self.unflushed.push(id);
        }
        len
    }

    /// How full the outgoing queue of `id` is, percent; 0 when it is gone.
    pub fn pressure(&self, id: u32) -> u8 {
        let queued = self.connections.get(&id).map_or(0, |c| c.outbound.len() - c.written);
        (queued * 100 / self.limits.outbound_bytes.max(1)).min(100) as u8
    }

    /// Offers what `send` queued to the system.
    pub fn flush(&mut self, poller: &Poller, base: u64) {
        let mut ids = std::mem::take(&mut self.unflushed);
        for id in ids.drain(..) {
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.dirty = false;
                if !connection.waits_for_room {
                    self.write(id, poller, base);
                }
            }
        }
        self.unflushed = ids;
    }

    /// Writes what the system takes now; `poller` tells when it takes more.
    pub fn write(&mut self, id: u32, poller: &Poller, base: u64) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.drain(poller, base + u64::from(id)).is_err() {
            self.close(id);
        }
    }

    /// Closes connections to which nothing was said for too long.
    pub fn expire(&mut self, now_us: u64) {
        let late: Vec<u32> = self
            .connections
            .iter()
            .filter(|(_, c)| c.close_at_us <= now_us)
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.counters.expired += 1;
            self.close(id);
        }
    }

    /// The next connection that ended since the last call, with its remote end.
    pub fn take_closed(&mut self) -> Option<(u32, SocketAddr)> {
        self.closed.pop()
    }

    fn close(&mut self, id: u32) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        self.closed.push((id, connection.remote));
        if let Entry::Occupied(mut open) = self.per_address.entry(connection.remote.ip()) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }
}

impl Connection {
    fn drain(&mut self, poller: &Poller, token: u64) -> io::Result<()> {
        while self.written < self.outbound.len() {
            match self.stream.write(&self.outbound[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.outbound.drain(..self.written);
        self.written = 0;
        let waits = !self.outbound.is_empty();
        if waits != self.waits_for_room {
            self.waits_for_room = waits;
            poller.watch_write(&self.stream.as_fd(), token, waits)?;
        }
        Ok(())
    }
}
