//! Many messages from many senders through a mapping to a function that fails now and then: none is lost, none is processed
//! twice, and where there is an order, it holds.
//!
//! What the function does follows from a seed, which a test that fails prints; everything else follows from the clock, which
//! is moved from timer to timer. The variables `HEARTH_SOAK_MESSAGES` and `HEARTH_SOAK_SEED` are for other numbers;
//! `just soak` takes more messages.

mod ledger;

use std::{
    collections::BTreeMap,
    env,
    hash::{DefaultHasher, Hash, Hasher},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use hearth_engine::{clock::Clock, random::random_bits};
use hearth_model::{identity::AccountId, sqs::QueueAddress};
use hearth_services::{
    Services,
    lambda::MappingChange,
    sqs::{BatchEntry, DeleteRequest, ReceiveRequest, SendRequest},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::ledger::{Delivered, Ledger, Message};
use crate::world::{World, here};

/// In each of the four tests, unless there are to be more: 100,000 in all.
const MESSAGES: usize = 25_000;
const SENDERS: usize = 8;
/// Per sender, so that a group has one order in which it was sent.
const GROUPS: usize = 16;
/// Of a hundred, how many fail.
const FAILING: u64 = 5;
/// A message that fails as often as this becomes a dead letter.
const RECEIPTS: u32 = 2;
const VISIBILITY: Duration = Duration::from_secs(30);

#[tokio::test]
async fn batches_that_fail() {
    Soak { fifo: false, reporting: false }.run().await;
}

#[tokio::test]
async fn messages_that_are_reported() {
    Soak { fifo: false, reporting: true }.run().await;
}

#[tokio::test]
async fn batches_that_fail_from_a_fifo_queue() {
    Soak { fifo: true, reporting: false }.run().await;
}

#[tokio::test]
async fn messages_that_are_reported_from_a_fifo_queue() {
    Soak { fifo: true, reporting: true }.run().await;
}

#[derive(Clone, Copy)]
struct Soak {
    fifo: bool,
    /// Whether the function reports single messages, or fails as a whole.
    reporting: bool,
}

impl Soak {
    #[expect(clippy::print_stdout, reason = "shown if the test fails")]
    async fn run(self) {
        let messages = from_environment("HEARTH_SOAK_MESSAGES").unwrap_or(MESSAGES);
        let seed = from_environment("HEARTH_SOAK_SEED").unwrap_or_else(random_bits);
        println!("HEARTH_SOAK_MESSAGES={messages} HEARTH_SOAK_SEED={seed}");
        let each = messages / SENDERS;

        let world = World::new();
        world.deploy("soak", None).await;
        let (queue, letters) = self.queues(&world);
        let ledger = Arc::new(Mutex::new(Ledger::new(SENDERS * GROUPS, self.fifo)));
        self.script(&world, seed, &ledger);
        let response_types = self.reporting.then(|| vec!["ReportBatchItemFailures".to_owned()]);
        world.map(&queue, "soak", MappingChange { response_types, ..MappingChange::default() });

        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            senders.spawn(self.send(
                Arc::clone(&world.services),
                world.clock.clone(),
                queue.clone(),
                sender,
                each,
            ));
        }
        // Before anybody waits for time, everybody has to begin.
        world.advance(0).await;
        while !senders.is_empty() || world.counts(&queue) != [0, 0] {
            step(&world).await;
            while let Some(sent) = senders.try_join_next() {
                sent.expect("a sender that is done");
            }
        }
        world.settle().await;

        let letters = drain(&world, &letters).await;
        let ledger = ledger.lock();
        assert_eq!(ledger.violations(), Vec::<String>::new());
        assert_eq!(ledger.settle(&letters, each * SENDERS), Vec::<String>::new());
        assert!(!letters.is_empty(), "a few messages fail as often as it takes");
    }

    fn queues(self, world: &World) -> (QueueAddress, QueueAddress) {
        let suffix = if self.fifo { ".fifo" } else { "" };
        let create = |name: &str, policy: Option<String>| {
            let policy = policy.map(|policy| ("RedrivePolicy".to_owned(), policy));
            let fifo = self.fifo.then(|| ("FifoQueue".to_owned(), "true".to_owned()));
            let attributes: BTreeMap<_, _> = policy.into_iter().chain(fifo).collect();
            let created = world.queues().create_queue(
                &here(),
                &format!("{name}{suffix}"),
                &attributes,
                BTreeMap::new(),
            );
            created.expect("it is created")
        };
        let letters = create("letters", None);
        let policy = format!(r#"{{"deadLetterTargetArn": "{letters}", "maxReceiveCount": {RECEIPTS}}}"#);
        (create("soak", Some(policy)), letters)
    }

    /// Sends what there is from one sender, ten by ten, to its groups in turn.
    async fn send(
        self,
        services: Arc<Services>,
        clock: Clock,
        queue: QueueAddress,
        sender: usize,
        messages: usize,
    ) {
        let all: Vec<_> = (0..messages)
            .map(|number| Message { group: sender * GROUPS + number % GROUPS, number: number / GROUPS })
            .collect();
        for batch in all.chunks(10) {
            let entries = batch.iter().map(|message| {
                let fifo = self.fifo.then(|| message.to_string());
                let group_id = self.fifo.then(|| message.group.to_string());
                let request = SendRequest {
                    group_id,
                    deduplication_id: fifo,
                    ..SendRequest::text(message.to_string())
                };
                BatchEntry { id: message.to_string(), request }
            });
            let sent = services.queues().send_batch(&queue, AccountId::DEFAULT, entries.collect());
            assert_eq!(sent.expect("it is sent").failed, []);
            clock.sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets the function take some time, fail now and then, and write down what it got.
    fn script(self, world: &World, seed: u128, ledger: &Arc<Mutex<Ledger>>) {
        let (clock, ledger) = (world.clock.clone(), Arc::clone(ledger));
        world.sandbox.script(move |event| {
            let event: Value = serde_json::from_str(event).expect("an event is JSON");
            let records = event["Records"].as_array().expect("an array");
            let delivered: Vec<_> = records.iter().map(Delivered::read).collect();
            let fails =
                |delivered: &Delivered| draw(seed, &(delivered.message, delivered.receipts)) % 100 < FAILING;
            let millis = 10 + draw(seed, &(delivered[0].message, "time")) % 90;
            let failed: Vec<bool> = match (self.reporting, self.fifo) {
                (true, false) => delivered.iter().map(fails).collect(),
                // AWS's rule for functions that report messages of a FIFO queue: stop at the first failure.
                (true, true) => {
                    let first = delivered.iter().position(fails).unwrap_or(delivered.len());
                    (0..delivered.len()).map(|position| position >= first).collect()
                }
                (false, _) => vec![fails(&delivered[0]); delivered.len()],
            };
            ledger.lock().write(clock.now(), Duration::from_millis(millis), &delivered, &failed);
            let seconds = Duration::from_millis(millis).as_secs_f64();
            if !self.reporting && failed[0] {
                return format!("sleep {seconds};fail Unlucky");
            }
            let failures = records.iter().zip(&failed).filter(|(_, failed)| **failed);
            let failures: Vec<_> =
                failures.map(|(record, _)| json!({"itemIdentifier": record["messageId"]})).collect();
            format!("sleep {seconds};echo {}", json!({"batchItemFailures": failures}))
        });
    }
}

/// Moves time to the next thing that is due, and forgets what the sandbox remembers of it.
async fn step(world: &World) {
    let next = world.clock.next_deadline().expect("something is due while messages are on their way");
    world.clock.advance(next - world.clock.now()).await;
    drop(world.sandbox.take_handled());
}

/// The messages of a queue that nobody else receives from, with nothing left behind.
async fn drain(world: &World, queue: &QueueAddress) -> Vec<Message> {
    let mut drained = Vec::new();
    loop {
        let request = ReceiveRequest { maximum: Some(10), ..ReceiveRequest::default() };
        let received = world.queues().receive(queue, request).await.expect("an answer");
        if received.is_empty() {
            return drained;
        }
        drained.extend(received.iter().map(|message| Message::read(message.body())));
        let entries = received.iter().enumerate().map(|(position, message)| {
            let request = DeleteRequest { receipt_handle: message.receipt_handle() };
            BatchEntry { id: position.to_string(), request }
        });
        let deleted = world.queues().delete_batch(queue, entries.collect()).expect("an answer");
        assert_eq!(deleted.failed, []);
    }
}

/// The same for the same seed and subject, whatever happened before.
fn draw(seed: u128, subject: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, subject).hash(&mut hasher);
    hasher.finish()
}

fn from_environment<T: FromStr>(name: &str) -> Option<T> {
    let value = env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a whole number, not `{value}`")))
}
