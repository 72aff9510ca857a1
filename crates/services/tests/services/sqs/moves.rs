//! Tasks that move the messages of dead-letter queues.

use hearth_model::sqs::QueueAddress;
use hearth_services::sqs::{Refusal, RefusalKind, StartMove};

use super::world::QueueWorld;
use crate::world::here;

/// Two messages in the dead-letter queue of `orders`.
async fn world() -> (QueueWorld, QueueAddress, QueueAddress) {
    let world = QueueWorld::new();
    let dead = world.create("dead", []);
    let queue = world.create_with_dead_letters("orders", &dead, 1);
    for body in ["message-1", "message-2"] {
        world.send(&queue, body);
    }
    for _ in 0..2 {
        world.receive(&queue).await;
    }
    assert_eq!(world.counts(&dead), [2, 0, 0]);
    (world, queue, dead)
}

fn start(
    world: &QueueWorld,
    source: &QueueAddress,
    destination: Option<&QueueAddress>,
    rate: Option<i64>,
) -> Result<String, Refusal> {
    let request = StartMove {
        source_arn: source.to_string(),
        destination_arn: destination.map(QueueAddress::to_string),
        messages_per_second: rate,
    };
    world.queues.start_move(&here(), &request)
}

fn refused(refusal: &Refusal, kind: RefusalKind, message: &str) {
    assert_eq!((refusal.kind, &*refusal.message), (kind, message));
}

#[tokio::test]
async fn messages_go_back_to_where_they_came_from() {
    let (world, queue, dead) = world().await;
    start(&world, &dead, None, None).expect("it starts");
    let tasks = world.queues.move_tasks(&here(), &dead.to_string(), None).expect("tasks");
    let [task] = &*tasks else { panic!("one task, not {tasks:?}") };
    assert_eq!((task.status, task.moved, task.to_move), ("COMPLETED", 2, 2));
    assert_eq!((&task.task_handle, &task.destination, &task.source), (&None, &None, &dead));
    assert_eq!(task.started_at.as_unix_seconds(), 1_709_572_958);
    assert_eq!(world.bodies(&queue).await, ["message-1", "message-2"]);
    assert_eq!(world.counts(&dead), [0, 0, 0]);
}

#[tokio::test]
async fn a_task_runs_by_the_clock_until_it_is_cancelled() {
    let (world, _, dead) = world().await;
    let others = world.create("others", []);
    let handle = start(&world, &dead, Some(&others), Some(1)).expect("it starts");
    let again = start(&world, &dead, Some(&others), None).expect_err("one runs");
    let message = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
    refused(&again, RefusalKind::InvalidParameterValue, message);
    let task = world.queues.move_tasks(&here(), &dead.to_string(), Some(10)).expect("tasks").remove(0);
    assert_eq!(
        (task.status, task.task_handle.as_ref(), task.messages_per_second),
        ("RUNNING", Some(&handle), Some(1))
    );
    assert_eq!((task.moved, task.destination), (1, Some(others.clone())));
    assert_eq!(world.queues.cancel_move(&here(), &handle), Ok(1));
    world.advance(5).await;
    assert_eq!((world.counts(&dead), world.counts(&others)), ([1, 0, 0], [1, 0, 0]));
    let task = world.queues.move_tasks(&here(), &dead.to_string(), None).expect("tasks").remove(0);
    assert_eq!((task.status, task.task_handle), ("CANCELLED", None));
    world.send(&dead, "message-3");
    start(&world, &dead, Some(&others), Some(1)).expect("it starts");
    world.advance(5).await;
    assert_eq!(world.counts(&others), [3, 0, 0]);
}

#[tokio::test]
async fn a_task_fails_with_its_destination() {
    let (world, _, dead) = world().await;
    let others = world.create("others", []);
    start(&world, &dead, Some(&others), Some(1)).expect("it starts");
    world.queues.delete_queue(&others).expect("it is deleted");
    world.advance(1).await;
    let task = world.queues.move_tasks(&here(), &dead.to_string(), None).expect("tasks").remove(0);
    assert_eq!(
        (task.status, task.failure_reason),
        ("FAILED", Some("AWS.SimpleQueueService.NonExistentQueue"))
    );
    assert_eq!(world.counts(&dead), [1, 0, 0]);
}

#[tokio::test]
async fn what_cannot_be_moved_is_refused() {
    let (world, queue, dead) = world().await;
    let nowhere = QueueAddress::parse_arn("arn:aws:sqs:us-east-1:000000000000:nowhere").expect("an ARN");
    let no_resource = |parameter: &str| {
        format!("The resource that you specified for the {parameter} parameter doesn't exist.")
    };
    let refusal = start(&world, &queue, Some(&dead), None).expect_err("it is none");
    refused(
        &refusal,
        RefusalKind::InvalidParameterValue,
        "Source queue must be configured as a Dead Letter Queue.",
    );
    let refusal = start(&world, &dead, Some(&nowhere), None).expect_err("it is nowhere");
    refused(&refusal, RefusalKind::ResourceNotFound, &no_resource("DestinationArn"));
    let refusal = start(&world, &nowhere, None, None).expect_err("it is nowhere");
    refused(&refusal, RefusalKind::ResourceNotFound, &no_resource("SourceArn"));
    assert!(start(&world, &dead, Some(&dead), None).is_err());
    assert!(start(&world, &dead, None, Some(501)).is_err());

    let cancel = |handle: &str| world.queues.cancel_move(&here(), handle).expect_err(handle);
    refused(
        &cancel("foobared"),
        RefusalKind::InvalidParameterValue,
        "Value for parameter TaskHandle is invalid.",
    );
    // {"taskId":"10f57157-fc38-4da9-a113-4de7e12d05aa","sourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"}
    let unknown = "eyJ0YXNrSWQiOiIxMGY1NzE1Ny1mYzM4LTRkYTktYTExMy00ZGU3ZTEyZDA1YWEiLCJzb3VyY2VBcm4iOiJhcm46YXdzOnNxczp1cy1lYXN0LTE6\
                   MDAwMDAwMDAwMDAwOmRlYWQifQ==";
    refused(&cancel(unknown), RefusalKind::ResourceNotFound, "Task does not exist.");
    let handle = start(&world, &dead, None, None).expect("it starts");
    assert_eq!(cancel(&handle).kind, RefusalKind::InvalidParameterValue, "it has ended");
    world.queues.delete_queue(&dead).expect("it is deleted");
    refused(&cancel(&handle), RefusalKind::ResourceNotFound, &no_resource("SourceArn"));
}
