//! Why an operation is refused.

use std::borrow::Cow;

use hearth_model::validation::ValidationError;
use thiserror::Error;

/// Why an operation is refused, by the classes of error that CloudWatch Logs has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A parameter has a value that it cannot have.
    #[error("{0}")]
    InvalidParameter(Cow<'static, str>),
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// It exists already.
    #[error("{0}")]
    AlreadyExists(Cow<'static, str>),
}

impl Refusal {
    pub(super) fn group_not_found() -> Self {
        Self::NotFound("The specified log group does not exist.".into())
    }
}

impl From<ValidationError> for Refusal {
    fn from(error: ValidationError) -> Self {
        Self::InvalidParameter(error.to_string().into())
    }
}
