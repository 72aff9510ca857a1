//! Sending, receiving, deleting.

use aws_sdk_sqs::{
    primitives::Blob,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
        MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
    },
};
use tokio::task::JoinSet;

use super::{attribute, bodies, create, delete, receive, send};
use crate::hearth::Hearth;

fn receipts(message: &Message) -> &str {
    &message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_attributes() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;
    let colour = MessageAttributeValue::builder().data_type("String").string_value("blue").build().unwrap();
    let raw = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([1, 2, 3]));
    let raw = raw.build().unwrap();
    let message = client.send_message().queue_url(&queue).message_body("hello");
    let message = message.message_attributes("colour", colour.clone()).message_attributes("raw", raw.clone());
    let sent = message.send().await.unwrap();
    // As boto3 computes them.
    let digests = (Some("5d41402abc4b2a76b9719d911017c592"), Some("607dc9bf9261ab117977328a9a70c1e3"));
    assert_eq!((sent.md5_of_message_body(), sent.md5_of_message_attributes()), digests);

    let request = client.receive_message().queue_url(&queue).message_attribute_names("All");
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    let received = request.send().await.unwrap().messages.unwrap().swap_remove(0);
    assert_eq!((received.message_id(), received.body()), (sent.message_id(), Some("hello")));
    assert_eq!((received.md5_of_body(), received.md5_of_message_attributes()), digests);
    let attributes = received.message_attributes().unwrap();
    assert_eq!((attributes.len(), &attributes["colour"], &attributes["raw"]), (2, &colour, &raw));
    assert_eq!(receipts(&received), "1");

    assert_eq!(receive(&client, &queue, 0).await, []);
    let in_flight = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    assert_eq!(attribute(&client, &queue, in_flight.clone()).await, "1");
    delete(&client, &queue, &received).await;
    assert_eq!(attribute(&client, &queue, in_flight).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_tell_what_became_of_each() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;
    let entry = |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body);
    let batch = client.send_message_batch().queue_url(&queue);
    let batch = batch.entries(entry("a", "1").build().unwrap()).entries(entry("b", "2").build().unwrap());
    let late = entry("late", "never").delay_seconds(901).build().unwrap();
    let sent = batch.entries(late).send().await.unwrap();
    assert_eq!(sent.successful().iter().map(|entry| entry.id()).collect::<Vec<_>>(), ["a", "b"]);
    let failed = &sent.failed()[0];
    assert_eq!((failed.id(), failed.sender_fault()), ("late", true));

    let received = receive(&client, &queue, 0).await;
    assert_eq!(bodies(&received), ["1", "2"]);
    let handles = || received.iter().map(|message| message.receipt_handle().unwrap()).enumerate();
    let show = handles().map(|(id, handle)| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id.to_string());
        entry.receipt_handle(handle).visibility_timeout(0).build().unwrap()
    });
    let change = client.change_message_visibility_batch().queue_url(&queue);
    let changed = change.set_entries(Some(show.collect())).send().await.unwrap();
    assert_eq!((changed.successful().len(), changed.failed().len()), (2, 0));
    let again = receive(&client, &queue, 0).await;
    assert_eq!(again.iter().map(receipts).collect::<Vec<_>>(), ["2", "2"]);

    let last = again.iter().enumerate().map(|(id, message)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(id.to_string());
        entry.receipt_handle(message.receipt_handle().unwrap()).build().unwrap()
    });
    let remove = client.delete_message_batch().queue_url(&queue).set_entries(Some(last.collect()));
    assert_eq!(remove.send().await.unwrap().successful().len(), 2);
    let left = attribute(&client, &queue, QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await;
    assert_eq!(left, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_is_answered_by_what_comes() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;
    let poll = receive(&client, &queue, 20);
    let (polled, ()) = tokio::join!(poll, send(&client, &queue, "1"));
    assert_eq!(bodies(&polled), ["1"]);
    delete(&client, &queue, &polled[0]).await;

    // What is invisible now comes to those who wait: in flight, or delayed.
    send(&client, &queue, "2").await;
    let hide = client.receive_message().queue_url(&queue).visibility_timeout(1);
    let hidden = hide.send().await.unwrap().messages.unwrap();
    let again = receive(&client, &queue, 20).await;
    assert_eq!((bodies(&again), receipts(&again[0])), (bodies(&hidden), "2"));
    let later = client.send_message().queue_url(&queue).message_body("3").delay_seconds(1);
    later.send().await.unwrap();
    assert_eq!(bodies(&receive(&client, &queue, 20).await), ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_polls_are_answered_with_one_message_each() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;
    let mut polls = JoinSet::new();
    for _ in 0..8 {
        let (client, queue) = (client.clone(), queue.clone());
        polls.spawn(async move {
            let one = client.receive_message().queue_url(queue).wait_time_seconds(20);
            one.send().await.unwrap().messages.unwrap().swap_remove(0).body.unwrap()
        });
    }
    for number in 0..8 {
        send(&client, &queue, &number.to_string()).await;
    }
    let mut received = polls.join_all().await;
    received.sort_unstable();
    assert_eq!(received, ["0", "1", "2", "3", "4", "5", "6", "7"]);
}
