//! What becomes of mappings while messages come: they are turned off and on, changed, and outlive what they connect.

use std::collections::BTreeMap;

use hearth_services::{
    lambda::{MappingChange, MappingState},
    sqs::SendRequest,
};

use crate::world::{World, arn, here};

fn enabled(enabled: bool) -> MappingChange {
    MappingChange { enabled: Some(enabled), ..MappingChange::default() }
}

#[tokio::test]
async fn messages_wait_while_a_mapping_is_off() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    let mapping = world.map(&queue, "orders", enabled(false));
    assert_eq!(mapping.state, MappingState::Disabled);
    world.message(&queue, "1").await;
    assert_eq!((world.events("orders").len(), world.counts(&queue)), (0, [1, 0]));
    assert_eq!(world.change(&mapping, enabled(true)).state, MappingState::Enabling);
    world.settle().await;
    assert_eq!(world.batches("orders"), [["1"]]);
    assert_eq!(world.change(&mapping, enabled(false)).state, MappingState::Disabling);
    world.message(&queue, "2").await;
    assert_eq!(world.counts(&queue), [1, 0]);
    let state = |world: &World| {
        world.mappings().mapping(&here(), &mapping.id.to_string()).expect("it is there").state
    };
    assert_eq!(state(&world), MappingState::Disabled);
}

#[tokio::test]
async fn what_runs_finishes_after_its_mapping() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.obey_bodies();
    let queue = world.queue("orders", []);
    let mapping = world.map(&queue, "orders", MappingChange::default());
    let id = mapping.id.to_string();
    world.send_message(&queue, SendRequest::text("sleep 2"));
    world.advance(1).await;
    world.change(&mapping, enabled(false));
    assert_eq!(world.mappings().mapping(&here(), &id).expect("it is there").state, MappingState::Disabling);
    assert_eq!(world.mappings().delete(&here(), &id).expect("it is deleted").state, MappingState::Deleting);
    assert!(world.mappings().mapping(&here(), &id).is_err());
    assert_eq!(world.counts(&queue), [0, 1]);
    world.send_message(&queue, SendRequest::text("another"));
    world.advance(2).await;
    world.settle().await;
    assert_eq!(world.counts(&queue), [1, 0]);
    assert_eq!(world.batches("orders"), [["sleep 2"]]);
}

#[tokio::test]
async fn messages_follow_the_function_of_the_mapping() {
    let world = World::new();
    world.deploy("one", None).await;
    world.deploy("other", None).await;
    let queue = world.queue("orders", []);
    let mapping = world.map(&queue, "one", MappingChange::default());
    world.message(&queue, "1").await;
    assert_eq!(world.batches("one"), [["1"]]);
    let change = MappingChange { function: Some(arn("other")), ..MappingChange::default() };
    let changed = world.change(&mapping, change);
    assert_eq!((changed.state, changed.function_arn), (MappingState::Updating, arn("other")));
    world.message(&queue, "2").await;
    assert_eq!(world.batches("other"), [["2"]]);
}

#[tokio::test]
async fn messages_follow_an_alias() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.publish("orders", "live");
    let queue = world.queue("orders", []);
    let mapping = world.map(&queue, "orders:live", MappingChange::default());
    assert_eq!(mapping.function_arn, arn("orders:live"));
    world.message(&queue, "1").await;
    let handled = world.handled("orders");
    assert_eq!(*handled[0].invoked_function_arn, *arn("orders:live"));
    // An alias that is gone may come back.
    world.functions().delete_alias(&here(), "orders", "live").expect("it is deleted");
    world.message(&queue, "2").await;
    assert_eq!((world.events("orders").len(), world.counts(&queue)), (0, [0, 1]));
    world.point("orders", "live", "1");
    world.advance(1).await;
    world.settle().await;
    assert_eq!(world.batches("orders"), [["2"]]);
}

#[tokio::test]
async fn functions_and_queues_may_come_back() {
    let world = World::new();
    let function = world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    world.map(&queue, "orders", MappingChange::default());
    world
        .functions()
        .remove(&here(), &hearth_model::identity::FunctionName::parse(function.name()).expect("a name"));
    world.message(&queue, "1").await;
    assert_eq!(world.counts(&queue), [0, 1]);
    world.deploy("orders", None).await;
    world.advance(1).await;
    world.settle().await;
    assert_eq!(world.batches("orders"), [["1"]]);

    world.queues().delete_queue(&queue).expect("it is deleted");
    world.queues().create_queue(&here(), "orders", &BTreeMap::new(), BTreeMap::new()).expect("it is created");
    world.message(&queue, "2").await;
    assert_eq!(world.batches("orders"), [["2"]]);
}

#[tokio::test]
async fn several_mappings_share_a_queue() {
    let world = World::new();
    world.deploy("one", None).await;
    world.deploy("other", None).await;
    let queue = world.queue("orders", []);
    world.map(&queue, "one", MappingChange::default());
    world.map(&queue, "other", MappingChange::default());
    for number in 0..10 {
        world.message(&queue, &number.to_string()).await;
    }
    let handled = world.sandbox.take_handled();
    assert_eq!(handled.len(), 10);
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn a_message_on_its_way_is_work() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", [("DelaySeconds", "0")]);
    world.map(&queue, "orders", MappingChange::default());
    world.settle().await;
    world.send_message(&queue, SendRequest::text("1"));
    // Before anybody has had a chance to run.
    assert!(world.services.engine().work().running() > 0);
    world.settle().await;
    assert_eq!(world.counts(&queue), [0, 0]);
}
