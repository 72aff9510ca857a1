//! A world in which something happens all the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use hearth_engine::{EngineOptions, Function, timeline::Event};
use hearth_model::{
    bucket_notification::{EventPattern, Filter, Rule as Notification, Target},
    faults::{FaultKind, GivenFault, Rule},
    identity::{AccountId, RequestId},
    sqs::QueueAddress,
};
use hearth_services::{
    events::{NewRule, NewTarget},
    lambda::{AsynchronousChange, MappingChange, NewMapping},
    s3::{Caller, NewBucket, NewNotification, PutObject},
    sqs::{BatchEntry, DeleteRequest, ReceiveRequest, SendRequest},
};
use parking_lot::Mutex;
use serde_json::Value;

use crate::world::{World, here};

const ACTIONS: u64 = 200;
/// How often a message is received before it is a dead letter.
const RECEIPTS: u32 = 3;
/// How many environments each function may have at once.
const MOST: u32 = 3;
const GROUPS: u64 = 3;
const DAY: Duration = Duration::from_hours(24);

pub(super) struct Town {
    world: World,
    functions: Vec<Arc<Function>>,
    random: Random,
    jobs: QueueAddress,
    orders: QueueAddress,
    /// What was sent, by queue.
    sent: BTreeMap<&'static str, BTreeSet<String>>,
    accepted: BTreeSet<String>,
    handled: Arc<Mutex<Handled>>,
    complaints: Vec<String>,
}

/// What handlers were given.
#[derive(Default)]
struct Handled {
    bodies: BTreeSet<String>,
    /// The last message of each group.
    groups: BTreeMap<String, u64>,
    complaints: Vec<String>,
}

impl Town {
    pub(super) async fn new(seed: u64) -> Self {
        // Everything is kept, so that runs can be compared.
        let world =
            World::with(EngineOptions { timeline_bytes: 64 * 1024 * 1024, ..EngineOptions::default() });
        let mut functions = Vec::new();
        for name in ["intake", "worker", "clerk", "tick"] {
            functions.push(world.deploy(name, Some(MOST)).await);
        }
        let mut town = Self {
            random: Random(seed),
            functions,
            jobs: queue(&world, "jobs"),
            orders: queue(&world, "orders.fifo"),
            world,
            sent: BTreeMap::new(),
            accepted: BTreeSet::new(),
            handled: Arc::default(),
            complaints: Vec::new(),
        };
        town.build();
        town.script(seed);
        town.break_things();
        town
    }

    /// Lets things happen at random.
    pub(super) async fn live(&mut self) {
        for number in 0..ACTIONS {
            match self.random.below(5) {
                0 => {
                    let id: RequestId = self.world.send("intake", &format!("sleep {}", self.random.below(3)));
                    self.accepted.insert(id.to_string());
                }
                1 => self.send("jobs", SendRequest::text(format!("j-{number}"))),
                2 => {
                    let group = self.random.below(GROUPS);
                    let body = format!("{group}-{number}");
                    let (group_id, deduplication_id) = (Some(group.to_string()), Some(body.clone()));
                    self.send(
                        "orders",
                        SendRequest { group_id, deduplication_id, ..SendRequest::text(body) },
                    );
                }
                3 => self.put(number).await,
                _ => {
                    let time = Duration::from_millis(self.random.below(40_000));
                    self.pass(time).await;
                }
            }
            self.check_concurrency();
        }
    }

    /// Lets time pass until nothing is on its way any more.
    pub(super) async fn rest(&mut self) {
        self.world.services.rules().enable_rule(&here(), None, "tick", false).expect("it is disabled");
        self.pass(DAY).await;
        self.world.services.engine().work().idle().await;
    }

    pub(super) fn timeline(&self) -> Vec<Event> {
        self.world.services.engine().timeline().snapshot()
    }

