//! Whatever is done to queues, in whatever order, what the [`Oracle`] knows holds.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use hearth_model::sqs::{
    MessageId, MoveTaskId, NewMoveTask, QueueName, Receive, ReceiveId, ReceiveRequest, Redrive, Settings,
    limits::DEDUPLICATION_INTERVAL,
};
use hearth_model::time::Instant;
use proptest::{collection::vec, option, prelude::*, sample::Index};

use crate::{
    oracle::{Oracle, Rules},
    world::{SECOND, World, fifo, name},
};

#[derive(Clone, Debug)]
enum Operation {
    Pass(Duration),
    /// Nobody looks at what becomes due.
    PassWithoutLooking(Duration),
    Send {
        queue: usize,
        group: usize,
        deduplication: u32,
        delay: Option<Duration>,
    },
    Receive {
        queue: usize,
        maximum: usize,
        timeout: Option<Duration>,
        wait: Duration,
    },
    Cancel {
        which: Index,
    },
    Delete {
        which: Index,
    },
    ChangeVisibility {
        which: Index,
        timeout: Duration,
    },
    GiveBack {
        which: Index,
    },
    Configure {
        queue: usize,
        timeout: Duration,
    },
    /// Another process goes on.
    Restart,
    /// These are for when order does not matter: the oracle does not follow what moves when.
    ConfigureRedrive {
        queue: usize,
        max_receive_count: u32,
    },
    StartMove {
        queue: usize,
        per_second: Option<u32>,
    },
    DeleteDeadLetterQueue {
        queue: usize,
    },
}

/// The queues that messages are sent to, and where their dead letters go.
const QUEUES: [(&str, &str); 2] = [("orders", "dead"), ("orders.fifo", "dead.fifo")];
const GROUPS: [&str; 3] = ["a", "b", "c"];

fn operation(everything: bool) -> impl Strategy<Value = Operation> {
    let queue = 0..QUEUES.len() * 2;
    let millis = prop_oneof![4 => 0_u64..2_000, 2 => 0_u64..20_000, 1 => 0_u64..400_000];
    let time = millis.prop_map(Duration::from_millis);
    let short = (0_u64..8_000).prop_map(Duration::from_millis);
    let seconds = |most: u64| (0..=most).prop_map(Duration::from_secs);
    let in_order = prop_oneof![
        4 => time.clone().prop_map(Operation::Pass),
        2 => time.prop_map(Operation::PassWithoutLooking),
        10 => (0..QUEUES.len(), 0..GROUPS.len(), 0_u32..40, option::weighted(0.3, seconds(5)))
            .prop_map(|(queue, group, deduplication, delay)| Operation::Send { queue, group, deduplication, delay }),
        10 => (queue, 1_usize..5, option::of(short.clone()), prop_oneof![Just(Duration::ZERO), seconds(20)])
            .prop_map(|(queue, maximum, timeout, wait)| Operation::Receive { queue, maximum, timeout, wait }),
        1 => any::<Index>().prop_map(|which| Operation::Cancel { which }),
        5 => any::<Index>().prop_map(|which| Operation::Delete { which }),
        4 => (any::<Index>(), short.clone())
            .prop_map(|(which, timeout)| Operation::ChangeVisibility { which, timeout }),
        2 => any::<Index>().prop_map(|which| Operation::GiveBack { which }),
        1 => (0..QUEUES.len(), short).prop_map(|(queue, timeout)| Operation::Configure { queue, timeout }),
        2 => Just(Operation::Restart),
    ];
    let moves = prop_oneof![
        2 => (0..QUEUES.len(), option::of(1_u32..3))
            .prop_map(|(queue, per_second)| Operation::StartMove { queue, per_second }),
        1 => (0..QUEUES.len(), 1_u32..4)
            .prop_map(|(queue, max_receive_count)| Operation::ConfigureRedrive { queue, max_receive_count }),
        1 => (0..QUEUES.len()).prop_map(|queue| Operation::DeleteDeadLetterQueue { queue }),
    ];
    if everything { prop_oneof![12 => in_order, 1 => moves].boxed() } else { in_order.boxed() }
}

