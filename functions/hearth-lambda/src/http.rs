//! A small HTTP client, over `wasi:http/outgoing-handler`.
//!
//! A function reaches Hearth's own endpoint and nothing else (`HTTP-request-denied`). For S3 and SQS there, see
//! [`s3`](crate::s3) and [`sqs`](crate::sqs).
//!
//! Each request carries the trace header of the invocation on, as AWS's SDKs do: without it, a function that invokes itself by
//! what it does would go round for ever. Bodies are held in memory.

use std::{
    error, fmt,
    io::{self, Read, Write},
};

use wasip2::http::{
    outgoing_handler,
    types::{Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme},
};

use crate::trace;

/// A request that is being put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// What was answered, whatever the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers; their names are in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    url: String,
    reason: String,
}

impl Request {
    /// A request without headers and body. The URL begins with `http://`.
    pub fn new(method: &'static str, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// The same request with one header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same request with this body.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.headers.push(("content-length", body.len().to_string()));
        self.body = body;
        self
    }

    /// Sends the request and waits for the whole answer.
    ///
    /// # Errors
    /// If there is no answer. One with an error status is one.
    ///
    /// # Panics
    /// Outside WebAssembly.
    pub fn send(mut self) -> Result<Response, HttpError> {
        self.headers.extend(trace::header().map(|header| ("x-amzn-trace-id", header)));
        let Self { method, url, headers, body } = self;
        exchange(method, &url, &headers, &body).map_err(|reason| HttpError { url, reason })
    }
}

impl Response {
    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer from {}: {}", self.url, self.reason)
    }
}

impl error::Error for HttpError {}

fn exchange(
    method: &str,
    url: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
) -> Result<Response, String> {
    let request = OutgoingRequest::new(fields(headers)?);
    let (authority, target) = parts(url)?;
    request.set_scheme(Some(&Scheme::Http)).map_err(|()| "the scheme is refused")?;
    request.set_method(&Method::Other(method.to_owned())).map_err(|()| "it is no method")?;
    request.set_authority(Some(authority)).map_err(|()| "the authority is malformed")?;
    request.set_path_with_query(Some(&target)).map_err(|()| "the path is malformed")?;
    let outgoing = if body.is_empty() { None } else { request.body().ok() };
    let answer = outgoing_handler::handle(request, None).map_err(|error| error.to_string())?;
    if let Some(outgoing) = outgoing {
        // Who answers before everything is written has decided already: then the answer counts.
        let _ = send_body(outgoing, body);
    }
    answer.subscribe().block();
    let answer = answer.get().ok_or("the answer was not there when it was announced")?;
    let answer = answer.map_err(|()| "the answer was taken before")?.map_err(|error| error.to_string())?;
    receive(&answer)
}

fn fields(headers: &[(&'static str, String)]) -> Result<Fields, String> {
    let fields = Fields::new();
    for (name, value) in headers {
        let appended = fields.append(name, value.as_bytes());
        appended.map_err(|error| format!("the header `{name}` is refused: {error}"))?;
    }
    Ok(fields)
}

/// Authority, and path with query.
fn parts(url: &str) -> Result<(&str, String), String> {
    let rest = url.strip_prefix("http://").ok_or("the URL does not begin with `http://`")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok((authority, format!("{slash}{target}")))
}

fn send_body(outgoing: OutgoingBody, body: &[u8]) -> io::Result<()> {
    // The stream must go before its body.
    {
        let mut stream =
            outgoing.write().map_err(|()| io::Error::other("the body's stream was taken before"))?;
        stream.write_all(body)?;
        Write::flush(&mut stream)?;
    }
    OutgoingBody::finish(outgoing, None).map_err(io::Error::other)
}

fn receive(answer: &IncomingResponse) -> Result<Response, String> {
    let body = answer.consume().map_err(|()| "the answer's body was taken before")?;
    let mut bytes = Vec::new();
    // The stream must go before its body.
    {
        let mut stream = body.stream().map_err(|()| "the body's stream was taken before")?;
        stream.read_to_end(&mut bytes).map_err(|error| format!("the answer broke off: {error}"))?;
    }
    drop(IncomingBody::finish(body));
    Ok(Response { status: answer.status(), headers: answer.headers().entries(), body: bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_an_authority_and_a_target() {
        let check = |url: &str, expected: Option<(&str, &str)>| {
            let found = parts(url).ok();
            assert_eq!(found.as_ref().map(|(authority, target)| (*authority, &**target)), expected, "{url}");
        };
        check("http://127.0.0.1:4566", Some(("127.0.0.1:4566", "/")));
        check("http://127.0.0.1:4566/photos/a%20b?x=/", Some(("127.0.0.1:4566", "/photos/a%20b?x=/")));
        check("http://localhost?list-type=2", Some(("localhost", "/?list-type=2")));
        check("https://localhost/", None);
        check("localhost/", None);
    }

    #[test]
    fn a_body_has_a_length() {
        let request = Request::new("PUT", "http://localhost/a")
            .header("content-type", "text/plain")
            .body(b"tea".to_vec());
        let lengths: Vec<_> =
            request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(lengths, ["content-type: text/plain", "content-length: 3"]);
    }
}
