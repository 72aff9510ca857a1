//! What must be true of queues, kept as plainly as possible beside them.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use hearth_model::{
    sqs::{Delivery, QueueName, ReceiptHandle},
    time::Instant,
};

/// What is known of a message that has not been deleted.
#[derive(Debug)]
struct Known {
    queue: QueueName,
    group: Option<String>,
    /// Its place among those of its queue; unknown after it was moved.
    sequence: Option<u32>,
    /// When it can be received first.
    visible_from: Instant,
    /// Until when nobody else can receive it.
    in_flight_until: Option<Instant>,
    /// How often it was received since it came to its queue.
    receipts: u32,
}

/// Every message that is there, by what it says.
#[derive(Debug)]
pub(crate) struct Oracle {
    /// Whether it knows what comes in which order.
    in_order: bool,
    known: BTreeMap<u32, Known>,
    /// What each handle was given out for.
    pub(crate) handles: Vec<(QueueName, ReceiptHandle, u32)>,
    seen: HashMap<ReceiptHandle, u32>,
}

/// What holds for the queue of a delivery.
pub(crate) struct Rules {
    pub(crate) visibility_timeout: Duration,
    pub(crate) max_receive_count: Option<u32>,
}

impl Oracle {
    pub(crate) fn new(in_order: bool) -> Self {
        Self { in_order, known: BTreeMap::new(), handles: Vec::new(), seen: HashMap::new() }
    }

    pub(crate) fn sent(
        &mut self,
        queue: QueueName,
        group: Option<&str>,
        content: u32,
        visible_from: Instant,
    ) {
        let group = group.map(str::to_owned);
        let known =
            Known { queue, group, sequence: Some(content), visible_from, in_flight_until: None, receipts: 0 };
        assert!(self.known.insert(content, known).is_none());
    }

    /// Messages that one receive of `queue` gets.
    pub(crate) fn received(
        &mut self,
        now: Instant,
        queue: &QueueName,
        deliveries: &[Delivery<u32>],
        rules: &Rules,
    ) {
        for (position, delivery) in deliveries.iter().enumerate() {
            let content = delivery.content;
            assert!(
                deliveries[..position].iter().all(|earlier| earlier.content != content),
                "{content} twice"
            );
            if self.in_order {
                self.check_turn(now, queue, &deliveries[..position], content, rules);
            }
            let known = self.known.get_mut(&content).expect("what was deleted does not come back");
            if known.queue != *queue {
                (known.queue, known.receipts, known.sequence) = (queue.clone(), 0, None);
            }
            assert!(known.in_flight_until.is_none_or(|until| until <= now), "{content} is somebody else's");
            assert!(known.visible_from <= now, "{content} is delayed");
            known.receipts += 1;
            let most = rules.max_receive_count.filter(|_| self.in_order);
            assert!(most.is_none_or(|most| known.receipts <= most), "{content} has been received too often");
            known.in_flight_until = Some(now + rules.visibility_timeout);
            assert!(self.seen.insert(delivery.handle, content).is_none(), "a handle is given out once");
            self.handles.push((queue.clone(), delivery.handle, content));
        }
    }

    /// All older messages of a group are gone, or go with this one.
    fn check_turn(
        &self,
        now: Instant,
        queue: &QueueName,
        earlier: &[Delivery<u32>],
        content: u32,
        rules: &Rules,
    ) {
        let message = &self.known[&content];
        let Some(sequence) = message.sequence.filter(|_| message.group.is_some() && message.queue == *queue)
        else {
            return;
        };
        let older = self.known.iter().filter(|(_, other)| {
            other.queue == *queue
                && other.group == message.group
                && other.sequence.is_some_and(|other| other < sequence)
        });
        for (older, other) in older {
            let goes_too = earlier.iter().any(|delivery| delivery.content == *older);
            let in_flight = other.in_flight_until.is_some_and(|until| until > now);
            // Or it went to the dead-letter queue just before.
            let exhausted = rules.max_receive_count.is_some_and(|most| other.receipts >= most) && !in_flight;
            assert!(goes_too || exhausted, "{older} of the group comes before {content}");
        }
    }

    /// A message that has been deleted.
    pub(crate) fn deleted(&mut self, content: u32) {
        assert!(self.known.remove(&content).is_some(), "{content} was not there");
    }

    pub(crate) fn visibility_changed(&mut self, content: u32, until: Instant) {
        self.known.get_mut(&content).expect("it is there").in_flight_until = Some(until);
    }

    /// A receipt that was taken back.
    pub(crate) fn put_back(&mut self, handle: ReceiptHandle, content: u32) {
        let known = self.known.get_mut(&content).expect("it is there");
        known.receipts -= 1;
        known.in_flight_until = None;
        // The next receipt has this handle again.
        self.seen.remove(&handle);
    }

    /// Whether the latest receipt of a message is this one, and its time has not passed.
    pub(crate) fn is_current(&self, now: Instant, handle: ReceiptHandle, content: u32) -> bool {
        let latest = self.handles.iter().rev().find(|(_, _, other)| *other == content);
        self.known.get(&content).is_some_and(|known| known.in_flight_until.is_some_and(|until| until > now))
            && latest.is_some_and(|(_, latest, _)| *latest == handle)
    }

    pub(crate) fn is_there(&self, content: u32) -> bool {
        self.known.contains_key(&content)
    }

    pub(crate) fn forget_all_of(&mut self, contents: &[u32]) {
        for content in contents {
            self.known.remove(content);
        }
    }

    /// How many messages there are in all queues.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// What is in flight in a queue.
    pub(crate) fn in_flight(&self, now: Instant, queue: &QueueName) -> Vec<u32> {
        let in_flight = |(_, known): &(&u32, &Known)| {
            known.queue == *queue && known.in_flight_until.is_some_and(|until| until > now)
        };
        self.known.iter().filter(in_flight).map(|(content, _)| *content).collect()
    }
}
