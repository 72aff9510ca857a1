//! Standard queues.

use std::time::Duration;

use hearth_model::sqs::{
    Counts, QueueOptions, Queues, ReceiptHandle, Receive, ReceiveRequest, Refusal, Settings,
    limits::{DEFAULT_RETENTION, PURGE_INTERVAL, STANDARD_IN_FLIGHT, VISIBILITY_TIMEOUT},
};

use crate::world::{NOTHING, SECOND, World, contents, name};

const Q: &str = "orders";

fn world() -> World {
    World::with(Q, Settings::default())
}

#[test]
fn a_message_is_given_to_one_receiver_at_a_time() {
    let mut world = world();
    world.send(Q);
    world.send(Q);
    assert_eq!(world.contents(Q), [1, 2]);
    assert_eq!(world.contents(Q), NOTHING);
    world.pass(30 * SECOND);
    let again = world.receive(Q, 10);
    assert_eq!(contents(&again), [1, 2]);
    assert_eq!(again[0].receive_count, 2);
    assert_eq!(again[0].sequence, None);
    assert!(again[0].first_received_at < world.now.wall);
}

#[test]
fn what_becomes_visible_first_is_received_first() {
    let mut world = world();
    world.send(Q);
    world.send_delayed(Q, 2 * SECOND);
    world.send_delayed(Q, SECOND);
    assert_eq!(world.contents(Q), [1]);
    assert_eq!(world.counts(Q), Counts { visible: 0, in_flight: 1, delayed: 2 });
    world.pass(31 * SECOND);
    assert_eq!(world.contents(Q), [3, 2, 1]);
}

#[test]
fn the_queues_delay_is_for_those_who_say_nothing_and_not_for_those_who_have_spoken() {
    let mut world = World::with(Q, Settings { delay: 5 * SECOND, ..Settings::default() });
    world.send(Q);
    world.configure(Q, Settings::default());
    world.send(Q);
    assert_eq!(world.contents(Q), [2]);
    world.pass(5 * SECOND);
    assert_eq!(world.contents(Q), [1]);
}

#[test]
fn a_receiver_can_say_how_long_its_messages_are_invisible() {
    let mut world = world();
    world.send(Q);
    let request = |timeout| ReceiveRequest { visibility_timeout: Some(timeout), ..ReceiveRequest::default() };
    for timeout in [Duration::ZERO, 3 * SECOND] {
        let (_, received) = world.receive_with(Q, request(timeout)).expect("an answer");
        assert!(matches!(received, Receive::Answer(messages) if messages.len() == 1));
    }
    assert_eq!(world.contents(Q), NOTHING);
    world.pass(3 * SECOND);
    assert_eq!(world.contents(Q), [1]);
}

#[test]
fn a_receiver_can_change_its_mind_for_up_to_twelve_hours() {
    let mut world = world();
    world.send(Q);
    let handle = world.receive_one(Q).handle;
    world.change_visibility(Q, handle, 60 * SECOND).expect("it is changed");
    world.pass(59 * SECOND);
    assert_eq!(world.contents(Q), NOTHING);
    assert_eq!(world.change_visibility(Q, handle, VISIBILITY_TIMEOUT), Err(Refusal::BeyondVisibilityLimit));
    world.change_visibility(Q, handle, VISIBILITY_TIMEOUT - 59 * SECOND).expect("it is within the limit");
    world.change_visibility(Q, handle, Duration::ZERO).expect("it is changed");
    assert_eq!(world.contents(Q), [1]);
}

#[test]
fn every_handle_of_a_message_that_is_there_counts() {
    let mut world = world();
    world.send(Q);
    let first = world.receive_one(Q).handle;
    world.pass(30 * SECOND);
    world.change_visibility(Q, first, 10 * SECOND).expect("nobody else has it");
    assert_eq!(world.contents(Q), NOTHING);
    world.pass(10 * SECOND);
    let second = world.receive_one(Q).handle;
    assert_ne!(first, second);
    world.delete(Q, first).expect("it is deleted");
    world.delete(Q, second).expect("it is gone");
    assert_eq!(world.change_visibility(Q, second, SECOND), Err(Refusal::MessageGone));
    world.pass(60 * SECOND);
    assert_eq!(world.contents(Q), NOTHING);
}

