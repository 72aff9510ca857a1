//! Why an operation is refused.

use std::borrow::Cow;

use thiserror::Error;

use crate::{page::InvalidPage, violations::refuse_violations};

/// Why an operation is refused, by the errors that the API has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A parameter does not have the form that it must have.
    #[error("{0}")]
    Validation(Cow<'static, str>),
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// There is one already.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// There would be too many.
    #[error("{0}")]
    QuotaExceeded(Cow<'static, str>),
}

impl Refusal {
    pub(super) fn no_schedule(name: &str) -> Self {
        Self::NotFound(format!("Schedule {name} does not exist.").into())
    }

    pub(super) fn no_group(name: &str) -> Self {
        Self::NotFound(format!("Schedule group {name} does not exist.").into())
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Validation(message.into())
    }
}

refuse_violations!(Refusal::Validation);

impl From<InvalidPage> for Refusal {
    fn from(error: InvalidPage) -> Self {
        match error {
            InvalidPage::Most(violation) => violation.into(),
            InvalidPage::Token => Self::invalid("The NextToken you specify is not one of a page before."),
        }
    }
}
