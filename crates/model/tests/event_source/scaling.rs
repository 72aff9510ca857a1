//! How many batches run at once.

use hearth_model::{
    event_source::{Configuration, Outcome, Poller, ProvisionedPollers, Scaling},
    limits,
    time::Instant,
};

use crate::world::{SECOND, World, configuration};

fn world(maximum: Option<i64>) -> World {
    let mut world = World::new(configuration(1, 0, maximum), false);
    world.queue.visibility_timeout = SECOND * 43_200;
    world
}

#[test]
fn five_at_first_and_three_hundred_more_a_minute() {
    let mut world = world(None);
    world.send(1_100);
    assert_eq!(world.running(), 5);
    world.pass(SECOND / 5 * 4);
    assert_eq!(world.running(), 9);
    world.pass(SECOND * 60 - SECOND / 5 * 4);
    assert_eq!(world.running(), 305);
    // The account has no more.
    world.pass(SECOND * 600);
    assert_eq!(world.running(), 1_000);
    world.finish();
}

#[test]
fn a_maximum_is_kept() {
    let mut world = world(Some(2));
    world.send(100);
    assert_eq!(world.running(), 2);
    world.pass(SECOND * 600);
    assert_eq!(world.running(), 2);
    // What cannot run is not received either.
    assert_eq!(world.queue.messages.iter().filter(|message| message.receipts > 0).count(), 2);
    world.configure(configuration(1, 0, Some(7)));
    world.pass(SECOND);
    assert_eq!(world.running(), 7);
    world.finish();
}

#[test]
fn the_limit_shrinks_with_the_queue() {
    let mut world = world(None);
    world.send(20);
    world.pass(SECOND / 5 * 16);
    // The last step found the queue empty.
    assert_eq!((world.running(), world.poller.concurrency_limit()), (20, 21));
    world.succeed_all();
    world.pass(SECOND);
    world.send(20);
    assert_eq!(world.running(), 16);
    world.pass(SECOND * 60);
    world.succeed_all();
    world.pass(SECOND * 600);
    world.send(20);
    assert_eq!(world.running(), 5);
    world.finish();
}

#[test]
fn failures_take_concurrency_away_and_successes_give_it_back() {
    let mut world = world(None);
    world.send(1_000);
    for (failures, left) in [(1, 4), (2, 2), (2, 2)] {
        for _ in 0..failures {
            world.end(0, Outcome::FunctionError);
        }
        assert_eq!((world.running(), world.poller.concurrency_limit()), (left, left));
    }
    world.succeed(0);
    assert_eq!(world.running(), 3);
    for _ in 0..10 {
        world.succeed(0);
    }
    assert_eq!(world.running(), 5);
    world.finish();
}

#[test]
fn failures_that_are_reported_take_nothing_away() {
    let configuration = Configuration { reports_item_failures: true, ..configuration(1, 0, None) };
    let mut world = World::new(configuration, false);
    world.send(100);
    for _ in 0..20 {
        world.end(0, Outcome::FunctionError);
        assert_eq!(world.running(), 5);
    }
    world.finish();
}

#[test]
fn throttles_stop_the_receiving() {
    let mut world = world(None);
    world.send(100);
    while world.running() > 0 {
        world.end(0, Outcome::NotRun);
    }
    assert_eq!((world.poller.batches(), world.poller.concurrency_limit()), (5, 2));
    world.pass(SECOND / 10);
    assert_eq!(world.queue.messages.iter().filter(|message| message.receipts > 0).count(), 5);
    world.finish();
}

#[test]
fn the_account_is_a_limit_too() {
    let mut poller: Poller<u32> = Poller::new(configuration(1, 0, None), false, 3);
    assert_eq!(poller.concurrency_limit(), 3);
    poller.handle_configure(Instant::ORIGIN, configuration(1, 0, Some(1_000)), 1);
    assert_eq!(poller.concurrency_limit(), 1);
}

#[test]
fn provisioned_pollers_run_ten_batches_each() {
    let pollers = ProvisionedPollers::new(Some(2), Some(3)).expect("in range");
    let configuration = Configuration { scaling: Scaling::Provisioned(pollers), ..configuration(1, 0, None) };
    let mut world = World::new(configuration, false);
    world.send(100);
    assert_eq!(world.running(), 20);
    world.end(0, Outcome::FunctionError);
    assert_eq!(world.running(), 20);
    world.pass(SECOND * 6 / 10);
    assert_eq!(world.running(), 30);
    world.pass(SECOND * 10);
    assert_eq!(world.running(), 30);
    assert!(world.running() < limits::ACCOUNT_CONCURRENCY as usize);
    world.finish();
}
