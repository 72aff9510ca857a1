//! Why an operation is refused.

use std::borrow::Cow;

use hearth_model::sqs;
use thiserror::Error;

/// Why an operation is refused. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refusal {
    /// The class of the error.
    pub kind: RefusalKind,
    /// What is wrong.
    pub message: Cow<'static, str>,
}

/// The errors of the SQS API. All of them are the sender's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Two entries of a batch have the same id.
    BatchEntryIdsNotDistinct,
    /// The messages of a batch are too large together.
    BatchRequestTooLong,
    /// A batch has no entries.
    EmptyBatchRequest,
    /// A queue has no such attribute.
    InvalidAttributeName,
    /// An attribute of a queue cannot have this value.
    InvalidAttributeValue,
    /// The id of a batch's entry has a form that is not allowed.
    InvalidBatchEntryId,
    /// A message has characters that are not allowed.
    InvalidMessageContents,
    /// A parameter has a value that it cannot have.
    InvalidParameterValue,
    /// A parameter is missing.
    MissingParameter,
    /// Something has reached its limit.
    OverLimit,
    /// The queue was purged a short while ago.
    PurgeQueueInProgress,
    /// A queue of this name was deleted a short while ago.
    QueueDeletedRecently,
    /// There is no such queue.
    QueueDoesNotExist,
    /// There is a queue of this name with other attributes.
    QueueNameExists,
    /// What should be a receipt handle is none.
    ReceiptHandleIsInvalid,
    /// More is asked for than can be done. SDKs try again.
    RequestThrottled,
    /// What is named by an ARN or a handle does not exist.
    ResourceNotFound,
    /// A batch has too many entries.
    TooManyEntriesInBatchRequest,
    /// What is asked for is not possible.
    UnsupportedOperation,
}

impl RefusalKind {
    /// The name of the error's shape: what it is called in answers of the JSON protocol.
    #[must_use]
    pub const fn shape(self) -> &'static str {
        self.names().0
    }

    /// The error's code in the Query protocol, in the header that makes JSON compatible with it, and in failed entries of
    /// batches.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.names().1
    }

    /// The HTTP status of an answer with this error.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::OverLimit | Self::PurgeQueueInProgress | Self::RequestThrottled => 403,
            Self::ReceiptHandleIsInvalid | Self::ResourceNotFound => 404,
            Self::BatchEntryIdsNotDistinct
            | Self::BatchRequestTooLong
            | Self::EmptyBatchRequest
            | Self::InvalidAttributeName
            | Self::InvalidAttributeValue
            | Self::InvalidBatchEntryId
            | Self::InvalidMessageContents
            | Self::InvalidParameterValue
            | Self::MissingParameter
            | Self::QueueDeletedRecently
            | Self::QueueDoesNotExist
            | Self::QueueNameExists
            | Self::TooManyEntriesInBatchRequest
            | Self::UnsupportedOperation => 400,
        }
    }

    /// Shape and code. Source: the API's model, and recorded answers for those that it lacks.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::BatchEntryIdsNotDistinct => {
                ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            Self::BatchRequestTooLong => {
                ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
            }
            Self::EmptyBatchRequest => ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            Self::InvalidAttributeName => ("InvalidAttributeName", "InvalidAttributeName"),
            Self::InvalidAttributeValue => ("InvalidAttributeValue", "InvalidAttributeValue"),
            Self::InvalidBatchEntryId => {
                ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId")
            }
            Self::InvalidMessageContents => ("InvalidMessageContents", "InvalidMessageContents"),
            Self::InvalidParameterValue => ("InvalidParameterValueException", "InvalidParameterValue"),
            Self::MissingParameter => ("MissingRequiredParameterException", "MissingParameter"),
            Self::OverLimit => ("OverLimit", "OverLimit"),
            Self::PurgeQueueInProgress => {
                ("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress")
            }
            Self::QueueDeletedRecently => {
                ("QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently")
            }
            Self::QueueDoesNotExist => ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            Self::QueueNameExists => ("QueueNameExists", "QueueAlreadyExists"),
            Self::ReceiptHandleIsInvalid => ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            Self::RequestThrottled => ("RequestThrottled", "RequestThrottled"),
            Self::ResourceNotFound => ("ResourceNotFoundException", "ResourceNotFoundException"),
            Self::TooManyEntriesInBatchRequest => {
                ("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
            }
            Self::UnsupportedOperation => {
                ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation")
            }
        }
    }
}

