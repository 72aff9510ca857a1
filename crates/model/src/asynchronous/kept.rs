//! What of a queue must survive the process: what changes of it, and how it becomes a queue again.

#[cfg(doc)]
use super::Queue;
use crate::{identity::RequestId, reference::Qualifier, time::Instant};

/// Something that must survive the process has changed. What it is now is for [`Queue::kept`] to tell.
///
/// That an attempt begins changes nothing: one that has not ended when the process does is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There is an invocation that has not been there.
    Accepted(RequestId),
    /// An attempt is over, and there will be another.
    Retrying(RequestId),
    /// An invocation is over. Its [`Ending`](super::Ending) says how.
    Ended(RequestId),
}

/// An invocation that waits or runs, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptInvocation {
    /// Which one.
    pub id: RequestId,
    /// Its place in the order in which invocations were accepted.
    pub position: u64,
    /// When it was accepted.
    pub accepted_at: Instant,
    /// By which name of the function.
    pub qualifier: Qualifier,
    /// What changes until it ends.
    pub progress: Progress,
}

/// How far an invocation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// When its next attempt is due, or the one that runs was.
    pub due: Instant,
    /// How often the function was run, and did not end well.
    pub errors: u32,
    /// Attempts since then at which the function was not run.
    pub setbacks: u32,
}
