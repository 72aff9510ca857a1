//! Invoking on a running Hearth.
//!
//! Source: `Invoke` in the Lambda API reference.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::json;

use super::{
    super::error::CommandError,
    outcome::{Outcome, Status},
};
use crate::{
    client::{Endpoint, api_error, percent_encoded},
    terminal,
};

const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");
const LOG_TYPE: HeaderName = HeaderName::from_static("x-amz-log-type");
const LOG_RESULT: &str = "x-amz-log-result";
const FUNCTION_ERROR: &str = "x-amz-function-error";
const EXECUTED_VERSION: &str = "x-amz-executed-version";
const REQUEST_ID: &str = "x-amzn-requestid";
const ERROR_TYPE: &str = "x-amzn-errortype";

/// A function of a running Hearth.
#[derive(Clone)]
pub(super) struct Remote {
    endpoint: Endpoint,
    name: String,
    /// Whether nobody waits for the answer.
    asynchronous: bool,
    /// Whether the end of its log is wanted.
    logs: bool,
}

impl Remote {
    pub(super) fn new(endpoint: Endpoint, name: String, asynchronous: bool, logs: bool) -> Self {
        Self { endpoint, name, asynchronous, logs }
    }

    pub(super) async fn invoke(self, event: Bytes) -> Result<Outcome, CommandError> {
        let path = format!("/2015-03-31/functions/{}/invocations", percent_encoded(&self.name));
        let invocation_type = if self.asynchronous { "Event" } else { "RequestResponse" };
        let headers = [
            (INVOCATION_TYPE, HeaderValue::from_static(invocation_type)),
            (LOG_TYPE, HeaderValue::from_static(if self.logs { "Tail" } else { "None" })),
        ];
        let answer = self.endpoint.send(Method::POST, &path, &headers, event).await?;
        if let Some(tail) = header(&answer, LOG_RESULT).and_then(|tail| BASE64_STANDARD.decode(tail).ok()) {
            terminal::write(format_args!("{}", String::from_utf8_lossy(&tail)));
        }
        let request_id = header(&answer, REQUEST_ID).map(str::to_owned);
        let version = header(&answer, EXECUTED_VERSION).map(str::to_owned);
        let status = match answer.status() {
            StatusCode::OK if answer.headers().contains_key(FUNCTION_ERROR) => Status::FunctionError,
            StatusCode::OK => Status::Ok,
            StatusCode::ACCEPTED => Status::Accepted,
            StatusCode::TOO_MANY_REQUESTS => Status::Throttled,
            status if status.is_server_error() => Status::PlatformError,
            _ => return Err(CommandError::refused(&answer)),
        };
        let payload = match status {
            Status::Ok | Status::Accepted | Status::FunctionError => answer.into_body(),
            Status::PlatformError | Status::Throttled => error_document(&answer),
        };
        Ok(Outcome::of_answer(self.name, request_id, version, status, payload))
    }
}

/// The same shape as a function's errors have.
fn error_document(answer: &Response<Bytes>) -> Bytes {
    let error = api_error(answer);
    let mut document = json!({
        "errorType": header(answer, ERROR_TYPE).unwrap_or("ServiceException"),
        "errorMessage": error.message.unwrap_or_else(|| answer.status().to_string()),
    });
    if let Some(reason) = error.reason {
        document["reason"] = reason.into();
    }
    document.to_string().into()
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_look_like_a_functions() {
        let answer = |body: &'static str| {
            let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            answer.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static("TooManyRequestsException"));
            answer
        };
        let document = |body| error_document(&answer(body));
        assert_eq!(
            document(r#"{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate Exceeded."}"#),
            r#"{"errorMessage":"Rate Exceeded.","errorType":"TooManyRequestsException","reason":"CallerRateLimitExceeded"}"#
        );
        assert_eq!(
            document("<html>"),
            r#"{"errorMessage":"429 Too Many Requests","errorType":"TooManyRequestsException"}"#
        );
    }
}
