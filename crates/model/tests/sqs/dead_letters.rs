//! Messages that are received too often.

use std::time::Duration;

use hearth_model::sqs::{Counts, Receive, ReceiveRequest, RedriveAllow, Settings, limits::DEFAULT_RETENTION};

use crate::world::{NOTHING, SECOND, World, contents, fifo, name, redrive};

/// Messages are visible again at once.
fn eager(settings: Settings) -> Settings {
    Settings { visibility_timeout: Duration::ZERO, ..settings }
}

#[test]
fn a_message_goes_to_the_dead_letter_queue_instead_of_being_received_once_too_often() {
    let mut world = World::with("dead", Settings::default());
    world.create("orders", redrive(eager(Settings::default()), "dead", 2));
    world.send("orders");
    world.send_delayed("orders", SECOND);
    let sent_at = world.now.wall;
    assert_eq!((world.contents("orders"), world.contents("orders")), (vec![1], vec![1]));
    world.pass(SECOND);
    assert_eq!(world.counts("orders").visible, 2, "it is moved by a receive, and not before");
    assert_eq!(world.contents("orders"), [2]);
    let dead = world.receive_one("dead");
    assert_eq!((dead.content, dead.receive_count, dead.sent_at), (1, 3, sent_at));
    assert_eq!(dead.dead_letter_source, Some(name("orders")));
    assert_eq!(world.counts("orders"), Counts { visible: 1, in_flight: 0, delayed: 0 });
}

#[test]
fn the_age_of_a_message_goes_with_it_unless_it_is_in_order() {
    let mut world = World::with("dead", Settings::default());
    world.create("dead.fifo", fifo());
    world.create("orders", redrive(eager(Settings::default()), "dead", 1));
    world.create("orders.fifo", redrive(eager(fifo()), "dead.fifo", 1));
    world.send("orders");
    world.send_to("orders.fifo", "a");
    world.pass(DEFAULT_RETENTION - SECOND);
    for queue in ["orders", "orders.fifo"] {
        world.receive_one(queue);
        assert_eq!(world.contents(queue), NOTHING);
    }
    world.pass(SECOND);
    assert_eq!(world.counts("dead"), Counts::default());
    assert_eq!(world.counts("dead.fifo").visible, 1);
}

#[test]
fn those_who_wait_for_dead_letters_get_them_and_may_pass_them_on() {
    let mut world = World::with("third", Settings::default());
    world.create("second", redrive(eager(Settings::default()), "third", 1));
    world.create("first", redrive(eager(Settings::default()), "second", 1));
    let last = world.wait("third", 1, 20 * SECOND);
    world.send("first");
    assert_eq!(world.contents("first"), [1]);
    assert_eq!(world.contents("first"), NOTHING);
    assert_eq!(world.contents("second"), [1], "counted anew in each queue");
    assert_eq!(world.contents("second"), NOTHING);
    let third = world.answers.remove(&last).expect("it is answered");
    assert_eq!((contents(&third), third[0].receive_count), (vec![1], 3));
    assert_eq!(third[0].dead_letter_source, Some(name("second")));
}

#[test]
fn without_a_queue_that_takes_them_there_are_no_dead_letters() {
    let mut world = World::with("orders", redrive(eager(Settings::default()), "dead", 1));
    world.send("orders");
    for _ in 0..3 {
        assert_eq!(world.contents("orders"), [1]);
    }
    world.create(
        "dead",
        Settings { redrive_allow: RedriveAllow::Only(vec![name("others")]), ..Settings::default() },
    );
    assert_eq!(world.contents("orders"), [1]);
    world.configure("dead", Settings::default());
    assert_eq!(world.contents("orders"), NOTHING);
    assert_eq!(world.contents("dead"), [1]);
    world.send("orders");
    world.delete_queue("dead").expect("it exists");
    assert_eq!((world.contents("orders"), world.contents("orders")), (vec![2], vec![2]));
    assert_eq!(world.queues.dead_letter_sources(&name("dead")).collect::<Vec<_>>(), [&name("orders")]);
}

#[test]
fn a_dead_letter_does_not_hold_up_its_group() {
    let mut world = World::with("dead.fifo", fifo());
    world.create("orders.fifo", redrive(fifo(), "dead.fifo", 1));
    for _ in 0..3 {
        world.send_to("orders.fifo", "a");
    }
    assert_eq!(contents(&world.receive("orders.fifo", 1)), [1]);
    world.pass(30 * SECOND);
    assert_eq!(contents(&world.receive("orders.fifo", 2)), [2, 3]);
    world.pass(30 * SECOND);
    assert_eq!(world.contents("orders.fifo"), NOTHING);
    assert_eq!(world.contents("dead.fifo"), [1, 2, 3]);
}

#[test]
fn one_that_waits_does_not_get_what_goes_to_the_dead_letter_queue() {
    let mut world = World::with("dead", Settings::default());
    world.create("orders", redrive(Settings::default(), "dead", 1));
    world.send("orders");
    world.receive_one("orders");
    let waiting = world.wait("orders", 1, 20 * SECOND);
    let later = ReceiveRequest { wait: 20 * SECOND, ..ReceiveRequest::default() };
    world.pass(15 * SECOND);
    assert!(matches!(world.receive_with("orders", later), Ok((_, Receive::Waiting))));
    world.pass(15 * SECOND);
    assert_eq!(world.answer(waiting), Some(vec![]), "after twenty seconds");
    assert_eq!(world.counts("dead").visible, 1);
    world.send("orders");
    assert_eq!(world.answers.len(), 1, "the later one still waited");
}

#[test]
fn a_queue_can_be_its_own_dead_letter_queue() {
    let mut world = World::with("orders", redrive(eager(Settings::default()), "orders", 1));
    world.send("orders");
    for count in 1..5 {
        let message = world.receive_one("orders");
        assert_eq!((message.content, message.receive_count), (1, count));
        assert_eq!(world.contents("orders"), NOTHING);
    }
}
