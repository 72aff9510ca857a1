//! A client that sends events, and counts what a queue is told of them.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::{Value, json};

use super::api::{FUNCTIONS, call, creation, must};
use crate::{
    client::Client,
    http::{Unknown, ask},
    random::Random,
};

/// The only client of its function, whose successes a queue is told of.
pub(super) struct Events {
    random: Random,
    sent: u64,
    /// Those that were accepted, and of which the queue has not told yet.
    untold: BTreeSet<u64>,
    /// Those of which it may have been told, or will be.
    perhaps: BTreeSet<u64>,
    told: BTreeSet<u64>,
}

const FUNCTION: &str = "events";
const QUEUE: &str = "events-told";

impl Events {
    pub(super) fn new(random: Random) -> Self {
        Self { random, sent: 0, untold: BTreeSet::new(), perhaps: BTreeSet::new(), told: BTreeSet::new() }
    }

    fn send(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        self.sent += 1;
        let number = self.sent;
        self.perhaps.insert(number);
        let filler = usize::try_from(self.random.below(2_000)).expect("small");
        let line = format!("POST {FUNCTIONS}/{FUNCTION}/invocations");
        let event = json!({ "number": number, "filler": "x".repeat(filler) });
        let headers = ["content-type: application/json", "x-amz-invocation-type: Event"];
        let answer = ask(server, &line, &headers, event.to_string().as_bytes())?;
        assert_eq!(answer.status, 202, "{}", answer.document());
        self.perhaps.remove(&number);
        if !self.told.contains(&number) {
            self.untold.insert(number);
        }
        Ok(())
    }

    /// Takes what the queue has been told, waiting so long if there is nothing.
    fn take(&mut self, server: SocketAddr, wait_s: u64) -> Result<usize, Unknown> {
        let request = json!({ "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait_s });
        let answer = queue(server, "ReceiveMessage", request)?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let record: Value =
                serde_json::from_str(message["Body"].as_str().expect("a text")).expect("JSON");
            assert_eq!(record["requestContext"]["condition"], "Success", "{record}");
            let number = record["requestPayload"]["number"].as_u64().expect("a number");
            assert!(number <= self.sent, "{number} was never sent");
            // Whoever dies in between tells it once more.
            self.told.insert(number);
            self.untold.remove(&number);
            self.perhaps.remove(&number);
            queue(server, "DeleteMessage", json!({ "ReceiptHandle": message["ReceiptHandle"] }))?;
        }
        Ok(messages.len())
    }
}

impl Client for Events {
    fn begin(&mut self, server: SocketAddr) {
        queue(
            server,
            "CreateQueue",
            json!({ "QueueName": QUEUE, "Attributes": { "VisibilityTimeout": "1" } }),
        )
        .expect("it answers");
        must(server, &format!("POST {FUNCTIONS}"), &creation(FUNCTION, 0, 0));
        let told = format!("arn:aws:sqs:us-east-1:000000000000:{QUEUE}");
        let configuration = json!({ "DestinationConfig": { "OnSuccess": { "Destination": told } } });
        let line = format!("PUT /2019-09-25/functions/{FUNCTION}/event-invoke-config");
        must(server, &line, &configuration);
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        match self.random.below(8) {
            0 => self.take(server, 0).map(drop),
            _ => self.send(server),
        }
    }

    fn check(&mut self, server: SocketAddr) {
        let line = format!("GET {FUNCTIONS}/{FUNCTION}");
        assert!(call(server, &line, &Value::Null).expect("it answers").is_ok());
        let mut quiet = 0;
        while !self.untold.is_empty() {
            let taken = self.take(server, 5).expect("it answers");
            quiet = if taken == 0 { quiet + 1 } else { 0 };
            assert!(quiet < 12, "nothing has been told of {:?}", self.untold);
        }
    }
}

fn queue(server: SocketAddr, operation: &str, mut document: Value) -> Result<Value, Unknown> {
    document["QueueUrl"] = json!(format!("http://{server}/000000000000/{QUEUE}"));
    let target = format!("x-amz-target: AmazonSQS.{operation}");
    let headers = ["content-type: application/x-amz-json-1.0", &*target];
    let answer = ask(server, "POST /", &headers, document.to_string().as_bytes())?;
    assert!(answer.is_ok(), "{operation}: {} {}", answer.status, answer.document());
    Ok(answer.document())
}
