//! Settling, and a clock that waits for what goes on.

use hearth_engine::{EngineOptions, asynchronous::AsynchronousRequest, settle::since};
use hearth_model::outcome::Failure;

use crate::support::{World, configuration, seconds, timeout};

fn event(text: &'static str) -> AsynchronousRequest {
    AsynchronousRequest { event: text.into(), ..AsynchronousRequest::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_due_now_has_happened_and_what_is_due_later_has_not() {
    let world = World::new();
    let function = world.deploy("app").await;
    let before = world.engine.tally();
    for text in ["yield;yield;count", "fail Error", "sleep 2"] {
        world.engine.accept(&function, event(text)).expect("it is accepted");
    }
    world.engine.settle().await;
    assert_eq!((function.metrics().invocations, function.pending_events()), (2, 2));
    let ran = since(&before, world.engine.tally());
    assert_eq!((ran["asynchronous_invocations"], ran["invocations"]), (3, 2));
    let going_on = world.engine.going_on(None);
    let counts: Vec<_> = going_on.iter().map(|one| (one.what.as_str(), one.function.as_deref())).collect();
    assert_eq!(counts, [("invocations", Some("app")), ("asynchronous_invocations", None)]);
    let whys: Vec<_> = going_on.iter().map(|one| one.why.as_str()).collect();
    let expected = [
        "the first environment has been busy for 0.000 s of this clock; a handler may take 3 s",
        "a handler is given an event that was accepted",
    ];
    assert_eq!(whys, expected);

    world.clock.advance(seconds(2)).await;
    assert_eq!((function.metrics().invocations, function.pending_events()), (3, 1));
    assert!(world.engine.going_on(None).is_empty(), "the next attempt is due in a minute");
    world.clock.advance(seconds(600)).await;
    assert_eq!((function.metrics().invocations, function.pending_events()), (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_clock_waits_for_those_whom_it_wakes() {
    let world = World::new();
    let function = world.deploy("app").await;
    for _ in 0..50 {
        let text = "sleep 1;yield;yield;yield;sleep 1;yield;yield;sleep 0.5";
        world.engine.accept(&function, event(text)).expect("it is accepted");
    }
    let began = world.clock.now();
    world.clock.advance(seconds(60)).await;
    assert_eq!(world.clock.now() - began, seconds(60));
    // Had the clock not waited, some would have slept longer than they wanted, and timed out.
    let metrics = function.metrics();
    assert_eq!((metrics.invocations, metrics.errors), (50, 0));
    assert_eq!(metrics.duration_us, 50 * 2_500_000);
}

#[tokio::test]
async fn a_guest_that_computes_for_ever_is_ended_though_the_clock_stands() {
    let world = World::with(EngineOptions::default());
    let mut configuration = configuration("busy");
    configuration.timeout = timeout(1);
    let function = world.deploy_as(configuration).await;
    let reply = world.invoke(&function, "spin").await;
    assert_eq!(reply.result, Err(Failure::Timeout { after: seconds(1) }));
    world.engine.settle().await;
    assert_eq!(world.engine.going_on(None), []);
}
