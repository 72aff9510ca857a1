//! Asynchronous invocation, over hours of a frozen clock.

use std::sync::Arc;

use hearth_engine::{
    EngineOptions, Function,
    asynchronous::{AcceptError, AsynchronousRequest},
    timeline::{EventKind, Outcome},
};
use hearth_model::{
    asynchronous::{Condition, Configuration, EventAge, QueueFull, RetryAttempts},
    destination::Destination,
    identity::RequestId,
    reference::{AliasName, Qualifier},
    time::Instant,
};
use serde_json::json;

use crate::support::{Surroundings, World, configuration, seconds};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:async";
const HOUR: u64 = 60 * 60;

fn event(event: &str) -> AsynchronousRequest {
    AsynchronousRequest { event: event.to_owned().into(), ..AsynchronousRequest::default() }
}

fn queue(name: &str) -> Arc<Destination> {
    let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    Arc::new(Destination::parse(&arn).expect("a queue's ARN"))
}

fn told(everything: &str) -> Configuration {
    Configuration {
        on_success: Some(queue(everything)),
        on_failure: Some(queue(everything)),
        ..Configuration::default()
    }
}

impl World {
    fn accept(&self, function: &Arc<Function>, request: &str) -> RequestId {
        self.engine.accept(function, event(request)).expect("there is room")
    }

    fn configure(&self, function: &Arc<Function>, configuration: Configuration) {
        self.engine.configure_asynchronous(function, Qualifier::LATEST, configuration);
    }

    /// When the attempts were, in seconds, and that all of them have this id.
    fn attempts(&self, id: RequestId) -> Vec<u64> {
        let events = self.engine.timeline().snapshot().into_iter();
        let attempts = events.filter(|event| matches!(event.kind, EventKind::Attempt { .. }));
        let mine = attempts.filter(|event| event.request_id() == Some(id));
        mine.map(|event| (event.at - Instant::ORIGIN).as_secs()).collect()
    }
}

#[tokio::test]
async fn an_event_is_accepted_at_once_and_its_success_is_told() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    world.configure(&function, told("all"));
    let id = world.accept(&function, "sleep 1;count");
    assert_eq!((function.concurrency(), function.pending_events()), (0, 1));
    world.clock.advance(seconds(1)).await;
    assert_eq!((function.pending_events(), world.engine.work().running()), (0, 0));
    let record = json!({
        "version": "1.0",
        "timestamp": "2024-03-04T17:22:39.000Z",
        "requestContext": {
            "requestId": id.to_string(),
            "functionArn": format!("{ARN}:$LATEST"),
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        // The fake's events are no JSON.
        "requestPayload": "sleep 1;count",
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST" },
        "responsePayload": 1,
    });
    assert_eq!(destinations.records(), [(queue("all").to_string(), record)]);
    let kinds: Vec<_> = world.events(&function).into_iter().skip(1).collect();
    let destination: Box<str> = queue("all").as_str().into();
    assert_eq!(kinds[0], EventKind::Accepted { event_bytes: 13 });
    assert_eq!(kinds[1], EventKind::Attempt { number: 1, age: seconds(0) });
    assert!(matches!(kinds[2], EventKind::Received { .. }));
    assert_eq!(kinds[5], EventKind::Delivered { destination, condition: Condition::Success });
    let started = format!("START RequestId: {id} Version: $LATEST");
    assert!(function.log().snapshot().iter().any(|line| line.to_string() == started));
}

#[tokio::test]
async fn errors_of_the_function_are_retried_after_one_and_two_minutes_under_the_same_id() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    world.configure(&function, Configuration { dead_letter: Some(queue("dlq")), ..told("failures") });
    let id = world.accept(&function, "files;fail Oops");
    world.clock.advance(seconds(HOUR)).await;
    assert_eq!(world.attempts(id), [0, 60, 180]);
    let retries: Vec<_> = world
        .events(&function)
        .into_iter()
        .filter(|kind| matches!(kind, EventKind::Retrying { .. }))
        .collect();
    let retrying = |delay| EventKind::Retrying { delay: seconds(delay) };
    assert_eq!(retries, [retrying(60), retrying(120)]);
    let ends = world.engine.timeline().snapshot();
    let ends = ends
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Ended { outcome: Outcome::FunctionError, .. }));
    assert!(ends.clone().count() == 3 && ends.clone().all(|event| event.request_id() == Some(id)));

    let (metrics, deliveries) = (function.metrics(), world.events(&function));
    assert_eq!((metrics.invocations, metrics.errors, metrics.events_dropped), (3, 3, 1));
    assert_eq!((metrics.events_accepted, metrics.event_attempts), (1, 3));
    assert_eq!((metrics.event_age_us, metrics.max_event_age_us), (240_000_000, 180_000_000));
    assert_eq!(deliveries.iter().filter(|kind| matches!(kind, EventKind::Delivered { .. })).count(), 2);
    let mut letters = destinations.dead_letters();
    let (to, body, attributes) = letters.pop().expect("a dead letter");
    assert_eq!((to, body.as_str()), (queue("dlq").to_string(), "files;fail Oops"));
    assert_eq!((attributes.request_id, attributes.error_code), (id, Some(200)));
    assert_eq!(attributes.error_message.as_deref(), Some("it failed"));
}

