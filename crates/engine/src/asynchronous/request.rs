//! What goes in.

use bytes::Bytes;
use hearth_model::{asynchronous::QueueFull, reference::Qualifier, work_id::WorkId};
use thiserror::Error;

use crate::metrics::Resource;

/// An event for a function.
#[derive(Clone, Debug, Default)]
pub struct AsynchronousRequest {
    /// The event, JSON.
    pub event: Bytes,
    /// The version or alias as the caller named it; `$LATEST` if the caller named none. An alias is resolved anew for
    /// each attempt.
    pub qualifier: Option<Qualifier>,
    /// The X-Ray trace header that the handler gets, if any.
    pub trace_header: Option<String>,
    /// The client context as JSON, if the caller sent one.
    pub client_context: Option<String>,
    /// Whether the chain of events has invoked the function too often
    /// ([`Lineage::is_recursive`](hearth_model::recursion::Lineage::is_recursive)): it is not run, but the failure is
    /// told as any other.
    pub recursive: bool,
    /// What led to it, if that is known.
    pub cause: Option<WorkId>,
}

impl AsynchronousRequest {
    /// By which name its queue knows it.
    pub(super) fn queue_qualifier(&self) -> Qualifier {
        self.qualifier.clone().unwrap_or(Qualifier::LATEST)
    }

    /// What of the function it calls.
    pub(super) fn resource(&self) -> Resource {
        Resource::called(self.qualifier.as_ref())
    }
}

/// Why an event is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AcceptError {
    /// Too many wait.
    #[error(transparent)]
    QueueFull(#[from] QueueFull),
    /// Those that wait are too large together.
    #[error("events of {capacity_bytes} bytes wait for the function, more are not kept: try again later")]
    TooManyBytes {
        /// How many bytes may wait.
        capacity_bytes: usize,
    },
    /// The function was deleted.
    #[error("the function was deleted")]
    Deleted,
    /// Hearth ends.
    #[error("the engine is shutting down: no more events are accepted")]
    ShuttingDown,
}
