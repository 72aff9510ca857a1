//! Queues from their creation to their end.

use std::time::Duration;

use hearth_model::{
    identity::{AccountId, Partition, Region},
    sqs::{QueueAddress, QueueOptions, limits},
};
use hearth_services::sqs::{RefusalKind, SendRequest};

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

#[tokio::test]
async fn a_queue_is_purged_once_a_minute() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    world.send(&queue, "message");
    world.queues.purge(&queue).expect("it is purged");
    assert_eq!(world.counts(&queue), [0, 0, 0]);
    let refusal = world.queues.purge(&queue).expect_err("again");
    assert_eq!((refusal.kind, refusal.kind.status()), (RefusalKind::PurgeQueueInProgress, 403));
    assert_eq!(refusal.message, "Only one PurgeQueue operation on orders is allowed every 60 seconds.");
    world.advance(60).await;
    world.queues.purge(&queue).expect("it is purged");
}

#[tokio::test]
async fn the_name_of_a_deleted_queue_is_taken_for_a_while_if_that_is_wanted() {
    let world = QueueWorld::with(QueueOptions {
        deleted_name_interval: limits::DELETED_NAME_INTERVAL,
        ..QueueOptions::default()
    });
    let queue = world.create("orders", []);
    world.queues.delete_queue(&queue).expect("it is deleted");
    let refusal = world.try_create("orders", []).expect_err("too soon");
    let message =
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
    assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::QueueDeletedRecently, message));
    world.clock.advance(Duration::from_secs(60)).await;
    world.create("orders", []);
}

#[tokio::test]
async fn accounts_and_regions_do_not_know_of_each_other() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let account = AccountId::parse("123456789012").expect("an account");
    let other = Partition { account, region: Region::default() };
    let attributes = map([("DelaySeconds", "1")]);
    let others =
        world.queues.create_queue(&other, "orders", &attributes, Default::default()).expect("it is created");
    world.send(&queue, "mine");
    assert_eq!((world.counts(&queue), world.counts(&others)), ([1, 0, 0], [0, 0, 0]));
    assert_eq!(world.queues.find_queue(&here(), "orders", Some("123456789012")), Ok(others));
    assert_eq!(world.queues.find_queue(&other, "orders", Some("000000000000")), Ok(queue));
    let elsewhere = Partition { account, region: Region::parse("eu-west-1").expect("a region") };
    assert!(world.queues.find_queue(&elsewhere, "orders", None).is_err());
    let nowhere = QueueAddress::parse_arn("arn:aws:sqs:eu-west-1:123456789012:orders").expect("an ARN");
    assert_eq!(world.queues.purge(&nowhere).expect_err("it is nowhere").kind, RefusalKind::QueueDoesNotExist);
}

#[tokio::test]
async fn a_queue_has_room_for_so_many_bytes() {
    let world = QueueWorld::with(QueueOptions { queue_bytes: 10_000, ..QueueOptions::default() });
    let queue = world.create("orders", []);
    let large = || SendRequest::text("x".repeat(8_000));
    world.send_request(&queue, large()).expect("there is room");
    let refusal = world.send_request(&queue, large()).expect_err("there is none");
    assert_eq!((refusal.kind, refusal.kind.status()), (RefusalKind::RequestThrottled, 403));
    world.send(&queue, "small");
    world.queues.purge(&queue).expect("it is purged");
    world.send_request(&queue, large()).expect("there is room again");
}
