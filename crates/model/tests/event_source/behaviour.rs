//! How pollers gather messages and what becomes of batches.

use hearth_model::{event_source::Outcome, limits};

use crate::{
    queue::{Name, State},
    world::{SECOND, VISIBILITY_TIMEOUT, World, configuration},
};

fn standard(batch_size: i64, window_s: i64) -> World {
    World::new(configuration(batch_size, window_s, None), false)
}

fn fifo() -> World {
    World::new(configuration(10, 0, None), true)
}

#[test]
fn an_empty_queue_is_asked_once_and_then_tells() {
    let mut world = standard(10, 0);
    assert_eq!(world.asked, [10]);
    assert_eq!(world.poller.poll_timeout(), None);
    world.send(3);
    assert_eq!(world.batches(), [vec![0, 1, 2]]);
    assert_eq!(world.asked, [10, 10]);
    world.succeed(0);
    assert!(world.queue.is_empty() && world.poller.is_idle());
    assert_eq!(world.asked, [10, 10]);
}

#[test]
fn batches_are_as_large_as_they_may_be() {
    let mut world = standard(4, 0);
    world.send(10);
    assert_eq!(world.given, [4, 4, 2]);
    world.finish();
}

#[test]
fn a_window_lets_a_batch_grow() {
    let mut world = standard(100, 5);
    world.send(1);
    world.pass(SECOND * 4);
    world.send(1);
    assert_eq!(world.running(), 0);
    world.pass(SECOND);
    assert_eq!(world.batches(), [vec![0, 1]]);
    // The next window begins with the next message.
    world.pass(SECOND * 3);
    world.send(1);
    world.pass(SECOND * 4);
    assert_eq!(world.running(), 1);
    world.pass(SECOND);
    assert_eq!(world.batches(), [vec![0, 1], vec![2]]);
    world.finish();
}

#[test]
fn a_full_batch_does_not_wait_for_its_window() {
    let mut world = standard(20, 300);
    world.queue.visibility_timeout = SECOND * 1_000;
    world.send(30);
    assert_eq!(world.given, [20]);
    world.pass(SECOND * 300);
    world.finish();
}

#[test]
fn messages_that_the_queue_shows_again_leave_the_batch_that_gathers() {
    let mut world = standard(100, 45);
    world.send(1);
    // Received twice, and in the batch once.
    world.pass(SECOND * 45);
    assert_eq!(world.batches(), [vec![0]]);
    assert_eq!(world.queue.messages[0].receipts, 2);
    world.finish();
}

#[test]
fn six_megabytes_end_a_batch() {
    let mut world = standard(10, 0);
    let bytes = limits::SYNCHRONOUS_REQUEST_BYTES / 4;
    for _ in 0..2 {
        world.queue.send(None, limits::SYNCHRONOUS_REQUEST_BYTES * 2, true);
    }
    for _ in 0..4 {
        world.queue.send(None, bytes, true);
    }
    world.arrive();
    assert_eq!(world.batches(), [vec![0], vec![1], vec![2, 3, 4], vec![5]]);
    world.finish();
}

#[test]
fn what_the_filter_drops_is_deleted() {
    let mut world = standard(10, 0);
    let names = [false, true, false].map(|wanted| world.queue.send(None, 100, wanted));
    world.arrive();
    assert_eq!(world.batches(), [vec![names[1].0]]);
    assert_eq!(names.map(|name| world.queue.messages[name.0].state == State::Deleted), [true, false, true]);
    world.send_one(None, 100, false);
    assert_eq!(world.running(), 1);
    world.finish();
}

#[test]
fn what_fails_comes_back_after_its_visibility_timeout() {
    let mut world = standard(10, 0);
    world.queue.max_receive_count = 2;
    world.send(2);
    world.pass(SECOND * 3);
    world.end(0, Outcome::FunctionError);
    assert!(world.poller.is_idle());
    world.pass(SECOND * 26);
    assert_eq!(world.running(), 0);
    world.pass(SECOND);
    assert_eq!(world.batches(), [vec![0, 1]]);
    world.end(0, Outcome::Processed { failed: vec![1] });
    world.pass(VISIBILITY_TIMEOUT);
    assert_eq!(world.running(), 0);
    assert_eq!(world.processed, [Name(0)]);
    assert_eq!(world.queue.messages[1].state, State::DeadLetter);
}

