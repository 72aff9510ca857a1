//! Requests to Lambda.

use std::{
    io::{Cursor, Write},
    net::SocketAddr,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::http::{Answer, Unknown, ask};

/// Where functions are.
pub(super) const FUNCTIONS: &str = "/2015-03-31/functions";

/// A function that answers what it gets.
const ECHO: &[u8] = include_bytes!("../../../../../functions/echo/echo.wasm");

/// A function that logs what it is told to.
const MISBEHAVE: &[u8] = include_bytes!("../../../../../functions/misbehave/misbehave.wasm");

/// Asks for something, such as `GET /path`.
pub(super) fn call(server: SocketAddr, request: &str, document: &Value) -> Result<Answer, Unknown> {
    let body = if document.is_null() { String::new() } else { document.to_string() };
    ask(server, request, &["content-type: application/json"], body.as_bytes())
}

/// As [`call`], while nobody kills anything: the answer is a success.
#[track_caller]
pub(super) fn must(server: SocketAddr, request: &str, document: &Value) -> Value {
    let answer = call(server, request, document).expect("it answers");
    assert!(answer.is_ok(), "{request}: {} {}", answer.status, answer.document());
    answer.document()
}

/// What `CreateFunction` wants.
pub(super) fn creation(name: &str, environment: u64, code: u64) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": "arn:aws:iam::000000000000:role/crash",
        "Code": { "ZipFile": zipped(code) },
        "Environment": variables(environment),
    })
}

pub(super) fn variables(environment: u64) -> Value {
    json!({ "Variables": { "NUMBER": environment.to_string() } })
}

/// The code of this number, in base64.
pub(super) fn zipped(number: u64) -> String {
    BASE64_STANDARD.encode(zip(ECHO, number))
}

/// The code of a function that logs what it is told to, in base64.
pub(super) fn zipped_logger() -> String {
    BASE64_STANDARD.encode(zip(MISBEHAVE, 0))
}

/// How large the code of this number is: no two are the same.
pub(super) fn zip_bytes(number: u64) -> usize {
    zip(ECHO, number).len()
}

fn zip(wasm: &[u8], number: u64) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let filler = "x".repeat(usize::try_from(number).expect("small"));
    for (name, content) in [("bootstrap.wasm", wasm), ("filler", filler.as_bytes())] {
        writer.start_file(name, options).expect("a file");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}
