//! How answers and errors look.

use bytes::Bytes;
use hearth_engine::random::random_bits;
use hearth_model::{identity::RequestId, pool::ThrottleReason};
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, HOST},
};
use serde::Serialize;

use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode, Fault},
};

/// What an operation answers.
pub(crate) type Answer = Result<Response<AnswerBody>, ApiError>;

pub(crate) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer with JSON in it.
pub(crate) fn json(body: Bytes) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::from(body));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// An answer without a body, with a request id of its own.
pub(crate) fn empty(status: StatusCode) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::EMPTY);
    *response.status_mut() = status;
    set_fresh_request_id(&mut response);
    response
}

/// An answer with a document.
pub(crate) fn document(document: &impl Serialize) -> Response<AnswerBody> {
    json(to_bytes(document))
}

/// An operation's answer with a document, with a request id of its own.
pub(crate) fn answer(status: StatusCode, document: &impl Serialize) -> Answer {
    let mut response = self::document(document);
    *response.status_mut() = status;
    set_fresh_request_id(&mut response);
    Ok(response)
}

/// A document as JSON.
pub(crate) fn to_bytes(document: &impl Serialize) -> Bytes {
    let text =
        serde_json::to_vec(document).expect("a document has texts as keys, and no other reason to fail");
    Bytes::from(text)
}

/// Says which request an answer belongs to.
pub(crate) fn set_request_id(response: &mut Response<AnswerBody>, id: RequestId) {
    let value = id.encode(|text| HeaderValue::from_str(text).expect("a UUID is a header's value"));
    response.headers_mut().insert(REQUEST_ID, value);
}

/// Gives an answer a request id of its own.
pub(crate) fn set_fresh_request_id(response: &mut Response<AnswerBody>) {
    set_request_id(response, fresh_request_id());
}

/// An answer that says what went wrong, with a request id of its own.
pub(crate) fn error(error: &ApiError) -> Response<AnswerBody> {
    let mut response = document(&ErrorDocument::of(error));
    *response.status_mut() = error.code.status();
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error.code.name()));
    set_fresh_request_id(&mut response);
    response
}

/// The id of a request that was or became no invocation.
pub(crate) fn fresh_request_id() -> RequestId {
    RequestId::from_random(random_bits())
}

/// The host by which a client reached Hearth.
pub(crate) fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost:4566")
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    #[serde(rename = "Reason", skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(rename = "Type")]
    fault: &'static str,
    #[serde(rename = "Message", skip_serializing_if = "Option::is_none")]
    capital_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl<'a> ErrorDocument<'a> {
    fn of(error: &'a ApiError) -> Self {
        let capital = spells_message_with_a_capital(error.code);
        Self {
            reason: error.reason.map(ThrottleReason::as_str),
            fault: match error.code.fault() {
                Fault::User => "User",
                Fault::Service => "Service",
            },
            capital_message: capital.then_some(&error.message),
            message: (!capital).then_some(&error.message),
        }
    }
}

const fn spells_message_with_a_capital(code: ErrorCode) -> bool {
    match code {
        ErrorCode::ResourceNotFound
        | ErrorCode::CodeSigningConfigNotFound
        | ErrorCode::AccessDenied
        | ErrorCode::RecursiveInvocation
        | ErrorCode::Service
        | ErrorCode::ServiceUnavailable
        | ErrorCode::NotImplemented => true,
        ErrorCode::InvalidRequestContent
        | ErrorCode::InvalidParameterValue
        | ErrorCode::Validation
        | ErrorCode::MalformedRequest
        | ErrorCode::UnknownOperation
        | ErrorCode::MethodNotAllowed
        | ErrorCode::RequestTooLarge
        | ErrorCode::RequestEntityTooLarge
        | ErrorCode::ResourceConflict
        | ErrorCode::PreconditionFailed
        | ErrorCode::PolicyLengthExceeded
        | ErrorCode::ProvisionedConcurrencyConfigNotFound
        | ErrorCode::NotFound
        | ErrorCode::BadRequest
        | ErrorCode::Conflict
        | ErrorCode::TooManyRequests => false,
    }
}
