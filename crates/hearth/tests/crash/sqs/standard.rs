//! A client of a standard queue, and what it may expect.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use serde_json::json;

use super::queue::{Queue, messages};
use crate::{client::Client, http::Unknown, random::Random};

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// It was sent, or perhaps not.
    PerhapsSent,
    Visible,
    /// It was received, and is this receiver's for longer than the test lasts.
    InFlight(String),
    /// It was deleted, or perhaps not.
    PerhapsDeleted,
    Deleted,
}

/// The only client of its queue.
pub(super) struct Unordered {
    queue: Queue,
    random: Random,
    sent: u64,
    known: BTreeMap<String, Known>,
    /// Whether a receive had no answer: anything visible may be in flight, and nobody has its handle.
    perhaps_received: bool,
}

/// Longer than the test lasts.
const FOR_EVER: u64 = 40_000;

impl Unordered {
    pub(super) fn new(number: usize, random: Random) -> Self {
        Self {
            queue: Queue { name: format!("standard-{number}") },
            random,
            sent: 0,
            known: BTreeMap::new(),
            perhaps_received: false,
        }
    }
}

impl Client for Unordered {
    fn begin(&mut self, server: SocketAddr) {
        self.queue.create(server, &json!({}));
    }

    fn step(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        match self.random.below(10) {
            // Each check looks at all of them.
            0..5 if self.live() < 100 => self.send(server),
            5..8 => self.receive(server),
            _ => self.delete(server),
        }
    }

    fn check(&mut self, server: SocketAddr) {
        let visible = self.visible(server);
        visible.iter().for_each(|body| self.found(body));
        let hidden = self.count(server, "ApproximateNumberOfMessagesNotVisible");
        let (mut least, mut most) = (0, 0);
        for (body, known) in &mut self.known {
            match known {
                Known::PerhapsSent | Known::Visible if visible.contains(body) => *known = Known::Visible,
                Known::Visible => {
                    assert!(self.perhaps_received, "{}: {body} is lost", self.queue.name);
                    (least, most) = (least + 1, most + 1);
                }
                Known::InFlight(_) => (least, most) = (least + 1, most + 1),
                Known::PerhapsSent | Known::PerhapsDeleted => most += 1,
                Known::Deleted => {}
            }
        }
        assert!(
            (least..=most).contains(&hidden),
            "{}: {hidden} in flight, not {least} to {most}",
            self.queue.name
        );
        for (body, known) in &self.known {
            if let Known::InFlight(handle) = known {
                let request = json!({ "ReceiptHandle": handle, "VisibilityTimeout": FOR_EVER - 1_000 });
                let answer = self.queue.ask(server, "ChangeMessageVisibility", request).expect("it answers");
                assert!(
                    answer.ok,
                    "{}: the receipt of {body} does not count: {}",
                    self.queue.name, answer.document
                );
            }
        }
    }
}

impl Unordered {
    fn send(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        self.sent += 1;
        // Some of them larger than a page of a file.
        let filler =
            "x".repeat(usize::try_from(self.random.below(8) / 7 * self.random.below(20_000)).expect("small"));
        let body = format!("{}-{filler}", self.sent);
        self.known.insert(body.clone(), Known::PerhapsSent);
        let answer = self.queue.ask(server, "SendMessage", json!({ "MessageBody": body }))?;
        assert!(answer.ok, "{}", answer.document);
        self.known.insert(body, Known::Visible);
        Ok(())
    }

    fn receive(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let request = json!({ "MaxNumberOfMessages": 2, "VisibilityTimeout": FOR_EVER });
        let answer = self
            .queue
            .ask(server, "ReceiveMessage", request)
            .inspect_err(|_| self.perhaps_received = true)?;
        assert!(answer.ok, "{}", answer.document);
        for (body, handle) in messages(&answer.document) {
            self.found(&body);
            self.known.insert(body, Known::InFlight(handle));
        }
        Ok(())
    }

    fn delete(&mut self, server: SocketAddr) -> Result<(), Unknown> {
        let in_flight = self.known.iter().find_map(|(body, known)| match known {
            Known::InFlight(handle) => Some((body.clone(), handle.clone())),
            _ => None,
        });
        let Some((body, handle)) = in_flight else { return self.send(server) };
        self.known.insert(body.clone(), Known::PerhapsDeleted);
        let answer = self.queue.ask(server, "DeleteMessage", json!({ "ReceiptHandle": handle }))?;
        assert!(answer.ok, "{}", answer.document);
        self.known.insert(body, Known::Deleted);
        Ok(())
    }

    /// How many messages there may be.
    fn live(&self) -> usize {
        self.known.values().filter(|known| **known != Known::Deleted).count()
    }

    /// A message came that must be able to.
    fn found(&self, body: &str) {
        let known = self.known.get(body);
        assert!(
            matches!(known, Some(Known::PerhapsSent | Known::Visible)),
            "{}: {body} is visible, and should be {known:?}",
            self.queue.name
        );
    }

    /// Everything that can be received.
    fn visible(&self, server: SocketAddr) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let count = self.count(server, "ApproximateNumberOfMessages");
        // Each of them is the last one again once it was received.
        for _ in 0..count.div_ceil(10) {
            let request = json!({ "MaxNumberOfMessages": 10, "VisibilityTimeout": 0 });
            let answer = self.queue.must(server, "ReceiveMessage", request);
            found.extend(messages(&answer).into_iter().map(|(body, _)| body));
        }
        assert_eq!(found.len(), count, "{}", self.queue.name);
        found
    }

    fn count(&self, server: SocketAddr, name: &str) -> usize {
        let answer = self.queue.must(server, "GetQueueAttributes", json!({ "AttributeNames": [name] }));
        answer["Attributes"][name]
            .as_str()
            .and_then(|count| count.parse().ok())
            .unwrap_or_else(|| panic!("{answer}"))
    }
}
