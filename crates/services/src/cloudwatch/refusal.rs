//! Why an operation is refused.

use std::borrow::Cow;

use thiserror::Error;

/// Why an operation is refused, by the classes of error that CloudWatch has. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The request as a whole does not make sense.
    #[error("{0}")]
    Validation(Cow<'static, str>),
    /// A parameter has a value that it cannot have.
    #[error("{0}")]
    InvalidValue(Cow<'static, str>),
    /// A parameter is missing.
    #[error("{0}")]
    Missing(Cow<'static, str>),
    /// Parameters do not go together.
    #[error("{0}")]
    Combination(Cow<'static, str>),
    /// The token is none that an answer had.
    #[error("The specified nextToken is invalid.")]
    InvalidToken,
    /// CloudWatch does this and Hearth does not.
    #[error("{0}")]
    Unsupported(Cow<'static, str>),
}
