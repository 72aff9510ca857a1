//! What the log says of a failure, for whoever looks there first.
//!
//! Lambda's plain-text logs come in two styles (developer guide, "Understanding the Lambda execution environment
//! lifecycle", "Failures during the invoke phase"). In the old one a line of its own says why an invocation failed; in
//! the new one the REPORT line has a status instead. Hearth writes both: the status, because programs read it, and the
//! line, because people do.

use std::fmt::Write as _;

use hearth_model::{
    identity::RequestId,
    logging::LogFormat,
    outcome::{Failure, FunctionError},
    time::Timestamp,
};

use serde::Serialize;

use crate::log::{InvocationStatus, PlatformLine, iso_8601};

/// The line about a failure.
pub(super) fn failure_line(
    failure: &Failure,
    request_id: RequestId,
    now: Timestamp,
    format: LogFormat,
) -> PlatformLine {
    PlatformLine::text(match format {
        LogFormat::Text => text(failure, request_id, now),
        LogFormat::Json(_) => document(failure, request_id, now),
    })
}

fn text(failure: &Failure, request_id: RequestId, now: Timestamp) -> String {
    match failure {
        Failure::Function(error) => function_error(error),
        Failure::Timeout { after } => {
            format!("{} {request_id} Task timed out after {:.2} seconds", iso_8601(now), after.as_secs_f64())
        }
        Failure::Crash { reason } => format!("{reason}\n{}", runtime_error(failure, request_id)),
        Failure::Platform(fault) => {
            format!("RequestId: {request_id} Error: {fault}\n{}", failure.error_type())
        }
        Failure::ResponseTooLarge { .. } => {
            format!(
                "RequestId: {request_id} Error: {}\n{}",
                failure.error_message(request_id),
                failure.error_type()
            )
        }
        Failure::Exit { .. } | Failure::OutOfMemory { .. } | Failure::InvalidResponse { .. } => {
            runtime_error(failure, request_id)
        }
    }
}

/// As Lambda's Python runtime writes it.
fn document(failure: &Failure, request_id: RequestId, now: Timestamp) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        timestamp: String,
        level: &'static str,
        error_message: String,
        error_type: &'a str,
        request_id: RequestId,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        stack_trace: Vec<&'a str>,
    }
    let stack_trace = match failure {
        Failure::Function(error) => error.stack_trace.iter().map(|frame| frame.trim_end()).collect(),
        Failure::Crash { reason } => reason.lines().collect(),
        Failure::Timeout { .. }
        | Failure::Exit { .. }
        | Failure::OutOfMemory { .. }
        | Failure::ResponseTooLarge { .. }
        | Failure::InvalidResponse { .. }
        | Failure::Platform(_) => Vec::new(),
    };
    let document = Document {
        timestamp: iso_8601(now),
        level: "ERROR",
        error_message: failure.error_message(request_id),
        error_type: failure.error_type(),
        request_id,
        stack_trace,
    };
    serde_json::to_string(&document).expect("texts always serialise")
}

/// What REPORT says of how an invocation ended. An error that the handler reported is none there; one that broke init
/// is.
pub(super) fn report_status(failure: Option<&Failure>, within_init: bool) -> InvocationStatus {
    match failure {
        None => InvocationStatus::Success,
        Some(Failure::Function(_)) if !within_init => InvocationStatus::Success,
        Some(Failure::Timeout { .. }) => InvocationStatus::Timeout,
        Some(failure) => InvocationStatus::Error { error_type: failure.error_type().into() },
    }
}

/// As Lambda's Python runtime writes it: the error and, on lines of their own, where it happened.
fn function_error(error: &FunctionError) -> String {
    let mut text = String::from("[ERROR] ");
    if !error.error_type.is_empty() {
        let _ = write!(text, "{}: ", error.error_type);
    }
    text.push_str(&error.error_message);
    for frame in &error.stack_trace {
        text.push('\n');
        text.push_str(frame.trim_end());
    }
    text
}

/// The failure's message already names the request.
fn runtime_error(failure: &Failure, request_id: RequestId) -> String {
    format!("{}\n{}", failure.error_message(request_id), failure.error_type())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hearth_model::logging::LogLevels;

    use super::*;

    #[test]
    fn lines_are_those_of_lambda() {
        let id = RequestId::from_random(0);
        let at = Timestamp::from_unix_millis(1_709_572_958_033);
        let check = |failure: Failure, expect: &str| {
            let expect = PlatformLine::text(expect.replace("<id>", &id.to_string()));
            assert_eq!(failure_line(&failure, id, at, LogFormat::Text), expect);
        };
        check(
            Failure::Timeout { after: Duration::from_secs(3) },
            "2024-03-04T17:22:38.033Z <id> Task timed out after 3.00 seconds",
        );
        check(
            Failure::Exit { code: 0 },
            "RequestId: <id> Error: Runtime exited without providing a reason\nRuntime.ExitError",
        );
        check(
            Failure::Crash { reason: "unreachable\n  at main".to_owned() },
            "unreachable\n  at main\nRequestId: <id> Error: Runtime exited with error: signal: aborted\nRuntime.ExitError",
        );
        check(
            Failure::ResponseTooLarge { bytes: 7_000_000 },
            "RequestId: <id> Error: Response payload size exceeded maximum allowed payload size (6291556 bytes).\nFunction.ResponseSizeTooLarge",
        );
        let error = FunctionError {
            error_type: "ValueError".to_owned(),
            error_message: "no such thing".to_owned(),
            stack_trace: vec!["  File \"app.py\", line 2\n".to_owned()],
        };
        let failure = Failure::Function(error);
        let json = failure_line(&failure, id, at, LogFormat::Json(LogLevels::default()));
        check(failure, "[ERROR] ValueError: no such thing\n  File \"app.py\", line 2");
        let expect = format!(
            "{{\"timestamp\":\"2024-03-04T17:22:38.033Z\",\"level\":\"ERROR\",\"errorMessage\":\"no such thing\",\
             \"errorType\":\"ValueError\",\"requestId\":\"{id}\",\"stackTrace\":[\"  File \\\"app.py\\\", line 2\"]}}"
        );
        assert_eq!(json, PlatformLine::text(expect));
    }
}
