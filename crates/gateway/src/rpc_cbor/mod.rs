//! Smithy's RPC v2 CBOR: the path names service and operation, and documents are CBOR.
//!
//! Source: the protocol's specification (Smithy, "Smithy RPC v2 CBOR protocol").

mod document;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header::CONTENT_TYPE, request::Parts};
use serde::Serialize;

pub(crate) use self::document::{read, write};
use crate::{
    body::{AnswerBody, RequestBody},
    gateway::Gateway,
    rest_json,
    rpc::{self, Answer, Call, QUERY_ERROR, RpcError, Service, Wire},
};

const PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
const PROTOCOL_NAME: HeaderValue = HeaderValue::from_static("rpc-v2-cbor");
const CBOR: HeaderValue = HeaderValue::from_static("application/cbor");

/// An operation, as a path names it: `/service/GraniteServiceVersion20100801/operation/ListMetrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    service: &'a str,
    operation: &'a str,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    #[serde(rename = "__type")]
    code: &'a str,
    message: &'a str,
}

impl<'a> Target<'a> {
    /// What a request names; `None` if it is none of this protocol.
    pub(crate) fn of(path: &'a str, headers: &HeaderMap) -> Option<Self> {
        if headers.get(PROTOCOL)? != PROTOCOL_NAME {
            return None;
        }
        // Something may stand before it, such as a path that belongs to the endpoint.
        let (_, rest) = path.rsplit_once("/service/")?;
        let (service, operation) = rest.split_once("/operation/")?;
        Some(Self { service, operation })
    }
}

/// Answers a request.
pub(crate) async fn answer(
    gateway: &Gateway,
    target: Target<'_>,
    head: &Parts,
    body: RequestBody,
) -> Response<AnswerBody> {
    let (id, answer) = match rpc::read_body(head, body).await {
        Ok(body) => {
            let call = Call::new(gateway, head, Wire::Cbor { body });
            (call.id, dispatch(target, &call).await)
        }
        Err(error) => (rest_json::fresh_request_id(), Err(error)),
    };
    let mut response = answer.map_or_else(|error| render(&error), respond);
    response.headers_mut().insert(PROTOCOL, PROTOCOL_NAME);
    rest_json::set_request_id(&mut response, id);
    response
}

/// An answer that says what went wrong with a request that was not looked at.
pub(crate) fn error(error: &RpcError) -> Response<AnswerBody> {
    let mut response = render(error);
    response.headers_mut().insert(PROTOCOL, PROTOCOL_NAME);
    rest_json::set_fresh_request_id(&mut response);
    response
}

async fn dispatch(Target { service, operation }: Target<'_>, call: &Call<'_>) -> Answer {
    match Service::of_target(service) {
        Some(Service::CloudWatch) => Service::CloudWatch.answer(call, operation).await,
        // Those do not speak it on AWS either.
        Some(Service::Events | Service::Logs | Service::Sqs | Service::Sts) | None => {
            Err(RpcError::unknown_operation(&format!("{service}.{operation}")))
        }
    }
}

/// An operation that has nothing to tell has no document at all.
fn respond(body: Bytes) -> Response<AnswerBody> {
    let empty = body.is_empty();
    let mut response = Response::new(AnswerBody::from(body));
    if !empty {
        response.headers_mut().insert(CONTENT_TYPE, CBOR);
    }
    response
}

fn render(error: &RpcError) -> Response<AnswerBody> {
    let mut response = respond(write(&ErrorDocument { code: error.code, message: &error.message }));
    *response.status_mut() = error.status;
    if let Some(value) = error.query_error() {
        response.headers_mut().insert(QUERY_ERROR, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_service_and_operation() {
        let headers = HeaderMap::from_iter([(PROTOCOL, PROTOCOL_NAME)]);
        let check = |path: &str, expect: Option<(&str, &str)>| {
            let expect = expect.map(|(service, operation)| Target { service, operation });
            assert_eq!(Target::of(path, &headers), expect, "{path}");
        };
        check("/service/A/operation/B", Some(("A", "B")));
        check("/prefix/service/A/operation/B", Some(("A", "B")));
        check("/service/A", None);
        check("/", None);
        assert_eq!(Target::of("/service/A/operation/B", &HeaderMap::new()), None);
    }
}
