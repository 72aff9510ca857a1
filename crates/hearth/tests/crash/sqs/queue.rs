//! Requests to SQS.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::http::{Unknown, ask};

/// An answer.
pub(super) struct Answer {
    pub(super) ok: bool,
    pub(super) document: Value,
}

pub(super) struct Queue {
    pub(super) name: String,
}

impl Queue {
    /// Asks for an operation on the queue.
    pub(super) fn ask(
        &self,
        server: SocketAddr,
        operation: &str,
        mut document: Value,
    ) -> Result<Answer, Unknown> {
        document["QueueUrl"] = json!(format!("http://{server}/000000000000/{}", self.name));
        let target = format!("x-amz-target: AmazonSQS.{operation}");
        let headers = ["content-type: application/x-amz-json-1.0", &*target];
        let answer = ask(server, "POST /", &headers, document.to_string().as_bytes())?;
        Ok(Answer { ok: answer.is_ok(), document: answer.document() })
    }

    /// As [`ask`](Self::ask), while nobody kills anything: the answer is a success.
    #[track_caller]
    pub(super) fn must(&self, server: SocketAddr, operation: &str, document: Value) -> Value {
        let answer = self.ask(server, operation, document).expect("it answers");
        assert!(answer.ok, "{operation} on {}: {}", self.name, answer.document);
        answer.document
    }

    /// Makes it.
    pub(super) fn create(&self, server: SocketAddr, attributes: &Value) {
        self.must(server, "CreateQueue", json!({ "QueueName": self.name, "Attributes": attributes }));
    }
}

/// The messages of an answer: bodies and receipt handles.
pub(super) fn messages(document: &Value) -> Vec<(String, String)> {
    let text = |message: &Value, name: &str| message[name].as_str().expect("a text").to_owned();
    let messages = document["Messages"].as_array().into_iter().flatten();
    messages.map(|message| (text(message, "Body"), text(message, "ReceiptHandle"))).collect()
}
