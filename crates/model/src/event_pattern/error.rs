//! Why a pattern is refused.

use std::borrow::Cow;

use thiserror::Error;

/// Why a text is no event pattern, in AWS's words where it has some.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct InvalidPattern {
    reason: Cow<'static, str>,
}

/// Refuses a pattern.
pub(super) fn refuse<T>(reason: impl Into<Cow<'static, str>>) -> Result<T, InvalidPattern> {
    Err(InvalidPattern { reason: reason.into() })
}
