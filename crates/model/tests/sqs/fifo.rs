//! FIFO queues.

use std::{sync::Arc, time::Duration};

use hearth_model::sqs::{
    Counts, DeduplicationScope, Delivery, Kind, QueueOptions, Queues, Receive, ReceiveRequest, Refusal,
    Settings,
    limits::{DEDUPLICATION_INTERVAL, FIFO_IN_FLIGHT},
};

use crate::world::{NOTHING, SECOND, World, contents, fifo, id};

const Q: &str = "orders.fifo";

/// A queue with these messages, by their groups.
fn world(groups: &[&str]) -> World {
    let mut world = World::with(Q, fifo());
    for group in groups {
        world.send_to(Q, group);
    }
    world
}

fn per_group() -> Settings {
    Settings::new(Kind::Fifo(DeduplicationScope::MessageGroup))
}

#[test]
fn a_group_is_received_in_its_order_and_before_the_next_group() {
    let mut world = world(&["a", "b", "a", "a"]);
    let messages = world.receive(Q, 10);
    assert_eq!(contents(&messages), [1, 3, 4, 2]);
    assert_eq!(messages[1].group.as_deref(), Some("a"));
    let numbers: Vec<String> =
        messages.iter().filter_map(|message| Some(message.sequence?.to_string())).collect();
    assert!(numbers[0] < numbers[3] && numbers[3] < numbers[1] && numbers[1] < numbers[2]);
    assert!(numbers.iter().all(|number| number.len() == 20));
}

#[test]
fn a_group_waits_while_its_oldest_message_is_in_flight() {
    let mut world = world(&["a", "a", "a", "b", "c"]);
    let two = world.receive(Q, 2);
    assert_eq!(contents(&two), [1, 2]);
    assert_eq!(contents(&world.receive(Q, 1)), [4]);
    world.delete(Q, two[0].handle).expect("it is deleted");
    assert_eq!(world.contents(Q), [5], "the second one is the oldest now");
    world.delete(Q, two[1].handle).expect("it is deleted");
    assert_eq!(world.contents(Q), [3]);
}

#[test]
fn groups_take_turns_by_when_they_became_ready() {
    let mut world = world(&["a", "b", "b", "c", "a"]);
    let request =
        ReceiveRequest { maximum: 3, visibility_timeout: Some(Duration::ZERO), ..ReceiveRequest::default() };
    let received = |world: &mut World, maximum| match world
        .receive_with(Q, ReceiveRequest { maximum, ..request.clone() })
    {
        Ok((_, Receive::Answer(messages))) => contents(&messages),
        other => panic!("an answer, not {other:?}"),
    };
    assert_eq!(received(&mut world, 3), [1, 5, 2]);
    assert_eq!(received(&mut world, 10), [4, 1, 5, 2, 3]);
}

#[test]
fn the_oldest_message_makes_its_group_ready_alone() {
    let mut world = world(&["a", "a", "b"]);
    let two = world.receive(Q, 2);
    world.change_visibility(Q, two[0].handle, Duration::ZERO).expect("it is changed");
    assert_eq!(world.contents(Q), [3, 1], "the second one is still in flight");
    world.change_visibility(Q, two[1].handle, Duration::ZERO).expect("it is changed");
    assert_eq!(world.contents(Q), NOTHING, "now it is behind the first one");
}

#[test]
fn only_the_latest_receipt_counts_and_only_while_it_lasts() {
    let mut world = world(&["a"]);
    let first = world.receive_one(Q).handle;
    world.pass(30 * SECOND);
    assert_eq!(world.delete(Q, first), Err(Refusal::ExpiredHandle));
    assert_eq!(world.change_visibility(Q, first, SECOND), Err(Refusal::MessageGone));
    let second = world.receive_one(Q).handle;
    assert_eq!(world.delete(Q, first), Err(Refusal::ExpiredHandle));
    world.change_visibility(Q, second, 60 * SECOND).expect("it is changed");
    world.pass(59 * SECOND);
    world.delete(Q, second).expect("it is deleted");
    assert_eq!(world.delete(Q, second), Ok(()), "it is gone");
}

