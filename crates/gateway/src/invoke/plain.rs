//! `Invoke`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_engine::InvokeReply;
use hearth_model::outcome::Failure;
use http::{HeaderName, HeaderValue, Response, request::Parts};

use super::request::{Invocation, identify};
use crate::{
    body::{AnswerBody, RequestBody},
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    rest_json,
};

const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");

/// How a caller wants a function invoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum InvocationType {
    /// It waits for the answer.
    #[default]
    RequestResponse,
    /// It does not wait.
    Event,
    /// It only wants to know whether it could.
    DryRun,
}

impl InvocationType {
    const ALL: [Self; 3] = [Self::Event, Self::RequestResponse, Self::DryRun];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "Event",
            Self::RequestResponse => "RequestResponse",
            Self::DryRun => "DryRun",
        }
    }
}

/// Runs a function. `function` is its name or ARN as it stands in the path.
pub(crate) async fn answer(
    gateway: &Gateway,
    function: &str,
    head: &Parts,
    body: RequestBody,
) -> Result<Response<AnswerBody>, ApiError> {
    let invocation = Invocation::read(gateway, function, head, body).await?;
    match invocation.kind(&InvocationType::ALL, InvocationType::as_str)? {
        InvocationType::RequestResponse => Ok(render(invocation.invoke()?.await)),
        InvocationType::DryRun => invocation.dry_run(),
        InvocationType::Event => invocation.accept(),
    }
}

/// A function's error is a good answer of Lambda's; a fault of Hearth's own is not.
fn render(reply: InvokeReply) -> Response<AnswerBody> {
    let mut response = match reply.result {
        Ok(payload) => rest_json::json(payload),
        Err(Failure::Platform(fault)) => {
            rest_json::error(&ApiError::new(ErrorCode::Service, fault.to_string()))
        }
        Err(failure) => {
            let mut response = rest_json::document(&failure.document(reply.request_id));
            response.headers_mut().insert(FUNCTION_ERROR, HeaderValue::from_static("Unhandled"));
            response
        }
    };
    identify(&mut response, reply.request_id, reply.version, reply.trace_header);
    if let Some(tail) = reply.log_tail {
        let encoded =
            HeaderValue::try_from(BASE64_STANDARD.encode(tail)).expect("base64 is a header's value");
        response.headers_mut().insert(LOG_RESULT, encoded);
    }
    response
}
