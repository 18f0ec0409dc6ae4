//! One WebSocket client (RFC 6455) over a non-blocking socket; frames out are masked with zeros, frames in come whole.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;

const READ: usize = 256 * 1024;

pub(crate) enum Message<'a> {
    /// The upgrade was accepted.
    Open,
    Text(&'a [u8]),
    Binary(&'a [u8]),
}

pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    open: bool,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
}

impl Socket {
    /// Starts to connect and queues the upgrade request for `path`.
    pub(crate) fn connect(address: SocketAddr, path: &str) -> io::Result<Self> {
        let outbox = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        let stream = TcpStream::connect(address)?;
        // As browsers do: Nagle's wait for an acknowledgement would count against a server that answers more seldom.
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            open: false,
            inbox: Vec::new(),
            outbox: outbox.into_bytes(),
        })
    }

    pub(crate) fn send_text(&mut self, text: &str) -> io::Result<()> {
        self.frame(1, text.as_bytes())
    }

    pub(crate) fn send_binary(&mut self, message: &[u8]) -> io::Result<()> {
        self.frame(2, message)
    }

    fn frame(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        self.outbox.push(0x80 | opcode);
        match payload.len() {
            length @ 0..=125 => self.outbox.push(0x80 | length as u8),
            length @ 126..=65_535 => {
                self.outbox.push(0x80 | 126);
                self.outbox.extend((length as u16).to_be_bytes());
            }
            length => {
                self.outbox.push(0x80 | 127);
                self.outbox.extend((length as u64).to_be_bytes());
            }
        }
        self.outbox.extend([0; 4]);
        self.outbox.extend(payload);
        self.flush()
    }

    /// Writes what is queued, as far as the kernel takes it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while !self.outbox.is_empty() {
            match self.stream.write(&self.outbox) {
                Ok(written) => drop(self.outbox.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::NotConnected => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what has come and hands out each whole message.
    pub(crate) fn read(&mut self, scratch: &mut Vec<u8>, mut each: impl FnMut(Message<'_>)) -> io::Result<()> {
        scratch.resize(READ, 0);
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => {
                    self.inbox.extend_from_slice(&scratch[..length]);
                    if length < READ {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let mut used = 0;
        if !self.open {
            let Some(end) = self.inbox.windows(4).position(|window| window == b"\r\n\r\n") else {
                return Ok(());
            };
            if !self.inbox.starts_with(b"HTTP/1.1 101") {
                let said = String::from_utf8_lossy(&self.inbox).into_owned();
                return Err(io::Error::other(format!("the upgrade was refused: {said}")));
            }
            self.open = true;
            used = end + 4;
            each(Message::Open);
        }
        while let Some((opcode, start, end)) = frame_at(&self.inbox, used) {
            match opcode {
                1 => each(Message::Text(&self.inbox[start..end])),
                2 => each(Message::Binary(&self.inbox[start..end])),
                8 => return Err(io::Error::other(format!("closed: {:?}", &self.inbox[start..end]))),
                _ => {}
            }
            used = end;
        }
        self.inbox.drain(..used);
        Ok(())
    }
}

fn frame_at(bytes: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let head = bytes.get(at..at + 2)?;
    let (length, start) = match head[1] & 127 {
        126 => (
            u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?) as usize,
            at + 4,
        ),
        127 => (
            u64::from_be_bytes(bytes.get(at + 2..at + 10)?.try_into().ok()?) as usize,
            at + 10,
        ),
        length => (length as usize, at + 2),
    };
    (bytes.len() >= start + length).then_some((head[0] & 15, start, start + length))
}
