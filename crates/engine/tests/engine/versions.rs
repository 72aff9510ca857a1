//! Published versions beside `$LATEST`, and the end of versions and functions.

use std::collections::BTreeMap;

use hearth_engine::{DeployError, InvokeError, PublishError, Via, timeline::EventKind};
use hearth_model::{
    function::EnvironmentVariables,
    identity::{Partition, Version},
    pool::{ColdReason, Generation, ReservationRefused, RetireReason, ThrottleReason},
};

use crate::support::{World, answer, configuration, empty_package, request, seconds, text};

fn with_variable(name: &str, value: &str) -> hearth_model::function::FunctionConfiguration {
    let mut configuration = configuration(name);
    let variables = BTreeMap::from([("STAGE".to_owned(), value.to_owned())]);
    configuration.environment = EnvironmentVariables::new(variables).expect("allowed");
    configuration
}

/// What a guest of the last environment sees of a variable.
fn variable(world: &World, name: &str) -> String {
    let settings = world.sandbox.last_settings();
    let variable = settings.function.variables.iter().find(|(known, _)| known == name);
    variable.expect("it is set").1.clone()
}

#[tokio::test]
async fn versions_have_environments_configuration_and_streams_of_their_own() {
    let world = World::new();
    let function = world.deploy_as(with_variable("versioned", "old")).await;
    assert_eq!(answer(&world.invoke(&function, "count").await), "1");
    world.engine.publish(&function, 1).expect("it is the first");
    let update =
        world.engine.update(&function, with_variable("versioned", "new"), empty_package(), Vec::new()).await;
    update.expect("it updates");
    world.engine.publish(&function, 2).expect("it is the second");
    assert_eq!((function.published(), world.sandbox.loads()), (vec![1, 2], 2));

    for (number, stage) in [(1, "old"), (2, "new")] {
        for count in ["1", "2"] {
            let reply =
                world.try_invoke_version(&function, number, "count").await.expect("it is not turned away");
            assert_eq!((answer(&reply), reply.version), (count, Version::Published(number)));
            let cold = (count == "1").then_some(ColdReason::FirstRequest);
            assert_eq!(reply.report.cold, cold);
            let started = text(&function, &reply);
            assert!(started.contains(&format!("START RequestId: ID Version: {number}")), "{started:?}");
            let stream = function.log().snapshot().pop().expect("a line").stream;
            assert!(stream.name().starts_with(&format!("2024/03/04/[{number}]")), "{stream:?}");
        }
        assert_eq!(variable(&world, "STAGE"), stage);
        assert_eq!(variable(&world, "AWS_LAMBDA_FUNCTION_VERSION"), number.to_string());
    }
    let latest = world.invoke(&function, "count").await;
    assert_eq!((latest.version, latest.report.cold), (Version::Latest, Some(ColdReason::CodeChanged)));
    assert_eq!(variable(&world, "AWS_LAMBDA_FUNCTION_VERSION"), "$LATEST");
    let received = EventKind::Received { event_bytes: 5, version: Version::Published(2), via: Via::Api };
    assert!(world.events(&function).contains(&received));
}

#[tokio::test]
async fn a_version_keeps_its_environments_when_latest_changes() {
    let world = World::new();
    let function = world.deploy("kept").await;
    world.engine.publish(&function, 1).expect("it is the first");
    for count in ["1", "2", "3"] {
        let reply = world.try_invoke_version(&function, 1, "count").await.expect("it is not turned away");
        assert_eq!(answer(&reply), count);
        let update = world.engine.update(&function, configuration("kept"), empty_package(), Vec::new()).await;
        update.expect("it updates");
    }
}

#[tokio::test]
async fn a_new_configuration_of_the_same_package_loads_nothing() {
    let world = World::new();
    let code = empty_package();
    let deploy =
        world.engine.deploy(Partition::default(), configuration("same"), code.clone(), Vec::new()).await;
    let function = deploy.expect("it deploys");
    let update = world.engine.update(&function, with_variable("same", "new"), code, Vec::new()).await;
    update.expect("it updates");
    assert_eq!(world.sandbox.loads(), 1);
    world.invoke(&function, "").await;
    assert_eq!((variable(&world, "STAGE").as_str(), function.generation()), ("new", Generation(2)));
}

