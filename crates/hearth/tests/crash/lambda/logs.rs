//! A client of a function that logs numbers.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::api::{FUNCTIONS, call, creation, must, zipped_logger};
use crate::{
    client::Client,
    http::{Unknown, ask},
};

/// The only client of its function. What functions log is not kept before they answer, but in order, and for good.
#[derive(Default)]
pub(super) struct Logs {
    next: u64,
    /// The numbers that were found after the last start.
    found: Vec<u64>,
    /// Those that were logged since, and perhaps the last of them not.
    since: Vec<u64>,
}

const FUNCTION: &str = "logging";

/// So many numbers have room in a log group, and many more.
const FEW: usize = 1_000;

impl Client for Logs {
    fn begin(&mut self, server: SocketAddr) {
        let mut function = creation(FUNCTION, 0, 0);
        function["Code"]["ZipFile"] = zipped_logger().into();
        must(server, &format!("POST {FUNCTIONS}"), &function);
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        self.next += 1;
        self.since.push(self.next);
        let event = json!({ "action": "print", "text": format!("number {}", self.next) });
        let answer = call(server, &format!("POST {FUNCTIONS}/{FUNCTION}/invocations"), &event)?;
        assert!(answer.is_ok(), "{}", answer.document());
        Ok(())
    }

    fn check(&mut self, server: SocketAddr) {
        let found = numbers(server);
        let known = self.found.len();
        self.found.append(&mut self.since);
        let logged = &self.found;
        // The oldest may have made room.
        let first =
            found.first().map_or(0, |first| logged.iter().take_while(|number| *number < first).count());
        let end = first + found.len();
        assert!(
            logged.get(first..end) == Some(&found) && end >= known && (first == 0 || found.len() > FEW),
            "of {known} numbers and those after, {logged:?}, there are {found:?}"
        );
        self.found = found;
    }
}

/// What is in the log group.
fn numbers(server: SocketAddr) -> Vec<u64> {
    let (mut numbers, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut request =
            json!({ "logGroupName": format!("/aws/lambda/{FUNCTION}"), "filterPattern": "number" });
        if !token.is_null() {
            request["nextToken"] = token;
        }
        let headers =
            ["content-type: application/x-amz-json-1.1", "x-amz-target: Logs_20140328.FilterLogEvents"];
        let answer = ask(server, "POST /", &headers, request.to_string().as_bytes()).expect("it answers");
        if answer.status == 400 {
            assert!(answer.document()["__type"].to_string().contains("ResourceNotFound"));
            return numbers;
        }
        let mut page = answer.document();
        for event in page["events"].as_array().expect("a list") {
            let message = event["message"].as_str().expect("a text");
            let number =
                message.strip_prefix("number ").and_then(|rest| rest.strip_suffix('\n')?.parse().ok());
            numbers.push(number.unwrap_or_else(|| panic!("that is no whole line: {message}")));
        }
        token = page["nextToken"].take();
        if token.is_null() {
            return numbers;
        }
    }
}
