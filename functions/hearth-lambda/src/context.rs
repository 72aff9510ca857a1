use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::bindings::exports::hearth::lambda::handler::Context as WireContext;

/// What the runtime knows about one invocation.
///
/// What is the same for all invocations of an environment stands in environment variables, as on AWS:
/// `AWS_LAMBDA_FUNCTION_NAME`, `AWS_LAMBDA_FUNCTION_VERSION`, `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`,
/// `AWS_LAMBDA_LOG_GROUP_NAME`, `AWS_LAMBDA_LOG_STREAM_NAME`, `_HANDLER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// A UUID. It stays the same when an asynchronous invocation is tried again.
    pub request_id: String,
    /// The ARN by which the function was invoked, with the version or the alias if the caller named one.
    pub invoked_function_arn: String,
    /// When the invocation times out.
    pub deadline: SystemTime,
    /// The tracing header of AWS X-Ray, as the caller sent it.
    pub trace_header: Option<String>,
    /// The client context of the AWS Mobile SDK: a JSON document.
    pub client_context: Option<String>,
    /// The Amazon Cognito identity of the caller: a JSON document.
    pub identity: Option<String>,
}

impl Context {
    /// The time until the invocation times out; zero if it has passed.
    ///
    /// # Panics
    /// On `wasm32-unknown-unknown`, which has no clock.
    #[must_use]
    pub fn remaining_time(&self) -> Duration {
        self.deadline.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO)
    }
}

impl Default for Context {
    /// An empty context whose deadline has passed, for tests of handlers.
    fn default() -> Self {
        Self {
            request_id: String::new(),
            invoked_function_arn: String::new(),
            deadline: UNIX_EPOCH,
            trace_header: None,
            client_context: None,
            identity: None,
        }
    }
}

impl From<WireContext> for Context {
    fn from(wire: WireContext) -> Self {
        Self {
            request_id: wire.request_id,
            invoked_function_arn: wire.invoked_function_arn,
            deadline: UNIX_EPOCH + Duration::from_millis(wire.deadline_ms),
            trace_header: wire.trace_header,
            client_context: wire.client_context,
            identity: wire.identity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_remains_after_the_deadline() {
        assert_eq!(Context::default().remaining_time(), Duration::ZERO);
        let deadline = SystemTime::now() + Duration::from_secs(1_000);
        let context = Context { deadline, ..Context::default() };
        assert!(context.remaining_time() > Duration::from_secs(900));
    }
}