    /// What is not as it should be.
    pub(super) async fn complaints(mut self) -> Vec<String> {
        let mut complaints = std::mem::take(&mut self.complaints);
        let told = self.drain("told").await;
        let mut ends = BTreeMap::new();
        for record in &told {
            let record: Value = serde_json::from_str(record).expect("a record is JSON");
            let id = record["requestContext"]["requestId"].as_str().expect("an id").to_owned();
            *ends.entry(id).or_insert(0) += 1;
        }
        for id in &self.accepted {
            match ends.remove(id).unwrap_or(0) {
                1 => {}
                times => complaints.push(format!("the invocation {id} ended {times} times")),
            }
        }
        complaints.extend(ends.keys().map(|id| format!("an invocation {id} ended that nobody asked for")));
        for (queue, letters) in [("jobs", "jobs-letters"), ("orders", "orders-letters.fifo")] {
            let letters: BTreeSet<String> = self.drain(letters).await.into_iter().collect();
            let handled = self.handled.lock();
            let sent = self.sent.remove(queue).unwrap_or_default();
            let lost = sent.iter().filter(|body| !handled.bodies.contains(*body) && !letters.contains(*body));
            complaints.extend(lost.map(|body| format!("the message {body} of {queue} is lost")));
        }
        for queue in [&self.jobs, &self.orders] {
            let counts =
                self.world.services.queues().attributes(queue, &["All".to_owned()]).expect("attributes");
            for name in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
                if counts[name] != "0" {
                    complaints.push(format!("{queue} still has messages: {name} is {}", counts[name]));
                }
            }
        }
        complaints.append(&mut self.handled.lock().complaints);
        complaints
    }

    /// What leads where.
    fn build(&mut self) {
        let services = &self.world.services;
        for (queue, function) in [(&self.jobs, "worker"), (&self.orders, "clerk")] {
            // In a batch that is tried again, earlier messages come after later ones.
            let batch_size = (function == "clerk").then_some(1);
            let function = Some(function.to_owned());
            let settings = MappingChange { function, batch_size, ..MappingChange::default() };
            let event_source_arn = Some(queue.to_string());
            let mapping = NewMapping { event_source_arn, settings, ..NewMapping::default() };
            services.event_source_mappings().create(&here(), mapping).expect("it is mapped");
        }
        let told = create(&self.world, "told", &BTreeMap::new()).to_string();
        let change = AsynchronousChange {
            on_success: Some(told.clone()),
            on_failure: Some(told),
            ..AsynchronousChange::default()
        };
        self.world
            .functions()
            .configure_asynchronous(&here(), "intake", None, &change)
            .expect("it is configured");
        let caller = Caller::hearth(here());
        services.buckets().create(&caller, "photos", &NewBucket::default()).expect("a bucket");
        let rule = Notification {
            id: "photos".to_owned(),
            target: Target::Queue,
            arn: self.jobs.to_string(),
            events: vec![EventPattern::parse("s3:ObjectCreated:*").expect("a pattern")],
            filter: Some(Filter::default()),
        };
        let new = NewNotification { rules: vec![rule], skip_validation: true };
        services.buckets().set_notification(&caller, "photos", new).expect("it is set");
        let schedule = Some("rate(1 minute)".to_owned());
        let rule = NewRule { name: "tick".to_owned(), schedule, ..NewRule::default() };
        services.rules().put_rule(&here(), rule).expect("a rule");
        let target = NewTarget { id: "one".to_owned(), arn: self.jobs.to_string(), ..NewTarget::default() };
        services.rules().put_targets(&here(), None, "tick", vec![target]).expect("a target");
    }

    /// Lets functions take their time, and write down what they get.
    fn script(&self, seed: u64) {
        let handled = Arc::clone(&self.handled);
        self.world.sandbox.script(move |event| {
            let mut handled = handled.lock();
            handled.note(event);
            let mut hasher = DefaultHasher::new();
            (seed, handled.bodies.len()).hash(&mut hasher);
            format!("sleep {}", Duration::from_millis(hasher.finish() % 2_000).as_secs_f64())
        });
    }

    /// Rules for faults of all kinds, some of them.
    fn break_things(&mut self) {
        let of_functions = [
            FaultKind::Throttle,
            FaultKind::Delay,
            FaultKind::Fail,
            FaultKind::KillBeforeHandler,
            FaultKind::KillAfterHandler,
            FaultKind::KillDuringInit,
            FaultKind::FailInit,
            FaultKind::DropResponse,
        ];
        let function = || Some("*".to_owned());
        let mut faults: Vec<_> = of_functions
            .map(|fault| GivenFault { fault: Some(fault), function: function(), ..GivenFault::default() })
            .into();
        let all = || Some("*".to_owned());
        for fault in [FaultKind::DuplicateMessage, FaultKind::ReorderMessage] {
            faults.push(GivenFault {
                fault: Some(fault),
                queue: Some("jobs".to_owned()),
                ..GivenFault::default()
            });
        }
        for fault in [FaultKind::DuplicateEvent, FaultKind::NoSpace] {
            faults.push(GivenFault { fault: Some(fault), bucket: all(), ..GivenFault::default() });
        }
        for given in faults {
            if self.random.below(3) > 0 {
                let delay_ms = (given.fault == Some(FaultKind::Delay)).then(|| self.random.below(4_000));
                let (percent, seed) = (Some(1 + self.random.below(30)), Some(self.random.below(u64::MAX)));
                let given = GivenFault { percent, seed, delay_ms, ..given };
                self.world.services.engine().faults().add(Rule::try_from(given).expect("a rule"));
            }
        }
        // At least one, so that there is something to see.
        let always = GivenFault {
            fault: Some(FaultKind::KillAfterHandler),
            function: function(),
            percent: Some(20),
            ..GivenFault::default()
        };
        self.world.services.engine().faults().add(Rule::try_from(always).expect("a rule"));
    }

    fn send(&mut self, queue: &'static str, message: SendRequest) {
        let address = if queue == "jobs" { &self.jobs } else { &self.orders };
        self.sent.entry(queue).or_default().insert(message.body.clone());
        self.world.services.queues().send(address, AccountId::DEFAULT, message).expect("it is sent");
    }

    async fn put(&mut self, number: u64) {
        let (caller, buckets) = (Caller::hearth(here()), self.world.services.buckets());
        // There may be no space.
        if let Ok(draft) = buckets.draft("photos", None, false) {
            let key = format!("{number}.jpg");
            buckets.put(&caller, "photos", &key, draft, PutObject::default()).await.expect("it is put");
        }
    }

    /// Lets time pass from deadline to deadline, and looks each time.
    async fn pass(&mut self, time: Duration) {
        let clock = self.world.clock.clone();
        let end = clock.now() + time;
        while let Some(next) = clock.next_deadline().filter(|next| *next <= end) {
            clock.advance(next - clock.now()).await;
            self.check_concurrency();
        }
        clock.advance(end - clock.now()).await;
    }

    fn check_concurrency(&mut self) {
        for function in &self.functions {
            let running = function.concurrency();
            if running > MOST {
                self.complaints.push(format!("{running} of {} run at once", function.name()));
            }
        }
    }

    /// The bodies of the messages of a queue from which nobody else receives.
    async fn drain(&self, name: &str) -> Vec<String> {
        let queues = self.world.services.queues();
        let queue = address(name);
        let mut bodies = Vec::new();
        loop {
            let request = ReceiveRequest { maximum: Some(10), ..ReceiveRequest::default() };
            let received = queues.receive(&queue, request).await.expect("an answer");
            if received.is_empty() {
                return bodies;
            }
            bodies.extend(received.iter().map(|message| message.body().to_owned()));
            let entries = received.iter().enumerate().map(|(position, message)| {
                let request = DeleteRequest { receipt_handle: message.receipt_handle() };
                BatchEntry { id: position.to_string(), request }
            });
            queues.delete_batch(&queue, entries.collect()).expect("an answer");
        }
    }
}

