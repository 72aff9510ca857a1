//! Requests whose answers may never come.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

/// The process died before it answered, or says that it cannot keep what it did: what was asked for is done or not.
#[derive(Debug)]
pub(crate) struct Unknown;

/// Asks for something, such as `POST /path`; headers are whole lines without their ends.
pub(crate) fn ask(
    server: SocketAddr,
    request: &str,
    headers: &[&str],
    body: &[u8],
) -> Result<Answer, Unknown> {
    exchange(server, request, headers, body)
        .and_then(|answer| if answer.status == 503 { Err(Unknown) } else { Ok(answer) })
}

/// As [`ask`], with whatever is answered.
pub(crate) fn exchange(
    server: SocketAddr,
    request: &str,
    headers: &[&str],
    body: &[u8],
) -> Result<Answer, Unknown> {
    let mut head = format!("{request} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut answer = Vec::new();
    let answered = TcpStream::connect(server).and_then(|mut connection| {
        connection.write_all(&[head.as_bytes(), body].concat())?;
        connection.read_to_end(&mut answer)
    });
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or(Unknown)?;
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).expect("a head is text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let answer = Answer { status, head, body };
    let length = answer.header("content-length").map(|length| length.parse::<usize>().expect("a length"));
    let is_whole = request.starts_with("HEAD ")
        || length.map_or(answer.body.is_empty(), |length| answer.body.len() == length);
    if answered.is_ok() && is_whole { Ok(answer) } else { Err(Unknown) }
}

impl Answer {
    /// Whether it is a success.
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header, if it has it.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body, if it is JSON.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
