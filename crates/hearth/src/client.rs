//! A small client of a running Hearth: one request, one connection.

use std::{
    fmt::Write,
    future::{Future, pending},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    str::FromStr,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header, uri::InvalidUri};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use thiserror::Error;
use tokio::net::TcpStream;

/// Where `hearth up` listens unless told otherwise.
pub(crate) const DEFAULT_PORT: u16 = 4566;

/// The URL of a running Hearth.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    host: String,
    port: u16,
}

/// Why a text is no endpoint.
#[derive(Debug, Error)]
pub(crate) enum InvalidEndpoint {
    #[error("it is no URL: {0}")]
    NotUrl(#[from] InvalidUri),
    #[error("write it like `http://localhost:{DEFAULT_PORT}`")]
    NotHttp,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum ClientError {
    #[error(
        "nothing answers at {endpoint}: start `hearth up` first, or name another place with `--endpoint`"
    )]
    NotReachable {
        endpoint: String,
        #[source]
        source: io::Error,
    },
    #[error("the connection to {endpoint} broke off")]
    BrokenOff {
        endpoint: String,
        #[source]
        source: hyper::Error,
    },
    #[error("what answers at {endpoint} is not Hearth, or another version of it: {reason}")]
    NotHearth { endpoint: String, reason: String },
}

/// What stands in an error of an AWS API, in the protocols whose documents are JSON.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ApiError {
    #[serde(rename = "__type")]
    pub(crate) code: Option<String>,
    #[serde(alias = "Message")]
    pub(crate) message: Option<String>,
    #[serde(rename = "Reason")]
    pub(crate) reason: Option<String>,
}

/// Reads an error; what is none says nothing.
pub(crate) fn api_error(answer: &Response<Bytes>) -> ApiError {
    serde_json::from_slice(answer.body()).unwrap_or_default()
}

impl ApiError {
    pub(crate) fn message_or_status(self, answer: &Response<Bytes>) -> String {
        self.message.unwrap_or_else(|| format!("the answer is {}", answer.status()))
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let url: Uri = text.parse()?;
        let plain =
            url.scheme_str() == Some("http") && matches!(url.path(), "" | "/") && url.query().is_none();
        match url.authority() {
            Some(authority) if plain => Ok(Self {
                host: authority.host().trim_matches(['[', ']']).to_owned(),
                port: authority.port_u16().unwrap_or(80),
            }),
            Some(_) | None => Err(InvalidEndpoint::NotHttp),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "http://{}:{}", self.host, self.port)
        }
    }
}

impl Endpoint {
    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Response<Bytes>, ClientError> {
        let (head, answer) = self.open(method, path, headers, body).await?.into_parts();
        Ok(Response::from_parts(head, answer.collect().await?))
    }

    /// Sends a request, and gives the answer as soon as it begins.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Response<AnswerBody>, ClientError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|source| ClientError::NotReachable { endpoint: self.to_string(), source })?;
        let broken_off = |source| ClientError::BrokenOff { endpoint: self.to_string(), source };
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken_off)?;
        let mut connection: Option<Connection> = Some(Box::pin(connection));
        let mut exchange = pin!(sender.send_request(self.request(method, path, headers, body)));
        // Driven right here. A connection that closes may have brought the whole answer; what it has not is an error.
        let response = loop {
            tokio::select! {
                response = &mut exchange => break response,
                () = drive(&mut connection) => {}
            }
        };
        let (head, body) = response.map_err(broken_off)?.into_parts();
        Ok(Response::from_parts(head, AnswerBody { connection, body, endpoint: self.clone() }))
    }

    /// The error of an answer that does not look as it should.
    pub(crate) fn not_hearth(&self, reason: impl Into<String>) -> ClientError {
        ClientError::NotHearth { endpoint: self.to_string(), reason: reason.into() }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Request<Full<Bytes>> {
        let host = self.to_string();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("paths are made of percent-encoded parts");
        let host = host.trim_start_matches("http://");
        request.headers_mut().insert(header::HOST, host.parse().expect("a URL's host is a header's value"));
        request.headers_mut().extend(headers.iter().cloned());
        request
    }
}

/// What moves bytes between the socket and an exchange.
type Connection = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// Moves bytes for as long as the connection lives. Completes once, at its end. Cancel safe.
async fn drive(connection: &mut Option<Connection>) {
    match connection {
        Some(open) => {
            // How it ended is seen in what it has brought.
            let _ended = open.await;
            *connection = None;
        }
        None => pending().await,
    }
}

/// The body of an answer, as it comes.
pub(crate) struct AnswerBody {
    connection: Option<Connection>,
    body: Incoming,
    endpoint: Endpoint,
}

impl AnswerBody {
    /// Waits for the next piece; `None` at the end. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        loop {
            let frame = tokio::select! {
                frame = self.body.frame() => frame,
                () = drive(&mut self.connection) => continue,
            };
            match frame {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(source)) => {
                    return Err(ClientError::BrokenOff { endpoint: self.endpoint.to_string(), source });
                }
            }
        }
    }

    /// Reads to the end.
    pub(crate) async fn collect(mut self) -> Result<Bytes, ClientError> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }
}

/// A name or an ARN as a part of a path or a query.
pub(crate) fn percent_encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:$".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_plain_http() {
        let check = |text: &str, expect: &str| {
            assert_eq!(text.parse::<Endpoint>().expect(text).to_string(), expect);
        };
        check("http://localhost:4566", "http://localhost:4566");
        check("http://127.0.0.1:1234/", "http://127.0.0.1:1234");
        check("http://hearth", "http://hearth:80");
        check("http://[::1]:4566", "http://[::1]:4566");
        for text in
            ["", "localhost", "localhost:4566", "https://localhost", "http://localhost/path", "http://a b"]
        {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_one_part_of_the_path() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello:$LATEST";
        assert_eq!(percent_encoded(arn), arn);
        assert_eq!(percent_encoded("a/b c?ä"), "a%2Fb%20c%3F%C3%A4");
    }
}
