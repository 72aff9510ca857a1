//! Why an input is refused.

use thiserror::Error;

/// Why an input is refused; nothing has changed then. Services put it in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// There is no queue of this name.
    #[error("there is no such queue")]
    NoSuchQueue,
    /// There is a queue of this name.
    #[error("there is a queue of this name")]
    QueueExists,
    /// There was a queue of this name a short while ago.
    #[error("a queue of this name was deleted less than 60 seconds ago")]
    QueueDeletedRecently,
    /// The queue has no room for the message.
    #[error("the queue is full")]
    QueueFull,
    /// Too many messages are in flight.
    #[error("too many messages are in flight")]
    OverLimit,
    /// The receipt handle was never given out by this queue.
    #[error("the receipt handle is none of this queue's")]
    InvalidHandle,
    /// In a FIFO queue: the visibility timeout of the receipt has passed.
    #[error("the visibility timeout of the receipt has passed")]
    ExpiredHandle,
    /// The message of a receipt whose visibility shall change is not there any more, or somebody else's.
    #[error("the message does not exist any more")]
    MessageGone,
    /// The message would be invisible for longer than it can be.
    #[error("the message would be invisible for more than 12 hours")]
    BeyondVisibilityLimit,
    /// The queue was purged a short while ago.
    #[error("the queue was purged less than 60 seconds ago")]
    PurgeInProgress,
    /// No queue sends its dead letters to the source of a move task.
    #[error("the source is no dead-letter queue")]
    NotADeadLetterQueue,
    /// There is no queue to which messages could be moved.
    #[error("there is no such destination")]
    NoSuchDestination,
    /// There is a move task of this source that has not ended.
    #[error("messages of this source are being moved already")]
    MoveTaskRunning,
    /// There is no such move task.
    #[error("there is no such move task")]
    NoSuchMoveTask,
    /// The move task has ended.
    #[error("the move task has ended")]
    MoveTaskEnded,
}
