//! How an invocation can end, and the document that says so.
//!
//! What went wrong decides who is to blame and what happens next, so every cause is a variant of its own: a handler
//! that reports an error keeps its environment, a crash resets it, and a fault of Hearth's own never looks like the
//! user's. The documents follow answers recorded from AWS (`lambda.json` in the golden data).

use std::time::Duration;

use serde::Serialize;

use crate::{identity::RequestId, limits};

/// An error that the handler itself reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionError {
    /// The class of the error, such as `ValueError`.
    pub error_type: String,
    /// What happened, for people.
    pub error_message: String,
    /// Where it happened, innermost last; may be empty.
    pub stack_trace: Vec<String>,
}

/// Why an invocation, or the init before it, did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The handler reported an error. The environment stays as it is.
    Function(FunctionError),
    /// The function's timeout passed. The environment is reset.
    Timeout {
        /// The function's timeout.
        after: Duration,
    },
    /// The guest ended itself. The environment is reset.
    Exit {
        /// Its exit code.
        code: i32,
    },
    /// The guest trapped: unreachable code, a stack overflow, an access out of bounds. The environment is reset.
    Crash {
        /// What the sandbox says of the trap, with a backtrace if there is one.
        reason: String,
    },
    /// The guest wanted more memory than the function has. The environment is reset.
    OutOfMemory {
        /// The function's memory.
        limit_mib: u32,
    },
    /// The answer is larger than Lambda allows. The environment stays as it is.
    ResponseTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The guest broke its contract: no answer, or an answer that cannot be read.
    InvalidResponse {
        /// What is wrong with it.
        reason: String,
    },
    /// Hearth could not do its part; the function is not to blame.
    Platform(PlatformFault),
}

/// A fault of Hearth's own, or of the machine it runs on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlatformFault {
    /// The machine cannot hold another environment.
    #[error("no room for another environment: {reason}")]
    Capacity {
        /// What ran out, and what to do about it.
        reason: String,
    },
    /// Something that should not happen did.
    #[error("{reason}")]
    Internal {
        /// What.
        reason: String,
    },
}

/// What is left of an environment after an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aftermath {
    /// Serves the next invocation with its globals and `/tmp`.
    Reusable,
    /// Starts again: globals are lost, `/tmp` is kept.
    Reset,
    /// Can't be used again.
    Lost,
}

impl Failure {
    /// What is left of the environment.
    #[must_use]
    pub const fn aftermath(&self) -> Aftermath {
        match self {
            Self::Function(_) | Self::ResponseTooLarge { .. } => Aftermath::Reusable,
            Self::Timeout { .. }
            | Self::Exit { .. }
            | Self::Crash { .. }
            | Self::OutOfMemory { .. }
            | Self::InvalidResponse { .. } => Aftermath::Reset,
            Self::Platform(_) => Aftermath::Lost,
        }
    }

    /// The fault, if it is one of Hearth's own; everything else is the function's doing.
    #[must_use]
    pub const fn platform_fault(&self) -> Option<&PlatformFault> {
        match self {
            Self::Platform(fault) => Some(fault),
            Self::Function(_)
            | Self::Timeout { .. }
            | Self::Exit { .. }
            | Self::Crash { .. }
            | Self::OutOfMemory { .. }
            | Self::ResponseTooLarge { .. }
            | Self::InvalidResponse { .. } => None,
        }
    }

    /// The `errorType` of the document, also shown in the REPORT line.
    #[must_use]
    pub fn error_type(&self) -> &str {
        match self {
            Self::Function(error) => &error.error_type,
            Self::Timeout { .. } => "Sandbox.Timedout",
            Self::Exit { .. } | Self::Crash { .. } => "Runtime.ExitError",
            Self::OutOfMemory { .. } => "Runtime.OutOfMemory",
            Self::ResponseTooLarge { .. } => "Function.ResponseSizeTooLarge",
            Self::InvalidResponse { .. } => "Runtime.InvalidResponse",
            Self::Platform(_) => "ServiceException",
        }
    }

    /// The `errorMessage` of the document.
    #[must_use]
    pub fn error_message(&self, request_id: RequestId) -> String {
        match self {
            Self::Function(error) => error.error_message.clone(),
            Self::Timeout { after } => {
                format!(
                    "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
                    after.as_secs_f64()
                )
            }
            Self::Exit { code: 0 } => {
                format!("RequestId: {request_id} Error: Runtime exited without providing a reason")
            }
            Self::Exit { code } => {
                format!("RequestId: {request_id} Error: Runtime exited with error: exit status {code}")
            }
            // A trap is to WebAssembly what a fatal signal is to a process.
            Self::Crash { .. } => {
                format!("RequestId: {request_id} Error: Runtime exited with error: signal: aborted")
            }
            Self::OutOfMemory { .. } => {
                format!("RequestId: {request_id} Error: Runtime exited with error: signal: killed")
            }
            Self::ResponseTooLarge { .. } => format!(
                "Response payload size exceeded maximum allowed payload size ({} bytes).",
                limits::RESPONSE_BYTES
            ),
            Self::InvalidResponse { reason } => format!("RequestId: {request_id} Error: {reason}"),
            Self::Platform(fault) => fault.to_string(),
        }
    }

    /// The JSON document that the caller receives as payload.
    #[must_use]
    pub fn document(&self, request_id: RequestId) -> ErrorDocument {
        let (id, trace) = match self {
            Self::Function(error) => (Some(request_id.to_string()), Some(error.stack_trace.clone())),
            Self::Timeout { .. }
            | Self::Exit { .. }
            | Self::Crash { .. }
            | Self::OutOfMemory { .. }
            | Self::ResponseTooLarge { .. }
            | Self::InvalidResponse { .. }
            | Self::Platform(_) => (None, None),
        };
        ErrorDocument {
            error_message: self.error_message(request_id),
            error_type: self.error_type().to_owned(),
            request_id: id,
            stack_trace: trace,
        }
    }
}

/// The payload of an answer whose `X-Amz-Function-Error` header is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDocument {
    /// What happened.
    pub error_message: String,
    /// Its class.
    pub error_type: String,
    /// Only in errors that the handler reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Only in errors that the handler reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_those_of_aws() {
        let id = RequestId::from_random(0);
        let check = |failure: Failure, error_type: &str, message: &str| {
            let document = failure.document(id);
            assert_eq!(document.error_type, error_type);
            assert_eq!(document.error_message, message.replace("<id>", &id.to_string()));
        };
        check(
            Failure::Timeout { after: Duration::from_secs(1) },
            "Sandbox.Timedout",
            "RequestId: <id> Error: Task timed out after 1.00 seconds",
        );
        check(
            Failure::Exit { code: 127 },
            "Runtime.ExitError",
            "RequestId: <id> Error: Runtime exited with error: exit status 127",
        );
        check(
            Failure::Exit { code: 0 },
            "Runtime.ExitError",
            "RequestId: <id> Error: Runtime exited without providing a reason",
        );
        check(
            Failure::ResponseTooLarge { bytes: 7_000_000 },
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        );
    }

    #[test]
    fn only_a_handlers_own_error_keeps_the_environment() {
        assert_eq!(Failure::Function(FunctionError::default()).aftermath(), Aftermath::Reusable);
        assert_eq!(Failure::OutOfMemory { limit_mib: 128 }.aftermath(), Aftermath::Reset);
        let fault = PlatformFault::Internal { reason: String::new() };
        assert_eq!(Failure::Platform(fault).aftermath(), Aftermath::Lost);
    }
}
