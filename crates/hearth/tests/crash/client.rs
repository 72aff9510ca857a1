//! Requests to SQS, whose answers may never come.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::{Value, json};

/// An answer.
pub(crate) struct Answer {
    pub(crate) ok: bool,
    pub(crate) document: Value,
}

/// The process died before it answered: what was asked for is done or not.
#[derive(Debug)]
pub(crate) struct Unknown;

pub(crate) struct Queue {
    pub(crate) name: String,
}

impl Queue {
    /// Asks for an operation on the queue.
    pub(crate) fn ask(
        &self,
        address: SocketAddr,
        operation: &str,
        mut document: Value,
    ) -> Result<Answer, Unknown> {
        document["QueueUrl"] = json!(format!("http://{address}/000000000000/{}", self.name));
        let body = document.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\n\
             x-amz-target: AmazonSQS.{operation}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut text = String::new();
        let answered = TcpStream::connect(address).and_then(|mut connection| {
            connection.write_all(request.as_bytes())?;
            connection.read_to_string(&mut text)
        });
        let (head, body) = text.split_once("\r\n\r\n").ok_or(Unknown)?;
        let length = head
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        if answered.is_err() || length.is_some_and(|length| body.len() < length) {
            return Err(Unknown);
        }
        let document = serde_json::from_str(body).unwrap_or(Value::Null);
        Ok(Answer { ok: head.starts_with("HTTP/1.1 200"), document })
    }

    /// As [`ask`](Self::ask), while nobody kills anything: the answer is a success.
    #[track_caller]
    pub(crate) fn must(&self, address: SocketAddr, operation: &str, document: Value) -> Value {
        let answer = self.ask(address, operation, document).expect("it answers");
        assert!(answer.ok, "{operation} on {}: {}", self.name, answer.document);
        answer.document
    }

    /// Makes it, if it is not there.
    pub(crate) fn create(&self, address: SocketAddr, attributes: &Value) {
        self.must(address, "CreateQueue", json!({ "QueueName": self.name, "Attributes": attributes }));
    }
}

/// The messages of an answer: bodies and receipt handles.
pub(crate) fn messages(document: &Value) -> Vec<(String, String)> {
    let text = |message: &Value, name: &str| message[name].as_str().expect("a text").to_owned();
    let messages = document["Messages"].as_array().into_iter().flatten();
    messages.map(|message| (text(message, "Body"), text(message, "ReceiptHandle"))).collect()
}
