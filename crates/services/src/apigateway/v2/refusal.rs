//! Why an operation of the control plane is refused.

use std::borrow::Cow;

use thiserror::Error;

/// Why an operation is refused, by the classes of error that API Gateway has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// A parameter is missing, or has a value that it cannot have.
    #[error("{0}")]
    BadRequest(Cow<'static, str>),
    /// It exists already, or something else needs it.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// AWS does this, and Hearth does not.
    #[error("{0}")]
    NotImplemented(Cow<'static, str>),
}

impl Refusal {
    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::NotFound(message.into())
    }

    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::BadRequest(message.into())
    }

    pub(super) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict(message.into())
    }

    /// Refuses a parameter that AWS takes.
    pub(super) fn unsupported(what: &str) -> Self {
        Self::NotImplemented(format!("Hearth does not support {what}: leave it out").into())
    }
}