impl Handled {
    fn note(&mut self, event: &str) {
        let event: Value = serde_json::from_str(event).expect("an event is JSON");
        for record in event["Records"].as_array().into_iter().flatten() {
            let body = record["body"].as_str().expect("a text").to_owned();
            if let Some(group) = record["attributes"]["MessageGroupId"].as_str() {
                let number =
                    body.rsplit('-').next().and_then(|number| number.parse().ok()).expect("a number");
                let last = self.groups.insert(group.to_owned(), number).unwrap_or(0);
                if number < last {
                    self.complaints.push(format!("the message {body} came after {last} of its group"));
                }
            }
            self.bodies.insert(body);
        }
    }
}

/// A queue with one for its dead letters.
fn queue(world: &World, name: &str) -> QueueAddress {
    let (stem, suffix) = name.split_at(name.find('.').unwrap_or(name.len()));
    let fifo = (!suffix.is_empty()).then(|| ("FifoQueue".to_owned(), "true".to_owned()));
    let fifo = || fifo.clone().into_iter().collect::<BTreeMap<_, _>>();
    let letters = create(world, &format!("{stem}-letters{suffix}"), &fifo());
    let policy = format!(r#"{{"deadLetterTargetArn": "{letters}", "maxReceiveCount": {RECEIPTS}}}"#);
    let mut attributes = fifo();
    attributes.insert("RedrivePolicy".to_owned(), policy);
    create(world, name, &attributes)
}

fn create(world: &World, name: &str, attributes: &BTreeMap<String, String>) -> QueueAddress {
    let created = world.services.queues().create_queue(&here(), name, attributes, BTreeMap::new());
    created.expect("it is created")
}

fn address(name: &str) -> QueueAddress {
    QueueAddress::parse_arn(&format!("arn:aws:sqs:us-east-1:000000000000:{name}")).expect("an ARN")
}

/// Numbers that follow from a seed: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
