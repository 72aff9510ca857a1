//! The counters minute by minute.

use std::time::Duration;

use hearth_engine::{
    Function, InvokeRequest,
    metrics::{Activity, Level, Resource},
};
use hearth_model::{
    identity::{Partition, Version},
    reference::AliasName,
    time::Timestamp,
};

use crate::support::{World, configuration, request, seconds, timeout};

/// Minutes after 17:22, and what happened in them.
fn minutes_of(world: &World, function: &Function, resource: Option<&Resource>) -> Vec<(i64, Activity)> {
    let first = Timestamp::from_unix_millis(1_709_572_920_000).as_unix_seconds();
    let mut minutes = Vec::new();
    world.engine.minutes(function, resource, |start, activity| {
        let since = start.as_unix_seconds() - first;
        assert_eq!(since % 60, 0, "minutes are those of the wall clock");
        minutes.push((since / 60, activity.clone()));
    });
    minutes
}

/// Minutes after 17:22, the invocations that ended in them, and how many ran at once.
fn minutes(world: &World, function: &Function) -> Vec<(i64, u64, u32)> {
    let minutes = minutes_of(world, function, None).into_iter();
    minutes.map(|(minute, activity)| (minute, activity.invocations(), activity.concurrency.most)).collect()
}

#[tokio::test]
async fn each_minute_has_its_own_counts_and_extremes() {
    let world = World::new();
    let function = world.deploy("minutes").await;
    assert_eq!(minutes(&world, &function), []);
    // 22 seconds are left of the first minute.
    for (count, event) in [(3, "sleep 1"), (1, "sleep 2"), (1, "fail X")] {
        world.while_passing(seconds(2), world.invoke_many(&function, count, event).join_all()).await;
    }
    assert_eq!(minutes(&world, &function), [(0, 5, 3)]);
    world.clock.advance(seconds(60 * 5)).await;
    assert_eq!(minutes(&world, &function), [(0, 5, 3)], "nothing happened since");
    world.invoke(&function, "").await;
    assert_eq!(minutes(&world, &function), [(0, 5, 3), (5, 1, 1)]);

    let [(_, first), (_, second)] = &minutes_of(&world, &function, None)[..] else { panic!("two") };
    assert_eq!((first.errors, first.cold_starts, first.duration.sum()), (1, 3, seconds(5)));
    assert_eq!((first.duration.min(), first.duration.max()), (Duration::ZERO, seconds(2)));
    let buckets: Vec<_> = first.duration.buckets().map(|bucket| (bucket.high, bucket.count)).collect();
    assert_eq!(buckets, [(Duration::from_micros(1), 1), (seconds(1), 3), (seconds(2), 1)]);
    assert_eq!((first.init_duration.count(), first.provision.count()), (3, 3));
    assert_eq!((second.errors, second.cold_starts, second.init_duration.count()), (0, 0, 0));
    let metrics = function.metrics();
    assert_eq!((metrics.invocations, metrics.max_concurrency), (6, 3), "all of them together");
}

#[tokio::test]
async fn an_invocation_counts_where_it_ends_and_a_refusal_where_it_is_refused() {
    let world = World::new();
    let mut narrow = configuration("minutes");
    narrow.reserved_concurrency = Some(1);
    narrow.timeout = timeout(60);
    let function = world.deploy_as(narrow).await;
    let mut running = world.invoke_many(&function, 1, "sleep 30");
    tokio::task::yield_now().await;
    assert!(world.try_invoke(&function, "").await.is_err());
    world.while_passing(seconds(30), running.join_next()).await;
    assert_eq!(minutes(&world, &function), [(0, 0, 1), (1, 1, 1)]);
    let history = minutes_of(&world, &function, None);
    assert_eq!((history[0].1.throttles, history[1].1.throttles), (1, 0));
    assert_eq!((history[0].1.duration.count(), history[1].1.duration.min()), (0, seconds(30)));
}