#[tokio::test]
async fn all_versions_share_the_functions_concurrency() {
    let world = World::new();
    let function = world.deploy("shared").await;
    world.engine.publish(&function, 1).expect("it is the first");
    world.engine.set_reserved(&function, Some(1)).expect("there is room");
    assert_eq!(function.configuration().reserved_concurrency, Some(1));
    let mut running = world.invoke_many(&function, 1, "sleep 1");
    tokio::task::yield_now().await;
    let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    let refused = world.try_invoke_version(&function, 1, "").await.expect_err("the other one has the unit");
    assert_eq!(refused, InvokeError::Throttled(reason));
    world.while_passing(seconds(1), async { while running.join_next().await.is_some() {} }).await;
    assert!(world.try_invoke_version(&function, 1, "").await.is_ok());
    let refused = world.engine.set_reserved(&function, Some(901)).expect_err("100 stay");
    assert_eq!(
        refused,
        ReservationRefused::AccountExhausted { requested: 901, available: 900, limit: 1_000 }
    );
}

#[tokio::test]
async fn a_number_is_given_once_and_unknown_ones_are_refused() {
    let world = World::new();
    let function = world.deploy("numbered").await;
    let version = Version::Published(1);
    let unknown = Err(InvokeError::NoSuchVersion { version });
    assert_eq!(world.try_invoke_version(&function, 1, "").await.map(|_| ()), unknown);
    world.engine.publish(&function, 1).expect("it is the first");
    assert_eq!(world.engine.publish(&function, 1), Err(PublishError::Exists { number: 1 }));
    assert_eq!((function.metrics().throttles, function.metrics().invocations), (0, 0));
}

#[tokio::test]
async fn a_version_that_is_removed_finishes_what_runs() {
    let world = World::new();
    let function = world.deploy("removed").await;
    world.engine.publish(&function, 1).expect("it is the first");
    let (engine, running) = (world.engine.clone(), function.clone());
    let version = Version::Published(1);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let request = hearth_engine::InvokeRequest { version, ..request("sleep 1;count") };
        engine.invoke(&running, request).await
    });
    tokio::task::yield_now().await;
    assert!(world.engine.remove_version(&function, 1));
    assert!(!world.engine.remove_version(&function, 1));
    let gone = Err(InvokeError::NoSuchVersion { version });
    assert_eq!(world.try_invoke_version(&function, 1, "").await.map(|_| ()), gone);
    world.clock.advance(seconds(1)).await;
    let reply = tasks.join_next().await.expect("one").expect("it does not panic").expect("it was accepted");
    assert_eq!((answer(&reply), world.sandbox.live()), ("1", 0));
    let retired = EventKind::Retired { generation: Generation(2), reason: RetireReason::Deleted };
    assert_eq!(world.events(&function).last(), Some(&retired));
    assert!(world.invoke(&function, "").await.result.is_ok(), "$LATEST is still there");
}

#[tokio::test]
async fn a_function_that_is_deleted_is_gone_though_somebody_holds_it() {
    let world = World::new();
    let mut reserving = configuration("deleted");
    reserving.reserved_concurrency = Some(900);
    let function = world.deploy_as(reserving.clone()).await;
    world.engine.publish(&function, 1).expect("it is the first");
    world.invoke(&function, "").await;
    world.try_invoke_version(&function, 1, "").await.expect("it is not turned away");
    let mut running = world.invoke_many(&function, 1, "sleep 1;count");
    tokio::task::yield_now().await;
    world.engine.delete(&function);
    world.engine.delete(&function);
    assert_eq!(world.sandbox.live(), 1, "only one is busy");
    let refused = world.try_invoke(&function, "").await.map(|_| ());
    assert_eq!(refused, Err(InvokeError::NoSuchVersion { version: Version::Latest }));
    assert!(world.try_invoke_version(&function, 1, "").await.is_err());
    assert_eq!(world.engine.publish(&function, 2), Err(PublishError::Deleted));
    let update = world.engine.update(&function, configuration("deleted"), empty_package(), Vec::new()).await;
    assert!(matches!(update, Err(DeployError::Deleted)));
    let deleted = world.events(&function).into_iter().filter(|event| *event == EventKind::Deleted);
    assert_eq!(deleted.count(), 1);

    world.deploy_as(reserving).await;
    world.clock.advance(seconds(1)).await;
    let reply = running.join_next().await.expect("one").expect("it does not panic").expect("it was accepted");
    assert_eq!((answer(&reply), world.sandbox.live()), ("1", 0));
}
