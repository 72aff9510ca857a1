//! A client of a FIFO queue: what it sends comes once, and in order.

use std::net::SocketAddr;

use serde_json::json;

use super::queue::{Queue, messages};
use crate::{client::Client, http::Unknown, random::Random};

/// The only client of its queue, which sends numbers.
pub(super) struct Ordered {
    queue: Queue,
    random: Random,
    /// The next number, and whether it may have been sent.
    next: u64,
    perhaps_sent: bool,
    /// All numbers before this one are deleted, and whether this one may be.
    first: u64,
    perhaps_deleted: bool,
}

impl Ordered {
    pub(super) fn new(number: usize, random: Random) -> Self {
        Self {
            queue: Queue { name: format!("ordered-{number}.fifo") },
            random,
            next: 0,
            perhaps_sent: false,
            first: 0,
            perhaps_deleted: false,
        }
    }
}

impl Client for Ordered {
    fn begin(&mut self, server: SocketAddr) {
        self.queue.create(server, &json!({ "FifoQueue": "true" }));
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        if self.random.below(2) == 0 { self.send(server) } else { self.take(server) }
    }

    /// Compares how many there are.
    fn check(&mut self, server: SocketAddr) {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let answer = self.queue.must(server, "GetQueueAttributes", json!({ "AttributeNames": names }));
        let count =
            |name: &str| answer["Attributes"][name].as_str().and_then(|count| count.parse::<i64>().ok());
        let found: i64 = names.iter().map(|name| count(name).expect("a number")).sum();
        // One that may have been sent may be gone already.
        let signed = |number| i64::try_from(number).expect("small");
        let acknowledged = signed(self.next) - signed(self.first);
        let range =
            acknowledged - i64::from(self.perhaps_deleted)..=acknowledged + i64::from(self.perhaps_sent);
        assert!(range.contains(&found), "{}: {found} numbers, not {range:?}", self.queue.name);
    }
}

impl Ordered {
    /// Sends the next number; once more, if it may have been sent.
    fn send(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let number = self.next.to_string();
        let request =
            json!({ "MessageBody": number, "MessageGroupId": "group", "MessageDeduplicationId": number });
        self.perhaps_sent = true;
        let answer = self.queue.ask(server, "SendMessage", request)?;
        assert!(answer.ok, "{}", answer.document);
        (self.next, self.perhaps_sent) = (self.next + 1, false);
        Ok(())
    }

    /// Receives the next number, and deletes it.
    fn take(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        // Nobody gets it before that if there is no answer.
        let answer = self.queue.ask(server, "ReceiveMessage", json!({ "VisibilityTimeout": 1 }))?;
        assert!(answer.ok, "{}", answer.document);
        for (body, handle) in messages(&answer.document) {
            self.found(&body);
            self.perhaps_deleted = true;
            let answer = self.queue.ask(server, "DeleteMessage", json!({ "ReceiptHandle": handle }))?;
            if answer.ok {
                (self.first, self.perhaps_deleted) = (self.first + 1, false);
            } else {
                // It took longer than a second; then it is still there.
                assert!(answer.document.to_string().contains("expired"), "{}", answer.document);
                self.perhaps_deleted = false;
            }
        }
        Ok(())
    }

    /// A number came that must be the next one.
    fn found(&mut self, body: &str) {
        let number: u64 = body.parse().expect("a number");
        if self.perhaps_deleted && number == self.first + 1 {
            self.first = number;
        }
        self.perhaps_deleted = false;
        assert_eq!(number, self.first, "{}: in order, and nothing twice", self.queue.name);
        assert!(number < self.next || (self.perhaps_sent && number == self.next), "{number} was not sent");
    }
}