impl Refusal {
    pub(super) fn new(kind: RefusalKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// There is no such queue.
    #[must_use]
    pub fn no_such_queue() -> Self {
        Self::new(RefusalKind::QueueDoesNotExist, "The specified queue does not exist.")
    }

    /// `Value 21 for parameter WaitTimeSeconds is invalid. Reason: …`
    pub(super) fn parameter(name: &str, value: impl std::fmt::Display, reason: &str) -> Self {
        Self::invalid(format!("Value {value} for parameter {name} is invalid. Reason: {reason}"))
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RefusalKind::InvalidParameterValue, message)
    }

    /// A parameter is missing though the operation cannot do without.
    #[must_use]
    pub fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter {parameter}.");
        Self::new(RefusalKind::MissingParameter, message)
    }

    pub(super) fn unknown_attribute(name: &str) -> Self {
        Self::new(RefusalKind::InvalidAttributeName, format!("Unknown Attribute {name}."))
    }

    /// A receipt handle that is none, or none of the queue.
    pub(super) fn no_handle(handle: &str) -> Self {
        let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        Self::new(RefusalKind::ReceiptHandleIsInvalid, message)
    }

    /// What the rules refuse about a receipt.
    pub(super) fn of_receipt(refusal: sqs::Refusal, handle: &str) -> Self {
        match refusal {
            sqs::Refusal::InvalidHandle => Self::no_handle(handle),
            sqs::Refusal::ExpiredHandle => {
                Self::parameter("ReceiptHandle", handle, "The receipt handle has expired.")
            }
            sqs::Refusal::MessageGone => Self::parameter(
                "ReceiptHandle",
                handle,
                "Message does not exist or is not available for visibility timeout change.",
            ),
            other => other.into(),
        }
    }
}

impl From<sqs::Refusal> for Refusal {
    fn from(refusal: sqs::Refusal) -> Self {
        use RefusalKind::{
            OverLimit, PurgeQueueInProgress, QueueDeletedRecently, QueueNameExists, ResourceNotFound,
        };
        match refusal {
            sqs::Refusal::NoSuchQueue => Self::no_such_queue(),
            sqs::Refusal::QueueExists => {
                Self::new(QueueNameExists, "A queue already exists with the same name")
            }
            sqs::Refusal::QueueDeletedRecently => Self::new(
                QueueDeletedRecently,
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
            ),
            sqs::Refusal::QueueFull => Self::new(
                RefusalKind::RequestThrottled,
                "The queue is full: Hearth keeps no more bytes of messages in one queue. Receive and delete some, or purge it.",
            ),
            sqs::Refusal::OverLimit => Self::new(
                OverLimit,
                "Too many messages are inflight: the queue has reached the maximum of 120000 messages that were \
                 received and not deleted.",
            ),
            sqs::Refusal::InvalidHandle | sqs::Refusal::ExpiredHandle | sqs::Refusal::MessageGone => {
                Self::new(RefusalKind::ReceiptHandleIsInvalid, "The input receipt handle is invalid.")
            }
            sqs::Refusal::BeyondVisibilityLimit => {
                Self::invalid("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
            }
            sqs::Refusal::PurgeInProgress => Self::new(
                PurgeQueueInProgress,
                "Only one PurgeQueue operation on a queue is allowed every 60 seconds.",
            ),
            sqs::Refusal::NotADeadLetterQueue => {
                Self::invalid("Source queue must be configured as a Dead Letter Queue.")
            }
            sqs::Refusal::NoSuchDestination => Self::new(
                ResourceNotFound,
                "The resource that you specified for the DestinationArn parameter doesn't exist.",
            ),
            sqs::Refusal::MoveTaskRunning => Self::invalid(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ),
            sqs::Refusal::NoSuchMoveTask => Self::new(ResourceNotFound, "Task does not exist."),
            sqs::Refusal::MoveTaskEnded => Self::invalid("Only active tasks can be cancelled."),
        }
    }
}
