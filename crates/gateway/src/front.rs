//! What fronts have in common: requests as their functions get them.

use std::borrow::Cow;

use hearth_model::http_event::HttpAnswer;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header::HOST};
use serde::Serialize;

use crate::{body::AnswerBody, rest_json};

/// An answer that says so in the words of API Gateway.
pub(crate) fn message(status: StatusCode, message: &'static str) -> Response<AnswerBody> {
    #[derive(Serialize)]
    struct Document {
        message: &'static str,
    }
    let mut response = rest_json::document(&Document { message });
    *response.status_mut() = status;
    response
}

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

/// What a front adds to the headers of a request.
pub(crate) struct Added {
    trace: String,
    source: String,
    port: String,
}

const FORWARDED_FOR: &str = "x-forwarded-for";

impl Added {
    pub(crate) fn new(headers: &HeaderMap, source: &str, trace: String) -> Self {
        let port = headers.get(HOST).and_then(|host| host.to_str().ok()?.rsplit_once(':'));
        let mut came_from = String::new();
        for before in headers.get_all(FORWARDED_FOR) {
            came_from.push_str(&text(before));
            came_from.push_str(", ");
        }
        came_from.push_str(source);
        Self { trace, source: came_from, port: port.map_or("80", |(_, port)| port).to_owned() }
    }

    /// The headers of a request by their lower-case names, in the order in which they came, without those that are about the
    /// connection, and then what the front adds, whoever said it before.
    pub(crate) fn to<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let added = [
            ("x-amzn-trace-id", &*self.trace),
            (FORWARDED_FOR, &self.source),
            ("x-forwarded-port", &self.port),
            ("x-forwarded-proto", "http"),
        ];
        let is_own = move |name: &str| {
            !added.iter().any(|(known, _)| *known == name) && !OF_THE_CONNECTION.contains(&name)
        };
        let all = headers.iter().map(|(name, value)| (name.as_str(), value));
        let own = all.filter(move |(name, _)| is_own(name)).map(|(name, value)| (name, text(value)));
        own.chain(added.map(|(name, value)| (name, Cow::Borrowed(value))))
    }

    /// The same, for those who keep them.
    pub(crate) fn owned(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        self.to(headers).map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
    }

    pub(crate) fn into_trace(self) -> String {
        self.trace
    }
}

/// A header's value: UTF-8, or else Latin-1, in which every byte is a character.
pub(crate) fn text(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), Cow::Borrowed)
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
