//! Many invocations at once, and those that are too many.

use std::collections::BTreeSet;

use hearth_engine::{DeployError, EngineOptions, InvokeError};
use hearth_model::{
    identity::Partition,
    pool::{ColdReason, ThrottleReason},
};

use crate::support::{World, answer, configuration, empty_package, seconds};

#[tokio::test]
async fn a_hundred_at_once_make_a_hundred_environments_and_the_next_hundred_reuse_them() {
    let world = World::new();
    let function = world.deploy("wide").await;
    let mut made = BTreeSet::new();
    let mut reused = BTreeSet::new();
    for (environments, count) in [(&mut made, "1"), (&mut reused, "2")] {
        let invocations = world.invoke_many(&function, 100, "sleep 1;count");
        let replies = world.while_passing(seconds(1), invocations.join_all()).await;
        for reply in replies {
            let reply = reply.expect("there is room");
            assert_eq!(answer(&reply), count);
            environments.insert(reply.report.environment);
        }
    }
    assert_eq!(made.len(), 100);
    assert_eq!(made, reused);
    assert_eq!(world.sandbox.live(), 100);
    let metrics = function.metrics();
    assert_eq!((metrics.invocations, metrics.cold_starts, metrics.max_concurrency), (200, 100, 100));
    assert_eq!((metrics.errors, metrics.throttles), (0, 0));
    assert_eq!((metrics.duration_us, metrics.billed_ms), (200 * 1_000_000, 200 * 1_000));
}

#[tokio::test]
async fn what_exceeds_reserved_concurrency_is_throttled() {
    let world = World::new();
    let mut configuration = configuration("narrow");
    configuration.reserved_concurrency = Some(5);
    let function = world.deploy_as(configuration).await;
    let invocations = world.invoke_many(&function, 8, "sleep 1");
    let replies = world.while_passing(seconds(1), invocations.join_all()).await;
    let throttled = replies.iter().filter(|reply| {
        let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
        reply.as_ref().is_err_and(|error| *error == InvokeError::Throttled(reason))
    });
    assert_eq!(throttled.count(), 3);
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 5);
    assert_eq!((function.metrics().throttles, function.metrics().invocations), (3, 5));
    assert_eq!(function.concurrency(), 0);
}

#[tokio::test]
async fn reserved_concurrency_of_zero_turns_a_function_off() {
    let world = World::new();
    let mut configuration = configuration("off");
    configuration.reserved_concurrency = Some(0);
    let function = world.deploy_as(configuration).await;
    assert!(matches!(world.try_invoke(&function, "").await, Err(InvokeError::Throttled(_))));
    assert_eq!(world.sandbox.live(), 0);
}

#[tokio::test]
async fn functions_share_what_is_not_reserved() {
    let world = World::with(EngineOptions { account_concurrency: 2, ..EngineOptions::default() });
    let (first, second) = (world.deploy("first").await, world.deploy("second").await);
    let mut running = world.invoke_many(&first, 2, "sleep 1");
    tokio::task::yield_now().await;
    let reason = ThrottleReason::ConcurrentInvocationLimitExceeded;
    assert_eq!(world.try_invoke(&second, "").await.expect_err("it is full"), InvokeError::Throttled(reason));
    world.while_passing(seconds(1), async { while running.join_next().await.is_some() {} }).await;
    assert!(world.try_invoke(&second, "").await.is_ok());
}

#[tokio::test]
async fn what_a_function_has_reserved_is_free_again_when_it_is_gone() {
    let world = World::new();
    let deploy = |name| {
        let mut configuration = configuration(name);
        configuration.reserved_concurrency = Some(600);
        world.engine.deploy(Partition::default(), configuration, empty_package(), Vec::new())
    };
    let first = deploy("first").await.expect("900 can be reserved");
    let refused = deploy("second").await.expect_err("there are 300 left");
    assert!(matches!(refused, DeployError::Reservation(_)), "{refused}");
    drop(first);
    assert!(deploy("second").await.is_ok());
}

#[tokio::test]
async fn the_reason_for_a_cold_start_is_told() {
    let world = World::new();
    let function = world.deploy("reasons").await;
    let (first, second) = world
        .while_passing(seconds(1), async {
            tokio::join!(world.invoke(&function, "sleep 1"), world.invoke(&function, "sleep 1"))
        })
        .await;
    assert_eq!(first.report.cold, Some(ColdReason::FirstRequest));
    assert_eq!(second.report.cold, Some(ColdReason::AllBusy));
}
