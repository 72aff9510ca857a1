//! What becomes of a world when a manifest is applied.

use std::sync::Arc;

use hearth_engine::Function;
use hearth_model::{identity::FunctionName, sqs::QueueName};

use crate::manifest::ManifestError;

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
    /// The messages of a queue invoke a function from now on, or otherwise, or no longer.
    Events(FunctionName, QueueName, Verb),
    /// Something cannot be as it is declared. If it was there before, it still is as it was.
    Failed {
        /// The function or queue.
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
            Self::Queue(..) | Self::Events(..) => false,
        }
    }
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
