//! New code while old code runs.

use hearth_engine::{DeployError, timeline::EventKind};
use hearth_model::pool::{ColdReason, Generation, RetireReason};

use crate::support::{World, answer, configuration, empty_package, seconds, timeout};

#[tokio::test]
async fn running_invocations_finish_on_the_old_code() {
    let world = World::new();
    let function = world.deploy("changing").await;
    world.invoke(&function, "count").await;
    let mut running = world.invoke_many(&function, 1, "sleep 2;count");
    tokio::task::yield_now().await;
    let mut longer = configuration("changing");
    longer.timeout = timeout(10);
    world.engine.update(&function, longer, empty_package(), Vec::new()).await.expect("it updates");
    assert_eq!(function.generation(), Generation(2));

    let new = world.invoke(&function, "count").await;
    assert_eq!((answer(&new), new.report.cold), ("1", Some(ColdReason::CodeChanged)));
    assert_eq!(world.sandbox.live(), 2);
    world.clock.advance(seconds(2)).await;
    let old = running.join_next().await.expect("one").expect("it does not panic").expect("it was accepted");
    assert_eq!(answer(&old), "2", "it had the old environment");
    assert_eq!(world.sandbox.live(), 1);
    let retired = EventKind::Retired { generation: Generation(1), reason: RetireReason::CodeChanged };
    assert_eq!(world.events(&function).last(), Some(&retired));

    let next = world.while_passing(seconds(5), world.invoke(&function, "sleep 5;count")).await;
    assert_eq!(answer(&next), "2", "the new one, with the new timeout");
}

#[tokio::test]
async fn idle_environments_of_the_old_code_retire_at_once() {
    let world = World::new();
    let function = world.deploy("changing").await;
    world.invoke(&function, "").await;
    world
        .engine
        .update(&function, configuration("changing"), empty_package(), Vec::new())
        .await
        .expect("it updates");
    assert_eq!((world.sandbox.live(), function.environments().len()), (0, 0));
    assert_eq!(world.invoke(&function, "").await.report.cold, Some(ColdReason::CodeChanged));
}

#[tokio::test]
async fn a_failed_update_changes_nothing() {
    let world = World::new();
    let function = world.deploy("stable").await;
    world.invoke(&function, "count").await;
    world.sandbox.break_code(true);
    let failed = world.engine.update(&function, configuration("stable"), empty_package(), Vec::new()).await;
    assert!(matches!(failed, Err(DeployError::Load(_))));
    world.sandbox.break_code(false);
    let mut greedy = configuration("stable");
    greedy.reserved_concurrency = Some(901);
    let refused = world.engine.update(&function, greedy, empty_package(), Vec::new()).await;
    assert!(matches!(refused, Err(DeployError::Reservation(_))));
    assert_eq!(
        (function.generation(), answer(&world.invoke(&function, "count").await)),
        (Generation(1), "2")
    );
}

#[tokio::test]
async fn reserved_concurrency_follows_the_configuration() {
    let world = World::new();
    let function = world.deploy("switch").await;
    for (reserved, allowed) in [(Some(0), false), (None, true)] {
        let mut configuration = configuration("switch");
        configuration.reserved_concurrency = reserved;
        world.engine.update(&function, configuration, empty_package(), Vec::new()).await.expect("it updates");
        assert_eq!(world.try_invoke(&function, "").await.is_ok(), allowed);
    }
}
