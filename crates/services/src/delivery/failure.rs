//! Why a target does not get what it should.

use crate::{
    lambda::InvocationError,
    sqs::{self, RefusalKind},
};

/// A delivery that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What it means for the delivery.
    pub(crate) kind: FailureKind,
    /// The error's name in the target's API.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) message: String,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Nobody allowed it.
    NotPermitted,
    /// There is no such target.
    NoResource,
    /// The target does not take what it would get.
    InvalidInput,
    /// The target has too much to do; it may have less later.
    Throttled,
}

impl FailureKind {
    /// Whether it is worth while to try again. AWS does not retry what will not mend itself.
    pub(crate) const fn is_transient(self) -> bool {
        match self {
            Self::Throttled => true,
            Self::NotPermitted | Self::NoResource | Self::InvalidInput => false,
        }
    }

    /// As dead letters of rules call it. Source: EventBridge user guide, "Using dead-letter queues".
    pub(crate) const fn rule_code(self) -> &'static str {
        match self {
            Self::NotPermitted => "NO_PERMISSIONS",
            Self::NoResource => "NO_RESOURCE",
            Self::InvalidInput => "INVALID_PARAMETER",
            Self::Throttled => "THROTTLING",
        }
    }
}

impl From<InvocationError> for Failure {
    fn from(error: InvocationError) -> Self {
        let (kind, code) = match &error {
            InvocationError::NotFound { .. } | InvocationError::OtherRegion { .. } => {
                (FailureKind::NoResource, "ResourceNotFoundException")
            }
            InvocationError::Reference(_) | InvocationError::Recursive => {
                (FailureKind::InvalidInput, "InvalidParameterValueException")
            }
            InvocationError::Event(_) => (FailureKind::InvalidInput, "InvalidRequestContentException"),
            InvocationError::Throttled(_) | InvocationError::QueueFull { .. } => {
                (FailureKind::Throttled, "TooManyRequestsException")
            }
            InvocationError::Unloaded { .. } => (FailureKind::Throttled, "ResourceConflictException"),
            InvocationError::ShuttingDown => (FailureKind::Throttled, "ServiceException"),
        };
        Self { kind, code, message: error.to_string() }
    }
}

impl From<sqs::Refusal> for Failure {
    fn from(refusal: sqs::Refusal) -> Self {
        let kind = match refusal.kind {
            RefusalKind::QueueDoesNotExist => FailureKind::NoResource,
            RefusalKind::RequestThrottled => FailureKind::Throttled,
            RefusalKind::BatchEntryIdsNotDistinct
            | RefusalKind::BatchRequestTooLong
            | RefusalKind::EmptyBatchRequest
            | RefusalKind::InvalidAttributeName
            | RefusalKind::InvalidAttributeValue
            | RefusalKind::InvalidBatchEntryId
            | RefusalKind::InvalidMessageContents
            | RefusalKind::InvalidParameterValue
            | RefusalKind::MissingParameter
            | RefusalKind::OverLimit
            | RefusalKind::PurgeQueueInProgress
            | RefusalKind::QueueDeletedRecently
            | RefusalKind::QueueNameExists
            | RefusalKind::ReceiptHandleIsInvalid
            | RefusalKind::ResourceNotFound
            | RefusalKind::TooManyEntriesInBatchRequest
            | RefusalKind::UnsupportedOperation => FailureKind::InvalidInput,
        };
        Self { kind, code: refusal.kind.code(), message: refusal.message.into_owned() }
    }
}
