//! AWS JSON 1.0 and 1.1, the protocol of services whose requests all go to `/`: the header `X-Amz-Target` names the
//! operation.
//!
//! Source: the protocol's specification (Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol"); for the query
//! error, "AWS query compatible trait".

mod error;

use http::{HeaderMap, HeaderName, HeaderValue, Response, header::CONTENT_TYPE, request::Parts};

use crate::{
    body::{AnswerBody, RequestBody},
    gateway::Gateway,
    rest_json,
    rpc::{self, Answer, Call, RpcError, Service, Wire},
};

/// Names an operation: `Logs_20140328.FilterLogEvents`.
pub(crate) const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Answers a request. `target` is what its header says.
pub(crate) async fn answer(
    gateway: &Gateway,
    target: &HeaderValue,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    // Whatever is wrong with the rest: a client that is still sending does not listen.
    let (id, answer) = match rpc::read_body(head, body).await {
        Ok(body) => {
            let call = Call::new(gateway, head, Wire::Json { body });
            (call.id, dispatch(target, &call).await)
        }
        Err(error) => (rest_json::fresh_request_id(), Err(error)),
    };
    let mut response = answer.map_or_else(|error| error::render(&error), rest_json::json);
    response.headers_mut().insert(CONTENT_TYPE, content_type(&head.headers));
    rest_json::set_request_id(&mut response, id);
    response
}

/// An answer that says what went wrong with a request that was not looked at.
pub(crate) fn error(error: &RpcError) -> Response<AnswerBody> {
    let mut response = error::render(error);
    rest_json::set_fresh_request_id(&mut response);
    response
}

async fn dispatch(target: &HeaderValue, call: &Call<'_>) -> Answer {
    let Some((service, operation)) = target.to_str().ok().and_then(parse) else {
        return Err(RpcError::unknown_operation(&String::from_utf8_lossy(target.as_bytes())));
    };
    service.answer(call, operation).await
}

/// Reads `Prefix.Operation`; `None` if no service of Hearth's has the prefix.
fn parse(target: &str) -> Option<(Service, &str)> {
    let (prefix, operation) = target.split_once('.')?;
    Some((Service::of_target(prefix)?, operation))
}

/// The version of the protocol that the client speaks.
fn content_type(headers: &HeaderMap) -> HeaderValue {
    match headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes) {
        Some(b"application/x-amz-json-1.0") => HeaderValue::from_static("application/x-amz-json-1.0"),
        Some(_) | None => HeaderValue::from_static("application/x-amz-json-1.1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_names_the_service() {
        let check = |text: &str, expect: Option<(Service, &str)>| assert_eq!(parse(text), expect, "{text}");
        check("Logs_20140328.CreateLogGroup", Some((Service::Logs, "CreateLogGroup")));
        check("Logs_20140328.", Some((Service::Logs, "")));
        for text in ["", "Logs_20140328", ".CreateLogGroup", "logs_20140328.CreateLogGroup"] {
            check(text, None);
        }
    }
}
