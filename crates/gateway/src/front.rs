//! What fronts have in common: requests as their functions get them.

use std::borrow::Cow;

use bytes::Bytes;
use hearth_model::http_event::{HttpAnswer, RequestHeaders};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri,
    header::HOST,
    request::Parts,
    uri::{self, Authority, PathAndQuery, Scheme},
};
use serde::Serialize;

use crate::{body::AnswerBody, gateway::Gateway, invoke::TRACE_ID, peer::Peer, rest_json};

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
    peer: &'a Peer,
    /// The peer behind those that forwarded the request, if others did.
    sources: Option<String>,
    port: &'a str,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl<'a> Added<'a> {
    const NAMES: [&'static str; 4] =
        ["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

    pub(crate) fn new(gateway: &Gateway, headers: &'a HeaderMap, peer: &'a Peer) -> Self {
        let port = headers.get(HOST).and_then(|host| host.to_str().ok()?.rsplit_once(':'));
        let mut sources = None;
        for before in headers.get_all(FORWARDED_FOR) {
            let sources: &mut String = sources.get_or_insert_default();
            sources.push_str(&text(before));
            sources.push_str(", ");
        }
        let trace = headers.get(TRACE_ID).map(text);
        Self {
            trace: trace.unwrap_or_else(|| gateway.functions().begin_trace().into()),
            sources: sources.map(|sources| sources + peer.as_str()),
            peer,
            port: port.map_or("80", |(_, port)| port),
        }
    }

    /// The address that the request came from.
    pub(crate) fn source(&self) -> &'a str {
        self.peer.as_str()
    }

    /// The X-Ray trace header: the caller's, or a new one.
    pub(crate) fn trace(&self) -> &str {
        &self.trace
    }

    /// The same, for whoever needs nothing else any more.
    pub(crate) fn into_trace(self) -> String {
        self.trace.into_owned()
    }

    /// The headers of a request, without those that are about the connection, and with what the front adds, whoever said it
    /// before.
    pub(crate) fn to<'b>(&'b self, headers: &'b HeaderMap) -> RequestHeaders<'b> {
        self.all(headers).map(|(name, value)| (name.into(), value)).collect()
    }

    /// The same in the order in which they came, and then what the front adds, for those who keep them.
    pub(crate) fn owned(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        self.all(headers).map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
    }

    fn all<'b>(&'b self, headers: &'b HeaderMap) -> impl Iterator<Item = (&'b str, Cow<'b, str>)> {
        let all = headers.iter().map(|(name, value)| (name.as_str(), value));
        let own = all.filter(|(name, _)| is_passed_on(name)).map(|(name, value)| (name, text(value)));
        let added = [&*self.trace, self.sources.as_deref().unwrap_or(self.peer.as_str()), self.port, "http"];
        own.chain(Self::NAMES.into_iter().zip(added.map(Cow::Borrowed)))
    }

    /// A request for a function that takes requests: as it came, but for what the front leaves out and adds. `path` is the one
    /// behind the front's host, which is `domain` unless the request names another one.
    pub(crate) fn request(
        &self,
        head: &Parts,
        path: &str,
        domain: impl FnOnce() -> String,
        body: Bytes,
    ) -> Box<Request<Bytes>> {
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        let host = head.headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
        let mut parts = uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = host.or_else(|| domain().try_into().ok());
        parts.path_and_query = path_and_query(&head.uri, path);
        *request.uri_mut() = Uri::from_parts(parts).expect("scheme, host and path are all there");
        *request.headers_mut() = self.map(&head.headers);
        Box::new(request)
    }

    /// All headers but the host, which is in the URI.
    fn map(&self, headers: &HeaderMap) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(headers.len() + Self::NAMES.len() - 1);
        for (name, value) in headers.iter().filter(|(name, _)| **name != HOST && is_passed_on(name.as_str()))
        {
            map.append(name, value.clone());
        }
        let value =
            |text: &str| HeaderValue::from_bytes(text.as_bytes()).expect("it is made of headers' values");
        map.insert(TRACE_ID, value(&self.trace));
        map.insert(FORWARDED_FOR, self.sources.as_deref().map_or_else(|| self.peer.value().clone(), value));
        map.insert(FORWARDED_PORT, value(self.port));
        map.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
        map
    }
}

fn path_and_query(uri: &Uri, path: &str) -> Option<PathAndQuery> {
    let sent = uri.path_and_query().filter(|sent| sent.path() == path);
    sent.cloned().or_else(|| {
        uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")).try_into().ok()
    })
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

/// What a function answered, as it describes that.
pub(crate) fn response(answer: HttpAnswer) -> Response<AnswerBody> {
    let HttpAnswer { status, headers, body } = answer;
    let mut response = Response::new(if is_without_body(status) { AnswerBody::EMPTY } else { body.into() });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn is_without_body(status: StatusCode) -> bool {
    status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}