#[tokio::test]
async fn a_failure_is_told_with_the_last_answer() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    let attempts = RetryAttempts::new(1).expect("one");
    world.configure(&function, Configuration { maximum_retry_attempts: attempts, ..told("failures") });
    let id = world.accept(&function, "sleep 10");
    world.clock.advance(seconds(HOUR)).await;
    assert_eq!(world.attempts(id), [0, 63], "a minute after the timeout");
    let (_, record) = destinations.records().pop().expect("a record");
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert_eq!(record["responsePayload"]["errorType"], "Sandbox.Timedout");
}

#[tokio::test]
async fn throttles_use_up_no_attempts_for_six_hours() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let mut narrow = configuration("async");
    narrow.reserved_concurrency = Some(1);
    narrow.timeout = crate::support::timeout(900);
    let function = world.deploy_as(narrow).await;
    world.configure(&function, told("failures"));
    // Somebody else has the only unit, for longer than an event lives.
    let occupied = async {
        loop {
            let _ = world.try_invoke(&function, "sleep 890").await;
        }
    };
    let id = tokio::select! {
        biased;
        () = occupied => unreachable!("it goes on for ever"),
        id = async {
            tokio::task::yield_now().await;
            let id = world.accept(&function, "");
            world.clock.advance(seconds(6 * HOUR)).await;
            id
        } => id,
    };
    let attempts = world.attempts(id);
    assert_eq!(attempts[..11], [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811]);
    assert!(attempts[9..].windows(2).all(|pair| pair[1] - pair[0] == 300), "{attempts:?}");
    let last = *attempts.last().expect("there were some");
    assert!((6 * HOUR - 300..6 * HOUR).contains(&last), "{last}");
    let (_, record) = destinations.records().pop().expect("a record");
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(record["responseContext"], json!({"statusCode": 429}));
    assert_eq!(record.get("responsePayload"), None);
}

#[tokio::test]
async fn an_event_gets_through_when_there_is_room_again() {
    let world = World::new();
    let mut narrow = configuration("async");
    narrow.reserved_concurrency = Some(2);
    let function = world.deploy_as(narrow).await;
    let ids: Vec<_> = (0..20).map(|_| world.accept(&function, "sleep 1;files")).collect();
    world.clock.advance(seconds(HOUR)).await;
    let metrics = function.metrics();
    assert_eq!((metrics.invocations, metrics.errors, metrics.max_concurrency), (20, 0, 2));
    assert!(metrics.throttles > 0 && metrics.events_dropped == 0);
    assert!(ids.iter().all(|id| !world.attempts(*id).is_empty()));
    assert_eq!(function.pending_events(), 0);
}

#[tokio::test]
async fn faults_of_the_platform_are_no_errors_of_the_function() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    let age = EventAge::from_seconds(60).expect("a minute");
    world.configure(&function, Configuration { maximum_event_age: age, ..told("failures") });
    let id = world.accept(&function, "fault");
    let panicking = world.accept(&function, "panic");
    world.clock.advance(seconds(HOUR)).await;
    for id in [id, panicking] {
        assert_eq!(world.attempts(id), [0, 1, 3, 7, 15, 31]);
    }
    assert_eq!(function.metrics().errors, 0);
    for (_, record) in destinations.records() {
        assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
        assert_eq!(record["responseContext"]["statusCode"], 500);
    }
}

#[tokio::test]
async fn a_function_that_is_turned_off_gets_nothing() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let mut off = configuration("async");
    off.reserved_concurrency = Some(0);
    let function = world.deploy_as(off).await;
    world.configure(&function, Configuration { dead_letter: Some(queue("dlq")), ..Configuration::default() });
    world.accept(&function, "{}");
    world.engine.work().idle().await;
    let (_, body, attributes) = destinations.dead_letters().pop().expect("a dead letter");
    assert_eq!((body.as_str(), attributes.error_code), ("{}", None));
    assert!(attributes.error_message.is_some_and(|message| message.contains("zero reserved")));
}

