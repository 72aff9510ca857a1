//! A client of a bucket whose events go to a queue.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::{Value, json};

use super::bucket::{Bucket, content, elements, text};
use crate::{
    client::Client,
    http::{Unknown, ask},
};

/// The only client of its bucket and its queue.
pub(super) struct Notices {
    bucket: Bucket,
    last: u64,
    /// Objects that are there.
    put: BTreeSet<String>,
    /// Those of which the queue has told.
    told: BTreeSet<String>,
}

const QUEUE: &str = "notices";

impl Notices {
    pub(super) fn new() -> Self {
        Self {
            bucket: Bucket { name: "notices".to_owned() },
            last: 0,
            put: BTreeSet::new(),
            told: BTreeSet::new(),
        }
    }

    #[track_caller]
    fn queue(server: SocketAddr, operation: &str, mut document: Value) -> Value {
        document["QueueUrl"] = json!(format!("http://{server}/000000000000/{QUEUE}"));
        let target = format!("x-amz-target: AmazonSQS.{operation}");
        let headers = ["content-type: application/x-amz-json-1.0", &*target];
        let answer = ask(server, "POST /", &headers, document.to_string().as_bytes()).expect("it answers");
        assert!(answer.is_ok(), "{operation}: {}", text(&answer));
        answer.document()
    }

    /// Takes what the queue has.
    fn hear(&mut self, server: SocketAddr) {
        loop {
            let received = Self::queue(server, "ReceiveMessage", json!({ "MaxNumberOfMessages": 10 }));
            let Some(messages) = received["Messages"].as_array() else { return };
            for message in messages {
                let body: Value =
                    serde_json::from_str(message["Body"].as_str().expect("text")).expect("JSON");
                if let Some(key) = body["Records"][0]["s3"]["object"]["key"].as_str() {
                    self.told.insert(key.to_owned());
                }
                Self::queue(server, "DeleteMessage", json!({ "ReceiptHandle": message["ReceiptHandle"] }));
            }
        }
    }
}

impl Client for Notices {
    fn begin(&mut self, server: SocketAddr) {
        Self::queue(server, "CreateQueue", json!({ "QueueName": QUEUE }));
        self.bucket.must(server, "PUT", "", &[]);
        let rules = format!(
            "<NotificationConfiguration><QueueConfiguration><Id>all</Id>\
             <Queue>arn:aws:sqs:us-east-1:000000000000:{QUEUE}</Queue><Event>s3:ObjectCreated:*</Event>\
             </QueueConfiguration></NotificationConfiguration>"
        );
        self.bucket.must(server, "PUT", "?notification", rules.as_bytes());
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        self.last += 1;
        // In one page of a list, and each of them only once.
        let key = format!("{:08}", self.last);
        self.bucket.expect(server, "PUT", &format!("/{key}"), &[], &content(self.last % 7))?;
        self.put.insert(key);
        Ok(())
    }

    fn check(&mut self, server: SocketAddr) {
        self.hear(server);
        let listed = elements(&text(&self.bucket.must(server, "GET", "?list-type=2", &[])), "Key");
        let lost: Vec<_> =
            std::mem::take(&mut self.put).into_iter().filter(|key| !listed.contains(key)).collect();
        assert!(lost.is_empty(), "{lost:?}");
        // Whatever is there has been told of, whether its client heard of it or not.
        for key in listed {
            assert!(self.told.contains(&key), "nobody was told of {key}");
            self.bucket.must(server, "DELETE", &format!("/{key}"), &[]);
        }
    }
}
