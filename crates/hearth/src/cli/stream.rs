//! What the control API tells at once or, as a server-sent stream, as it comes.

use std::io;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::runtime::Builder;

use super::{block_on, error::CommandError};
use crate::{
    client::{AnswerBody, Endpoint, percent_encoded},
    exit::Exit,
};

/// Shows something for as long as somebody reads it.
pub(super) fn show(showing: impl Future<Output = Result<(), CommandError>>) -> Result<Exit, CommandError> {
    match block_on(&mut Builder::new_current_thread(), showing) {
        // Nobody reads on.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        done => done?,
    }
    Ok(Exit::Success)
}

/// Asks for what stands at a path, with the parameters that have a value behind those that are in it.
pub(super) async fn open(
    endpoint: &Endpoint,
    mut path: String,
    parameters: &[(&str, &Option<String>)],
) -> Result<AnswerBody, CommandError> {
    for (name, value) in parameters {
        if let Some(value) = value {
            path.extend(["&", name, "=", &percent_encoded(value)]);
        }
    }
    let (head, body) = endpoint.open(Method::GET, &path, &[], Bytes::new()).await?.into_parts();
    if head.status == StatusCode::OK {
        return Ok(body);
    }
    let answer = Response::from_parts(head, body.collect().await?);
    Err(CommandError::refused(&answer))
}

/// A message of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<T> {
    Entry(T),
    /// So many entries came too fast.
    Missed(u64),
}

#[derive(Deserialize)]
struct Missed {
    missed: u64,
}

/// What has come of a stream and is not read yet.
#[derive(Default)]
pub(super) struct Received(Vec<u8>);

impl Received {
    /// Takes a piece, and gives the messages that are complete now.
    pub(super) fn push<T: DeserializeOwned>(
        &mut self,
        piece: &[u8],
    ) -> Result<Vec<Message<T>>, serde_json::Error> {
        const END: &[u8] = b"\n\n";
        self.0.extend_from_slice(piece);
        let mut messages = Vec::new();
        let mut read = 0;
        while let Some(length) = self.0[read..].windows(END.len()).position(|window| window == END) {
            messages.extend(Message::parse(&self.0[read..read + length])?);
            read += length + END.len();
        }
        self.0.drain(..read);
        Ok(messages)
    }
}

impl<T: DeserializeOwned> Message<T> {
    /// Reads a message; `None` if it is one of a kind that came later.
    fn parse(text: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        let mut kind: &[u8] = b"";
        let mut data: &[u8] = b"";
        for line in text.split(|byte| *byte == b'\n') {
            if let Some(value) = line.strip_prefix(b"event: ") {
                kind = value;
            } else if let Some(value) = line.strip_prefix(b"data: ") {
                data = value;
            }
        }
        match kind {
            b"" => serde_json::from_slice(data).map(|entry| Some(Self::Entry(entry))),
            b"missed" => serde_json::from_slice(data).map(|Missed { missed }| Some(Self::Missed(missed))),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_gateway::control::LogEntry;

    use super::*;

    #[test]
    fn messages_may_come_in_pieces() {
        let entry = r#"{"time":"t","function":"hello","stream":"s","source":"stdout","message":"a\nb"}"#;
        let text = format!(
            "event: missed\ndata: {{\"missed\":7}}\n\nid: 7\ndata: {entry}\n\nevent: other\ndata: 1\n\nid: 8\nda"
        );
        let line: LogEntry = serde_json::from_str(entry).expect("an entry");
        let expect = [Message::Missed(7), Message::Entry(line)];
        let mut received = Received::default();
        assert_eq!(received.push(text.as_bytes()).expect("messages"), expect);
        let mut received = Received::default();
        let messages: Vec<_> =
            text.bytes().flat_map(|byte| received.push(&[byte]).expect("messages")).collect();
        assert_eq!(messages, expect);
        assert_eq!(received.0, b"id: 8\nda");
    }
}
