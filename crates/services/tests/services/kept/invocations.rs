//! Events that wait or run.

use std::collections::BTreeMap;

use hearth_model::{identity::RequestId, sqs::QueueAddress};
use hearth_services::{
    lambda::{AsynchronousChange, SettingsChange},
    sqs::ReceiveRequest,
};
use serde_json::Value;

use super::world::{Kept, settings};
use crate::world::{arn, here};

impl Kept {
    /// The events that a function got since the last call.
    fn ids(&self, function: &str) -> Vec<RequestId> {
        self.world.handled(function).iter().map(|handled| handled.request_id).collect()
    }

    fn queue(&self, name: &str) -> QueueAddress {
        let queues = self.world.services.queues();
        let made = queues.create_queue(&here(), name, &BTreeMap::new(), BTreeMap::new());
        made.expect("it is created")
    }

    /// What a queue has got.
    async fn received(&self, queue: &QueueAddress) -> Vec<Value> {
        let request = ReceiveRequest { maximum: Some(10), ..ReceiveRequest::default() };
        let messages = self.world.services.queues().receive(queue, request).await.expect("an answer");
        messages.iter().map(|message| serde_json::from_str(message.body()).expect("JSON")).collect()
    }

    fn configure(&self, function: &str, change: &AsynchronousChange) {
        let set = self.world.functions().configure_asynchronous(&here(), function, None, change);
        set.expect("it is set");
    }
}

#[tokio::test]
async fn retries_go_on_as_they_were() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    let id = kept.world.send("orders", "fail Oops");
    kept.world.advance(10).await;
    assert_eq!(kept.ids("orders"), [id]);
    let later = kept.restart_after(20).await;
    later.world.advance(29).await;
    assert_eq!(later.ids("orders"), [], "a minute has not passed");
    later.world.advance(1).await;
    assert_eq!(later.ids("orders"), [id]);
    // Two minutes pass without a process.
    let last = later.restart_after(500).await;
    last.world.advance(0).await;
    assert_eq!(last.ids("orders"), [id]);
    last.world.advance(60 * 60 * 6).await;
    assert_eq!(last.ids("orders"), [], "it was tried thrice");
    assert_eq!(last.restart().await.world.functions().list(&here())[0].pending_events(), 0);
}

#[tokio::test]
async fn what_ran_runs_again_by_the_same_id() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    kept.world.publish("orders", "live");
    let id = kept.world.send("orders:live", "hang");
    kept.world.advance(1).await;
    let handled = kept.world.handled("orders");
    assert_eq!(handled.len(), 1);
    let later = kept.restart().await;
    later.world.advance(1).await;
    assert_eq!(later.world.handled("orders"), handled, "the same in every way");
    // And again.
    let last = later.restart().await;
    last.world.advance(1).await;
    assert_eq!(last.ids("orders"), [id]);
}

#[tokio::test]
async fn an_event_does_not_become_younger() {
    let kept = Kept::new().await;
    let told = kept.queue("told");
    kept.create("orders", "code").await;
    kept.configure(
        "orders",
        &AsynchronousChange {
            maximum_event_age_s: Some(100),
            on_failure: Some(told.to_string()),
            ..AsynchronousChange::default()
        },
    );
    kept.world.functions().reserve(&here(), "orders", Some(1)).expect("there is enough");
    let [old, young] = ["hang", "echo 1"].map(|event| kept.world.send("orders", event));
    kept.world.advance(0).await;
    assert_eq!(kept.ids("orders"), [old], "the other one is throttled");
    let later = kept.restart_after(100).await;
    later.world.advance(0).await;
    assert_eq!(later.ids("orders"), []);
    let mut records = later.received(&told).await;
    records.sort_by_key(|record| record["requestContext"]["requestId"] != old.to_string());
    let [one, other] = &records[..] else { panic!("both are too old: {records:?}") };
    for (record, id) in [(one, old), (other, young)] {
        assert_eq!(record["requestContext"]["requestId"], id.to_string());
        assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
    }
    assert_eq!(other["responseContext"]["statusCode"], 429, "what its last attempt came to is known");
}

#[tokio::test]
async fn an_end_is_told_though_the_process_dies_before_that() {
    let kept = Kept::new().await;
    let told = kept.queue("told");
    kept.create("orders", "code").await;
    kept.configure(
        "orders",
        &AsynchronousChange { on_success: Some(told.to_string()), ..AsynchronousChange::default() },
    );
    let id = kept.world.send("orders", "sleep 1;echo 7");
    // One deadline after the other, and a process that dies after any step.
    let mut deaths = 0;
    loop {
        let before = kept.storage.fork();
        kept.world.advance(1).await;
        deaths += 1;
        if kept.world.services.engine().work().running() == 0 && deaths > 2 {
            break;
        }
        let later = kept.restart().await;
        later.world.advance(5).await;
        let records = later.received(&told).await;
        assert!(!records.is_empty(), "after {deaths} steps with {} entries", before.entries());
        for record in records {
            assert_eq!(record["requestContext"]["requestId"], id.to_string());
            assert_eq!(
                (&record["requestPayload"], &record["responsePayload"]),
                (&"sleep 1;echo 7".into(), &7.into())
            );
        }
    }
}

#[tokio::test]
async fn what_a_deleted_function_had_does_not_come_back() {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    kept.world.send("orders", "fail Oops");
    kept.world.advance(1).await;
    kept.world.functions().delete(&here(), "orders", None).expect("it is deleted");
    kept.create("orders", "code").await;
    let own = kept.world.send("orders", "fail Oops");
    kept.world.advance(1).await;
    let later = kept.restart().await;
    later.world.advance(100).await;
    assert_eq!(later.ids("orders"), [own]);
    assert_eq!(
        later.world.functions().resolve(&here(), "orders", None).expect("it exists").pending_events(),
        1
    );
}

#[tokio::test]
async fn a_throttled_event_backs_off_as_before() {
    let kept = Kept::new().await;
    kept.create_with("orders", "code", SettingsChange { timeout: Some(900), ..settings() }).await;
    kept.world.functions().reserve(&here(), "orders", Some(1)).expect("there is enough");
    kept.world.send("orders", "hang");
    kept.world.send("orders", "echo 1");
    kept.world.advance(16).await;
    // It was tried after 0, 1, 3, 7 and 15 seconds, and is to be after 31.
    let later = kept.restart().await;
    later.world.functions().reserve(&here(), "orders", None).expect("it is given back");
    let tries = |kept: &Kept| kept.world.handled("orders").len();
    later.world.advance(0).await;
    assert_eq!(tries(&later), 1, "the one that ran");
    later.world.advance(14).await;
    assert_eq!(tries(&later), 0);
    later.world.advance(1).await;
    assert_eq!(tries(&later), 1);
}

#[tokio::test]
async fn a_function_that_is_told_gets_it_after_a_restart() {
    let kept = Kept::new().await;
    for name in ["orders", "told"] {
        kept.create(name, "code").await;
    }
    kept.configure(
        "orders",
        &AsynchronousChange {
            maximum_retry_attempts: Some(1),
            on_failure: Some(arn("told")),
            ..AsynchronousChange::default()
        },
    );
    let id = kept.world.send("orders", "fail Oops");
    kept.world.advance(1).await;
    let later = kept.restart_after(60).await;
    later.world.advance(1).await;
    let handled = later.world.sandbox.take_handled();
    assert_eq!(handled.len(), 2);
    let record: Value = serde_json::from_slice(&handled[1].event).expect("JSON");
    assert_eq!(record["requestContext"]["requestId"], id.to_string());
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 2);
}