#[tokio::test]
async fn what_nobody_is_told_is_dropped_and_what_cannot_be_delivered_is_counted() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    world.accept(&function, "fail X");
    world.clock.advance(seconds(HOUR)).await;
    let dropped = EventKind::Dropped { condition: Condition::RetriesExhausted };
    assert!(world.events(&function).contains(&dropped));

    world.configure(&function, Configuration { dead_letter: Some(queue("full")), ..told("full") });
    world.accept(&function, "fail X");
    world.clock.advance(seconds(HOUR)).await;
    let metrics = function.metrics();
    assert_eq!((metrics.destination_failures, metrics.dead_letter_failures), (1, 1));
    assert_eq!(metrics.events_dropped, 2);
    let failed = world.events(&function).into_iter().filter_map(|kind| match kind {
        EventKind::DeliveryFailed { reason, .. } => Some(reason),
        _ => None,
    });
    assert!(failed.eq(["the queue is full".into(), "the queue is full".into()]));
    drop(destinations);
    world.accept(&function, "");
    world.engine.work().idle().await;
    assert_eq!(function.metrics().destination_failures, 2, "there is nobody left");
}

#[tokio::test]
async fn an_alias_is_resolved_for_each_attempt() {
    let world = World::new();
    let surroundings = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    for number in [1, 2] {
        world.engine.publish(&function, number).expect("it is new");
    }
    let live = Qualifier::Alias(AliasName::parse("live").expect("a name"));
    world.engine.configure_asynchronous(&function, live.clone(), told("all"));
    surroundings.point("live", 1);
    let request = AsynchronousRequest { qualifier: Some(live), ..event("context;fail Once") };
    let id = world.engine.accept(&function, request).expect("there is room");
    world.clock.advance(seconds(1)).await;
    surroundings.point("live", 2);
    world.clock.advance(seconds(HOUR)).await;
    let lines = function.log().snapshot().into_iter().map(|line| line.to_string());
    let starts: Vec<_> = lines.filter(|line| line.starts_with("START")).collect();
    let start = |version| format!("START RequestId: {id} Version: {version}");
    assert_eq!(starts, [start(1), start(2), start(2)]);
    let (_, record) = surroundings.records().pop().expect("a record");
    assert_eq!(record["requestContext"]["functionArn"], format!("{ARN}:live"));
    assert_eq!(record["responseContext"]["executedVersion"], "2");
}

#[tokio::test]
async fn what_is_gone_is_tried_no_longer_than_what_fails() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    let gone = Qualifier::Alias(AliasName::parse("gone").expect("a name"));
    world.engine.configure_asynchronous(&function, gone.clone(), told("all"));
    let request = AsynchronousRequest { qualifier: Some(gone), ..event("") };
    let id = world.engine.accept(&function, request).expect("there is room");
    world.clock.advance(seconds(HOUR)).await;
    assert_eq!((world.attempts(id), function.metrics().invocations), (vec![0, 60, 180], 0));
    let (_, record) = destinations.records().pop().expect("a record");
    assert_eq!(record["responseContext"], json!({"statusCode": 404}));
}

#[tokio::test]
async fn a_chain_that_runs_in_circles_is_cut() {
    let world = World::new();
    let destinations = Surroundings::connect(&world.engine);
    let function = world.deploy("async").await;
    world.configure(&function, told("failures"));
    let request = AsynchronousRequest { recursive: true, ..event("") };
    world.engine.accept(&function, request).expect("there is room");
    world.engine.work().idle().await;
    assert_eq!((destinations.records().len(), function.metrics().invocations), (1, 0));
    let metrics = function.metrics();
    assert_eq!((metrics.events_dropped, metrics.recursive_invocations_dropped), (1, 1));
}

#[tokio::test]
async fn the_queue_is_bounded_and_accepts_nothing_for_what_is_over() {
    let world = World::with(EngineOptions { asynchronous_events: 2, ..EngineOptions::default() });
    let function = world.deploy("async").await;
    for _ in 0..2 {
        world.accept(&function, "sleep 1");
    }
    let full = world.engine.accept(&function, event(""));
    assert_eq!(full, Err(AcceptError::QueueFull(QueueFull { capacity: 2 })));
    world.clock.advance(seconds(1)).await;
    world.accept(&function, "fail Later");
    world.accept(&function, "sleep 2;echo 1");
    world.clock.advance(seconds(1)).await;
    assert_eq!(function.pending_events(), 2);

    world.engine.delete(&function);
    assert_eq!(function.pending_events(), 0);
    assert_eq!(world.engine.accept(&function, event("")), Err(AcceptError::Deleted));
    world.clock.advance(seconds(HOUR)).await;
    assert_eq!(function.metrics().invocations, 4, "what runs ends, what waits does not begin");
    assert_eq!((world.clock.next_deadline(), world.sandbox.live()), (None, 0));

    let other = world.deploy("other").await;
    world.engine.shutdown(seconds(0)).await;
    assert_eq!(world.engine.accept(&other, event("")), Err(AcceptError::ShuttingDown));
}

