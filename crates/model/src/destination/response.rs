//! What the last attempt of an invocation came to.

use serde_json::value::RawValue;

use crate::identity::Version;

/// What the last attempt was answered.
#[derive(Clone, Copy, Debug)]
pub enum LastResponse<'a> {
    /// The function ran.
    Function {
        /// The version that ran.
        version: Version,
        /// The message of its error, if it did not end well.
        error_message: Option<&'a str>,
        /// Its answer, or the document that describes the error.
        payload: &'a RawValue,
    },
    /// The function was not run: what `Invoke` would have answered, such as 429 and `Rate Exceeded.`
    Refused {
        /// The HTTP status.
        status: u16,
        /// The message.
        message: &'a str,
    },
}

impl LastResponse<'_> {
    /// The HTTP status that `Invoke` would have had.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            // An error of the function's own is a good answer of Lambda's.
            Self::Function { .. } => 200,
            Self::Refused { status, .. } => *status,
        }
    }
}
