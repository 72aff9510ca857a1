//! Environments that nobody needs any more.

use hearth_engine::timeline::EventKind;
use hearth_model::pool::{ColdReason, Generation, RetireReason};

use crate::support::{World, seconds};

#[tokio::test]
async fn an_environment_expires_ten_minutes_after_its_last_use() {
    let world = World::new();
    let function = world.deploy("idle").await;
    world.invoke(&function, "").await;
    world.clock.advance(seconds(300)).await;
    world.invoke(&function, "").await;
    world.clock.advance(seconds(599)).await;
    assert_eq!((function.environments().len(), world.sandbox.live()), (1, 1));
    world.clock.advance(seconds(1)).await;
    assert_eq!((function.environments().len(), world.sandbox.live()), (0, 0));
    let retired = EventKind::Retired { generation: Generation(1), reason: RetireReason::Expired };
    assert_eq!(world.events(&function).last(), Some(&retired));
    assert_eq!(world.invoke(&function, "").await.report.cold, Some(ColdReason::Expired));
}

#[tokio::test]
async fn environments_of_all_functions_expire_each_in_its_time() {
    let world = World::new();
    let functions = [world.deploy("a").await, world.deploy("b").await, world.deploy("c").await];
    for function in &functions {
        world.invoke(function, "").await;
        world.clock.advance(seconds(60)).await;
    }
    // The first was used 180 seconds ago.
    for (wait, left) in [(419, 3), (1, 2), (60, 1), (60, 0)] {
        world.clock.advance(seconds(wait)).await;
        assert_eq!(world.sandbox.live(), left);
    }
    assert_eq!(world.clock.next_deadline(), None, "nothing is waited for any more");
}

#[tokio::test]
async fn what_idles_less_long_is_noticed_while_something_longer_is_waited_for() {
    let world = World::new();
    let function = world.deploy("late").await;
    world.invoke(&function, "").await;
    assert_eq!(world.sandbox.live(), 1);
    // The wait for the first begins before the second is idle.
    world.clock.advance(seconds(1)).await;
    let second = world.deploy("second").await;
    world.invoke(&second, "").await;
    world.clock.advance(seconds(600)).await;
    assert_eq!(world.sandbox.live(), 0);
}

#[tokio::test]
async fn nothing_waits_once_the_engine_is_gone() {
    let world = World::new();
    let function = world.deploy("gone").await;
    world.invoke(&function, "").await;
    world.clock.advance(seconds(1)).await;
    assert!(world.clock.next_deadline().is_some());
    let World { engine, clock, sandbox } = world;
    drop((engine, function));
    clock.advance(seconds(1)).await;
    assert_eq!((clock.next_deadline(), sandbox.live()), (None, 0));
}