#[tokio::test]
async fn what_runs_counts_in_every_minute_until_it_ends() {
    let world = World::new();
    let mut long = configuration("minutes");
    long.timeout = timeout(900);
    let function = world.deploy_as(long).await;
    let mut reserved = configuration("reserved");
    reserved.reserved_concurrency = Some(10);
    reserved.timeout = timeout(900);
    let reserved = world.deploy_as(reserved).await;
    let running = world.invoke_many(&function, 2, "sleep 200");
    let others = world.invoke_many(&reserved, 1, "sleep 100");
    tokio::task::yield_now().await;
    world.while_passing(seconds(200), async { (running.join_all().await, others.join_all().await) }).await;
    world.clock.advance(seconds(300)).await;
    assert_eq!(minutes(&world, &function), [(0, 0, 2), (1, 0, 2), (2, 0, 2), (3, 2, 2)]);
    assert_eq!(minutes(&world, &reserved), [(0, 0, 1), (1, 0, 1), (2, 1, 1)]);
    let account = world.engine.account_minutes(&Partition::default());
    let account: Vec<_> = account
        .iter()
        .map(|(_, activity)| (activity.concurrency.most, activity.unreserved_concurrency.most))
        .collect();
    assert_eq!(account, [(3, 2), (3, 2), (3, 2), (2, 2)]);
}

#[tokio::test]
async fn versions_and_aliases_are_counted_by_themselves() {
    let world = World::new();
    let function = world.deploy("minutes").await;
    for number in [1, 2] {
        world.engine.publish(&function, number).expect("a version");
    }
    let live = AliasName::parse("live").expect("a name");
    let (one, two) = (Version::Published(1), Version::Published(2));
    for (alias, version, event) in [
        (None, Version::Latest, ""),
        (None, one, ""),
        (Some(&live), one, ""),
        (Some(&live), two, "fail X"),
        (Some(&live), two, ""),
    ] {
        let request = InvokeRequest { alias: alias.cloned(), version, ..request(event) };
        world.engine.invoke(&function, request).await.expect("it is admitted");
    }
    let seen = |alias: Option<&AliasName>, version: Option<Version>| {
        let resource = Resource { alias: alias.cloned(), version };
        let minutes = minutes_of(&world, &function, Some(&resource));
        minutes.iter().map(|(_, activity)| (activity.invocations(), activity.errors)).collect::<Vec<_>>()
    };
    assert_eq!(seen(None, Some(Version::Latest)), [(1, 0)]);
    assert_eq!(seen(None, Some(one)), [(1, 0)]);
    assert_eq!(seen(None, Some(two)), []);
    assert_eq!(seen(Some(&live), None), [(3, 1)]);
    assert_eq!(seen(Some(&live), Some(one)), [(1, 0)]);
    assert_eq!(seen(Some(&live), Some(two)), [(2, 1)]);
    let resources = function.activity_by_resource();
    assert_eq!(
        resources.iter().map(|(_, activity)| activity.invocations()).collect::<Vec<_>>(),
        [1, 1, 3, 1, 2]
    );
    assert!(resources.iter().all(|(_, activity)| activity.concurrency == Level { now: 0, most: 1 }));
    assert_eq!(function.activity().invocations(), 5);
}

#[tokio::test]
async fn an_invocation_that_is_broken_off_runs_no_more() {
    let world = World::new();
    let function = world.deploy("minutes").await;
    let running = world.invoke_many(&function, 2, "sleep 100");
    tokio::task::yield_now().await;
    assert_eq!(function.activity().concurrency, Level { now: 2, most: 2 });
    world.engine.work().abort();
    running.join_all().await;
    assert_eq!(function.activity().concurrency.now, 0);
    let account = world.engine.account_minutes(&Partition::default());
    assert_eq!(account[0].1.concurrency, Level { now: 0, most: 2 });
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
