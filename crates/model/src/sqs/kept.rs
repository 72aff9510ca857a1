//! What of queues must survive the process: what changes of it, and how it becomes queues again.

use std::sync::Arc;

use super::{MessageId, MoveTask, QueueName, Sent, Settings, message::State};
use crate::time::{Instant, Timestamp};

/// Something that must survive the process has changed. What it is now is for [`Queues`](super::Queues) to tell.
///
/// Nothing changes because time passes: a message whose time to become visible has come is one whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The queue.
    pub queue: QueueName,
    /// What of it.
    pub subject: Subject,
}

/// What of a queue has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// There is a message that has not been there.
    Added(Place),
    /// Who can get a message, or how often it was received.
    Standing(Place),
    /// A message is gone.
    Removed(Place),
    /// All messages are gone, and what was remembered of duplicates with them.
    Purged,
    /// A message is remembered, so that its duplicates are known.
    Remembered(Remembered),
    /// A message is remembered no longer: the one of this number.
    Forgotten(u64),
    /// Its tasks that move messages.
    Moves,
}

/// Which message of a queue it is, and where it is kept: together they make up its receipt handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Where it is kept.
    pub key: u32,
    /// Which message of the queue it is, from 1.
    pub number: u64,
}

/// A message, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMessage<C> {
    /// Which one.
    pub place: Place,
    /// Its identifier.
    pub id: MessageId,
    /// What it says.
    pub content: C,
    /// How much of the queue's room it takes.
    pub bytes: usize,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// From when its retention counts.
    pub enqueued_at: Instant,
    /// Its message group; messages of a FIFO queue have one.
    pub group: Option<Arc<str>>,
    /// What tells it apart from its duplicates.
    pub deduplication: Option<Arc<str>>,
    /// The queue from which it came as a dead letter.
    pub dead_letter_source: Option<QueueName>,
    /// What changes while it is in the queue.
    pub standing: Standing,
}

/// What changes of a message while it is in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who can get it.
    pub state: State,
    /// When it was received first, in whichever queue.
    pub first_received_at: Option<Timestamp>,
    /// Receipts as receivers see them, over all queues.
    pub receive_count: u32,
    /// Receipts in this queue; no more than those over all.
    pub receipts: u32,
}

/// What a FIFO queue remembers of a message, so that its duplicates are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// What tells it apart.
    pub deduplication: Arc<str>,
    /// Its group, if it is told apart within that only.
    pub group: Option<Arc<str>>,
    /// What its sender was told.
    pub sent: Sent,
    /// Since when.
    pub since: Instant,
}

/// A queue, as it is kept.
#[derive(Clone, Debug)]
pub struct KeptQueue<C> {
    /// Its name.
    pub name: QueueName,
    /// Which of all queues that there ever were.
    pub id: u32,
    /// Its settings.
    pub settings: Settings,
    /// A number that no message is beyond which it has had.
    pub numbered: u64,
    /// Its messages, in the order of their numbers.
    pub messages: Vec<KeptMessage<C>>,
    /// What it remembers, in the order of numbers.
    pub remembered: Vec<Remembered>,
    /// Its tasks that move messages, the latest first. One that ran goes on.
    pub moves: Vec<MoveTask>,
}

/// What of one queue has changed.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Subject>);

impl Changes {
    pub(super) fn note(&mut self, subject: Subject) {
        let told = match (&subject, self.0.last()) {
            (Subject::Standing(place), Some(Subject::Added(last) | Subject::Standing(last))) => place == last,
            _ => false,
        };
        if !told {
            self.0.push(subject);
        }
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Subject> + '_ {
        self.0.drain(..)
    }
}
