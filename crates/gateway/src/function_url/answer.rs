//! What the caller of a URL gets.

use bytes::Bytes;
use hearth_engine::InvokeReply;
use hearth_model::{
    http_event::{HttpAnswer, InvalidHttpResult},
    outcome::Failure,
};
use hearth_services::lambda::UrlOwner;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    front,
    invoke::TRACE_ID,
    rest_json,
};

/// What AWS says to those who may not call a URL. Source: recorded answers.
pub(super) const FORBIDDEN: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
                                    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// Refuses; AWS says nothing of a URL that is none.
pub(super) fn forbidden(message: Option<&'static str>) -> Response<AnswerBody> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Refusal {
        message: Option<&'static str>,
    }
    let mut response = rest_json::document(&Refusal { message });
    *response.status_mut() = StatusCode::FORBIDDEN;
    let error_type = HeaderValue::from_static(ErrorCode::AccessDenied.name());
    response.headers_mut().insert(rest_json::ERROR_TYPE, error_type);
    rest_json::set_fresh_request_id(&mut response);
    response
}

/// What came of an invocation. A function that fails, or returns no answer, is an internal error.
pub(super) fn render<A>(
    owner: &UrlOwner,
    reply: InvokeReply<A>,
    read: impl FnOnce(A) -> Result<HttpAnswer, InvalidHttpResult>,
) -> Response<AnswerBody> {
    let mut response = match reply.result {
        Ok(answer) => read(answer).map_or_else(
            |error| {
                // The caller is not told what is wrong, and the function's log says that all is well.
                tracing::warn!(function = %owner.arn(), %error, "a function URL answered 502");
                internal_error()
            },
            front::response,
        ),
        Err(Failure::Platform(fault)) => {
            rest_json::error(&ApiError::new(ErrorCode::Service, fault.to_string()))
        }
        Err(_) => internal_error(),
    };
    rest_json::set_request_id(&mut response, reply.request_id);
    if let Some(trace) = reply.trace_header.and_then(|trace| HeaderValue::try_from(trace).ok()) {
        response.headers_mut().insert(TRACE_ID, trace);
    }
    response
}

fn internal_error() -> Response<AnswerBody> {
    let mut response = Response::new(Bytes::from_static(b"Internal Server Error").into());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
