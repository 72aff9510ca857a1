//! Messages, from the sender to the receiver.

use std::{fmt, sync::Arc, time::Duration};

use serde::Serialize;
use uuid::Uuid;

use super::{
    KeptMessage, Place, QueueName, Standing,
    arena::{Key, Linked, Links},
};
use crate::{
    random::mix,
    time::{Instant, Timestamp},
    work_id::WorkId,
};

/// The identifier of a message, the same in every queue that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MessageId(Uuid);

impl MessageId {
    /// A version 4 identifier out of 128 random bits; the caller brings the randomness.
    #[must_use]
    pub const fn from_random(bits: u128) -> Self {
        Self(uuid::Builder::from_random_bytes(bits.to_ne_bytes()).into_uuid())
    }

    /// What names the message as a cause.
    #[must_use]
    pub const fn work(self) -> WorkId {
        WorkId::of_uuid(self.0)
    }

    /// The identifier as bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The identifier of what a redrive makes of this message, which counts as a new one.
    pub(super) const fn redriven(self) -> Self {
        let (high, low) = self.0.as_u64_pair();
        Self::from_random((mix(high) as u128) << 64 | mix(low) as u128)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The place of a message in the order of a FIFO queue: shown with 20 digits, always larger than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceNumber(pub u64);

impl fmt::Display for SequenceNumber {
    /// The numbers of AWS are of this size, and have gaps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FIRST: u128 = 18_870_000_000_000_000_000;
        const STEP: u128 = 256;
        write!(f, "{}", FIRST + STEP * u128::from(self.0))
    }
}

/// What names one receipt of a message.
///
/// Counters make it up, so that it is the same whenever the same things happen, and it names neither a later message nor
/// a message of another queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptHandle {
    /// The queue, counted over all that there ever were.
    pub(super) queue: u32,
    /// Where the message is kept.
    pub(super) key: u32,
    /// Which message of the queue it is.
    pub(super) number: u64,
    /// Which of its receipts.
    pub(super) receipt: u32,
}

impl ReceiptHandle {
    /// How many bytes a handle has.
    pub const BYTES: usize = 20;

    /// The handle as bytes that [`from_bytes`](Self::from_bytes) reads.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..4].copy_from_slice(&self.queue.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.key.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.number.to_be_bytes());
        bytes[16..].copy_from_slice(&self.receipt.to_be_bytes());
        bytes
    }

    /// Reads a handle; whether it is one of an existing message is for the queue to say.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let (queue, rest) = bytes.split_first_chunk().expect("there are 20 bytes");
        let (key, rest) = rest.split_first_chunk().expect("there are 16 bytes");
        let (number, rest) = rest.split_first_chunk().expect("there are 12 bytes");
        let (receipt, _) = rest.split_first_chunk().expect("there are 4 bytes");
        Self {
            queue: u32::from_be_bytes(*queue),
            key: u32::from_be_bytes(*key),
            number: u64::from_be_bytes(*number),
            receipt: u32::from_be_bytes(*receipt),
        }
    }
}

/// A message that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage<C> {
    /// Its identifier.
    pub id: MessageId,
    /// What it says.
    pub content: C,
    /// How large that is. What the queue itself needs to keep a message is counted beside it.
    pub bytes: usize,
    /// How long nobody gets it; none means the queue's delay, and so does every delay in a FIFO queue.
    pub delay: Option<Duration>,
    /// Its message group. Messages of a FIFO queue have one.
    pub group: Option<Arc<str>>,
    /// What tells it apart from its duplicates. Messages of a FIFO queue have it.
    pub deduplication: Option<Arc<str>>,
    /// Whether it comes before those that are there, in a standard queue, whose order is not sure anyway.
    pub overtakes: bool,
}

/// What the sender of a message is told. One that sends a duplicate is told of the message that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message.
    pub id: MessageId,
    /// Its place, in a FIFO queue.
    pub sequence: Option<SequenceNumber>,
}

/// A message that is received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<C> {
    /// The message.
    pub id: MessageId,
    /// What names this receipt.
    pub handle: ReceiptHandle,
    /// What it says.
    pub content: C,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How often it has been received, in whichever queue, this time included.
    pub receive_count: u32,
    /// When it was received first.
    pub first_received_at: Timestamp,
    /// Its message group.
    pub group: Option<Arc<str>>,
    /// What tells it apart from its duplicates.
    pub deduplication: Option<Arc<str>>,
    /// Its place, in a FIFO queue.
    pub sequence: Option<SequenceNumber>,
    /// The queue from which it came as a dead letter.
    pub dead_letter_source: Option<QueueName>,
}

/// A message in a queue.
#[derive(Debug)]
pub(super) struct Message<C> {
    pub(super) id: MessageId,
    pub(super) content: C,
    /// How much of the queue's room it takes.
    pub(super) bytes: usize,
    /// Which message of the queue it is, from 1.
    pub(super) number: u64,
    pub(super) sent_at: Timestamp,
    /// From when its retention counts.
    pub(super) enqueued_at: Instant,
    pub(super) state: State,
    pub(super) first_received_at: Option<Timestamp>,
    /// Receipts as receivers see them, over all queues.
    pub(super) receive_count: u32,
    /// Receipts in this queue.
    pub(super) receipts: u32,
    pub(super) group: Option<Arc<str>>,
    /// Where its group is kept, in a FIFO queue.
    pub(super) group_key: Option<Key>,
    pub(super) deduplication: Option<Arc<str>>,
    pub(super) dead_letter_source: Option<QueueName>,
    pub(super) links: Links,
}

impl<C: Clone> Message<C> {
    /// What is kept of it.
    pub(super) fn kept(&self, place: Place) -> KeptMessage<C> {
        KeptMessage {
            place,
            id: self.id,
            content: self.content.clone(),
            bytes: self.bytes,
            sent_at: self.sent_at,
            enqueued_at: self.enqueued_at,
            group: self.group.clone(),
            deduplication: self.deduplication.clone(),
            dead_letter_source: self.dead_letter_source.clone(),
            standing: Standing {
                state: self.state,
                first_received_at: self.first_received_at,
                receive_count: self.receive_count,
                receipts: self.receipts,
            },
        }
    }

    pub(super) fn restored(kept: KeptMessage<C>) -> Self {
        let Standing { state, first_received_at, receive_count, receipts } = kept.standing;
        Self {
            id: kept.id,
            content: kept.content,
            bytes: kept.bytes,
            number: kept.place.number,
            sent_at: kept.sent_at,
            enqueued_at: kept.enqueued_at,
            state,
            first_received_at,
            receive_count,
            receipts,
            group: kept.group,
            group_key: None,
            deduplication: kept.deduplication,
            dead_letter_source: kept.dead_letter_source,
            links: Links::default(),
        }
    }
}

/// Who can get a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Whoever asks, if it is its turn.
    Visible,
    /// Nobody yet.
    Delayed {
        /// When it becomes visible.
        until: Instant,
    },
    /// Nobody but the one who has it.
    InFlight {
        /// When it becomes visible.
        until: Instant,
        /// When it was received.
        since: Instant,
    },
}

impl State {
    /// Until when nobody gets it.
    pub(super) const fn hidden_until(self) -> Option<Instant> {
        match self {
            Self::Visible => None,
            Self::Delayed { until } | Self::InFlight { until, .. } => Some(until),
        }
    }

    pub(super) const fn is_in_flight(self) -> bool {
        matches!(self, Self::InFlight { .. })
    }
}

impl<C> Linked for Message<C> {
    fn links(&self) -> Links {
        self.links
    }

    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }
}
