//! What waits to be sent to a client.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use thiserror::Error;
use tokio::sync::Notify;

/// Messages on their way to a client, in their order, and the end of them.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    news: Notify,
    broken_off: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Bytes>,
    bytes: usize,
    closing: Option<Closing>,
}

/// What is to be sent next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A message.
    Message(Bytes),
    /// The end of the connection; nothing comes after it.
    Close(Closing),
}

/// Why a connection is closed, as its client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The status, as RFC 6455 numbers them.
    pub status: u16,
    /// The reason.
    pub reason: &'static str,
}

/// Why a client is not sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Undelivered {
    /// The connection ends.
    #[error("the connection is being closed")]
    Gone,
    /// As much as may wait does: the client reads too slowly.
    #[error("too much waits to be sent to the client already")]
    Full,
}

impl Closing {
    /// The API's owner closes it.
    pub const NORMAL: Self = Self { status: 1000, reason: "Normal closure" };
    /// It was idle or open for too long, its API is gone, or Hearth ends. Source: events as users report them.
    pub const GOING_AWAY: Self = Self { status: 1001, reason: "Going away" };
    /// The client does not keep to the protocol.
    pub const PROTOCOL_ERROR: Self = Self { status: 1002, reason: "Protocol error" };
    /// The client sent a binary message. Source: API Gateway developer guide, "Working with binary media types for WebSocket
    /// APIs".
    pub const BINARY: Self = Self { status: 1003, reason: "Binary messages are not supported" };
    /// The client sent a text that is no UTF-8.
    pub const NOT_TEXT: Self = Self { status: 1007, reason: "Text messages are UTF-8" };
    /// The client sent a frame or a message that is too large. Source: quotas of WebSocket APIs.
    pub const TOO_LARGE: Self = Self { status: 1009, reason: "Message too long" };
    /// What functions return for the client's messages piles up.
    pub const SLOW_READER: Self = Self { status: 1013, reason: "The client reads too slowly" };
}

impl Outbox {
    /// The most messages that wait.
    pub(super) const MOST_MESSAGES: usize = 1_024;
    /// The most bytes that wait, in all messages: eight of the largest.
    pub(super) const MOST_BYTES: usize = 1024 * 1024;

    /// Puts a message behind all others.
    pub(super) fn put(&self, message: Bytes) -> Result<(), Undelivered> {
        let mut waiting = self.waiting.lock();
        if waiting.closing.is_some() {
            return Err(Undelivered::Gone);
        }
        let bytes = waiting.bytes + message.len();
        if waiting.messages.len() >= Self::MOST_MESSAGES || bytes > Self::MOST_BYTES {
            return Err(Undelivered::Full);
        }
        waiting.bytes = bytes;
        waiting.messages.push_back(message);
        drop(waiting);
        self.news.notify_one();
        Ok(())
    }

    /// Ends it, behind the messages that wait; if it ends already, as was said first.
    pub(super) fn close(&self, closing: Closing) {
        self.waiting.lock().closing.get_or_insert(closing);
        self.news.notify_one();
    }

    /// Ends it at once, because the client does not read what waits.
    pub(super) fn break_off(&self) {
        self.close(Closing::SLOW_READER);
        self.broken_off.notify_one();
    }

    /// Waits until it is broken off. For one who waits; cancel safe.
    pub(super) async fn broken_off(&self) {
        self.broken_off.notified().await;
    }

    /// What is to be sent next, as soon as there is something. For one who waits; cancel safe.
    pub(super) async fn next(&self) -> Outgoing {
        loop {
            if let Some(outgoing) = self.waiting.lock().take() {
                return outgoing;
            }
            self.news.notified().await;
        }
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Outgoing> {
        match self.messages.pop_front() {
            Some(message) => {
                self.bytes -= message.len();
                Some(Outgoing::Message(message))
            }
            None => self.closing.map(Outgoing::Close),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_keep_their_order_and_the_end_comes_last() {
        let outbox = Outbox::default();
        for message in ["a", "b"] {
            outbox.put(Bytes::from(message)).expect("there is room");
        }
        outbox.close(Closing::NORMAL);
        outbox.close(Closing::GOING_AWAY);
        assert_eq!(outbox.put(Bytes::from("c")), Err(Undelivered::Gone));
        assert_eq!(outbox.next().await, Outgoing::Message(Bytes::from("a")));
        assert_eq!(outbox.next().await, Outgoing::Message(Bytes::from("b")));
        assert_eq!(outbox.next().await, Outgoing::Close(Closing::NORMAL));
    }

    #[tokio::test]
    async fn what_waits_is_bounded() {
        let outbox = Outbox::default();
        for _ in 0..Outbox::MOST_MESSAGES {
            outbox.put(Bytes::from("a")).expect("there is room");
        }
        assert_eq!(outbox.put(Bytes::from("a")), Err(Undelivered::Full));
        outbox.next().await;
        outbox.put(Bytes::from("a")).expect("there is room again");

        let outbox = Outbox::default();
        outbox.put(Bytes::from(vec![0; Outbox::MOST_BYTES])).expect("there is room");
        assert_eq!(outbox.put(Bytes::from("a")), Err(Undelivered::Full));
        outbox.next().await;
        outbox.put(Bytes::from("a")).expect("there is room again");
    }
}
