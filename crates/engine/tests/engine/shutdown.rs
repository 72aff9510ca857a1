//! How an engine ends, and how invocations go on without their callers.

use std::pin::pin;

use hearth_engine::{InvokeError, timeline::EventKind};
use hearth_model::{
    outcome::{Failure, PlatformFault},
    pool::{EnvironmentState, Generation, RetireReason},
};

use crate::support::{World, answer, configuration, seconds, timeout};

#[tokio::test]
async fn an_invocation_runs_on_when_its_caller_goes_away() {
    let world = World::new();
    let function = world.deploy("abandoned").await;
    {
        let mut invocation = pin!(world.invoke(&function, "sleep 1;count"));
        tokio::select! {
            biased;
            _ = invocation.as_mut() => panic!("it sleeps"),
            () = world.engine.settle() => {}
        }
    }
    assert!(world.engine.work().running() > 0);
    assert_eq!(function.environments()[0].state, EnvironmentState::Busy);
    world.while_passing(seconds(1), world.engine.work().idle()).await;
    assert_eq!((function.metrics().invocations, function.concurrency()), (1, 0));
    assert_eq!(function.environments()[0].state, EnvironmentState::Idle);
    assert_eq!(answer(&world.invoke(&function, "count").await), "2");
}

#[tokio::test]
async fn an_abandoned_invocation_still_times_out() {
    let world = World::new();
    let function = world.deploy("abandoned").await;
    let mut invocations = world.invoke_many(&function, 1, "hang");
    tokio::task::yield_now().await;
    invocations.shutdown().await;
    world.while_passing(seconds(3), world.engine.work().idle()).await;
    assert_eq!((function.metrics().errors, function.concurrency()), (1, 0));
}

#[test]
fn an_invocation_that_cannot_run_on_frees_its_environment() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (world, function, invocations) = runtime().block_on(async {
        let world = World::new();
        let function = world.deploy("abandoned").await;
        let invocations = world.invoke_many(&function, 3, "hang");
        tokio::task::yield_now().await;
        assert_eq!(function.concurrency(), 3);
        (world, function, invocations)
    });
    // The runtime is gone, and nothing can run any more.
    drop(invocations);
    assert_eq!((function.concurrency(), function.environments().len(), world.sandbox.live()), (0, 0, 0));
    assert_eq!(world.engine.work().running(), 0);
}

#[tokio::test]
async fn shutdown_waits_for_what_runs_and_accepts_nothing_new() {
    let world = World::new();
    let function = world.deploy("last").await;
    let other = world.deploy("idle").await;
    world.invoke(&other, "").await;
    let mut running = world.invoke_many(&function, 1, "sleep 2;count");
    tokio::task::yield_now().await;
    let before = world.clock.now();
    let late = async {
        tokio::task::yield_now().await;
        let refused = world.try_invoke(&other, "").await.expect_err("it is too late");
        assert_eq!(refused, InvokeError::ShuttingDown);
    };
    let down = async {
        world.engine.shutdown(seconds(10)).await;
        assert_eq!(world.clock.now() - before, seconds(2), "no longer than needed");
    };
    world.while_passing(seconds(20), async { tokio::join!(down, late) }).await;
    let reply = running.join_next().await.expect("one").expect("it does not panic").expect("it was accepted");
    assert_eq!(answer(&reply), "1");
    assert_eq!(world.sandbox.live(), 0);
    let retired = EventKind::Retired { generation: Generation(1), reason: RetireReason::ShutDown };
    for function in [&function, &other] {
        assert_eq!(world.events(function).last(), Some(&retired));
    }
}

#[tokio::test]
async fn shutdown_breaks_off_what_takes_too_long() {
    let world = World::new();
    let mut configuration = configuration("endless");
    configuration.timeout = timeout(900);
    let function = world.deploy_as(configuration).await;
    world.sandbox.next_inits(["", "", "hang"]);
    let hanging = world.invoke_many(&function, 3, "hang");
    let spinning = world.invoke_many(&function, 1, "spin");
    tokio::task::yield_now().await;
    assert_eq!(function.concurrency(), 4);
    world.while_passing(seconds(5), world.engine.shutdown(seconds(5))).await;
    let replies = hanging.join_all().await.into_iter().chain(spinning.join_all().await);
    for reply in replies {
        let failure = reply.expect("it was accepted").result.expect_err("it was broken off");
        let Failure::Platform(PlatformFault::Internal { reason }) = failure else { panic!("{failure:?}") };
        assert!(reason.contains("shutting down"), "{reason}");
    }
    assert_eq!((function.concurrency(), world.sandbox.live()), (0, 0));
}

#[tokio::test]
async fn shutdown_breaks_off_the_wait_for_a_modelled_cold_start() {
    let world = World::new();
    let mut configuration = configuration("slow");
    configuration.cold_start.profile = Some(hearth_model::cold_start::Profile::Java21);
    let function = world.deploy_as(configuration).await;
    let mut running = world.invoke_many(&function, 1, "");
    tokio::task::yield_now().await;
    world.while_passing(seconds(0), world.engine.shutdown(seconds(0))).await;
    let reply = running.join_next().await.expect("one").expect("it does not panic").expect("it was accepted");
    assert!(matches!(reply.result, Err(Failure::Platform(_))));
    assert_eq!((function.concurrency(), world.sandbox.live()), (0, 0));
}
