//! What fronts have in common: requests as their functions get them.

use std::{borrow::Cow, net::IpAddr};

use bytes::Bytes;
use hearth_model::http_event::HttpAnswer;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_LENGTH, HOST, TRAILER},
};
use serde::Serialize;

use crate::{body::AnswerBody, gateway::Gateway, invoke::TRACE_ID, rest_json};

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
pub(crate) struct Added<'a> {
    trace: Cow<'a, str>,
    /// The address that the request came from.
    source: String,
    /// It, behind those that forwarded the request, if others did.
    sources: Option<String>,
    port: &'a str,
}

const FORWARDED_FOR: &str = "x-forwarded-for";

impl<'a> Added<'a> {
    const NAMES: [&'static str; 4] =
        ["x-amzn-trace-id", FORWARDED_FOR, "x-forwarded-port", "x-forwarded-proto"];

    pub(crate) fn new(gateway: &Gateway, headers: &'a HeaderMap, peer: IpAddr) -> Self {
        let source = peer.to_string();
        let port = headers.get(HOST).and_then(|host| host.to_str().ok()?.rsplit_once(':'));
        let mut sources = None;
        for before in headers.get_all(FORWARDED_FOR) {
            let sources: &mut String = sources.get_or_insert_default();
            sources.push_str(&text(before));
            sources.push_str(", ");
        }
        let trace = headers.get(&TRACE_ID).map(text);
        Self {
            trace: trace.unwrap_or_else(|| gateway.functions().begin_trace().into()),
            sources: sources.map(|sources| sources + &source),
            source,
            port: port.map_or("80", |(_, port)| port),
        }
    }

    /// The address that the request came from.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The X-Ray trace header: the caller's, or a new one.
    pub(crate) fn trace(&self) -> &str {
        &self.trace
    }

    /// The same, for whoever needs nothing else any more.
    pub(crate) fn into_trace(self) -> String {
        self.trace.into_owned()
    }

    /// The headers of a request by their lower-case names, in the order in which they came, without those that are about the
    /// connection, and then what the front adds, whoever said it before.
    pub(crate) fn to<'b>(
        &'b self,
        headers: &'b HeaderMap,
    ) -> impl Iterator<Item = (&'b str, Cow<'b, str>)> + use<'b> {
        let all = headers.iter().map(|(name, value)| (name.as_str(), value));
        let own = all.filter(|(name, _)| is_passed_on(name)).map(|(name, value)| (name, text(value)));
        let added = Self::NAMES.into_iter().zip(self.values());
        own.chain(added.map(|(name, value)| (name, Cow::Borrowed(value))))
    }

    /// The same, for those who take requests as they are.
    pub(crate) fn map(&self, headers: &HeaderMap) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(headers.len() + Self::NAMES.len());
        for (name, value) in headers.iter().filter(|(name, _)| is_passed_on(name.as_str())) {
            map.append(name, value.clone());
        }
        for (name, value) in Self::NAMES.into_iter().zip(self.values()) {
            map.insert(
                name,
                HeaderValue::from_bytes(value.as_bytes()).expect("it is made of headers' values"),
            );
        }
        map
    }

    /// The same, for those who keep them.
    pub(crate) fn owned(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        self.to(headers).map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
    }

    /// As many as [names](Self::NAMES).
    fn values(&self) -> [&str; 4] {
        [&self.trace, self.sources.as_ref().unwrap_or(&self.source), self.port, "http"]
    }
}

/// Whether a header that came is one for the function, by its lower-case name.
fn is_passed_on(name: &str) -> bool {
    !Added::NAMES.contains(&name) && !OF_THE_CONNECTION.contains(&name)
}

/// A header's value: UTF-8, or else Latin-1, in which every byte is a character.
pub(crate) fn text(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), Cow::Borrowed)
}

/// What a function answered that took the request as it was; or what is wrong with it.
pub(crate) fn relay(mut response: Response<Bytes>) -> Result<Response<AnswerBody>, String> {
    let status = response.status();
    if !(200..=599).contains(&status.as_u16()) {
        return Err(format!("the status of the response is {status}, not one from 200 to 599"));
    }
    for name in [CONTENT_LENGTH, TRAILER] {
        response.headers_mut().remove(name);
    }
    Ok(response.map(|body| if is_without_body(status) { AnswerBody::EMPTY } else { body.into() }))
}

/// What a function answered, as it describes that.
pub(crate) fn response(answer: HttpAnswer) -> Response<AnswerBody> {
    let status = StatusCode::from_u16(answer.status).expect("it is one from 200 to 599");
    let body = if is_without_body(status) { AnswerBody::EMPTY } else { Bytes::from(answer.body).into() };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name).expect("it is a token");
        headers.append(name, HeaderValue::try_from(value).expect("it has no control characters"));
    }
    response
}

fn is_without_body(status: StatusCode) -> bool {
    status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}
