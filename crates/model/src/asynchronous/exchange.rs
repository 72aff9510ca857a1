//! What a queue and its caller tell each other.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(doc)]
use super::Queue;
use crate::{destination::Destination, identity::RequestId};

/// There is no room for one more invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{capacity} asynchronous invocations of the function wait or run, more are not kept: try again later"
)]
pub struct QueueFull {
    /// How many invocations the queue may hold.
    pub capacity: usize,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The function ended well.
    Success,
    /// The function did not end well: an error of its own, a timeout, a crash. It uses up an attempt.
    FunctionError,
    /// There was no concurrency left for it.
    Throttled,
    /// The caller could not run it; the function is not to blame.
    PlatformFault,
    /// The function is turned off: it has a reserved concurrency of 0.
    ZeroReservedConcurrency,
    /// The chain of events has invoked the function too often.
    RecursiveInvocation,
}

/// What the caller has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Run the function, and then call [`Queue::handle_result`].
    Attempt {
        /// The invocation.
        id: RequestId,
        /// How often the function will have been run with this one, from 1.
        number: u32,
        /// How long ago the event was accepted.
        age: Duration,
    },
    /// Deliver what is to be delivered, and forget the invocation.
    Ended(Ending),
}

/// How an invocation ended, and who is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The invocation; the id is not valid any more.
    pub id: RequestId,
    /// Why it ended.
    pub condition: Condition,
    /// How often the function was run.
    pub approximate_invoke_count: u32,
    /// What gets a record of the invocation.
    pub record_to: Option<Arc<Destination>>,
    /// What gets the event.
    pub dead_letter_to: Option<Arc<Destination>>,
}

impl Ending {
    /// Whether the event failed and nobody hears of it.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.condition != Condition::Success && self.record_to.is_none() && self.dead_letter_to.is_none()
    }
}

/// Why an invocation ended; what `condition` says in the record that a destination gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// The function ended well.
    Success,
    /// The function had an error on every attempt that it had.
    RetriesExhausted,
    /// The event became too old, or would have been at the next attempt.
    EventAgeExceeded,
    /// The function has a reserved concurrency of 0.
    ZeroReservedConcurrency,
    /// The chain of events has invoked the function too often. AWS does not document what it writes.
    RecursiveInvocation,
}

impl Condition {
    /// The condition as records have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
            Self::ZeroReservedConcurrency => "ZeroReservedConcurrency",
            Self::RecursiveInvocation => "RecursiveInvocation",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
