//! What fronts have in common: requests as their functions get them.

use hearth_model::http_event::HttpAnswer;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header::HOST};

use crate::{body::AnswerBody, invoke::TRACE_ID};

/// The most that a request to an API may say before its body. Source: quotas of HTTP and REST APIs.
pub(crate) const HEAD_BYTES: usize = 10_240;

/// How much the values of headers are together.
pub(crate) fn value_bytes(headers: &HeaderMap) -> usize {
    headers.values().map(HeaderValue::len).sum()
}

/// Headers that are about the connection, which ends at the front. Source: RFC 9110, section 7.6.1; recorded events.
const OF_THE_CONNECTION: [&str; 8] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers of a request by their lower-case names, in the order in which they came, with those that a front adds, and
/// without those that are about the connection.
pub(crate) fn forwarded(headers: &HeaderMap, source: &str, trace: &str) -> Vec<(String, String)> {
    const SOURCE: &str = "x-forwarded-for";
    let port = headers.get(HOST).and_then(|host| host.to_str().ok()?.rsplit_once(':'));
    let came_from = headers.get_all(SOURCE).iter().map(text).chain([source.to_owned()]);
    let trace_id = TRACE_ID;
    let added = [
        (trace_id.as_str(), trace.to_owned()),
        (SOURCE, came_from.collect::<Vec<_>>().join(", ")),
        ("x-forwarded-port", port.map_or("80", |(_, port)| port).to_owned()),
        ("x-forwarded-proto", "http".to_owned()),
    ];
    let is_added = |name: &HeaderName| added.iter().any(|(known, _)| *known == name.as_str());
    let is_own = |name: &HeaderName| !is_added(name) && !OF_THE_CONNECTION.contains(&name.as_str());
    let own = headers.iter().filter(|(name, _)| is_own(name));
    let own = own.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect::<Vec<_>>();
    own.into_iter().chain(added.map(|(name, value)| (name.to_owned(), value))).collect()
}

/// A header's value: UTF-8, or else Latin-1, in which every byte is a character.
pub(crate) fn text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// What a function answered.
pub(crate) fn response(answer: HttpAnswer) -> Response<AnswerBody> {
    let status = StatusCode::from_u16(answer.status).expect("it is one from 200 to 599");
    let without_body = status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let body = if without_body { AnswerBody::EMPTY } else { bytes::Bytes::from(answer.body).into() };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name).expect("it is a token");
        headers.append(name, HeaderValue::try_from(value).expect("it has no control characters"));
    }
    response
}
