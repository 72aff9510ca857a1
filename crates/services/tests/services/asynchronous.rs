//! Asynchronous invocation as its owner configures it, over hours of a frozen clock.

use hearth_engine::{EngineOptions, timeline::EventKind};
use hearth_model::asynchronous::Condition;
use hearth_services::lambda::{AsynchronousChange, InvocationError};
use serde_json::{Value, json};

use crate::world::{World, arn, here};

const HOUR: u64 = 60 * 60;

impl World {
    fn configure(&self, function: &str, change: &AsynchronousChange) {
        let configured = self.functions().configure_asynchronous(&here(), function, None, change);
        configured.expect("it can be configured");
    }

    /// The records that a function got since the last call.
    fn records(&self, function: &str) -> Vec<Value> {
        let record = |event: &[u8]| serde_json::from_slice(event).expect("a record is JSON");
        self.handled(function).iter().map(|handled| record(&handled.event)).collect()
    }
}

/// Records of all ends go to a function.
fn told(function: &str) -> AsynchronousChange {
    let arn = Some(arn(function));
    AsynchronousChange { on_success: arn.clone(), on_failure: arn, ..AsynchronousChange::default() }
}

fn request_context(record: &Value) -> (&Value, &Value, &Value) {
    let context = &record["requestContext"];
    (&context["functionArn"], &context["condition"], &context["approximateInvokeCount"])
}

#[tokio::test]
async fn a_failure_is_tried_thrice_and_told_once() {
    let world = World::new();
    let orders = world.deploy("orders", None).await;
    world.deploy("failures", None).await;
    world.configure("orders", &told("failures"));
    let id = world.send("orders", "fail Oops");
    world.advance(6 * HOUR).await;
    assert_eq!(world.attempts(id), [0, 60, 180]);
    let record = json!({
        "version": "1.0",
        "timestamp": "2024-03-04T17:25:38.000Z",
        "requestContext": {
            "requestId": id.to_string(),
            "functionArn": format!("{}:$LATEST", arn("orders")),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": "fail Oops",
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {
            "errorType": "Oops",
            "errorMessage": "it failed",
            "requestId": id.to_string(),
            "stackTrace": ["  in the handler"],
        },
    });
    let handled = world.sandbox.take_handled();
    let (attempts, told): (Vec<_>, Vec<_>) = handled.iter().partition(|handled| handled.request_id == id);
    assert_eq!((attempts.len(), told.len()), (3, 1));
    assert_eq!(serde_json::from_slice::<Value>(&told[0].event).expect("JSON"), record);
    let metrics = orders.metrics();
    assert_eq!((metrics.events_accepted, metrics.events_dropped, metrics.errors), (1, 1, 3));
}

#[tokio::test]
async fn each_name_of_a_function_has_its_own_configuration() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.deploy("told", None).await;
    world.publish("orders", "live");
    world.configure("orders:live", &AsynchronousChange { maximum_retry_attempts: Some(1), ..told("told") });
    world.configure("orders:1", &AsynchronousChange { maximum_retry_attempts: Some(0), ..told("told") });
    for (name, attempts) in [("orders", 3), ("orders:1", 1), ("orders:live", 2)] {
        let id = world.send(name, "fail Oops");
        world.advance(HOUR).await;
        assert_eq!(world.attempts(id).len(), attempts, "{name}");
        let records = world.records("told");
        assert_eq!(records.len(), usize::from(name != "orders"), "{name}");
        if let Some(record) = records.first() {
            assert_eq!(request_context(record).0, &json!(arn(name)));
            assert_eq!(record["responseContext"]["executedVersion"], "1");
        }
    }
    let id = world.send("orders:live", "echo 1");
    world.advance(1).await;
    let [record] = &world.records("told")[..] else { panic!("one success is told") };
    assert_eq!(request_context(record), (&json!(arn("orders:live")), &json!("Success"), &json!(1)));
    assert_eq!(
        (&record["requestContext"]["requestId"], &record["responsePayload"]),
        (&json!(id.to_string()), &json!(1))
    );
}

#[tokio::test]
async fn attempts_follow_an_alias_and_what_is_set_for_it() {
    let world = World::new();
    let orders = world.deploy("orders", None).await;
    world.deploy("told", None).await;
    world.publish("orders", "live");
    let id = world.send("orders:live", "fail Oops");
    world.advance(30).await;
    world.point("orders", "live", "$LATEST");
    world.configure("orders:live", &AsynchronousChange { maximum_retry_attempts: Some(1), ..told("told") });
    world.advance(HOUR).await;
    assert_eq!(world.attempts(id), [0, 60]);
    let [record] = &world.records("told")[..] else { panic!("one failure is told") };
    assert_eq!(request_context(record), (&json!(arn("orders:live")), &json!("RetriesExhausted"), &json!(2)));
    assert_eq!(record["responseContext"]["executedVersion"], "$LATEST");

    // Without the alias there is nothing to be run.
    let id = world.send("orders:live", "fail Oops");
    world.functions().delete_alias(&here(), "orders", "live").expect("it is deleted");
    world.advance(HOUR).await;
    assert_eq!(world.attempts(id), [HOUR + 30, HOUR + 90, HOUR + 210]);
    assert_eq!((world.records("told").len(), orders.pending_events()), (0, 0));
}

