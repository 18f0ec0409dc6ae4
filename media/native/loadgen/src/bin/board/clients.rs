//! Many connections of one dialect on one thread: brings them all to where they can write, then pumps messages.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use crate::dialect::{Dialect, Step};
use crate::socket::{Message, Socket};
use crate::update::Author;

pub(crate) struct Client {
    pub(crate) socket: Socket,
    pub(crate) author: Author,
    /// Yjs client id and epoch are known: it may write.
    pub(crate) ready: bool,
    /// When the whole document was there.
    pub(crate) whole_at: Option<Instant>,
    /// The messages that brought it, each after its length (4 bytes, little endian).
    pub(crate) brought: Vec<u8>,
    epoch: u64,
    seq: u64,
    sent: u64,
    stage: u32,
}

pub(crate) struct Clients {
    pub(crate) all: Vec<Client>,
    dialect: Dialect,
    page: u64,
    tokens: Vec<String>,
    address: SocketAddr,
    poll: Poll,
    events: Events,
    scratch: Vec<u8>,
}

impl Clients {
    /// `tokens` are used in turn; only Muster looks at them.
    pub(crate) fn new(dialect: Dialect, address: SocketAddr, page: u64, tokens: Vec<String>) -> io::Result<Self> {
        Ok(Self {
            all: Vec::new(),
            dialect,
            page,
            tokens,
            address,
            poll: Poll::new()?,
            events: Events::with_capacity(1_024),
            scratch: Vec::new(),
        })
    }

    /// Starts one more connection.
    pub(crate) fn connect(&mut self) -> io::Result<()> {
        let number = self.all.len();
        let mut socket = Socket::connect(self.address, self.dialect.path())?;
        self.poll.registry().register(
            &mut socket.stream,
            Token(number),
            Interest::READABLE | Interest::WRITABLE,
        )?;
        self.all.push(Client {
            socket,
            author: Author::new(1_000_000 + number as u64),
            ready: false,
            whole_at: None,
            brought: Vec::new(),
            epoch: 1,
            seq: 0,
            sent: 0,
            stage: 0,
        });
        Ok(())
    }

    /// Connects `count` more, a few at a time, and returns when all of them are ready.
    pub(crate) fn connect_calmly(&mut self, count: usize) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        for _ in 0..count {
            self.connect()?;
            while self.all.iter().filter(|client| !client.ready).count() >= 8 {
                self.pump(Duration::from_millis(5), |_, _| {})?;
                in_time(deadline)?;
            }
        }
        while !self.all.iter().all(|client| client.ready) {
            self.pump(Duration::from_millis(5), |_, _| {})?;
            in_time(deadline)?;
        }
        Ok(())
    }

    /// Sends one update of `count` strokes from client `number`.
    pub(crate) fn draw(&mut self, number: usize, count: u64, now_ns: u64) -> io::Result<()> {
        let client = &mut self.all[number];
        client.sent += 1;
        let update = client.author.strokes(count, now_ns);
        let message = self.dialect.update(self.page, client.epoch, client.sent, &update);
        client.socket.send_binary(&message)
    }

    /// Waits for at most `wait`, reads what came, answers what the set-up needs and shows every binary message.
    pub(crate) fn pump(&mut self, wait: Duration, mut each: impl FnMut(usize, &[u8])) -> io::Result<()> {
        self.poll.poll(&mut self.events, Some(wait))?;
        for event in &self.events {
            let number = event.token().0;
            let client = &mut self.all[number];
            if event.is_writable() {
                client.socket.flush()?;
            }
            if !event.is_readable() {
                continue;
            }
            let (dialect, mut next) = (self.dialect, false);
            let Client {
                socket,
                author,
                ready,
                whole_at,
                brought,
                epoch,
                seq,
                ..
            } = client;
            socket.read(&mut self.scratch, |message| {
                match dialect.step(&message) {
                    Step::Nothing => {}
                    Step::Next => next = true,
                    Step::Ready(to) => {
                        if let Some(client) = to.client {
                            *author = Author::new(client);
                        }
                        (*ready, *epoch, *seq) = (true, to.epoch, to.seq);
                    }
                    Step::UpTo(last) => {
                        if let (None, Message::Binary(bytes)) = (*whole_at, &message) {
                            brought.extend((bytes.len() as u32).to_le_bytes());
                            brought.extend(*bytes);
                            *whole_at = (last >= *seq).then(Instant::now);
                        }
                    }
                }
                if let Message::Binary(bytes) = message {
                    each(number, bytes);
                }
            })?;
            if next {
                let token = &self.tokens[number % self.tokens.len()];
                self.dialect.say(&mut client.socket, client.stage, token, self.page)?;
                client.stage += 1;
            }
        }
        Ok(())
    }
}

fn in_time(deadline: Instant) -> io::Result<()> {
    if Instant::now() > deadline {
        return Err(io::Error::other("not all connections became ready within a minute"));
    }
    Ok(())
}
