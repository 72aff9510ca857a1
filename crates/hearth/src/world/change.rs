//! What becomes of a world when a manifest is applied.

use std::{fmt, sync::Arc};

use hearth_engine::Function;
use hearth_model::{identity::FunctionName, sqs::QueueName};
use hearth_services::s3::BucketName;

use crate::manifest::{Manifest, ManifestError, Place};

/// What became of something that a manifest declares.
#[derive(Debug)]
pub enum Change {
    /// A function is new.
    Deployed(Arc<Function>),
    /// A function's code or configuration is another one.
    Updated(FunctionName),
    /// A function is no longer declared.
    Removed(FunctionName),
    /// A queue is new, another one, or no longer declared.
    Queue(QueueName, Verb),
    /// A bucket is new, another one, or no longer declared.
    Bucket(BucketName, Verb),
    /// A bucket is no longer declared, and stays because there is something in it.
    Kept(BucketName),
    /// A queue is no longer declared, and stays because there are messages in it.
    KeptQueue(QueueName),
    /// What comes from there invokes a function from now on, or otherwise, or no longer.
    Events(FunctionName, EventSource, Verb),
    /// Something cannot be as it is declared. If it was there before, it still is as it was.
    Failed {
        /// The function, queue or bucket, or the fault.
        name: String,
        /// Why.
        error: ManifestError,
    },
}

impl Change {
    /// Whether it has told of this function itself.
    pub(super) fn is_of(&self, function: &FunctionName) -> bool {
        match self {
            Self::Deployed(deployed) => **deployed.name() == *function.as_str(),
            Self::Updated(name) | Self::Removed(name) => name == function,
            Self::Failed { name, .. } => name == function.as_str(),
            Self::Queue(..) | Self::Bucket(..) | Self::Kept(_) | Self::KeptQueue(_) | Self::Events(..) => {
                false
            }
        }
    }
}

/// Where events come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventSource {
    /// The messages of a queue.
    Queue(QueueName),
    /// What happens in a bucket.
    Bucket(BucketName),
    /// Time: an expression that says when.
    Schedule(String),
    /// Requests: the key of a route.
    Route(String),
    /// Connections and their messages: the key of a route.
    SocketRoute(String),
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It was taken away.
    Removed,
}

/// That something in a manifest cannot be as it is declared there.
pub(super) fn failed(manifest: &Manifest, name: &impl fmt::Display, place: &Place, reason: String) -> Change {
    Change::Failed { name: name.to_string(), error: manifest.errors_at([(place.clone(), reason)]) }
}

/// The first failure, if there is one.
pub(super) fn succeeded(changes: Vec<Change>) -> Result<(), ManifestError> {
    let failure = changes.into_iter().find_map(|change| match change {
        Change::Failed { error, .. } => Some(error),
        Change::Deployed(_)
        | Change::Updated(_)
        | Change::Removed(_)
        | Change::Queue(..)
        | Change::Bucket(..)
        | Change::Kept(_)
        | Change::KeptQueue(_)
        | Change::Events(..) => None,
    });
    failure.map_or(Ok(()), Err)
}