#[test]
fn duplicates_are_accepted_and_not_kept() {
    let mut world = World::with(Q, fifo());
    let first = world.send_with(Q, Some("a"), Some("x"), None);
    assert_eq!(first.id, id(1));
    let handle = world.receive_one(Q).handle;
    world.delete(Q, handle).expect("it is deleted");
    world.pass(DEDUPLICATION_INTERVAL - SECOND);
    assert_eq!(world.send_with(Q, Some("b"), Some("x"), None), first, "whatever its group, deleted or not");
    assert_eq!(world.contents(Q), NOTHING);
    world.pass(SECOND);
    let second = world.send_with(Q, Some("a"), Some("x"), None);
    assert!(second.sequence > first.sequence);
    assert_eq!(world.contents(Q), [3]);
    world.purge(Q).expect("it is purged");
    assert_ne!(world.send_with(Q, Some("a"), Some("x"), None).id, second.id, "a purge forgets");
}

#[test]
fn scopes_of_duplicates_can_change() {
    let mut world = World::with(Q, per_group());
    let (first, second) =
        (world.send_with(Q, Some("a"), Some("x"), None), world.send_with(Q, Some("b"), Some("x"), None));
    assert_ne!(first.id, second.id);
    assert_eq!(world.send_with(Q, Some("b"), Some("x"), None), second);
    world.configure(Q, fifo());
    let third = world.send_with(Q, Some("c"), Some("x"), None);
    assert_ne!(third.id, second.id, "what was known of groups is not known of the queue");
    world.configure(Q, per_group());
    assert_eq!(world.send_with(Q, Some("d"), Some("x"), None), third, "what is known of the queue is known");
}

#[test]
fn delays_are_the_queues_and_hold_for_what_was_sent_before() {
    let mut world = World::with(Q, Settings { delay: 10 * SECOND, ..fifo() });
    world.send_with(Q, Some("a"), Some("1"), Some(SECOND));
    world.pass(9 * SECOND);
    assert_eq!(world.contents(Q), NOTHING);
    world.configure(Q, Settings { delay: 20 * SECOND, ..fifo() });
    world.pass(10 * SECOND);
    assert_eq!(world.counts(Q), Counts { visible: 0, in_flight: 0, delayed: 1 });
    world.configure(Q, fifo());
    assert_eq!(world.contents(Q), [1]);
}

#[test]
fn an_attempt_can_be_repeated() {
    let mut world = world(&["a", "a", "b"]);
    let attempt = |world: &mut World, name: &str| -> Vec<Delivery<u32>> {
        let attempt = Some(Arc::from(name));
        let request = ReceiveRequest { maximum: 2, attempt, ..ReceiveRequest::default() };
        match world.receive_with(Q, request) {
            Ok((_, Receive::Answer(messages))) => messages,
            other => panic!("an answer, not {other:?}"),
        }
    };
    let first = attempt(&mut world, "x");
    world.pass(20 * SECOND);
    assert_eq!(attempt(&mut world, "x"), first, "the same messages, receipts and counts");
    world.pass(20 * SECOND);
    assert_eq!(contents(&attempt(&mut world, "y")), [3], "the visibility timeout began anew");
    world.delete(Q, first[0].handle).expect("it is deleted");
    assert_eq!(attempt(&mut world, "x"), [], "one of them has been changed");
    world.pass(DEDUPLICATION_INTERVAL);
    assert_eq!(contents(&attempt(&mut world, "y")), [2, 3], "nobody remembers");
}

#[test]
fn too_much_in_flight_is_no_error() {
    let mut world = World::with(Q, fifo());
    for group in 0..=FIFO_IN_FLIGHT {
        world.send_to(Q, &group.to_string());
    }
    assert_eq!(world.receive(Q, FIFO_IN_FLIGHT + 1).len(), FIFO_IN_FLIGHT);
    assert_eq!(world.contents(Q), NOTHING);
}

#[test]
fn what_is_remembered_takes_room_as_well() {
    let mut world = World::new();
    world.queues = Queues::new(QueueOptions { queue_bytes: 20_000, ..QueueOptions::default() });
    world.create(Q, fifo());
    let mut sent = 0;
    // Each is deleted at once.
    let full = loop {
        match world.try_send_to(Q, "a") {
            Ok(_) => sent += 1,
            Err(refusal) => break refusal,
        }
        let handle = world.receive_one(Q).handle;
        world.delete(Q, handle).expect("it is deleted");
    };
    assert_eq!((full, sent > 40), (Refusal::QueueFull, true), "{sent}");
    assert!(world.try_send_with(Q, Some("a"), Some("1"), None).is_ok(), "a duplicate takes none");
    world.pass(DEDUPLICATION_INTERVAL);
    assert!(world.try_send_to(Q, "a").is_ok());
}
