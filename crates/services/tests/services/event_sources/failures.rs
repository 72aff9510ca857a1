//! What becomes of messages that are not processed.

use std::time::Duration;

use hearth_engine::timeline::EventKind;
use hearth_model::{
    identity::RequestId,
    recursion::{Entered, FunctionHash},
};
use hearth_services::{
    lambda::{InvocationError, MappingChange, RecursiveLoop},
    sqs::SendRequest,
};
use serde_json::{Value, json};

use super::world::bodies;
use crate::world::{World, here};

fn reporting() -> MappingChange {
    let types = vec!["ReportBatchItemFailures".to_owned()];
    MappingChange { response_types: Some(types), ..MappingChange::default() }
}

/// Lets functions report the messages whose body begins with `bad`.
fn report_bad_messages(world: &World) {
    world.sandbox.script(|event| {
        let event: Value = serde_json::from_str(event).expect("an event is JSON");
        let records = event["Records"].as_array().expect("an array").iter();
        let bad =
            records.filter(|record| record["body"].as_str().is_some_and(|body| body.starts_with("bad")));
        let failures: Vec<_> = bad.map(|record| json!({"itemIdentifier": record["messageId"]})).collect();
        format!("echo {}", json!({"batchItemFailures": failures}))
    });
}

#[tokio::test]
async fn a_batch_that_fails_comes_back_and_ends_as_dead_letters() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.obey_bodies();
    let [queue, letters] = world.queue_with_dead_letters("orders", 2);
    world.map(&queue, "orders", MappingChange::default());
    world.message(&queue, "fail Oops").await;
    assert_eq!(world.counts(&queue), [0, 1]);
    world.advance(29).await;
    world.settle().await;
    assert_eq!(world.events("orders").len(), 1);
    world.advance(1).await;
    world.settle().await;
    let events = world.events("orders");
    assert_eq!(events[0]["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
    world.advance(30).await;
    world.settle().await;
    assert_eq!(world.events("orders").len(), 0);
    assert_eq!((world.counts(&queue), world.counts(&letters)), ([0, 0], [1, 0]));
}

#[tokio::test]
async fn only_what_is_reported_comes_back() {
    let world = World::new();
    world.deploy("orders", None).await;
    report_bad_messages(&world);
    let [queue, letters] = world.queue_with_dead_letters("orders", 1);
    // What is there before the mapping comes in one batch.
    for body in ["good", "bad 1", "fine", "bad 2"] {
        world.send_message(&queue, SendRequest::text(body));
    }
    world.map(&queue, "orders", reporting());
    world.settle().await;
    assert_eq!(world.batches("orders"), [["good", "bad 1", "fine", "bad 2"]]);
    assert_eq!(world.counts(&queue), [0, 2]);
    world.advance(30).await;
    world.settle().await;
    assert_eq!((world.counts(&queue), world.counts(&letters)), ([0, 0], [2, 0]));
}

#[tokio::test]
async fn reports_mean_nothing_unless_the_mapping_says_so() {
    let world = World::new();
    world.deploy("orders", None).await;
    report_bad_messages(&world);
    let queue = world.queue("orders", []);
    world.map(&queue, "orders", MappingChange::default());
    world.message(&queue, "bad").await;
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_fails_the_batch() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.obey_bodies();
    let queue = world.queue("orders", []);
    world.map(&queue, "orders", reporting());
    for (answer, left) in [
        (r#"{"batchItemFailures":[{"foo":"notvalid"}]}"#, 1),
        (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, 2),
        (r#""ok""#, 3),
        ("{}", 3),
        (r#"{"batchItemFailures":null}"#, 3),
    ] {
        world.message(&queue, &format!("echo {answer}")).await;
        assert_eq!(world.counts(&queue), [0, left], "{answer}");
    }
}

#[tokio::test]
async fn a_throttled_batch_waits_and_uses_up_no_receipts() {
    let world = World::new();
    let function = world.deploy("orders", Some(0)).await;
    let [queue, letters] = world.queue_with_dead_letters("orders", 1);
    world.map(&queue, "orders", MappingChange::default());
    world.message(&queue, "1").await;
    world.advance(20).await;
    world.settle().await;
    assert_eq!((world.events("orders").len(), world.counts(&queue)), (0, [0, 1]));
    world.functions().reserve(&here(), function.name(), None).expect("it is not reserved");
    world.advance(9).await;
    world.settle().await;
    let events = world.events("orders");
    assert_eq!(events[0]["Records"][0]["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!((world.counts(&queue), world.counts(&letters)), ([0, 0], [0, 0]));
}

#[tokio::test]
async fn one_environment_processes_everything_in_turn() {
    let world = World::new();
    world.deploy("orders", Some(1)).await;
    world.obey_bodies();
    let queue = world.queue("orders", []);
    for _ in 0..20 {
        world.send_message(&queue, SendRequest::text("sleep 0.1"));
    }
    world.map(&queue, "orders", MappingChange { batch_size: Some(1), ..MappingChange::default() });
    world.advance(25).await;
    let events = world.events("orders");
    assert_eq!(events.len(), 20);
    let count = |event: &Value| event["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1";
    assert!(events.iter().all(count));
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn a_maximum_of_concurrent_batches_is_kept() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.obey_bodies();
    let queue = world.queue("orders", []);
    for _ in 0..9 {
        world.send_message(&queue, SendRequest::text("sleep 1"));
    }
    let (batch_size, maximum_concurrency) = (Some(1), Some(Some(2)));
    world.map(
        &queue,
        "orders",
        MappingChange { batch_size, maximum_concurrency, ..MappingChange::default() },
    );
    world.clock.advance(Duration::from_millis(500)).await;
    for started in [2, 4, 6, 8, 9] {
        assert_eq!(world.counts(&queue), [9 - started, if started < 9 { 2 } else { 1 }]);
        world.advance(1).await;
    }
    assert_eq!(world.events("orders").len(), 9);
}

#[tokio::test]
async fn messages_of_a_group_are_processed_in_order() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.obey_bodies();
    let attributes = [("FifoQueue", "true"), ("DeduplicationScope", "messageGroup")];
    let queue = world.queue("orders.fifo", attributes);
    world.map(&queue, "orders", MappingChange { batch_size: Some(1), ..MappingChange::default() });
    world.group_message(&queue, "a", "sleep 1");
    world.group_message(&queue, "a", "echo 2");
    world.group_message(&queue, "b", "exit 0");
    world.group_message(&queue, "b", "echo 3");
    world.group_message(&queue, "c", "echo 4");
    world.clock.advance(Duration::from_millis(500)).await;
    let mut first = world.batches("orders").concat();
    first.sort();
    assert_eq!(first, ["echo 4", "exit 0", "sleep 1"]);
    world.advance(1).await;
    assert_eq!(world.batches("orders"), [["echo 2"]]);
    world.sandbox.script(|_| String::new());
    world.advance(30).await;
    assert_eq!(world.batches("orders"), [["exit 0"], ["echo 3"]]);
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn a_loop_ends_as_dead_letters() {
    let world = World::new();
    let function = world.deploy("orders", None).await;
    let [queue, letters] = world.queue_with_dead_letters("orders", 1);
    world.map(&queue, "orders", MappingChange::default());
    // The header that the sixteenth invocation of a chain has.
    let mut header = "Root=1-5759e988-bd862e3fe1be46a994272793".to_owned();
    for _ in 0..16 {
        let hash = FunctionHash::of_arn(function.arn());
        header = Entered::through(&header, hash, RequestId::from_random(1).work()).header;
    }
    let again = || SendRequest { trace_header: Some(header.clone()), ..SendRequest::text("again") };
    world.send_message(&queue, again());
    world.settle().await;
    assert_eq!(world.events("orders").len(), 0);
    world.advance(30).await;
    world.settle().await;
    assert_eq!((world.counts(&queue), world.counts(&letters)), ([0, 0], [1, 0]));
    assert_eq!(function.metrics().recursive_invocations_dropped, 1);
    let timeline = world.services.engine().timeline().snapshot();
    assert!(timeline.iter().any(|event| event.kind == EventKind::LoopStopped));

    world.functions().set_recursive_loop(&here(), "orders", RecursiveLoop::Allow).expect("it is allowed");
    world.send_message(&queue, again());
    world.settle().await;
    assert_eq!(world.events("orders").iter().map(bodies).collect::<Vec<_>>(), [["again"]]);
}

#[tokio::test]
async fn a_fault_of_the_platform_is_no_failure_of_the_function() {
    let world = World::new();
    world.deploy("orders", None).await;
    let [queue, _] = world.queue_with_dead_letters("orders", 1);
    world.map(&queue, "orders", MappingChange::default());
    world.sandbox.script(|_| "fault".to_owned());
    world.message(&queue, "1").await;
    world.sandbox.script(|_| String::new());
    world.advance(1).await;
    world.settle().await;
    assert_eq!((world.events("orders").len(), world.counts(&queue)), (2, [0, 0]));
}

#[tokio::test]
async fn after_a_shutdown_nothing_is_received() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.obey_bodies();
    let queue = world.queue("orders", []);
    world.map(&queue, "orders", MappingChange::default());
    world.send_message(&queue, SendRequest::text("sleep 2"));
    world.clock.advance(Duration::from_secs(1)).await;
    let engine = world.services.engine();
    let shutdown = engine.shutdown(Duration::from_secs(10));
    let (_, ()) = tokio::join!(shutdown, async {
        // It runs to its end; what comes meanwhile stays.
        world.send_message(&queue, SendRequest::text("later"));
        world.advance(5).await;
    });
    assert_eq!(world.batches("orders"), [["sleep 2"]]);
    assert_eq!(world.counts(&queue), [1, 0]);
    let refused = world.try_send("orders", "echo").expect_err("nothing is accepted");
    assert_eq!(refused, InvocationError::ShuttingDown);
}