#[test]
fn a_batch_that_is_not_run_waits_and_keeps_its_receive_count() {
    let mut world = standard(10, 0);
    world.send(1);
    for seconds in [1, 2, 4, 5, 5, 5, 5] {
        world.end(0, Outcome::NotRun);
        world.pass(SECOND * seconds - SECOND / 2);
        assert_eq!(world.running(), 0);
        world.pass(SECOND / 2);
        assert_eq!(world.running(), 1);
    }
    assert_eq!(world.queue.messages[0].receipts, 1);
    // 27 seconds have passed; the next attempt would be in 5.
    world.end(0, Outcome::NotRun);
    assert_eq!(world.poller.batches(), 1);
    world.pass(SECOND * 3);
    assert_eq!((world.running(), world.queue.messages[0].receipts), (1, 2));
    world.finish();
}

#[test]
fn batches_are_due_when_another_fails_at_the_same_moment() {
    let mut world = standard(1, 0);
    world.send(3);
    world.pass(VISIBILITY_TIMEOUT - SECOND);
    world.end(0, Outcome::NotRun);
    world.end(0, Outcome::NotRun);
    // The third runs longer than the queue hides it, just when the others would be tried again.
    world.pass(SECOND);
    world.finish();
}

#[test]
fn a_batch_that_waits_runs_when_another_has_run() {
    let mut world = standard(1, 0);
    world.send(3);
    world.end(1, Outcome::NotRun);
    world.end(1, Outcome::NotRun);
    assert_eq!(world.batches(), [[0]]);
    world.succeed(0);
    assert_eq!(world.batches(), [[1]]);
    world.end(0, Outcome::FunctionError);
    assert_eq!(world.batches(), [[2]]);
    world.finish();
}

#[test]
fn stopping_runs_what_was_received_and_drops_what_waits() {
    let mut world = standard(100, 20);
    world.send(3);
    world.stop();
    assert_eq!(world.batches(), [vec![0, 1, 2]]);
    world.send(1);
    world.end(0, Outcome::NotRun);
    assert!(world.poller.is_idle());
    world.pass(VISIBILITY_TIMEOUT);
    assert_eq!(world.running(), 0);
    world.start();
    world.pass(SECOND * 20);
    assert_eq!(world.batches(), [vec![0, 1, 2, 3]]);
    world.finish();
}

#[test]
fn another_configuration_applies_to_what_is_not_yet_a_batch() {
    let mut world = standard(100, 300);
    world.send(12);
    world.configure(configuration(10, 0, None));
    assert_eq!(world.given, [12]);
    world.send(12);
    assert_eq!(world.given, [12, 10, 2]);
    world.finish();
}

#[test]
fn groups_of_a_fifo_queue_run_side_by_side() {
    let mut world = fifo();
    world.send_all([("a", 100), ("b", 100), ("a", 100)]);
    assert_eq!(world.batches(), [vec![0, 1, 2]]);
    world.send_all([("a", 100), ("c", 100)]);
    assert_eq!(world.batches(), [vec![0, 1, 2], vec![4]]);
    world.end(0, Outcome::FunctionError);
    world.succeed(0);
    // A group that failed is blocked, another one is not.
    world.send_all([("b", 100), ("c", 100)]);
    assert_eq!(world.batches(), [vec![6]]);
    world.pass(VISIBILITY_TIMEOUT);
    world.finish();
    let order = |group: &str| {
        let of_group = |name: &&Name| world.queue.messages[name.0].group.as_deref() == Some(group);
        world.processed.iter().filter(of_group).map(|name| name.0).collect::<Vec<_>>()
    };
    assert_eq!((order("a"), order("b"), order("c")), (vec![0, 2, 3], vec![1, 5], vec![4, 6]));
}

#[test]
fn a_group_that_is_cut_in_two_stays_in_order() {
    const HALF: usize = limits::SYNCHRONOUS_REQUEST_BYTES / 2 - 100;
    let mut world = fifo();
    world.send_all([("a", HALF), ("a", HALF), ("a", HALF), ("b", HALF)]);
    assert_eq!(world.batches(), [vec![0, 1]]);
    world.succeed(0);
    assert_eq!(world.batches(), [vec![2, 3]]);
    world.succeed(0);

    world.send_all([("a", HALF), ("a", HALF), ("a", HALF), ("b", HALF)]);
    world.report(0, |position| position == 1);
    // The third goes back with the second.
    assert_eq!(world.batches(), [vec![7]]);
    world.succeed(0);
    world.pass(VISIBILITY_TIMEOUT);
    assert_eq!(world.batches(), [vec![5, 6]]);
    world.finish();
}

#[test]
fn message_groups_of_a_standard_queue_mean_nothing() {
    const HALF: usize = limits::SYNCHRONOUS_REQUEST_BYTES / 2 - 100;
    let mut world = standard(10, 0);
    world.send_all([("a", HALF), ("a", HALF), ("a", HALF)]);
    assert_eq!(world.batches(), [vec![0, 1], vec![2]]);
    world.finish();
}
