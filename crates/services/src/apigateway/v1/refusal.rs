//! Why an operation is refused.

use std::borrow::Cow;

use thiserror::Error;

use crate::violations::refuse_violations;

/// Why an operation is refused, by the classes of error that the API has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Something that was asked for cannot be, or Hearth does not support it.
    #[error("{0}")]
    BadRequest(Cow<'static, str>),
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// It exists already, or is in use.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// A member does not have the form that the API's model demands.
    #[error("{0}")]
    Validation(Cow<'static, str>),
}

impl Refusal {
    pub(super) fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self::BadRequest(message.into())
    }

    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::NotFound(message.into())
    }

    pub(super) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict(message.into())
    }
}

refuse_violations!(Refusal::Validation);