#[tokio::test]
async fn throttles_use_up_time_but_no_attempts() {
    let world = World::new();
    let orders = world.deploy("orders", Some(1)).await;
    world.deploy("told", None).await;
    world.configure("orders", &told("told"));
    // One at a time, and each takes two seconds.
    let ids = ["sleep 2;echo 1", "sleep 2;echo 2", "sleep 2;echo 3"].map(|event| world.send("orders", event));
    world.advance(HOUR).await;
    assert_eq!(ids.map(|id| world.attempts(id)), [vec![0], vec![0, 1, 3], vec![0, 1, 3, 7]]);
    assert_eq!(world.records("told").len(), 3);
    assert_eq!((orders.metrics().throttles, orders.metrics().errors), (5, 0));

    // Turned off, it is over at once; nothing is run.
    world.functions().reserve(&here(), "orders", Some(0)).expect("it is turned off");
    let id = world.send("orders", "echo 1");
    world.advance(1).await;
    let [record] = &world.records("told")[..] else { panic!("one failure is told") };
    let condition = json!("ZeroReservedConcurrency");
    assert_eq!(
        request_context(record),
        (&json!(format!("{}:$LATEST", arn("orders"))), &condition, &json!(0))
    );
    assert_eq!((world.attempts(id).len(), record.get("responsePayload")), (1, None));
}

#[tokio::test]
async fn what_becomes_too_old_is_told_with_its_last_answer() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.deploy("told", None).await;
    for (age, attempts) in [(60, 1), (100, 2)] {
        world.configure("orders", &AsynchronousChange { maximum_event_age_s: Some(age), ..told("told") });
        let id = world.send("orders", "fail Oops");
        world.advance(HOUR).await;
        assert_eq!(world.attempts(id).len(), attempts);
        let [record] = &world.records("told")[..] else { panic!("one failure is told") };
        let (_, condition, count) = request_context(record);
        assert_eq!((condition, count), (&json!("EventAgeExceeded"), &json!(attempts)));
        assert_eq!(record["responsePayload"]["errorType"], "Oops");
    }
}

#[tokio::test]
async fn a_destination_that_is_gone_is_a_failed_delivery() {
    let world = World::new();
    let orders = world.deploy("orders", None).await;
    world.deploy("told", None).await;
    world.configure("orders", &told("told"));
    world.functions().delete(&here(), "told", None).expect("it is deleted");
    world.send("orders", "echo 1");
    world.advance(1).await;
    assert_eq!(orders.metrics().destination_failures, 1);
    assert_eq!(world.sandbox.take_handled().len(), 1);
}

#[tokio::test]
async fn events_go_with_their_function() {
    let world = World::new();
    let orders = world.deploy("orders", None).await;
    world.deploy("told", None).await;
    world.configure("orders", &told("told"));
    world.send("orders", "fail Oops");
    world.advance(1).await;
    assert_eq!(orders.pending_events(), 1);
    world.functions().delete(&here(), "orders", None).expect("it is deleted");
    world.deploy("orders", None).await;
    world.advance(HOUR).await;
    assert_eq!((world.sandbox.take_handled().len(), orders.pending_events()), (1, 0));
    assert!(world.functions().asynchronous_configuration(&here(), "orders", None).is_err());
}

#[tokio::test]
async fn more_than_fits_is_throttled() {
    let world = World::with(EngineOptions { asynchronous_events: 1, ..EngineOptions::default() });
    world.deploy("orders", None).await;
    world.send("orders", "sleep 1;echo 1");
    let full = world.try_send("orders", "echo 1").expect_err("there is no room");
    assert!(matches!(full, InvocationError::QueueFull { .. }), "{full}");
    world.advance(1).await;
    world.send("orders", "echo 1");
}

#[tokio::test]
async fn a_loop_of_functions_comes_to_an_end() {
    let world = World::new();
    let functions = [world.deploy("ping", None).await, world.deploy("pong", None).await];
    world.configure("ping", &told("pong"));
    world.configure("pong", &told("ping"));
    world.send("ping", "echo 1");
    world.services.engine().work().idle().await;
    assert_eq!(world.sandbox.take_handled().len(), 33);
    let dropped = functions.map(|function| function.metrics().recursive_invocations_dropped);
    assert_eq!(dropped.iter().sum::<u64>(), 1);
    assert!(world.services.engine().timeline().snapshot().iter().any(|event| matches!(
        &event.kind,
        EventKind::DeliveryFailed { condition: Condition::RecursiveInvocation, .. }
    )));
}
