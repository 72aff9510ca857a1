//! Why functions are not deployed, and not invoked.

use std::sync::Arc;

use hearth_engine::DeployError;
use hearth_model::{
    identity::{FunctionName, Region},
    limits,
    pool::ThrottleReason,
    reference::InvalidReference,
};
use thiserror::Error;

use super::InvalidEvent;

/// Why a function cannot be deployed or updated. Messages that AWS has are AWS's.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// There is one of this name.
    #[error("Function already exist: {name}")]
    Exists {
        /// The name.
        name: FunctionName,
    },
    /// There is none of this name.
    #[error("Function not found: {arn}")]
    NotFound {
        /// Its ARN, if it existed.
        arn: String,
    },
    /// It is being changed by somebody else.
    #[error("The operation cannot be performed at this time. An update is in progress for resource: {arn}")]
    Busy {
        /// Its ARN.
        arn: String,
    },
    /// More code than Lambda allows, layers included.
    #[error(
        "Function code combined with layers exceeds the maximum allowed size of {} bytes. The actual size is {bytes} \
         bytes.",
        limits::PACKAGE_UNZIPPED_BYTES
    )]
    TooLarge {
        /// All of it, unzipped.
        bytes: u64,
    },
    /// Part of its code is not there any more.
    #[error("The operation cannot be performed at this time. Update the code, or the layer, first: {reason}")]
    CodeLost {
        /// Why not.
        reason: Arc<str>,
    },
    /// Its code cannot be kept.
    #[error(transparent)]
    NotKept(#[from] CodeNotKept),
    /// The code cannot be loaded, or the concurrency not be reserved.
    #[error(transparent)]
    Engine(#[from] DeployError),
}

/// Why code does not survive the process, so that nothing is made of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the code cannot be kept: {reason}")]
pub struct CodeNotKept {
    /// What the machine says.
    pub reason: String,
}

/// Why an invocation is refused. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvocationError {
    /// What names the function is malformed.
    #[error(transparent)]
    Reference(#[from] InvalidReference),
    /// The ARN is one of another region than the request's.
    #[error("Functions from '{named}' are not reachable in this region ('{own}')")]
    OtherRegion {
        /// The region of the ARN.
        named: Region,
        /// The region of the request.
        own: Region,
    },
    /// There is no such function, version or alias.
    #[error("Function not found: {arn}")]
    NotFound {
        /// Its ARN, if it existed.
        arn: String,
    },
    /// The event is too large or not JSON.
    #[error(transparent)]
    Event(#[from] InvalidEvent),
    /// There is no concurrency left for it.
    #[error("Rate Exceeded.")]
    Throttled(ThrottleReason),
    /// The function is invoked in a loop, and not allowed to be.
    #[error(
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and \
         stopped your function's invocation."
    )]
    Recursive,
    /// Too many events of the function wait.
    #[error("{reason}")]
    QueueFull {
        /// How many.
        reason: String,
    },
    /// An earlier process had its code, and it cannot be loaded any more.
    #[error(
        "The operation cannot be performed at this time. The function is currently in the following state: Failed ({reason})"
    )]
    Unloaded {
        /// Why not.
        reason: Arc<str>,
    },
    /// Hearth is about to end.
    #[error("Hearth is shutting down and accepts no more invocations")]
    ShuttingDown,
}
