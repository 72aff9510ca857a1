//! What the caller of an API gets.

use hearth_services::apigateway::v2::{Denial, HttpReply};
use http::{HeaderName, HeaderValue, Response, StatusCode, header::WWW_AUTHENTICATE};

use crate::{body::AnswerBody, front};

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// What came of a request.
pub(super) fn render(reply: HttpReply) -> Response<AnswerBody> {
    let mut response = match reply.result {
        Ok(answer) => front::response(answer),
        Err(denial) => deny(&denial),
    };
    if let Ok(id) = HeaderValue::try_from(reply.request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// There is no such API, or no stage for the path.
pub(super) fn not_found() -> Response<AnswerBody> {
    deny(&Denial::NotFound)
}

/// The body is larger than an API takes.
pub(super) fn too_large() -> Response<AnswerBody> {
    deny(&Denial::TooLarge)
}

/// The request line and the headers are larger than an API takes.
pub(super) fn head_too_large() -> Response<AnswerBody> {
    front::message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
}

/// The body ended early, or the path has no meaning.
pub(super) fn broken() -> Response<AnswerBody> {
    front::message(StatusCode::BAD_REQUEST, "Bad Request")
}

/// The API's own answers. Source: answers of HTTP APIs, as their users report them.
fn deny(denial: &Denial) -> Response<AnswerBody> {
    let (status, text, challenge) = match denial {
        Denial::NotFound => (StatusCode::NOT_FOUND, "Not Found", None),
        Denial::Unauthorized { challenge } => (StatusCode::UNAUTHORIZED, "Unauthorized", challenge.as_ref()),
        Denial::Forbidden { challenge } => (StatusCode::FORBIDDEN, "Forbidden", challenge.as_ref()),
        Denial::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large", None),
        Denial::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", None),
        Denial::InternalServerError => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", None),
        Denial::ServiceUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", None),
    };
    let mut response = front::message(status, text);
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::try_from(challenge).ok()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