/// Queues beside their oracle.
struct Trial {
    world: World,
    oracle: Oracle,
    settings: BTreeMap<QueueName, Settings>,
    /// Receives that wait, by their queues, and until when.
    waiting: HashMap<ReceiveId, (QueueName, Option<Duration>, Instant)>,
    /// What a FIFO queue remembers.
    duplicates: HashMap<u32, (MessageId, Instant)>,
    tasks: u128,
}

impl Trial {
    fn new(in_order: bool) -> Self {
        let mut trial = Self {
            world: World::new(),
            oracle: Oracle::new(in_order),
            settings: BTreeMap::new(),
            waiting: HashMap::new(),
            duplicates: HashMap::new(),
            tasks: 0,
        };
        for (queue, dead) in QUEUES {
            let settings =
                || Settings { visibility_timeout: 5 * SECOND, retention: RETENTION, ..kind_of(queue) };
            trial.create(dead, settings());
            let redrive = Some(Redrive { target: name(dead), max_receive_count: 2 });
            trial.create(queue, Settings { redrive, ..settings() });
        }
        trial
    }

    fn create(&mut self, queue: &str, settings: Settings) {
        self.settings.insert(name(queue), settings.clone());
        self.world.create(queue, settings);
    }

    fn configure(&mut self, queue: &str, change: impl FnOnce(&mut Settings)) {
        let settings = self.settings.get_mut(&name(queue)).expect("it exists");
        change(settings);
        let settings = settings.clone();
        self.world.configure(queue, settings);
    }

    fn run(&mut self, operation: &Operation) {
        let now = self.world.now.instant;
        match *operation {
            Operation::Pass(time) => self.pass(time),
            Operation::PassWithoutLooking(time) => self.world.pass_without_looking(time),
            Operation::Send { queue, group, deduplication, delay } => {
                self.send(QUEUES[queue].0, group, deduplication, delay);
            }
            Operation::Receive { queue, maximum, timeout, wait } => {
                let (first, second) = QUEUES[queue / 2];
                let queue = if queue % 2 == 0 { first } else { second };
                self.receive(
                    queue,
                    ReceiveRequest { maximum, visibility_timeout: timeout, wait, attempt: None },
                );
            }
            Operation::Cancel { which } => {
                let mut ids: Vec<_> = self.waiting.keys().copied().collect();
                ids.sort_unstable();
                if let Some(id) = ids.get(which.index(ids.len().max(1))) {
                    let (queue, ..) = self.waiting.remove(id).expect("it waits");
                    self.world.queues.handle_cancel(self.world.now, &queue, *id);
                    self.world.drain();
                }
            }
            Operation::Delete { which } => {
                let Some((queue, handle, content)) = self.handle(which) else { return };
                let current = self.oracle.is_current(now, handle, content);
                let before = self.total();
                let deleted = self.world.delete(queue.as_str(), handle);
                // It may have gone to the dead-letter queue since, where this handle does not reach it.
                let is_gone = self.total() < before;
                assert!(deleted.is_ok() || !is_gone);
                assert!(!current || is_gone, "{content} was there");
                assert!(deleted.is_ok() || queue.is_fifo(), "{deleted:?}");
                if is_gone {
                    self.oracle.deleted(content);
                }
            }
            Operation::ChangeVisibility { which, timeout } => {
                let Some((queue, handle, content)) = self.handle(which) else { return };
                let current = self.oracle.is_current(now, handle, content);
                match self.world.change_visibility(queue.as_str(), handle, timeout) {
                    Ok(()) => self.oracle.visibility_changed(content, now + timeout),
                    Err(_) => assert!(!current || !self.oracle.is_there(content)),
                }
            }
            Operation::GiveBack { which } => {
                let Some((queue, handle, content)) = self.handle(which) else { return };
                if self.oracle.is_current(now, handle, content) {
                    self.oracle.put_back(handle, content);
                    self.oracle.handles.retain(|(_, other, _)| *other != handle);
                    self.world.give_back(queue.as_str(), handle);
                }
            }
            Operation::Configure { queue, timeout } => {
                self.configure(QUEUES[queue].0, |settings| settings.visibility_timeout = timeout);
            }
            Operation::Restart => {
                for queue in self.settings.keys().cloned().collect::<Vec<_>>() {
                    self.cancel_all(&queue);
                }
                self.world.restart();
            }
            Operation::ConfigureRedrive { queue, max_receive_count } => {
                let (queue, dead) = QUEUES[queue];
                let redrive = Some(Redrive { target: name(dead), max_receive_count });
                self.configure(queue, |settings| settings.redrive = redrive);
            }
            Operation::StartMove { queue, per_second } => {
                self.tasks += 1;
                let id = MoveTaskId::from_random(self.tasks);
                let task = NewMoveTask { id, destination: None, messages_per_second: per_second };
                // There may be a task already, or no queue.
                let _ = self.world.queues.handle_start_move(self.world.now, &name(QUEUES[queue].1), task);
                self.world.drain();
            }
            Operation::DeleteDeadLetterQueue { queue } => {
                let dead = QUEUES[queue].1;
                // Everything is taken first, so that the oracle knows what goes.
                self.cancel_all(&name(dead));
                for (queue, handle, content) in self.oracle.handles.clone() {
                    if queue == name(dead) && self.oracle.is_current(now, handle, content) {
                        self.world.change_visibility(dead, handle, Duration::ZERO).expect("it is current");
                        self.oracle.visibility_changed(content, now);
                        self.check_outputs();
                    }
                }
                let maximum = usize::MAX;
                let visibility_timeout = Some(RETENTION / 4);
                let request = ReceiveRequest { maximum, visibility_timeout, ..ReceiveRequest::default() };
                self.receive(dead, request);
                let waiting = self.world.wait(dead, 1, SECOND);
                let in_flight = self.oracle.in_flight(now, &name(dead));
                assert_eq!(in_flight.len(), self.world.counts(dead).in_flight);
                self.oracle.forget_all_of(&in_flight);
                let settings = self.settings[&name(dead)].clone();
                self.world.delete_queue(dead).expect("it exists");
                self.oracle.handles.retain(|(queue, ..)| *queue != name(dead));
                assert_eq!(std::mem::take(&mut self.world.deleted), [waiting]);
                self.create(dead, settings);
            }
        }
        self.check();
    }

