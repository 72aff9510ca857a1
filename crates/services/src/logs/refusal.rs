//! Why an operation is refused.

use std::borrow::Cow;

use hearth_model::filter_pattern::InvalidFilterPattern;
use thiserror::Error;

use crate::violations::refuse_violations;

/// Why an operation is refused, by the classes of error that CloudWatch Logs has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A parameter has a value that it cannot have.
    #[error("{0}")]
    InvalidParameter(Cow<'static, str>),
    /// Parameters do not go together.
    #[error("{0}")]
    Validation(Cow<'static, str>),
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// It exists already.
    #[error("{0}")]
    AlreadyExists(Cow<'static, str>),
    /// A log group would have too many tags.
    #[error("{0}")]
    TooManyTags(Cow<'static, str>),
}

impl Refusal {
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidParameter(message.into())
    }

    pub(super) fn group_not_found() -> Self {
        Self::NotFound("The specified log group does not exist.".into())
    }

    pub(super) fn stream_not_found() -> Self {
        Self::NotFound("The specified log stream does not exist.".into())
    }

    pub(super) fn invalid_token() -> Self {
        Self::invalid("The specified nextToken is invalid.")
    }
}

refuse_violations!(Refusal::InvalidParameter);

impl From<InvalidFilterPattern> for Refusal {
    fn from(error: InvalidFilterPattern) -> Self {
        Self::invalid(error.to_string())
    }
}
