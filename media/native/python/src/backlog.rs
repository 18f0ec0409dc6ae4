//! Which TCP connections of other workers are full: the worker that sends a picture is often not the one that
//! accepted its viewer's connection.

use std::collections::HashSet;

use muster_core::api::{QUEUE_DRAINED, QUEUE_FULL};

/// Both ends of the news: what we told about our own connections, and what we were told about others'.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    /// Our own full connections, each with a worker that knows.
    told: Vec<(u32, usize)>,
    full: HashSet<u32>,
}

impl Backlog {
    /// How full another worker's connection is, percent, as far as was told.
    pub(crate) fn pressure(&self, connection: u32) -> u8 {
        if self.full.contains(&connection) {
            100
        } else {
            0
        }
    }

    /// News from the worker that has the connection.
    pub(crate) fn hear(&mut self, connection: u32, full: bool) {
        if full {
            self.full.insert(connection);
        } else {
            self.full.remove(&connection);
        }
    }

    /// A frame of worker `from` was queued on our connection; true = tell it that the connection is full, and call
    /// `told` when that went out.
    pub(crate) fn is_news(&self, connection: u32, from: usize, pressure: u8) -> bool {
        pressure >= QUEUE_FULL && !self.told.contains(&(connection, from))
    }

    pub(crate) fn told(&mut self, connection: u32, from: usize) {
        self.told.push((connection, from));
    }

    /// Nobody waits to hear that a connection of ours drained.
    pub(crate) fn is_quiet(&self) -> bool {
        self.told.is_empty()
    }

    /// Gives the connections that drained, or are gone, to `tell`; those for which it gives false are tried again.
    pub(crate) fn drained(&mut self, pressure: impl Fn(u32) -> u8, mut tell: impl FnMut(u32, usize) -> bool) {
        self.told
            .retain(|&(connection, from)| pressure(connection) > QUEUE_DRAINED || !tell(connection, from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_connection_is_told_once_and_its_draining_until_it_was_heard() {
        let mut owner = Backlog::default();
        assert!(!owner.is_news(5, 1, QUEUE_FULL - 1));
        assert!(owner.is_news(5, 1, QUEUE_FULL));
        owner.told(5, 1);
        assert!(!owner.is_news(5, 1, 100));
        assert!(owner.is_news(5, 2, 100), "another worker does not know yet");
        owner.drained(|_| QUEUE_DRAINED + 1, |_, _| panic!("it is still half full"));
        owner.drained(|_| 0, |_, _| false);
        let mut heard = Vec::new();
        owner.drained(
            |_| 0,
            |connection, from| {
                heard.push((connection, from));
                true
            },
        );
        owner.drained(|_| 0, |_, _| panic!("it was told"));
        assert_eq!(heard, [(5, 1)]);
    }

    #[test]
    fn what_was_told_is_the_pressure_until_it_drained() {
        let mut sender = Backlog::default();
        sender.hear(5, true);
        sender.hear(5, true);
        assert_eq!((sender.pressure(5), sender.pressure(6)), (100, 0));
        sender.hear(5, false);
        assert_eq!(sender.pressure(5), 0);
    }
}
