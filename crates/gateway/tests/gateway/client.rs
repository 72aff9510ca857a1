//! A client that sends whatever bytes it is given.

use std::{fmt::Write, net::SocketAddr, time::Duration};

use hearth_engine::clock::Clock;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer takes no answer; what takes longer will never come.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.expect("it listens"), received: Vec::new() }
    }

    /// Sends a request with these header lines, and reads the answer.
    pub(crate) async fn call(&mut self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(&request(line, headers, body)).await;
        self.answer().await
    }

    /// As [`call`](Self::call), with a body that is no text.
    pub(crate) async fn call_with_bytes(
        &mut self,
        line: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let length = body.len().to_string();
        self.send(&request(line, &[headers, &[("content-length", &length)]].concat(), "")).await;
        self.stream.write_all(body).await.expect("the server reads");
        self.answer().await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.call(&format!("GET {path}"), &[], "").await
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// Sends what a server may not want to read to its end.
    pub(crate) async fn try_send(&mut self, bytes: &str) {
        let _refused = self.stream.write_all(bytes.as_bytes()).await;
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let length = head.header("content-length").map_or(0, |length| length.parse().expect("a number"));
        while self.received.len() < length {
            self.receive().await;
        }
        let bytes: Vec<u8> = self.received.drain(..length).collect();
        Answer { body: String::from_utf8_lossy(&bytes).into_owned(), bytes, ..head }
    }

    /// An answer without its body, which is read with [`text_with`](Self::text_with).
    pub(crate) async fn head(&mut self) -> Answer {
        let end = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            self.receive().await;
        };
        let head: Vec<u8> = self.received.drain(..end + 4).collect();
        let head = String::from_utf8(head).expect("text");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers = lines.filter_map(|line| line.split_once(": "));
        Answer {
            status: status.parse().expect("a number"),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::new(),
            bytes: Vec::new(),
        }
    }

    /// All that was received, once it has this text in it.
    pub(crate) async fn text_with(&mut self, wanted: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.received);
            if text.contains(wanted) {
                return text.into_owned();
            }
            self.receive().await;
        }
    }

    /// Waits until the server closes the connection; what it sends before is returned.
    pub(crate) async fn closed(mut self) -> String {
        while self.try_receive().await > 0 {}
        String::from_utf8(self.received).expect("text")
    }

    async fn receive(&mut self) {
        assert!(self.try_receive().await > 0, "the server closed the connection");
    }

    /// How many bytes came; none if the connection is closed or reset.
    async fn try_receive(&mut self) -> usize {
        tokio::select! {
            received = self.stream.read_buf(&mut self.received) => received.unwrap_or(0),
            () = Clock::real().sleep(PATIENCE) => panic!("no answer within {PATIENCE:?}"),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(given, value)| given.eq_ignore_ascii_case(name).then_some(&**value))
    }

    /// The values of all headers of this name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| &**value).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A request's bytes.
pub(crate) fn request(line: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{line} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").expect("a string takes everything");
    }
    if !body.is_empty() {
        write!(text, "content-length: {}\r\n", body.len()).expect("a string takes everything");
    }
    text + "\r\n" + body
}

/// The request line that invokes a function.
pub(crate) fn invoke(function: &str) -> String {
    format!("POST /2015-03-31/functions/{function}/invocations")
}
