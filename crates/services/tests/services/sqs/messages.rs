//! Messages from senders to receivers.

use hearth_services::sqs::{ReceiveRequest, RefusalKind, SendRequest};

use super::world::{QueueWorld, bodies, ten};

#[tokio::test]
async fn a_message_is_received_and_deleted() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let sent = world.send(&queue, "message");
    assert_eq!(sent.body_md5.to_string(), "78e731027d8fd50ed642340b7c9a63b3");
    assert_eq!((sent.attributes_md5, sent.sequence_number), (None, None));
    let received = world.receive(&queue).await;
    let [message] = &*received else { panic!("one message, not {received:?}") };
    assert_eq!(
        (message.message_id(), message.body(), message.body_md5()),
        (sent.message_id, "message", sent.body_md5)
    );
    assert_eq!(world.counts(&queue), [0, 1, 0]);
    world.queues.delete_message(&queue, &message.receipt_handle()).expect("it is deleted");
    assert_eq!(world.counts(&queue), [0, 0, 0]);
    world.queues.delete_message(&queue, &message.receipt_handle()).expect("it is gone");
}

#[tokio::test]
async fn a_message_comes_again_after_its_visibility_timeout() {
    let world = QueueWorld::new();
    let queue = world.create("orders", [("VisibilityTimeout", "20")]);
    world.send(&queue, "message");
    let first = world.receive(&queue).await.remove(0);
    world.advance(19).await;
    assert!(world.receive(&queue).await.is_empty());
    world.advance(1).await;
    let second = world.receive(&queue).await.remove(0);
    assert_ne!(first.receipt_handle(), second.receipt_handle());
    let attributes: Vec<_> = second.system_attributes().collect();
    let expected = [
        ("ApproximateFirstReceiveTimestamp", "1709572958000"),
        ("ApproximateReceiveCount", "2"),
        ("SenderId", "000000000000"),
        ("SentTimestamp", "1709572958000"),
    ];
    assert_eq!(attributes, expected.map(|(name, value)| (name, value.to_owned())));
}

#[tokio::test]
async fn delays_are_those_of_the_message_or_the_queue() {
    let world = QueueWorld::new();
    let queue = world.create("orders", [("DelaySeconds", "10")]);
    world.send(&queue, "queue");
    let request = SendRequest { delay_seconds: Some(0), ..SendRequest::text("message") };
    world.send_request(&queue, request).expect("it is sent");
    assert_eq!(world.counts(&queue), [1, 0, 1]);
    assert_eq!(world.bodies(&queue).await, ["message"]);
    world.advance(10).await;
    assert_eq!(world.bodies(&queue).await, ["queue"]);
}

#[tokio::test]
async fn a_message_that_is_received_too_often_is_a_dead_letter() {
    let world = QueueWorld::new();
    let dead_letters = world.create("dead", []);
    let queue = world.create_with_dead_letters("orders", &dead_letters, 2);
    let sent = world.send(&queue, "message");
    assert_eq!(world.bodies(&queue).await, ["message"]);
    assert_eq!(world.bodies(&queue).await, ["message"]);
    assert!(world.bodies(&queue).await.is_empty());
    let received = world.receive(&dead_letters).await;
    assert_eq!(bodies(&received), ["message"]);
    assert_eq!(received[0].message_id(), sent.message_id);
    let attributes: Vec<_> = received[0].system_attributes().collect();
    assert_eq!(attributes[1], ("ApproximateReceiveCount", "3".to_owned()));
    assert_eq!(attributes[2], ("DeadLetterQueueSourceArn", queue.to_string()));
}

#[tokio::test]
async fn groups_are_in_order_and_exclusive() {
    let world = QueueWorld::new();
    let queue = world.create("orders.fifo", [("FifoQueue", "true")]);
    for (group, body) in [("1", "a"), ("2", "x"), ("1", "b"), ("1", "c")] {
        world.send_to_group(&queue, group, body);
    }
    let request = ReceiveRequest { maximum: Some(2), ..ten() };
    let first = world.receive_request(&queue, request).await.expect("an answer");
    assert_eq!(bodies(&first), ["a", "b"]);
    assert_eq!(world.bodies(&queue).await, ["x"]);
    for message in &first {
        world.queues.delete_message(&queue, &message.receipt_handle()).expect("it is deleted");
    }
    assert_eq!(world.bodies(&queue).await, ["c"]);
    assert_eq!(world.send_to_group(&queue, "1", "a").message_id, first[0].message_id(), "a duplicate");
    world.advance(30).await;
    let expired = world.queues.delete_message(&queue, &first[0].receipt_handle());
    assert_eq!(expired, Ok(()), "what is gone is deleted");
    let again = world.receive(&queue).await.remove(0);
    world.advance(30).await;
    let refusal = world.queues.delete_message(&queue, &again.receipt_handle()).expect_err("it has expired");
    assert_eq!(refusal.kind, RefusalKind::InvalidParameterValue);
    assert!(refusal.message.ends_with("is invalid. Reason: The receipt handle has expired."), "{refusal}");
}
