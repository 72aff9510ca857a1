//! Why an operation is refused.

use std::borrow::Cow;

use hearth_model::event_pattern::InvalidPattern;
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
    /// There would be too many.
    #[error("The requested resource exceeds the maximum number allowed.")]
    LimitExceeded,
    /// What should be an event pattern is none.
    #[error("Event pattern is not valid. Reason: {0}")]
    InvalidPattern(InvalidPattern),
}

impl Refusal {
    pub(super) fn no_rule(name: &str) -> Self {
        Self::NotFound(format!("Rule {name} does not exist on EventBus default.").into())
    }

    pub(super) fn no_bus(name: &str) -> Self {
        Self::NotFound(format!("Event bus {name} does not exist.").into())
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Validation(message.into())
    }

    /// A parameter has a value that it cannot have.
    pub(super) fn parameter(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::invalid(format!("Parameter {name} is not valid. Reason: {reason}"))
    }
}

refuse_violations!(Refusal::Validation);

impl From<InvalidPattern> for Refusal {
    fn from(error: InvalidPattern) -> Self {
        Self::InvalidPattern(error)
    }
}

impl From<InvalidPage> for Refusal {
    fn from(error: InvalidPage) -> Self {
        match error {
            InvalidPage::Most(violation) => violation.into(),
            InvalidPage::Token => Self::parameter("nextToken", "the token is not one of a page before."),
        }
    }
}
