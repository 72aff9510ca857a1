//! AWS JSON 1.0 and 1.1, the protocol of services whose requests all go to `/`: the header `X-Amz-Target` names the
//! operation.
//!
//! Source: the protocol's specification (Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol"); for the query
//! error, "AWS query compatible trait".

mod call;
mod error;
mod target;

use http::{HeaderMap, HeaderName, HeaderValue, Response, header::CONTENT_TYPE, request::Parts};
use hyper::body::Incoming;

use self::target::{Service, Target};
pub(crate) use self::{
    call::{Answer, Call, document, empty},
    error::JsonError,
};
use crate::{body::AnswerBody, gateway::Gateway, logs, rest_json};

/// Names an operation: `Logs_20140328.FilterLogEvents`.
pub(crate) const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Answers a request. `target` is what its header says.
pub(crate) async fn answer(
    gateway: &Gateway,
    target: &HeaderValue,
    head: &Parts,
    body: Incoming,
) -> Response<AnswerBody> {
    // Whatever is wrong with the rest: a client that is still sending does not listen.
    let answer = match Call::read(gateway, head, body).await {
        Ok(call) => dispatch(target, &call).await,
        Err(error) => Err(error),
    };
    let mut response = answer.map_or_else(|error| error.render(), rest_json::json);
    response.headers_mut().insert(CONTENT_TYPE, content_type(&head.headers));
    rest_json::set_fresh_request_id(&mut response);
    response
}

async fn dispatch(target: &HeaderValue, call: &Call<'_>) -> Answer {
    let Some(Target { service, operation }) = target.to_str().ok().and_then(Target::parse) else {
        return Err(JsonError::unknown_operation(&String::from_utf8_lossy(target.as_bytes())));
    };
    match service {
        Service::Logs => logs::answer(call, operation),
    }
}

/// The version of the protocol that the client speaks.
fn content_type(headers: &HeaderMap) -> HeaderValue {
    match headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes) {
        Some(b"application/x-amz-json-1.0") => HeaderValue::from_static("application/x-amz-json-1.0"),
        Some(_) | None => HeaderValue::from_static("application/x-amz-json-1.1"),
    }
}
