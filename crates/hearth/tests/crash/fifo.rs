//! A client of a FIFO queue: what it sends comes once, and in order.

use std::net::SocketAddr;

use serde_json::json;

use crate::{
    Random,
    client::{Queue, Unknown, messages},
};

/// The only client of its queue, which sends numbers.
pub(crate) struct Ordered {
    queue: Queue,
    random: Random,
    created: bool,
    /// The next number, and whether it may have been sent.
    next: u64,
    perhaps_sent: bool,
    /// All numbers before this one are deleted, and whether this one may be.
    first: u64,
    perhaps_deleted: bool,
    pub(crate) acknowledged: u64,
}

impl Ordered {
    pub(crate) fn new(client: usize, seed: u64) -> Self {
        Self {
            queue: Queue { name: format!("ordered-{client}.fifo") },
            random: Random(seed),
            created: false,
            next: 0,
            perhaps_sent: false,
            first: 0,
            perhaps_deleted: false,
            acknowledged: 0,
        }
    }

    /// Sends, receives and deletes until the process is gone.
    pub(crate) fn run(&mut self, address: SocketAddr) {
        while self.step(address).is_ok() {}
    }

    fn step(&mut self, address: SocketAddr) -> Result<(), Unknown> {
        if self.random.below(2) == 0 { self.send(address) } else { self.take(address) }?;
        self.acknowledged += 1;
        Ok(())
    }

    /// Sends the next number; once more, if it may have been sent.
    fn send(&mut self, address: SocketAddr) -> Result<(), Unknown> {
        let number = self.next.to_string();
        let request =
            json!({ "MessageBody": number, "MessageGroupId": "group", "MessageDeduplicationId": number });
        self.perhaps_sent = true;
        let answer = self.queue.ask(address, "SendMessage", request)?;
        assert!(answer.ok, "{}", answer.document);
        (self.next, self.perhaps_sent) = (self.next + 1, false);
        Ok(())
    }

    /// Receives the next number, and deletes it.
    fn take(&mut self, address: SocketAddr) -> Result<(), Unknown> {
        // Nobody gets it before that if there is no answer.
        let answer = self.queue.ask(address, "ReceiveMessage", json!({ "VisibilityTimeout": 1 }))?;
        assert!(answer.ok, "{}", answer.document);
        for (body, handle) in messages(&answer.document) {
            self.found(&body);
            self.perhaps_deleted = true;
            let answer = self.queue.ask(address, "DeleteMessage", json!({ "ReceiptHandle": handle }))?;
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

    /// Compares how many there are with what was acknowledged.
    pub(crate) fn check(&mut self, address: SocketAddr) {
        if !std::mem::replace(&mut self.created, true) {
            return self.queue.create(address, &json!({ "FifoQueue": "true" }));
        }
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let answer = self.queue.must(address, "GetQueueAttributes", json!({ "AttributeNames": names }));
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
