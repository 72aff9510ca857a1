//! The counters minute by minute.

use std::time::Duration;

use hearth_model::time::Timestamp;

use crate::support::{World, configuration, seconds};

/// Minutes after 17:22, and what happened in them.
fn minutes(world: &World, function: &hearth_engine::Function) -> Vec<(i64, u64, u32)> {
    let first = Timestamp::from_unix_millis(1_709_572_920_000).as_unix_seconds();
    let history = world.engine.metrics_history(function).into_iter();
    history
        .map(|period| {
            let since = period.start.as_unix_seconds() - first;
            assert_eq!(since % 60, 0, "minutes are those of the wall clock");
            (since / 60, period.metrics.invocations, period.metrics.max_concurrency)
        })
        .collect()
}

#[tokio::test]
async fn each_minute_has_its_own_counts_and_extremes() {
    let world = World::new();
    let function = world.deploy("minutes").await;
    assert!(world.engine.metrics_history(&function).is_empty());
    // 22 seconds are left of the first minute.
    for (count, event) in [(3, "sleep 1"), (1, "sleep 2"), (1, "fail X")] {
        world.while_passing(seconds(2), world.invoke_many(&function, count, event).join_all()).await;
    }
    assert_eq!(minutes(&world, &function), [(0, 5, 3)]);
    world.clock.advance(seconds(60 * 5)).await;
    assert_eq!(minutes(&world, &function), [(0, 5, 3)], "nothing happened since");
    world.invoke(&function, "").await;
    assert_eq!(minutes(&world, &function), [(0, 5, 3), (5, 1, 1)]);

    let [first, second] = world.engine.metrics_history(&function)[..] else { panic!("two") };
    assert_eq!(
        (first.metrics.errors, first.metrics.cold_starts, first.metrics.duration_us),
        (1, 3, 5_000_000)
    );
    assert_eq!((first.min_duration, first.max_duration), (Duration::ZERO, seconds(2)));
    assert_eq!((second.metrics.errors, second.metrics.cold_starts), (0, 0));
    let metrics = function.metrics();
    assert_eq!((metrics.invocations, metrics.max_concurrency), (6, 3), "all of them together");
}

#[tokio::test]
async fn an_invocation_counts_where_it_ends_and_a_refusal_where_it_is_refused() {
    let world = World::new();
    let mut narrow = configuration("minutes");
    narrow.reserved_concurrency = Some(1);
    narrow.timeout = crate::support::timeout(60);
    let function = world.deploy_as(narrow).await;
    let mut running = world.invoke_many(&function, 1, "sleep 30");
    tokio::task::yield_now().await;
    assert!(world.try_invoke(&function, "").await.is_err());
    world.while_passing(seconds(30), running.join_next()).await;
    assert_eq!(minutes(&world, &function), [(0, 0, 1), (1, 1, 0)]);
    let history = world.engine.metrics_history(&function);
    assert_eq!((history[0].metrics.throttles, history[1].metrics.throttles), (1, 0));
    assert_eq!((history[0].min_duration, history[1].min_duration), (Duration::ZERO, seconds(30)));
}

#[tokio::test]
async fn the_past_is_bounded() {
    let world = World::new();
    let function = world.deploy("minutes").await;
    for _ in 0..200 {
        world.invoke(&function, "").await;
        world.clock.advance(seconds(60)).await;
    }
    let minutes = minutes(&world, &function);
    assert_eq!((minutes.len(), minutes[0], minutes[179]), (180, (20, 1, 1), (199, 1, 1)));
    assert_eq!(function.metrics().invocations, 200);
}
