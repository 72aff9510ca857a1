//! Amazon SQS's quotas, in one place.
//!
//! Source: SQS developer guide, "Amazon SQS message quotas" and "queue quotas"; recorded answers for the size of messages.

use std::{ops::RangeInclusive, time::Duration};

/// Visibility timeout of a queue that names none.
pub const DEFAULT_VISIBILITY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a message can stay invisible, counted from when it was received.
pub const VISIBILITY_TIMEOUT: Duration = Duration::from_hours(12);
/// How long a message can be delayed.
pub const DELAY: Duration = Duration::from_mins(15);
/// How long a receive can wait.
pub const WAIT: Duration = Duration::from_secs(20);
/// How long messages are kept, in seconds.
pub const RETENTION_S: RangeInclusive<u64> = 60..=1_209_600;
/// How long messages are kept in a queue that says nothing.
pub const DEFAULT_RETENTION: Duration = Duration::from_hours(4 * 24);
/// The sizes to which a queue can limit its messages, in bytes; the largest is also that of a batch.
pub const MESSAGE_BYTES: RangeInclusive<usize> = 1_024..=1_048_576;
/// Messages of a batch, and of an answer to a receive.
pub const BATCH: usize = 10;
/// Attributes of a message.
pub const MESSAGE_ATTRIBUTES: usize = 10;
/// Messages of a standard queue that have been received and not deleted.
pub const STANDARD_IN_FLIGHT: usize = 120_000;
/// Messages of a FIFO queue that have been received and not deleted.
pub const FIFO_IN_FLIGHT: usize = 20_000;
/// How long a FIFO queue remembers what was sent, and which attempt received what.
pub const DEDUPLICATION_INTERVAL: Duration = Duration::from_mins(5);
/// How often a message can be received at most before it becomes a dead letter.
pub const MAX_RECEIVE_COUNT: RangeInclusive<u32> = 1..=1_000;
/// Queues that can be named in a redrive-allow policy.
pub const REDRIVE_SOURCES: usize = 10;
/// How long a queue cannot be purged again.
pub const PURGE_INTERVAL: Duration = Duration::from_secs(60);
/// How long the name of a deleted queue cannot be used again.
pub const DELETED_NAME_INTERVAL: Duration = Duration::from_secs(60);
/// Messages that a task moves in a second at most.
pub const MOVES_PER_SECOND: RangeInclusive<u32> = 1..=500;
/// Tasks that can be listed of a source.
pub const LISTED_MOVE_TASKS: usize = 10;
/// Receives that can wait at one queue. AWS names no number: this one keeps memory bounded; whoever comes then does not wait.
pub const WAITING_RECEIVES: usize = 65_536;
/// How large all messages of a queue can be together. AWS names no number: this one keeps memory bounded.
pub const DEFAULT_QUEUE_BYTES: usize = 4 * 1024 * 1024 * 1024;
/// Tags of a queue.
pub const TAGS: usize = 50;
