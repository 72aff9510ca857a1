//! What the timeline tells.

use hearth_engine::EngineOptions;
use serde_json::{Value, json};

use crate::support::{World, configuration, seconds};

/// The events as a machine reads them, without what differs between runs.
fn documents(world: &World) -> Vec<Value> {
    let events = world.engine.timeline().snapshot();
    for event in &events {
        let document = serde_json::to_value(event).expect("it is JSON");
        let kind = serde_json::to_value(event.kind.kind()).expect("a name");
        assert_eq!(document["event"], kind);
    }
    let strip = |mut document: Value| {
        for key in ["sequence", "at_ns", "wall_us", "function", "request_id"] {
            document.as_object_mut().expect("an object").remove(key);
        }
        document
    };
    events.iter().map(|event| strip(serde_json::to_value(event).expect("it is JSON"))).collect()
}

#[tokio::test]
async fn a_life_of_an_environment() {
    let world = World::new();
    let mut narrow = configuration("life");
    narrow.reserved_concurrency = Some(1);
    let function = world.deploy_as(narrow).await;
    world.sandbox.next_inits(["sleep 0.25", "sleep 0.5"]);
    let mut running = world.invoke_many(&function, 1, "sleep 0.001");
    tokio::task::yield_now().await;
    assert!(world.try_invoke(&function, "").await.is_err());
    world
        .while_passing(seconds(1), running.join_next())
        .await
        .expect("one")
        .expect("no panic")
        .expect("accepted");
    world.invoke(&function, "crash").await;
    world.while_passing(seconds(1), world.invoke(&function, "")).await;
    world.clock.advance(seconds(600)).await;
    let modelled = json!({"runtime_us": 0, "package_us": 0, "vpc_us": 0});
    let expect = [
        json!({"event": "deployed", "generation": 1, "load_us": 0}),
        json!({"event": "received", "event_bytes": 11}),
        json!({"event": "received", "event_bytes": 0}),
        json!({"event": "throttled", "reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}),
        json!({"event": "cold-start", "environment": 1, "reason": "first-request", "provision_us": 0, "init_us": 250_000, "modelled": modelled}),
        json!({"event": "ended", "environment": 1, "outcome": "success", "duration_us": 1_000, "billed_us": 251_000}),
        json!({"event": "received", "event_bytes": 5}),
        json!({"event": "ended", "environment": 1, "outcome": "crash", "duration_us": 0, "billed_us": 1_000}),
        json!({"event": "reset", "environment": 1, "reason": "crash"}),
        json!({"event": "received", "event_bytes": 0}),
        json!({"event": "initialised", "environment": 1, "init_us": 500_000}),
        json!({"event": "ended", "environment": 1, "outcome": "success", "duration_us": 500_000, "billed_us": 500_000}),
        json!({"event": "retired", "environment": 1, "generation": 1, "reason": "expired"}),
    ];
    assert_eq!(documents(&world), expect);
}

#[tokio::test]
async fn every_event_says_when_and_about_what() {
    let world = World::new();
    let function = world.deploy("what").await;
    world.clock.advance(seconds(1)).await;
    let reply = world.invoke(&function, "").await;
    let last = world.engine.timeline().snapshot().pop().expect("an event");
    let expect = json!({
        "sequence": 3,
        "at_ns": 1_000_000_000_u64,
        "wall_us": 1_709_572_959_000_000_i64,
        "function": "what",
        "request_id": reply.request_id.to_string(),
        "environment": 1,
        "event": "ended",
        "outcome": "success",
        "duration_us": 0,
        "billed_us": 1_000,
    });
    assert_eq!(serde_json::to_value(last).expect("it is JSON"), expect);
}

#[tokio::test]
async fn the_timeline_is_bounded_and_can_be_followed() {
    let world = World::with(EngineOptions { timeline_bytes: 4_096, ..EngineOptions::default() });
    let function = world.deploy("busy").await;
    let mut follower = world.engine.timeline().follow_from_start();
    for _ in 0..100 {
        world.invoke(&function, "").await;
    }
    let followed = follower.next().await;
    assert_eq!(followed.missed, world.engine.timeline().dropped());
    assert_eq!(followed.missed + followed.entries.len() as u64, 202);
    world.invoke(&function, "").await;
    assert_eq!(follower.next().await.entries.len(), 2);
}
