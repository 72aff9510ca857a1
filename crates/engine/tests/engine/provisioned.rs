//! Provisioned concurrency.

use std::{sync::Arc, time::Duration};

use hearth_engine::{
    AccountUsage, EngineOptions, Function, InvokeError, ProvisionError, ProvisionedConcurrency,
    ProvisioningFailure, ProvisioningStatus, timeline::EventKind,
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::Version,
    pool::{ColdReason, Generation, PoolPolicy, ReservationRefused, RetireReason, ThrottleReason},
};

use crate::support::{World, answer, configuration, empty_package, request, seconds, timeout};

/// A function with a version 1.
async fn published(world: &World, configuration: FunctionConfiguration) -> Arc<Function> {
    let function = world.deploy_as(configuration).await;
    world.engine.publish(&function, 1).expect("it is the first");
    function
}

/// As `published`, with so many environments of version 1 that are ready.
async fn ready(world: &World, count: u32) -> Arc<Function> {
    let function = published(world, configuration("provisioned")).await;
    world.engine.set_provisioned(&function, 1, count).expect("there is room");
    world.engine.work().idle().await;
    assert_eq!(status(&function), (count, count, count, ProvisioningStatus::Ready));
    function
}

fn status(function: &Function) -> (u32, u32, u32, ProvisioningStatus) {
    let ProvisionedConcurrency { requested, allocated, available, status } =
        function.provisioned(1).expect("it has provisioned concurrency");
    (requested, allocated, available, status)
}

#[tokio::test]
async fn environments_are_ready_before_traffic_and_more_traffic_spills() {
    let world = World::new();
    let function = published(&world, configuration("provisioned")).await;
    assert_eq!(function.provisioned(1), None);
    world.sandbox.next_inits(["sleep 60", "sleep 20"]);
    world.engine.set_provisioned(&function, 1, 2).expect("there is room");
    assert_eq!(status(&function), (2, 0, 0, ProvisioningStatus::InProgress));
    world.clock.advance(seconds(59)).await;
    assert_eq!(status(&function), (2, 1, 1, ProvisioningStatus::InProgress));
    world.clock.advance(seconds(1)).await;
    assert_eq!(status(&function), (2, 2, 2, ProvisioningStatus::Ready));
    assert_eq!(world.engine.work().running(), 0);
    let kind = |name: &str| {
        let variables = &world.sandbox.last_settings().function.variables;
        variables.iter().find(|(known, _)| known == name).expect("it is set").1.clone()
    };
    assert_eq!(kind("AWS_LAMBDA_INITIALIZATION_TYPE"), "provisioned-concurrency");
    assert_eq!(kind("AWS_LAMBDA_FUNCTION_VERSION"), "1");

    let mut invocations = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let (engine, function) = (Arc::clone(&world.engine), Arc::clone(&function));
        invocations.spawn(async move {
            let version = Version::Published(1);
            engine.invoke(&function, hearth_engine::InvokeRequest { version, ..request("sleep 1") }).await
        });
    }
    tokio::task::yield_now().await;
    assert_eq!(status(&function), (2, 2, 0, ProvisioningStatus::Ready));
    let replies = world.while_passing(seconds(1), invocations.join_all()).await;
    let colds: Vec<_> = replies.into_iter().map(|reply| reply.expect("there is room").report.cold).collect();
    assert_eq!(colds, [None, None, Some(ColdReason::AllBusy)]);
    assert_eq!(kind("AWS_LAMBDA_INITIALIZATION_TYPE"), "on-demand");
    let metrics = function.metrics();
    assert_eq!((metrics.provisioned_invocations, metrics.provisioned_spillovers), (2, 1));
    assert_eq!(metrics.cold_starts, 1);

    let latest = world.invoke(&function, "").await;
    assert_eq!(latest.report.cold, Some(ColdReason::FirstRequest), "they are not of $LATEST");
    assert_eq!(function.metrics().provisioned_spillovers, 1);
}

#[tokio::test]
async fn they_neither_expire_nor_change_with_latest() {
    let world = World::new();
    let function = ready(&world, 2).await;
    world.clock.advance(seconds(24 * 60 * 60)).await;
    world
        .engine
        .update(&function, configuration("provisioned"), empty_package(), Vec::new())
        .await
        .expect("it updates");
    for count in ["1", "2"] {
        let reply = world.try_invoke_version(&function, 1, "count").await.expect("there is room");
        assert_eq!((answer(&reply), reply.report.cold), (count, None));
    }
    assert_eq!(world.clock.next_deadline(), None, "nothing is waited for");
}

