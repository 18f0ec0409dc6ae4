//! Bounded queues between threads whose producers may stop before the end, so that what matters more has room.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, TryRecvError, TrySendError};
use std::sync::Arc;

/// The side that many threads may hold.
pub(crate) struct Producer<T> {
    channel: mpsc::SyncSender<T>,
    waiting: Arc<AtomicUsize>,
}

/// The side of the one reader.
pub(crate) struct Consumer<T> {
    channel: mpsc::Receiver<T>,
    waiting: Arc<AtomicUsize>,
}

impl<T> Clone for Producer<T> {
    fn clone(&self) -> Self {
        Self {
            channel: self.channel.clone(),
            waiting: Arc::clone(&self.waiting),
        }
    }
}

/// A queue of at most `capacity` items.
pub(crate) fn bounded<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    let (sender, receiver) = mpsc::sync_channel(capacity);
    let waiting = Arc::new(AtomicUsize::new(0));
    (
        Producer {
            channel: sender,
            waiting: Arc::clone(&waiting),
        },
        Consumer {
            channel: receiver,
            waiting,
        },
    )
}

impl<T> Producer<T> {
    /// Appends `item` while fewer than `limit` wait; gives it back when there is no room or no reader.
    pub(crate) fn push_below(&self, limit: usize, item: T) -> Result<(), T> {
        // Counted before it is sent: the reader may take it at once.
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= limit {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(item);
        }
        self.channel.try_send(item).map_err(|error| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(item) | TrySendError::Disconnected(item) => item,
            }
        })
    }

    /// Appends `item` while there is room at all.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        self.push_below(usize::MAX, item)
    }
}

impl<T> Consumer<T> {
    /// The oldest item, if one waits.
    pub(crate) fn pop(&self) -> Option<T> {
        match self.channel.try_recv() {
            Ok(item) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                Some(item)
            }
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_less_is_refused_before_the_queue_is_full() {
        let (producer, consumer) = bounded(4);
        assert_eq!(producer.push_below(2, 'a'), Ok(()));
        assert_eq!(producer.push_below(2, 'b'), Ok(()));
        assert_eq!(producer.push_below(2, 'c'), Err('c'));
        assert_eq!(producer.push('d'), Ok(()));
        assert_eq!(producer.push('e'), Ok(()));
        assert_eq!(producer.push('f'), Err('f'));
        let order: Vec<char> = std::iter::from_fn(|| consumer.pop()).collect();
        assert_eq!(order, ['a', 'b', 'd', 'e']);
        assert!(consumer.is_empty());
    }

    #[test]
    fn a_queue_without_reader_gives_items_back() {
        let (producer, consumer) = bounded(4);
        drop(consumer);
        assert_eq!(producer.push(1), Err(1));
    }
}
