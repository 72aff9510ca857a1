//! Receives that wait.

use std::time::Duration;

use hearth_model::sqs::{ReceiveRequest, Settings, limits::WAITING_RECEIVES};

use crate::world::{NOTHING, SECOND, World, fifo, name};

const Q: &str = "orders";

fn world() -> World {
    World::with(Q, Settings::default())
}

#[test]
fn who_waited_longest_gets_the_message() {
    let mut world = world();
    let (first, second) = (world.wait(Q, 10, 20 * SECOND), world.wait(Q, 10, 5 * SECOND));
    world.send(Q);
    assert_eq!(world.answer(first), Some(vec![1]));
    assert_eq!(world.available, [], "it was for somebody");
    world.pass(5 * SECOND);
    assert_eq!(world.answer(second), Some(vec![]));
    assert_eq!(
        world.queues.poll_timeout(),
        Some(world.now.instant + 25 * SECOND),
        "when it is visible again"
    );
    world.send(Q);
    assert_eq!(world.available, [name(Q)]);
}

#[test]
fn a_message_that_becomes_visible_is_received() {
    let mut world = world();
    world.send_delayed(Q, 2 * SECOND);
    let waiting = world.wait(Q, 1, 2 * SECOND);
    world.pass(2 * SECOND);
    assert_eq!(world.answer(waiting), Some(vec![1]), "both were due at once");
    let waiting = world.wait(Q, 1, Duration::MAX);
    world.pass(30 * SECOND);
    assert_eq!(world.answer(waiting), Some(vec![1]));
}

#[test]
fn who_goes_away_is_not_answered() {
    let mut world = world();
    let (first, second) = (world.wait(Q, 1, 20 * SECOND), world.wait(Q, 1, 20 * SECOND));
    world.queues.handle_cancel(world.now, &name(Q), first);
    world.send(Q);
    assert_eq!((world.answer(first), world.answer(second)), (None, Some(vec![1])));
}

#[test]
fn those_who_wait_for_a_queue_that_is_deleted_hear_of_it() {
    let mut world = world();
    let waiting = world.wait(Q, 1, 20 * SECOND);
    world.delete_queue(Q).expect("it exists");
    assert_eq!(world.deleted, [waiting]);
    assert_eq!(world.queues.poll_timeout(), None);
}

#[test]
fn each_group_is_for_one_of_those_who_wait() {
    let mut world = World::with("orders.fifo", fifo());
    let waiting: Vec<_> = (0..3).map(|_| world.wait("orders.fifo", 10, 20 * SECOND)).collect();
    for group in ["a", "a", "b"] {
        world.send_to("orders.fifo", group);
    }
    let answers: Vec<_> = waiting.iter().map(|id| world.answer(*id)).collect();
    assert_eq!(answers, [Some(vec![1]), Some(vec![3]), None]);
}

#[test]
fn messages_are_visible_to_the_next_at_once_if_the_first_wants_it() {
    let mut world = World::with(Q, Settings { visibility_timeout: Duration::ZERO, ..Settings::default() });
    let waiting: Vec<_> = (0..3).map(|_| world.wait(Q, 1, 20 * SECOND)).collect();
    world.send(Q);
    let answers: Vec<_> = waiting.iter().map(|id| world.answer(*id)).collect();
    assert_eq!(answers, [Some(vec![1]), Some(vec![1]), Some(vec![1])]);
}

#[test]
fn no_more_wait_than_there_is_room_for() {
    let mut world = world();
    for _ in 0..WAITING_RECEIVES {
        world.wait(Q, 1, 20 * SECOND);
    }
    let request = ReceiveRequest { wait: 20 * SECOND, ..ReceiveRequest::default() };
    let (_, answer) = world.receive_with(Q, request).expect("an answer");
    assert_eq!(answer, hearth_model::sqs::Receive::Answer(Vec::new()));
}

#[test]
fn who_waits_comes_before_who_comes_even_if_nobody_looked_in_time() {
    let mut world = world();
    world.send_delayed(Q, SECOND);
    let waiting = world.wait(Q, 1, 20 * SECOND);
    world.pass_without_looking(SECOND);
    assert_eq!(world.contents(Q), NOTHING);
    assert_eq!(world.answer(waiting), Some(vec![1]));
}

#[test]
fn whoever_looks_after_a_queue_hears_of_what_can_be_received_now() {
    let mut world = World::with("orders.fifo", fifo());
    world.send_to("orders.fifo", "a");
    world.send_to("orders.fifo", "a");
    assert_eq!(world.available.len(), 2);
    let first = world.receive_one("orders.fifo");
    world.available.clear();
    world.delete("orders.fifo", first.handle).expect("it is deleted");
    assert_eq!(world.available, [name("orders.fifo")], "the second one is the oldest now");
}