    fn send(&mut self, queue: &str, group: usize, deduplication: u32, delay: Option<Duration>) {
        let now = self.world.now.instant;
        let content = self.world.next_content();
        if !name(queue).is_fifo() {
            self.oracle.sent(name(queue), None, content, now + delay.unwrap_or_default());
            self.world.send_with(queue, None, None, delay);
            return;
        }
        let known =
            self.duplicates.get(&deduplication).filter(|(_, since)| now < *since + DEDUPLICATION_INTERVAL);
        let known = known.map(|(id, _)| *id);
        let group = GROUPS[group];
        if known.is_none() {
            // Before: somebody may wait for it.
            self.oracle.sent(name(queue), Some(group), content, now);
        }
        let sent = self.world.send_with(queue, Some(group), Some(&deduplication.to_string()), None);
        match known {
            Some(id) => assert_eq!(sent.id, id, "a duplicate"),
            None => drop(self.duplicates.insert(deduplication, (sent.id, now))),
        }
    }

    fn receive(&mut self, queue: &str, request: ReceiveRequest) {
        let now = self.world.now.instant;
        let (timeout, wait) = (request.visibility_timeout, request.wait);
        // What others have waited for, or what they were too late for, was theirs before.
        let received = self.world.receive_with(queue, request);
        match received.expect("not too much is in flight") {
            (_, Receive::Answer(messages)) => {
                self.check_outputs_but(queue, &messages, timeout);
            }
            (id, Receive::Waiting) => {
                self.waiting.insert(id, (name(queue), timeout, now + wait));
            }
        }
    }

    fn check_outputs_but(
        &mut self,
        queue: &str,
        messages: &[hearth_model::sqs::Delivery<u32>],
        timeout: Option<Duration>,
    ) {
        let rules = self.rules(&name(queue), timeout);
        self.oracle.received(self.world.now.instant, &name(queue), messages, &rules);
        self.check_outputs();
    }

    fn pass(&mut self, time: Duration) {
        let end = self.world.now.instant + time;
        while let Some(due) = self.world.queues.poll_timeout().filter(|due| *due <= end) {
            self.world.pass_without_looking(due - self.world.now.instant);
            self.world.timeout();
            self.check();
        }
        self.world.pass_without_looking(end - self.world.now.instant);
    }

