//! What three servers want to hear: Muster, @hocuspocus/server 4 and @y/websocket-server.

use std::io;

use crate::socket::{Message, Socket};
use crate::update::{text, varuint};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Muster,
    Hocuspocus,
    YWebsocket,
}

/// What a message from the server means to a client.
pub(crate) enum Step {
    Nothing,
    /// The upgrade is done, or the server has welcomed us: say the next thing.
    Next,
    /// Ready to write.
    Ready(Ready),
    /// The document, or the log's updates, up to this place in the log.
    UpTo(u64),
}

pub(crate) struct Ready {
    /// The Yjs client id to write with; `None`: any.
    pub(crate) client: Option<u64>,
    pub(crate) epoch: u64,
    /// How far the log goes: the document is whole when that has come.
    pub(crate) seq: u64,
}

pub(crate) const DOCUMENT: &str = "page";

impl Dialect {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "muster" => Some(Self::Muster),
            "hocuspocus" => Some(Self::Hocuspocus),
            "ywebsocket" => Some(Self::YWebsocket),
            _ => None,
        }
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Muster => "/ws/board",
            Self::Hocuspocus => "/",
            Self::YWebsocket => "/page",
        }
    }

    /// Says who we are and asks for the document. `stage` counts the `Next` steps so far.
    pub(crate) fn say(self, socket: &mut Socket, stage: u32, token: &str, page: u64) -> io::Result<()> {
        match (self, stage) {
            (Self::Muster, 0) => socket.send_text(&format!(r#"{{"type":"hello","token":"{token}","tab":"{token}"}}"#)),
            (Self::Muster, _) => socket.send_text(&format!(r#"{{"type":"open","id":1,"page":{page}}}"#)),
            (Self::Hocuspocus, _) => {
                let mut auth = Vec::new();
                text(&mut auth, DOCUMENT);
                auth.extend([2, 0]);
                text(&mut auth, "token");
                text(&mut auth, "4.7.0");
                socket.send_binary(&auth)?;
                socket.send_binary(&self.sync(&[0, 1, 0]))
            }
            (Self::YWebsocket, _) => socket.send_binary(&self.sync(&[0, 1, 0])),
        }
    }

    pub(crate) fn step(self, message: &Message<'_>) -> Step {
        match (self, message) {
            (_, Message::Open) => Step::Next,
            (Self::Muster, Message::Text(said)) => {
                let said = String::from_utf8_lossy(said);
                if said.contains(r#""type":"welcome""#) {
                    Step::Next
                } else if said.contains(r#""type":"opened""#) {
                    Step::Ready(Ready {
                        client: number(&said, "client"),
                        epoch: number(&said, "epoch").unwrap_or(1),
                        seq: number(&said, "seq").unwrap_or(0),
                    })
                } else {
                    Step::Nothing
                }
            }
            (Self::Muster, Message::Binary(bytes)) => up_to(bytes).map_or(Step::Nothing, Step::UpTo),
            (Self::Hocuspocus, Message::Binary(bytes)) => sync_step(bytes.get(DOCUMENT.len() + 1..).unwrap_or(&[])),
            (Self::YWebsocket, Message::Binary(bytes)) => sync_step(bytes),
            _ => Step::Nothing,
        }
    }

    /// An update, the `n`th of this connection.
    pub(crate) fn update(self, page: u64, epoch: u64, n: u64, update: &[u8]) -> Vec<u8> {
        if self == Self::Muster {
            let mut message = vec![1];
            varuint(&mut message, page);
            varuint(&mut message, epoch);
            varuint(&mut message, n);
            message.extend(update);
            return message;
        }
        let mut sync = vec![2];
        varuint(&mut sync, update.len() as u64);
        sync.extend(update);
        self.sync(&sync)
    }

    /// A message of the y-protocols' sync kind.
    fn sync(self, rest: &[u8]) -> Vec<u8> {
        let mut message = Vec::with_capacity(rest.len() + 8);
        if self == Self::Hocuspocus {
            text(&mut message, DOCUMENT);
        }
        message.push(0);
        message.extend(rest);
        message
    }
}

fn sync_step(bytes: &[u8]) -> Step {
    match bytes {
        [0 | 4, 0, ..] => Step::Ready(Ready {
            client: None,
            epoch: 0,
            seq: 0,
        }),
        [0 | 4, 1, ..] => Step::UpTo(0),
        _ => Step::Nothing,
    }
}

/// The last place in the log that a state or an updates message brings.
fn up_to(message: &[u8]) -> Option<u64> {
    let (_page, at) = varuint_at(message, 1)?;
    let (_epoch, at) = varuint_at(message, at)?;
    let (mut seq, mut at) = varuint_at(message, at)?;
    match message[0] {
        0x14 => Some(seq),
        0x11 => {
            while at < message.len() {
                let (length, body) = varuint_at(message, at)?;
                at = body + length as usize;
                seq += 1;
            }
            Some(seq - 1)
        }
        _ => None,
    }
}

fn varuint_at(message: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *message.get(at)?;
        value |= u64::from(byte & 127) << shift;
        at += 1;
        shift += 7;
        if byte < 128 {
            return Some((value, at));
        }
    }
}

fn number(said: &str, field: &str) -> Option<u64> {
    let (_, after) = said.split_once(&format!(r#""{field}":"#))?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
