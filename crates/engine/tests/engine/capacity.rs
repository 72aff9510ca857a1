//! A machine that is full.

use hearth_engine::timeline::EventKind;
use hearth_model::{
    outcome::{Failure, PlatformFault},
    pool::{Generation, RetireReason},
};

use crate::support::{World, answer, seconds};

#[tokio::test]
async fn the_environment_that_was_idle_longest_makes_room_whosever_it_is() {
    let world = World::new();
    world.sandbox.limit(2);
    let (old, recent, new) =
        (world.deploy("old").await, world.deploy("recent").await, world.deploy("new").await);
    for function in [&old, &recent] {
        world.invoke(function, "").await;
        world.clock.advance(seconds(1)).await;
    }
    assert_eq!(answer(&world.invoke(&new, "count").await), "1");
    assert_eq!((old.environments().len(), recent.environments().len(), new.environments().len()), (0, 1, 1));
    let evicted = EventKind::Retired { generation: Generation(1), reason: RetireReason::Evicted };
    assert_eq!(world.events(&old).last(), Some(&evicted));
}

#[tokio::test]
async fn an_invocation_fails_clearly_if_all_are_busy() {
    let world = World::new();
    world.sandbox.limit(1);
    let (busy, new) = (world.deploy("busy").await, world.deploy("new").await);
    let mut running = world.invoke_many(&busy, 1, "sleep 1");
    tokio::task::yield_now().await;
    let reply = world.invoke(&new, "").await;
    let Err(Failure::Platform(fault @ PlatformFault::Capacity { .. })) = reply.result else {
        panic!("{:?}", reply.result)
    };
    assert_eq!(fault.to_string(), "no room for another environment: the fake is full");
    assert_eq!((new.concurrency(), new.environments().len()), (0, 0));
    world.while_passing(seconds(1), async { while running.join_next().await.is_some() {} }).await;
    assert!(world.invoke(&new, "").await.result.is_ok(), "the other one is idle now, and makes room");
}
