//! FIFO queues.

use aws_sdk_sqs::{
    Client,
    operation::send_message::SendMessageOutput,
    types::{MessageSystemAttributeName, QueueAttributeName},
};

use super::{bodies, create, delete, receive};
use crate::hearth::Hearth;

async fn send(client: &Client, queue: &str, group: &str, body: &str) -> SendMessageOutput {
    let message = client.send_message().queue_url(queue).message_body(body).message_group_id(group);
    message.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_keep_their_order_and_duplicates_are_dropped() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let attributes =
        [(QueueAttributeName::FifoQueue, "true"), (QueueAttributeName::ContentBasedDeduplication, "true")];
    let queue = create(&client, "orders.fifo", attributes).await;
    let first = send(&client, &queue, "a", "a1").await;
    let second = send(&client, &queue, "a", "a2").await;
    assert!(first.sequence_number() < second.sequence_number());
    let duplicate = send(&client, &queue, "a", "a1").await;
    assert_eq!(duplicate.message_id(), first.message_id());
    assert_eq!(duplicate.sequence_number(), first.sequence_number());

    let received = receive(&client, &queue, 0).await;
    assert_eq!(bodies(&received), ["a1", "a2"]);
    let attributes = received[0].attributes().unwrap();
    assert_eq!(attributes[&MessageSystemAttributeName::MessageGroupId], "a");
    assert_eq!(Some(&*attributes[&MessageSystemAttributeName::SequenceNumber]), first.sequence_number());

    // A group is blocked as long as one of its messages is in flight, others are not.
    send(&client, &queue, "a", "a3").await;
    send(&client, &queue, "b", "b1").await;
    assert_eq!(bodies(&receive(&client, &queue, 0).await), ["b1"]);
    delete(&client, &queue, &received[0]).await;
    assert_eq!(receive(&client, &queue, 0).await, []);
    delete(&client, &queue, &received[1]).await;
    assert_eq!(bodies(&receive(&client, &queue, 0).await), ["a3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_can_be_repeated() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders.fifo", [(QueueAttributeName::FifoQueue, "true")]).await;
    let message = client.send_message().queue_url(&queue).message_body("1").message_group_id("a");
    message.message_deduplication_id("1").send().await.unwrap();
    let attempt = || client.receive_message().queue_url(&queue).receive_request_attempt_id("attempt").send();
    let [first, again] = [attempt().await.unwrap(), attempt().await.unwrap()];
    assert_eq!(bodies(first.messages()), ["1"]);
    assert_eq!(first.messages()[0].message_id(), again.messages()[0].message_id());
}
