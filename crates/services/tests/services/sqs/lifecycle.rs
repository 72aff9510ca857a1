//! Queues from their creation to their end.

use hearth_services::sqs::RefusalKind;

use super::world::{QueueWorld, map};
use crate::world::here;

#[tokio::test]
async fn a_queue_is_created_once_more_with_the_same_attributes() {
    let world = QueueWorld::new();
    let queue = world.create("orders", [("DelaySeconds", "1"), ("ReceiveMessageWaitTimeSeconds", "1")]);
    assert_eq!(world.create("orders", []), queue);
    assert_eq!(world.create("orders", [("DelaySeconds", "1")]), queue);
    let refusal = world.try_create("orders", [("DelaySeconds", "2")]).expect_err("another delay");
    assert_eq!((refusal.kind.shape(), refusal.kind.code()), ("QueueNameExists", "QueueAlreadyExists"));
    assert_eq!(
        refusal.to_string(),
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
    world.queues.set_attributes(&queue, &map([("DelaySeconds", "2")])).expect("it is set");
    assert_eq!(world.create("orders", [("DelaySeconds", "2")]), queue);
}

#[tokio::test]
async fn a_queue_that_is_deleted_is_gone() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    assert_eq!(world.queues.find_queue(&here(), "orders", None), Ok(queue.clone()));
    world.queues.delete_queue(&queue).expect("it is deleted");
    let gone = world.queues.find_queue(&here(), "orders", None).expect_err("it is gone");
    assert_eq!(
        (gone.kind, gone.to_string().as_str()),
        (RefusalKind::QueueDoesNotExist, "The specified queue does not exist.")
    );
    assert!(world.queues.delete_queue(&queue).is_err());
    assert_eq!(world.create("orders", []), queue);
}
