//! What a poller and its caller tell each other.

use std::{fmt, sync::Arc};

#[cfg(doc)]
use super::Poller;
use crate::time::Instant;

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received<M> {
    /// The message, cheap to clone.
    pub message: M,
    /// What it adds to the size of an event.
    pub bytes: usize,
    /// When the queue shows it to others again.
    pub hidden_until: Instant,
    /// Its message group, in a FIFO queue.
    pub group: Option<Arc<str>>,
    /// Whether the filter lets it through.
    pub wanted: bool,
}

/// Names a batch, from its first [`Output::Invoke`] until it is processed or given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub(super) u64);

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the caller has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<M> {
    /// Receive messages without waiting for any, and then call [`Poller::handle_received`].
    Receive {
        /// How many at most.
        maximum: usize,
    },
    /// Give the messages to the function, and then call [`Poller::handle_result`]. The same batch is given again if it was not
    /// run.
    Invoke {
        /// The batch.
        batch: BatchId,
        /// Its messages, in the order in which they were received; at least one.
        messages: Arc<[M]>,
    },
    /// Delete messages from the queue.
    Delete {
        /// The messages; at least one.
        messages: Vec<M>,
    },
}

/// What became of a batch that was given to the function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The function ended well.
    Processed {
        /// The positions of the messages that it did not process, in ascending order.
        failed: Vec<usize>,
    },
    /// The function did not end well: an error of its own, a timeout, a crash.
    FunctionError,
    /// The function was not run: there was no concurrency left for it, it cannot be found, or the platform is to blame.
    NotRun,
}
