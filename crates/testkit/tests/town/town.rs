//! A town, and the clients that the tests have there.

use std::path::Path;

use hearth_testkit::Hearth;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A town of its own. It begins at midnight.
pub(crate) struct Town {
    pub(crate) hearth: Hearth,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

/// All queues of the manifest.
pub(crate) const QUEUES: [&str; 6] = ["done", "rejected", "payments", "lost", "orders.fifo", "lost.fifo"];

impl Town {
    pub(crate) async fn found() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/town/hearth.toml");
        let hearth = Hearth::builder().manifest(manifest).frozen_at("2026-01-01T00:00:00Z").start().await;
        let hearth = hearth.expect("the town is founded");
        Self { lambda: hearth.lambda(), s3: hearth.s3(), sqs: hearth.sqs(), hearth }
    }

    /// A request as programs without an SDK send it; what it is answered.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> (u16, String) {
        let address = self.address();
        let mut request = Request::builder().method(method).uri(path).header("host", &address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("a request");
        let stream = TcpStream::connect(address).await.expect("it listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
        let answer = async {
            let answer = sender.send_request(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.expect("a body").to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        };
        tokio::select! {
            answer = answer => answer,
            ended = connection => panic!("the connection ended before the answer: {ended:?}"),
        }
    }

    /// Something of Hearth's own API.
    pub(crate) async fn get(&self, path: &str) -> String {
        let (status, body) = self.call(Method::GET, path, &[], "").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// An operation of a service that speaks AWS JSON.
    pub(crate) async fn operation(&self, target: &str, input: &'static str) -> String {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let (status, body) = self.call(Method::POST, "/", &headers, input).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) fn address(&self) -> String {
        let url = self.hearth.url();
        url.strip_prefix("http://").expect("a URL of this machine").to_owned()
    }
}