#[tokio::test]
async fn what_waits_is_bounded_in_bytes_too() {
    let world = World::with(EngineOptions { asynchronous_bytes: 20, ..EngineOptions::default() });
    let function = world.deploy("async").await;
    for _ in 0..2 {
        world.accept(&function, "echo 67890");
    }
    let full = world.engine.accept(&function, event("1"));
    assert_eq!(full, Err(AcceptError::TooManyBytes { capacity_bytes: 20 }));
    world.accept(&function, "");
    world.engine.work().idle().await;
    world.accept(&function, "echo 6789012345678");
    assert_eq!(function.pending_events(), 1);
}

#[tokio::test]
async fn thousands_of_events_end_once_each() {
    let world = World::with(EngineOptions { timeline_bytes: 1 << 16, ..EngineOptions::default() });
    let destinations = Surroundings::connect(&world.engine);
    let mut narrow = configuration("async");
    narrow.reserved_concurrency = Some(50);
    let function = world.deploy_as(narrow).await;
    world.configure(&function, told("all"));
    let mut accepted: Vec<_> = (0..2_000)
        .map(|number| {
            let event = ["echo 1", "fail X", "yield;crash", "sleep 0.1"][number % 4];
            world.accept(&function, event).to_string()
        })
        .collect();
    world.clock.advance(seconds(6 * HOUR)).await;
    assert_eq!((function.pending_events(), function.concurrency()), (0, 0));
    let told = destinations.records().into_iter();
    let id = |record: &serde_json::Value| record["requestContext"]["requestId"].as_str().map(str::to_owned);
    let mut told: Vec<_> = told.filter_map(|(_, record)| id(&record)).collect();
    accepted.sort_unstable();
    told.sort_unstable();
    assert!(accepted == told, "{} of {}", told.len(), accepted.len());
    let metrics = function.metrics();
    assert!(metrics.max_concurrency <= 50 && metrics.events_dropped == 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_event_ends_once_on_several_threads_too() {
    const TASKS: usize = 8;
    const EVENTS: usize = 200;
    let world = Arc::new(World::with(EngineOptions { timeline_bytes: 1 << 16, ..EngineOptions::default() }));
    let destinations = Surroundings::connect(&world.engine);
    let mut narrow = configuration("async");
    narrow.reserved_concurrency = Some(5);
    let function = world.deploy_as(narrow).await;
    let live = Qualifier::Alias(AliasName::parse("live").expect("a name"));
    destinations.point("live", 1);
    for qualifier in [Qualifier::LATEST, live.clone()] {
        world.engine.configure_asynchronous(&function, qualifier, told("all"));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let (world, function, live) = (Arc::clone(&world), Arc::clone(&function), live.clone());
        tasks.spawn(async move {
            for number in 0..EVENTS {
                let text = ["echo 1", "yield;crash", "fault", "yield;fail X", "yield;yield"][number % 5];
                let qualifier = (number % 3 == 0).then(|| live.clone());
                let request = AsynchronousRequest { qualifier, ..event(text) };
                world.engine.accept(&function, request).expect("there is room");
                world.configure(&function, told("all"));
                tokio::task::yield_now().await;
            }
        });
    }
    let changes = async {
        while function.pending_events() > 0 || !tasks.is_empty() {
            while tasks.try_join_next().is_some_and(|task| task.is_ok()) {}
            let _ = world.engine.publish(&function, 1);
            let _ = world.engine.set_provisioned(&function, 1, 2);
            world.clock.advance(seconds(60)).await;
            world.engine.remove_version(&function, 1);
        }
    };
    changes.await;
    world.engine.work().idle().await;
    let told = destinations.records().into_iter();
    let ids: std::collections::HashSet<_> =
        told.map(|(_, record)| record["requestContext"]["requestId"].to_string()).collect();
    assert_eq!((ids.len(), function.concurrency()), (TASKS * EVENTS, 0));
    world.engine.delete(&function);
    world.engine.work().idle().await;
    assert_eq!(world.sandbox.live(), 0);
}