#[test]
fn handles_of_others_are_none() {
    let mut world = world();
    world.send(Q);
    let handle = world.receive_one(Q).handle;
    world.create("others", Settings::default());
    world.send("others");
    world.receive_one("others");
    assert_eq!(world.delete("others", handle), Err(Refusal::InvalidHandle));
    assert_eq!(world.delete("nowhere", handle), Err(Refusal::NoSuchQueue));
    let garbage = ReceiptHandle::from_bytes(&[7; ReceiptHandle::BYTES]);
    assert_eq!(world.change_visibility(Q, garbage, SECOND), Err(Refusal::InvalidHandle));
    assert_eq!(ReceiptHandle::from_bytes(&handle.to_bytes()), handle);
    world.delete_queue(Q).expect("it exists");
    world.create(Q, Settings::default());
    world.send(Q);
    world.receive_one(Q);
    assert_eq!(world.delete(Q, handle), Err(Refusal::InvalidHandle), "another queue of the same name");
}

#[test]
fn messages_that_are_too_old_are_gone() {
    let mut world = world();
    world.send(Q);
    world.pass(DEFAULT_RETENTION - 40 * SECOND);
    world.send(Q);
    let taken = world.receive_one(Q);
    world.pass(30 * SECOND);
    assert_eq!(world.counts(Q), Counts { visible: 2, in_flight: 0, delayed: 0 });
    world.pass(10 * SECOND);
    assert_eq!(world.counts(Q), Counts { visible: 1, in_flight: 0, delayed: 0 });
    assert_eq!(world.delete(Q, taken.handle), Ok(()));
    world.configure(Q, Settings { retention: 60 * SECOND, ..Settings::default() });
    world.pass_without_looking(20 * SECOND);
    assert_eq!(world.counts(Q), Counts::default(), "the change holds for what is there");
}

#[test]
fn a_purge_deletes_everything_once_a_minute() {
    let mut world = world();
    for _ in 0..3 {
        world.send(Q);
    }
    world.send_delayed(Q, SECOND);
    let handle = world.receive_one(Q).handle;
    world.purge(Q).expect("it is purged");
    assert_eq!(world.counts(Q), Counts::default());
    assert_eq!(world.delete(Q, handle), Ok(()));
    world.send(Q);
    world.pass(PURGE_INTERVAL - SECOND);
    assert_eq!(world.purge(Q), Err(Refusal::PurgeInProgress));
    assert_eq!(world.contents(Q), [5]);
    world.pass(SECOND);
    assert_eq!(world.purge(Q), Ok(()));
    assert_eq!(world.delete(Q, handle), Ok(()));
    assert_eq!(world.counts(Q), Counts::default());
}

#[test]
fn what_was_not_seen_was_not_received() {
    let mut world = world();
    world.send(Q);
    world.send(Q);
    let messages = world.receive(Q, 2);
    world.queues.handle_return(world.now, &name(Q), messages.iter().map(|message| message.handle));
    let again = world.receive(Q, 2);
    assert_eq!(contents(&again), [1, 2]);
    assert_eq!((again[0].receive_count, again[1].receive_count), (1, 1));
}

#[test]
fn too_much_in_flight_is_an_error_for_those_who_do_not_wait() {
    let mut world = world();
    for _ in 0..=STANDARD_IN_FLIGHT {
        world.send(Q);
    }
    let handle = world.receive(Q, STANDARD_IN_FLIGHT - 1)[0].handle;
    assert_eq!(world.receive(Q, 10).len(), 1, "the last that can be in flight");
    assert_eq!(world.receive_with(Q, ReceiveRequest::default()).expect_err("too much"), Refusal::OverLimit);
    let waiting = world.wait(Q, 1, 20 * SECOND);
    world.delete(Q, handle).expect("it is deleted");
    assert_eq!(world.answer(waiting).map(|messages| messages.len()), Some(1));
}

#[test]
fn the_name_of_a_deleted_queue_can_be_taken_for_a_while() {
    let mut world = world();
    let settings = Settings::default;
    assert_eq!(world.queues.handle_create(world.now, name(Q), settings()), Err(Refusal::QueueExists));
    world.delete_queue(Q).expect("it exists");
    assert_eq!(world.delete_queue(Q), Err(Refusal::NoSuchQueue));
    world.create(Q, settings());
    let options = QueueOptions { deleted_name_interval: 60 * SECOND, ..QueueOptions::default() };
    world.queues = Queues::new(options);
    world.create(Q, settings());
    world.delete_queue(Q).expect("it exists");
    world.pass(59 * SECOND);
    assert_eq!(
        world.queues.handle_create(world.now, name(Q), settings()),
        Err(Refusal::QueueDeletedRecently)
    );
    world.pass(SECOND);
    world.create(Q, settings());
}
