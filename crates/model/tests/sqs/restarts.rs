//! What a later process knows of queues.

use std::time::Duration;

use hearth_model::sqs::{Kind, MoveStatus, MoveTaskId, NewMoveTask, Refusal, Settings};

use crate::world::{NOTHING, SECOND, World, contents, fifo, name, redrive};

#[test]
fn a_message_in_flight_is_visible_again_when_its_time_has_come() {
    let mut world = World::with("orders", Settings::default());
    let (first, second) = (world.send("orders"), world.send("orders"));
    assert_eq!(world.receive_one("orders").content, first);
    world.pass(10 * SECOND);
    world.restart();
    assert_eq!(world.contents("orders"), [second]);
    world.pass(20 * SECOND);
    let again = world.receive_one("orders");
    assert_eq!((again.content, again.receive_count), (first, 2));
}

#[test]
fn receipt_handles_stay_what_they_are() {
    let mut world = World::with("orders", Settings::default());
    let gone = world.send("orders");
    let kept = world.send("orders");
    let (gone_receipt, kept_receipt) = (world.receive_one("orders"), world.receive_one("orders"));
    assert_eq!((gone_receipt.content, kept_receipt.content), (gone, kept));
    world.delete("orders", gone_receipt.handle).expect("it is there");
    world.restart();
    world.delete("orders", gone_receipt.handle).expect("it is gone");
    assert_eq!(world.counts("orders").in_flight, 1);
    let later = world.send("orders");
    world.delete("orders", kept_receipt.handle).expect("it is there");
    world.pass(60 * SECOND);
    assert_eq!(world.contents("orders"), [later], "nothing comes back");
}

#[test]
fn handles_and_numbers_are_not_used_again() {
    let mut world = World::with("orders.fifo", fifo());
    world.send_to("orders.fifo", "a");
    let receipt = world.receive_one("orders.fifo");
    world.delete("orders.fifo", receipt.handle).expect("it is there");
    world.restart();
    world.send_to("orders.fifo", "a");
    let next = world.receive_one("orders.fifo");
    assert!(next.sequence > receipt.sequence && next.handle != receipt.handle, "{next:?}");
    world.delete_queue("orders.fifo").expect("it exists");
    world.restart();
    world.create("orders.fifo", fifo());
    world.send_to("orders.fifo", "a");
    world.receive_one("orders.fifo");
    assert_eq!(world.delete("orders.fifo", next.handle), Err(Refusal::InvalidHandle));
}

#[test]
fn time_goes_on_without_a_process() {
    let settings = Settings { retention: 60 * SECOND, ..Settings::default() };
    let mut world = World::with("orders", settings);
    world.pass(1_000 * SECOND);
    world.send("orders");
    world.pass_without_looking(50 * SECOND);
    let young = world.send_delayed("orders", 20 * SECOND);
    world.pass_without_looking(15 * SECOND);
    world.restart();
    let counts = world.counts("orders");
    assert_eq!((counts.visible, counts.delayed), (0, 1));
    world.restart();
    world.pass(5 * SECOND);
    assert_eq!(world.contents("orders"), [young]);
}

#[test]
fn groups_keep_their_order_and_are_blocked_as_before() {
    let mut world = World::with("orders.fifo", fifo());
    let sent: Vec<u32> = ["a", "a", "b", "a"].map(|group| world.send_to("orders.fifo", group)).into();
    let taken = world.receive_one("orders.fifo");
    assert_eq!(taken.content, sent[0]);
    world.restart();
    assert_eq!(world.contents("orders.fifo"), [sent[2]]);
    world.delete("orders.fifo", taken.handle).expect("its time has not passed");
    assert_eq!(world.contents("orders.fifo"), [sent[1], sent[3]]);
}

#[test]
fn duplicates_are_known_for_five_minutes() {
    let mut world = World::with("orders.fifo", fifo());
    let send = |world: &mut World| world.send_with("orders.fifo", Some("a"), Some("one"), None);
    let first = send(&mut world);
    let receipt = world.receive_one("orders.fifo");
    world.delete("orders.fifo", receipt.handle).expect("it is there");
    world.pass(200 * SECOND);
    world.restart();
    assert_eq!(send(&mut world), first);
    assert_eq!(world.contents("orders.fifo"), NOTHING);
    world.pass(100 * SECOND);
    world.restart();
    assert_ne!(send(&mut world), first);
}

#[test]
fn what_was_purged_stays_so() {
    let mut world = World::with("orders.fifo", fifo());
    world.send_with("orders.fifo", Some("a"), Some("one"), None);
    world.purge("orders.fifo").expect("not purged before");
    world.restart();
    assert_eq!(world.contents("orders.fifo"), NOTHING);
    world.send_with("orders.fifo", Some("a"), Some("one"), None);
    assert_eq!(world.contents("orders.fifo").len(), 1, "it is no duplicate any more");
}

#[test]
fn dead_letters_move_on_after_a_restart() {
    let mut world = World::new();
    world.create("dead", Settings::new(Kind::Standard));
    let no_wait = Settings { visibility_timeout: Duration::ZERO, ..Settings::default() };
    world.create("orders", redrive(no_wait, "dead", 1));
    let sent: Vec<u32> = (0..3).map(|_| world.send("orders")).collect();
    assert_eq!(world.receive("orders", 3).len(), 3);
    world.restart();
    assert_eq!(world.receive("orders", 3), [], "they were received once before");
    let id = MoveTaskId::from_random(7);
    let task = NewMoveTask { id, destination: None, messages_per_second: Some(1) };
    world.queues.handle_start_move(world.now, &name("dead"), task).expect("dead letters are there");
    world.drain();
    world.restart();
    world.pass(10 * SECOND);
    let task = world.queues.move_tasks(&name("dead")).expect("it exists").next().expect("a task").clone();
    assert_eq!((task.status, task.moved), (MoveStatus::Completed, 3));
    let mut back = contents(&world.receive("orders", 3));
    back.sort_unstable();
    assert_eq!(back, sent);
}
