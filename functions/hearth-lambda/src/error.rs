use std::{any, fmt};

use crate::bindings::exports::hearth::lambda::handler::FunctionError;

/// Why a handler failed: what the caller sees as `errorType`, `errorMessage` and `stackTrace`.
///
/// Every error type of Rust converts into it, so that `?` works. The error type is then the name of the Rust type
/// without its path (`ParseIntError`), and the message has the sources too, joined with `: `. For the same reason this
/// type is itself no [`std::error::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    error_type: String,
    message: String,
    stack_trace: Vec<String>,
}

impl Error {
    /// An error with a type that callers can compare and a message for people.
    ///
    /// By AWS's conventions the type is a name in Pascal case such as `ValidationError`; those with a dot
    /// (`Runtime.ExitError`, `Sandbox.Timedout`) belong to the runtime.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), message: message.into(), stack_trace: Vec::new() }
    }

    /// The same error with a stack trace, the innermost frame last.
    #[must_use]
    pub fn with_stack_trace(mut self, frames: impl IntoIterator<Item = String>) -> Self {
        self.stack_trace = frames.into_iter().collect();
        self
    }

    /// The type that callers can compare.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.error_type
    }

    /// The message for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::new(short_name(any::type_name::<E>()), message)
    }
}

impl From<Error> for FunctionError {
    fn from(error: Error) -> Self {
        Self { error_type: error.error_type, error_message: error.message, stack_trace: error.stack_trace }
    }
}

/// `alloc::boxed::Box<my::Error>` is a `Box`, `&std::io::Error` an `Error`.
fn short_name(type_name: &str) -> &str {
    let path = type_name.split('<').next().unwrap_or(type_name);
    path.rsplit([':', '&', ' ']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot load the model")
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn errors_keep_their_name_and_their_sources() {
        let error = Error::from(Outer(io::Error::other("disk on fire")));
        assert_eq!(error.to_string(), "Outer: cannot load the model: disk on fire");
    }

    #[test]
    fn names_lose_path_and_parameters() {
        for (name, expected) in [
            ("core::num::error::ParseIntError", "ParseIntError"),
            ("my::Error<alloc::string::String>", "Error"),
            ("&std::io::error::Error", "Error"),
            ("Plain", "Plain"),
        ] {
            assert_eq!(short_name(name), expected);
        }
    }

    #[test]
    fn the_wire_document_has_every_part() {
        let error =
            Error::new("ValidationError", "no name").with_stack_trace(["main".into(), "check".into()]);
        let wire = FunctionError::from(error);
        assert_eq!((wire.error_type.as_str(), wire.error_message.as_str()), ("ValidationError", "no name"));
        assert_eq!(wire.stack_trace, ["main", "check"]);
    }
}
