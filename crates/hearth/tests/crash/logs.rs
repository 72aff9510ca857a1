//! A client that writes to a log stream.

use std::net::SocketAddr;

use hearth_engine::clock::Clock;
use serde_json::{Value, json};

use crate::{
    client::Client,
    events::number,
    http::{Answer, Unknown, ask},
    random::Random,
};

/// A client of a log group of its own.
pub(crate) fn clients(random: &mut Random) -> Vec<Box<dyn Client>> {
    vec![Box::new(Writer { random: random.split(), written: 0, perhaps: 0 })]
}

/// Writes numbers, one after the other.
struct Writer {
    random: Random,
    /// How many are written, and how many more may be.
    written: u64,
    perhaps: u64,
}

fn logs(server: SocketAddr, operation: &str, mut document: Value) -> Result<Answer, Unknown> {
    document["logGroupName"] = json!("crash");
    document["logStreamName"] = json!("numbers");
    let target = format!("x-amz-target: Logs_20140328.{operation}");
    let headers = ["content-type: application/x-amz-json-1.1", &*target];
    ask(server, "POST /", &headers, document.to_string().as_bytes())
}

impl Client for Writer {
    fn begin(&mut self, server: SocketAddr) {
        for operation in ["CreateLogGroup", "CreateLogStream"] {
            let answer = logs(server, operation, json!({})).expect("it answers");
            assert!(answer.is_ok(), "{}", answer.document());
        }
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let count = 1 + self.random.below(3);
        let now = Clock::real().wall().as_unix_millis();
        let event = |number: u64| json!({ "timestamp": now, "message": number.to_string() });
        let events: Vec<_> = (self.written..self.written + count).map(event).collect();
        self.perhaps = count;
        let answer = logs(server, "PutLogEvents", json!({ "logEvents": events }))?;
        assert!(answer.is_ok(), "{}", answer.document());
        (self.written, self.perhaps) = (self.written + count, 0);
        Ok(())
    }

    fn check(&mut self, server: SocketAddr) {
        let newest = logs(server, "GetLogEvents", json!({ "limit": 100 })).expect("it answers").document();
        let events = newest["events"].as_array().expect("a list");
        let found: Vec<_> = events.iter().map(|event| number(&event["message"])).collect();
        let end = found.last().map_or(0, |last| last + 1);
        let possible = [self.written, self.written + self.perhaps];
        assert!(possible.contains(&end), "{end} numbers are written, not one of {possible:?}");
        let first = end - u64::try_from(found.len()).expect("few");
        assert!(found.iter().copied().eq(first..end), "numbers are missing, or in no order: {found:?}");
        assert!(first == 0 || found.len() == 100, "only {found:?} are there");
        (self.written, self.perhaps) = (end, 0);
    }
}