    fn rules(&self, queue: &QueueName, timeout: Option<Duration>) -> Rules {
        let settings = &self.settings[queue];
        Rules {
            visibility_timeout: timeout.unwrap_or(settings.visibility_timeout),
            max_receive_count: settings.redrive.as_ref().map(|redrive| redrive.max_receive_count),
        }
    }

    fn handle(&self, which: Index) -> Option<(QueueName, hearth_model::sqs::ReceiptHandle, u32)> {
        let handles = &self.oracle.handles;
        handles.get(which.index(handles.len().max(1))).cloned()
    }

    /// Those who have waited, in the order in which they came.
    fn check_outputs(&mut self) {
        let now = self.world.now.instant;
        for (id, messages) in std::mem::take(&mut self.world.answers) {
            let (queue, timeout, until) = self.waiting.remove(&id).expect("it waits");
            assert!(!messages.is_empty() || until <= now, "it could have waited longer");
            let rules = self.rules(&queue, timeout);
            self.oracle.received(now, &queue, &messages, &rules);
        }
    }

    fn check(&mut self) {
        self.check_outputs();
        let now = self.world.now.instant;
        let total = self.total();
        self.check_outputs();
        assert_eq!(total, self.oracle.len(), "nothing is lost and nothing comes back");
        for queue in self.settings.keys().cloned().collect::<Vec<_>>() {
            let counts = self.world.counts(queue.as_str());
            self.check_outputs();
            assert_eq!(counts.in_flight, self.oracle.in_flight(now, &queue).len(), "in flight in {queue}");
            let waits = self.waiting.values().any(|(other, ..)| *other == queue);
            assert!(!waits || !self.world.queues.is_receivable(&queue), "those who wait get what there is");
        }
    }

    /// Nobody waits for a queue any more.
    fn cancel_all(&mut self, queue: &QueueName) {
        let world = &mut self.world;
        self.waiting.retain(|id, (other, ..)| {
            if other == queue {
                world.queues.handle_cancel(world.now, queue, *id);
            }
            other != queue
        });
    }

    /// How many messages there are in all queues.
    fn total(&mut self) -> usize {
        // What is due may move messages from one queue to another.
        self.world.timeout();
        let mut total = 0;
        for queue in self.settings.keys() {
            let counts = self.world.counts(queue.as_str());
            total += counts.visible + counts.in_flight + counts.delayed;
        }
        total
    }

    /// At the end, everything that is there can be received.
    fn finish(mut self) {
        for queue in self.settings.keys().cloned().collect::<Vec<_>>() {
            self.cancel_all(&queue);
        }
        for (queue, dead) in QUEUES {
            for queue in [queue, dead] {
                self.configure(queue, |settings| settings.redrive = None);
            }
        }
        self.pass(60 * SECOND);
        self.check();
        let queues: Vec<_> = self.settings.keys().cloned().collect();
        // Dead letters first: the oracle believes them to be where they were until it sees them.
        assert!(queues[0] == name("dead") && queues[1] == name("dead.fifo"));
        for queue in &queues {
            let request = ReceiveRequest {
                maximum: usize::MAX,
                visibility_timeout: Some(60 * SECOND),
                ..ReceiveRequest::default()
            };
            self.receive(queue.as_str(), request);
            let counts = self.world.counts(queue.as_str());
            assert_eq!((counts.visible, counts.delayed), (0, 0));
        }
        self.check();
        let in_flight: usize =
            queues.iter().map(|queue| self.oracle.in_flight(self.world.now.instant, queue).len()).sum();
        assert_eq!(in_flight, self.oracle.len());
    }
}

const RETENTION: Duration = Duration::from_hours(24 * 14);

fn kind_of(queue: &str) -> Settings {
    if name(queue).is_fifo() { fifo() } else { Settings::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn messages_are_received_in_turn_by_one_at_a_time_and_not_too_often(operations in vec(operation(false), 1..120)) {
        let mut trial = Trial::new(true);
        for operation in operations {
            trial.run(&operation);
        }
        trial.finish();
    }

    #[test]
    fn nothing_is_lost_and_nothing_comes_back(operations in vec(operation(true), 1..120)) {
        let mut trial = Trial::new(false);
        for operation in operations {
            trial.run(&operation);
        }
        trial.finish();
    }
}