#[tokio::test]
async fn init_has_more_than_ten_seconds_but_not_for_ever() {
    let world = World::new();
    let function = published(&world, configuration("slow")).await;
    let mut patient = configuration("patient");
    patient.timeout = timeout(900);
    let patient = published(&world, patient).await;
    world.sandbox.next_inits(["hang", "hang"]);
    for function in [&function, &patient] {
        world.engine.set_provisioned(function, 1, 1).expect("there is room");
    }
    let failed = ProvisioningStatus::Failed(ProvisioningFailure::Init);
    world.clock.advance(seconds(129)).await;
    assert_eq!(status(&function), (1, 0, 0, ProvisioningStatus::InProgress));
    world.clock.advance(seconds(1)).await;
    assert_eq!(status(&function), (1, 0, 0, failed.clone()));
    world.clock.advance(seconds(769)).await;
    assert_eq!(status(&patient), (1, 0, 0, ProvisioningStatus::InProgress));
    world.clock.advance(seconds(1)).await;
    assert_eq!(status(&patient), (1, 0, 0, failed));
    let lines: Vec<_> = function.log().snapshot().iter().map(|line| line.to_string()).collect();
    assert_eq!(lines, ["INIT_REPORT Init Duration: 130000.00 ms\tPhase: init\tStatus: timeout"]);
}

