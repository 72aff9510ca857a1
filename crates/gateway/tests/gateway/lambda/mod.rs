//! The control plane of Lambda on the wire: every operation's status, headers and document.

mod aliases;
mod asynchronous;
mod code;
mod concurrency;
mod event_sources;
mod functions;
mod layers;
mod logging;
mod management;
mod policy;
mod refusals;
mod tags;
mod urls;
mod versions;

use std::io::{Cursor, Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{client::Answer, world::World};

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/tester";
pub(crate) const FUNCTIONS: &str = "/2015-03-31/functions";
pub(crate) const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:orders";

/// A zip in base64 with one file, `bootstrap`.
pub(crate) fn zip(content: &[u8]) -> String {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", SimpleFileOptions::default()).expect("an entry");
    writer.write_all(content).expect("written");
    BASE64_STANDARD.encode(writer.finish().expect("finished").into_inner())
}

/// What creates the function `orders`, with changes on top.
pub(crate) fn orders(changes: &Value) -> Value {
    let mut document = json!({
        "FunctionName": "orders",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": ROLE,
        "Code": {"ZipFile": zip(b"v1")},
    });
    let members = document.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    document
}

impl World {
    pub(crate) async fn call(&self, line: &str, document: &Value) -> Answer {
        let body = if document.is_null() { String::new() } else { document.to_string() };
        self.client().await.call(line, &[], &body).await
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.call(&format!("GET {path}"), &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn create_orders(&self) -> Value {
        let answer = self.call(&format!("POST {FUNCTIONS}"), &orders(&json!({}))).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// Gives `orders` other code.
    pub(crate) async fn update_orders(&self, content: &[u8]) -> Value {
        let line = format!("PUT {FUNCTIONS}/orders/code");
        let answer = self.call(&line, &json!({"ZipFile": zip(content)})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Calls, and compares the refusal.
    pub(crate) async fn refused(&self, line: &str, document: &Value, status: u16, code: &str, message: &str) {
        let answer = self.call(line, document).await;
        let given = answer.json();
        let text = given["message"].as_str().or(given["Message"].as_str()).unwrap_or_default().to_owned();
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (status, Some(code)),
            "{}",
            answer.body
        );
        assert_eq!(text, message, "{line}");
        assert_eq!(given["Type"], "User");
        assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    }
}

/// A document without what differs each time, which must be there.
pub(crate) fn settled(mut document: Value) -> Value {
    let members = document.as_object_mut().expect("an object");
    assert_eq!(members.remove("RevisionId").expect("a revision").as_str().map(str::len), Some(36));
    document
}
