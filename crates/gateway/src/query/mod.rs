//! The AWS Query protocol: requests are forms, answers are XML. CloudWatch and SQS speak it, besides younger protocols, and
//! STS nothing else.
//!
//! A request's parameters are read into the same documents as those of the JSON protocols, and the documents of answers
//! are written as XML, so that an operation is written once for all protocols of its service.
//!
//! Source: the protocol's specification (Smithy, "AWS query protocol"); recorded answers of SQS.

mod document;
mod parameters;
mod request;
mod service;
mod xml;

use bytes::Bytes;
use hearth_model::identity::RequestId;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE, request::Parts};

pub(crate) use self::request::{QueryRequest, is_query};
use crate::{
    body::{AnswerBody, RequestBody},
    gateway::Gateway,
    rest_json,
    rpc::{self, Call, RpcError, Wire},
};

const XML: HeaderValue = HeaderValue::from_static("text/xml");

/// An answer that says what went wrong with a request that was not looked at.
pub(crate) fn error(error: &RpcError) -> Response<AnswerBody> {
    let id = rest_json::fresh_request_id();
    respond(id, error.status, xml::error(None, id, error))
}

/// Answers a request.
pub(crate) async fn answer(gateway: &Gateway, head: &Parts, body: RequestBody) -> Response<AnswerBody> {
    let request = match rpc::read_body(head, body).await {
        Ok(body) => QueryRequest::read(&head.headers, head.uri.query(), &body),
        Err(error) => Err((None, error)),
    };
    let (id, service, answer) = match request {
        Ok(request) => {
            let (service, action) = (request.service, request.action.clone());
            let call = Call::new(gateway, head, Wire::Query(request));
            (call.id, Some(service), service.service().answer(&call, &action).await)
        }
        Err((service, error)) => (rest_json::fresh_request_id(), service, Err(error)),
    };
    let (status, xml) = match answer {
        Ok(xml) => (StatusCode::OK, xml),
        Err(error) => (error.status, xml::error(service, id, &error)),
    };
    respond(id, status, xml)
}

fn respond(id: RequestId, status: StatusCode, xml: Bytes) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::from(xml));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, XML);
    rest_json::set_request_id(&mut response, id);
    response
}