#[tokio::test]
async fn one_init_that_fails_ends_the_attempt_until_it_is_set_again() {
    let world = World::new();
    let function = published(&world, configuration("broken")).await;
    world.sandbox.next_inits(["", "sleep 1;fail Import", "sleep 2"]);
    world.engine.set_provisioned(&function, 1, 3).expect("there is room");
    world.clock.advance(seconds(0)).await;
    assert_eq!(status(&function), (3, 1, 1, ProvisioningStatus::InProgress));
    world.clock.advance(seconds(10)).await;
    let failed = ProvisioningStatus::Failed(ProvisioningFailure::Init);
    assert_eq!(failed.as_str(), "FAILED");
    assert_eq!(ProvisioningFailure::Init.to_string(), "FUNCTION_ERROR_INIT_FAILURE");
    assert_eq!(status(&function), (3, 0, 0, failed));
    assert_eq!(world.engine.work().running(), 0, "nobody tries again");
    let retired: Vec<_> = world
        .events(&function)
        .into_iter()
        .filter_map(|event| match event {
            EventKind::Retired { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert_eq!(retired, [RetireReason::Unprovisioned, RetireReason::InitFailed]);
    // What was being made then serves on demand. Nothing is provisioned, so that nothing spills.
    let reply = world.try_invoke_version(&function, 1, "").await.expect("there is room");
    assert_eq!((reply.report.cold, function.metrics().provisioned_spillovers), (None, 0));

    world.engine.set_provisioned(&function, 1, 3).expect("there is room");
    world.engine.work().idle().await;
    assert_eq!(status(&function), (3, 3, 3, ProvisioningStatus::Ready));
}

#[tokio::test]
async fn a_failure_of_one_that_is_not_wanted_any_more_is_none() {
    let world = World::new();
    let function = published(&world, configuration("shaky")).await;
    world.sandbox.next_inits(["sleep 1;fail Import"]);
    world.engine.set_provisioned(&function, 1, 1).expect("there is room");
    tokio::task::yield_now().await;
    world.engine.set_provisioned(&function, 1, 0).expect("less always fits");
    assert_eq!(function.provisioned(1), None);
    world.engine.set_provisioned(&function, 1, 1).expect("there is room");
    world.clock.advance(seconds(1)).await;
    assert_eq!(status(&function), (1, 1, 1, ProvisioningStatus::Ready));
    assert_eq!(world.sandbox.live(), 1);
}

#[tokio::test]
async fn a_sandbox_that_panics_or_is_full_fails_too() {
    let world = World::new();
    let function = published(&world, configuration("unlucky")).await;
    world.sandbox.next_inits(["panic"]);
    world.engine.set_provisioned(&function, 1, 1).expect("there is room");
    world.engine.work().idle().await;
    let ProvisioningStatus::Failed(ProvisioningFailure::Platform(fault)) = status(&function).3 else {
        panic!("{:?}", status(&function))
    };
    assert!(fault.to_string().contains("broken off"), "{fault}");
    world.sandbox.limit(2);
    world.engine.set_provisioned(&function, 1, 3).expect("there is room");
    world.engine.work().idle().await;
    let (_, 0, 0, ProvisioningStatus::Failed(failure)) = status(&function) else {
        panic!("{:?}", status(&function))
    };
    assert_eq!(failure.to_string(), "no room for another environment: the fake is full");
    assert_eq!(world.sandbox.live(), 0);
}

#[tokio::test]
async fn one_that_is_lost_is_replaced() {
    let world = World::new();
    let function = ready(&world, 1).await;
    world.sandbox.next_inits(["sleep 1"]);
    let reply = world.try_invoke_version(&function, 1, "fault").await.expect("there is room");
    assert!(reply.result.is_err());
    assert_eq!(status(&function), (1, 0, 0, ProvisioningStatus::InProgress));
    world.clock.advance(seconds(1)).await;
    assert_eq!(status(&function), (1, 1, 1, ProvisioningStatus::Ready));
    // A crash costs only a reset.
    world.try_invoke_version(&function, 1, "crash").await.expect("there is room");
    assert_eq!(status(&function), (1, 1, 1, ProvisioningStatus::Ready));
}

#[tokio::test]
async fn they_come_no_faster_than_the_scaling_rate() {
    let pool = PoolPolicy { scaling_burst: 2, scaling_interval: seconds(1), ..PoolPolicy::default() };
    let world = World::with(EngineOptions { pool, ..EngineOptions::default() });
    let function = published(&world, configuration("slowly")).await;
    world.engine.set_provisioned(&function, 1, 4).expect("there is room");
    for ready in [2, 3, 4] {
        world.engine.work().idle().await;
        assert_eq!(status(&function).1, ready);
        world.clock.advance(Duration::from_millis(500)).await;
    }
    assert_eq!(status(&function), (4, 4, 4, ProvisioningStatus::Ready));
}

#[tokio::test]
async fn they_are_part_of_what_is_reserved_and_cap_the_rest() {
    let world = World::new();
    let function = ready(&world, 2).await;
    let refused = world.engine.set_reserved(&function, Some(1)).expect_err("two are provisioned");
    assert_eq!(refused, ReservationRefused::ProvisionedAboveReserved { provisioned: 2, reserved: 1 });
    let usage = || world.engine.account_usage(function.partition());
    assert_eq!(usage(), AccountUsage { limit: 1_000, unreserved: 1_000, in_use: 2 });
    world.engine.set_reserved(&function, Some(2)).expect("there is room");
    assert_eq!(usage(), AccountUsage { limit: 1_000, unreserved: 998, in_use: 2 });
    let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    let refused = world.try_invoke(&function, "").await.expect_err("nothing is left for $LATEST");
    assert_eq!(refused, InvokeError::Throttled(reason));
    assert!(world.try_invoke_version(&function, 1, "").await.is_ok());
    let above = world.engine.set_provisioned(&function, 1, 3).expect_err("two are reserved");
    assert!(matches!(above, ProvisionError::Refused(_)));
    assert_eq!(status(&function), (2, 2, 2, ProvisioningStatus::Ready), "it stays as it was");
    let unknown = world.engine.set_provisioned(&function, 2, 1);
    assert_eq!(unknown, Err(ProvisionError::NoSuchVersion { number: 2 }));
}

#[tokio::test]
async fn what_was_provisioned_is_free_again_when_it_is_given_up() {
    let world = World::new();
    // 900 of the account's 1,000 can be provisioned.
    let again = async |give_up: &dyn Fn(Arc<Function>)| {
        let function = ready(&world, 900).await;
        give_up(function);
        assert_eq!(world.sandbox.live(), 0);
    };
    // The scaling rate is a function's own.
    again(&|function| {
        world.engine.set_provisioned(&function, 1, 0).expect("less always fits");
        assert_eq!(function.provisioned(1), None);
    })
    .await;
    again(&|function| assert!(world.engine.remove_version(&function, 1))).await;
    again(&|function| world.engine.delete(&function)).await;
    again(&|function| drop(function)).await;
    assert!(ready(&world, 900).await.provisioned(1).is_some());
}

#[tokio::test]
async fn a_version_that_is_deleted_while_it_is_provisioned_leaves_nothing_behind() {
    let world = World::new();
    let function = published(&world, configuration("brief")).await;
    world.sandbox.next_inits(["", "sleep 1", "sleep 1;fail Late"]);
    world.engine.set_provisioned(&function, 1, 3).expect("there is room");
    world.clock.advance(seconds(0)).await;
    assert!(world.engine.remove_version(&function, 1));
    assert_eq!((function.provisioned(1), world.sandbox.live()), (None, 2));
    world.clock.advance(seconds(1)).await;
    assert_eq!((world.sandbox.live(), function.environments().len()), (0, 0));
    let deleted = EventKind::Retired { generation: Generation(2), reason: RetireReason::Deleted };
    assert_eq!(world.events(&function).into_iter().filter(|event| *event == deleted).count(), 2);
}

#[tokio::test]
async fn shutdown_breaks_off_what_is_being_made() {
    let world = World::new();
    let function = published(&world, configuration("endless")).await;
    world.sandbox.next_inits(["", "hang"]);
    world.engine.set_provisioned(&function, 1, 2).expect("there is room");
    world.while_passing(seconds(1), world.engine.shutdown(seconds(1))).await;
    assert_eq!((world.sandbox.live(), world.engine.work().running()), (0, 0));
}
