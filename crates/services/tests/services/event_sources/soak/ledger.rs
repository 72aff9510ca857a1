//! What a function got and did, and what is wrong with it.

use std::{collections::BTreeMap, fmt, time::Duration};

use hearth_model::time::Instant;
use serde_json::Value;

use super::{RECEIPTS, VISIBILITY};

/// A message; its body says the same.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Message {
    pub(super) group: usize,
    /// Its place among those of its group, in the order in which they were sent.
    pub(super) number: usize,
}

/// A message, as an event has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivered {
    pub(super) message: Message,
    /// How often it was received, this time included.
    pub(super) receipts: u32,
}

/// Everything that a function got.
pub(super) struct Ledger {
    fifo: bool,
    groups: Vec<Group>,
    violations: Vec<String>,
}

#[derive(Default)]
struct Group {
    messages: Vec<Entry>,
    /// Those before this one have come to an end.
    open: usize,
    /// Until when an invocation has messages of the group.
    busy_until: Instant,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    deliveries: u32,
    last: Instant,
    processed: bool,
}

impl Message {
    pub(super) fn read(body: &str) -> Self {
        let (group, number) = body.split_once('-').expect("a group and a number");
        let parse = |number: &str| number.parse().expect("a number");
        Self { group: parse(group), number: parse(number) }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.group, self.number)
    }
}

impl Delivered {
    pub(super) fn read(record: &Value) -> Self {
        let receipts = record["attributes"]["ApproximateReceiveCount"].as_str().expect("a text");
        Self {
            message: Message::read(record["body"].as_str().expect("a text")),
            receipts: receipts.parse().expect("a number"),
        }
    }
}

impl Entry {
    /// Whether it will not be delivered again.
    fn has_ended(&self) -> bool {
        self.processed || self.deliveries == RECEIPTS
    }
}

impl Ledger {
    pub(super) fn new(groups: usize, fifo: bool) -> Self {
        let groups = (0..groups).map(|_| Group::default()).collect();
        Self { fifo, groups, violations: Vec::new() }
    }

    /// Writes down a batch with which the function is busy from `now` on, and which of its messages fail.
    pub(super) fn write(&mut self, now: Instant, busy: Duration, batch: &[Delivered], failed: &[bool]) {
        if self.fifo {
            self.check_order(now, batch);
        }
        for (delivered, failed) in batch.iter().zip(failed) {
            let Message { group, number } = delivered.message;
            let group = &mut self.groups[group];
            group.busy_until = now + busy;
            if group.messages.len() <= number {
                group.messages.resize(number + 1, Entry::default());
            }
            let entry = &mut group.messages[number];
            let mut wrong = |what: &str| self.violations.push(format!("{delivered:?} {what}"));
            if entry.processed {
                wrong("was deleted before");
            }
            if entry.deliveries > 0 && now < entry.last + VISIBILITY {
                wrong("was delivered while it was invisible");
            }
            entry.deliveries += 1;
            entry.last = now;
            if delivered.receipts != entry.deliveries {
                wrong("was received for nothing");
            }
            if entry.deliveries > RECEIPTS {
                wrong("should be a dead letter");
            }
            entry.processed = !failed;
        }
    }

    /// The messages of a group come one after the other, the next one when those before have come to an end, and never to
    /// two invocations at once.
    fn check_order(&mut self, now: Instant, batch: &[Delivered]) {
        let mut next = BTreeMap::new();
        for delivered in batch {
            let Message { group, number } = delivered.message;
            let state = &mut self.groups[group];
            let has_ended = |number: usize| state.messages.get(number).is_some_and(Entry::has_ended);
            let from = next.get(&group).copied().unwrap_or(state.open);
            let expected = (from..).find(|number| !has_ended(*number)).expect("numbers have no end");
            if !next.contains_key(&group) {
                state.open = expected;
                if now < state.busy_until {
                    self.violations.push(format!("{delivered:?} came while its group was busy"));
                }
            }
            next.insert(group, expected + 1);
            if number != expected {
                self.violations.push(format!("{delivered:?} came instead of {expected}"));
            }
        }
    }

    /// What went wrong until now.
    pub(super) fn violations(&self) -> &[String] {
        &self.violations
    }

    /// What is wrong at the end: each message was processed or is a dead letter, and there are as many as were sent.
    pub(super) fn settle(&self, letters: &[Message], sent: usize) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        let all = letters.len();
        letters.dedup();
        if letters.len() < all {
            wrong.push(format!("{} dead letters are there twice", all - letters.len()));
        }
        let mut known = 0;
        for (group, state) in self.groups.iter().enumerate() {
            known += state.messages.len();
            for (number, entry) in state.messages.iter().enumerate() {
                let message = Message { group, number };
                match (entry.processed, letters.binary_search(&message).is_ok()) {
                    (true, false) | (false, true) => {}
                    (true, true) => wrong.push(format!("{message} was processed, and is a dead letter")),
                    (false, false) => wrong.push(format!("{message} is lost")),
                }
            }
        }
        if known != sent {
            wrong.push(format!("{known} of {sent} messages were delivered"));
        }
        wrong
    }
}
