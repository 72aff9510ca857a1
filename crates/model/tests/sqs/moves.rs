//! Tasks that move the messages of dead-letter queues.

use hearth_model::sqs::{
    MoveFailure, MoveStatus, MoveTask, MoveTaskId, NewMoveTask, Refusal, Settings, limits::DEFAULT_RETENTION,
};

use crate::world::{SECOND, World, contents, name, redrive};

/// A queue `orders` whose messages are all in its dead-letter queue.
fn world(messages: u32) -> World {
    let mut world = World::with("dead", Settings::default());
    world.create("orders", redrive(Settings::default(), "dead", 1));
    for _ in 0..messages {
        world.send("orders");
    }
    world.receive("orders", messages as usize);
    world.pass(30 * SECOND);
    world.receive("orders", messages as usize);
    assert_eq!(world.counts("dead").visible, messages as usize);
    world
}

fn start(
    world: &mut World,
    number: u128,
    destination: Option<&str>,
    messages_per_second: Option<u32>,
) -> Result<MoveTaskId, Refusal> {
    let id = MoveTaskId::from_random(number);
    let task = NewMoveTask { id, destination: destination.map(name), messages_per_second };
    world.queues.handle_start_move(world.now, &name("dead"), task)?;
    world.drain();
    Ok(id)
}

fn latest(world: &World) -> MoveTask {
    let mut tasks = world.queues.move_tasks(&name("dead")).expect("it exists");
    tasks.next().expect("a task").clone()
}

#[test]
fn messages_go_back_as_new_ones() {
    let mut world = world(3);
    world.pass(DEFAULT_RETENTION - 60 * SECOND);
    let before = world.receive_one("dead");
    start(&mut world, 1, None, None).expect("it starts");
    let task = latest(&world);
    assert_eq!((task.status, task.moved, task.to_move), (MoveStatus::Completed, 2, 2), "one is in flight");
    let moved = world.receive("orders", 10);
    assert_eq!(contents(&moved), [2, 3]);
    assert_eq!((moved[0].receive_count, moved[0].sent_at), (1, world.now.wall));
    assert_eq!(moved[0].dead_letter_source, None);
    assert_ne!(moved[0].id, before.id);
    world.pass(60 * SECOND);
    assert_eq!(world.counts("orders").visible, 2, "their retention counts from the move");
    assert_eq!(world.counts("dead").visible, 0);
}

#[test]
fn a_task_can_be_slow_and_be_cancelled() {
    let mut world = world(5);
    world.create("others", Settings::default());
    let id = start(&mut world, 1, Some("others"), Some(2)).expect("it starts");
    assert_eq!(start(&mut world, 2, None, None), Err(Refusal::MoveTaskRunning));
    world.pass(SECOND);
    assert_eq!(world.counts("others").visible, 3, "at once, after half a second, after a second");
    let cancel = |world: &mut World, id| world.queues.handle_cancel_move(world.now, &name("dead"), id);
    assert_eq!(cancel(&mut world, id), Ok(3));
    assert_eq!(latest(&world).status, MoveStatus::Cancelled);
    assert_eq!(cancel(&mut world, id), Err(Refusal::MoveTaskEnded));
    assert_eq!(cancel(&mut world, MoveTaskId::from_random(9)), Err(Refusal::NoSuchMoveTask));
    world.pass(10 * SECOND);
    assert_eq!((world.counts("others").visible, world.counts("dead").visible), (3, 2));
}

#[test]
fn a_task_ends_with_its_last_message() {
    let mut world = world(2);
    start(&mut world, 1, None, Some(1)).expect("it starts");
    world.pass_without_looking(SECOND);
    world.timeout();
    assert_eq!(latest(&world).status, MoveStatus::Completed);
    start(&mut world, 2, None, Some(1)).expect("it starts");
    assert_eq!(latest(&world).status, MoveStatus::Completed, "there is nothing to move");
    assert_eq!(world.queues.move_tasks(&name("dead")).expect("it exists").count(), 2);
}

#[test]
fn a_large_queue_is_moved_in_slices_between_which_others_get_their_turn() {
    let mut world = world(2_500);
    start(&mut world, 1, None, None).expect("it starts");
    assert_eq!(world.counts("orders").visible, 1_000);
    assert_eq!(world.queues.poll_timeout(), Some(world.now.instant));
    world.pass(SECOND);
    assert_eq!((world.counts("orders").visible, latest(&world).moved), (2_500, 2_500));
}

#[test]
fn what_cannot_be_moved_stays() {
    let mut world = world(2);
    assert_eq!(start(&mut world, 1, Some("nowhere"), None), Err(Refusal::NoSuchDestination));
    world.create("others", Settings::default());
    start(&mut world, 1, Some("others"), Some(1)).expect("it starts");
    world.delete_queue("others").expect("it exists");
    world.pass(10 * SECOND);
    let failed = MoveStatus::Failed(MoveFailure::NoSuchDestination);
    assert_eq!((latest(&world).status, latest(&world).moved, world.counts("dead").visible), (failed, 1, 1));
    world.purge("dead").expect("it is purged");
    world.send("dead");
    start(&mut world, 2, None, None).expect("it starts");
    assert_eq!(latest(&world).status, MoveStatus::Failed(MoveFailure::UnknownSource));
    assert_eq!(world.counts("dead").visible, 1);
}

#[test]
fn only_dead_letter_queues_are_sources() {
    let mut world = world(1);
    let task = NewMoveTask { id: MoveTaskId::from_random(1), destination: None, messages_per_second: None };
    let started = world.queues.handle_start_move(world.now, &name("orders"), task.clone());
    assert_eq!(started, Err(Refusal::NotADeadLetterQueue));
    let started = world.queues.handle_start_move(world.now, &name("nowhere"), task);
    assert_eq!(started, Err(Refusal::NoSuchQueue));
}
