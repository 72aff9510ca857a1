//! Refusals, as the SDK's types.

use aws_sdk_sqs::{
    error::ProvideErrorMetadata,
    types::{QueueAttributeName, SendMessageBatchRequestEntry},
};

use super::{attribute, create};
use crate::hearth::Hearth;

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_not_there() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = format!("http://{}/000000000000/nobody", hearth.address());
    let sent = client.send_message().queue_url(&queue).message_body("1").send().await.unwrap_err();
    let header = sent.raw_response().unwrap().headers().get("x-amzn-query-error");
    assert_eq!(header, Some("AWS.SimpleQueueService.NonExistentQueue;Sender"));
    assert!(sent.into_service_error().is_queue_does_not_exist());
    let received = client.receive_message().queue_url(&queue).send().await.unwrap_err();
    assert!(received.into_service_error().is_queue_does_not_exist());
    let deleted = client.delete_queue().queue_url(&queue).send().await.unwrap_err();
    assert!(deleted.into_service_error().is_queue_does_not_exist());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_type() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;

    let other = client.create_queue().queue_name("orders");
    let other = other.attributes(QueueAttributeName::VisibilityTimeout, "45").send().await.unwrap_err();
    assert!(other.into_service_error().is_queue_name_exists());

    let name = client.create_queue().queue_name("no queue!").send().await.unwrap_err();
    assert_eq!(name.code(), Some("InvalidParameterValue"));

    let unknown = client.set_queue_attributes().queue_url(&queue);
    let unknown = unknown.attributes(QueueAttributeName::from("Colour"), "blue").send().await.unwrap_err();
    assert!(unknown.into_service_error().is_invalid_attribute_name());
    let value = client.set_queue_attributes().queue_url(&queue);
    let value = value.attributes(QueueAttributeName::VisibilityTimeout, "-1").send().await.unwrap_err();
    assert!(value.into_service_error().is_invalid_attribute_value());

    let handle = client.delete_message().queue_url(&queue).receipt_handle("nonsense").send().await;
    assert!(handle.unwrap_err().into_service_error().is_receipt_handle_is_invalid());
    let many = client.receive_message().queue_url(&queue).max_number_of_messages(11).send().await;
    assert_eq!(many.unwrap_err().code(), Some("InvalidParameterValue"));

    let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body("1").build().unwrap();
    let batch = |ids: Vec<String>| {
        let entries = ids.iter().map(|id| entry(id)).collect();
        client.send_message_batch().queue_url(&queue).set_entries(Some(entries)).send()
    };
    let none = batch(Vec::new()).await.unwrap_err().into_service_error();
    assert!(none.is_empty_batch_request(), "{none:?}");
    let twice = batch(vec!["same".to_owned(); 2]).await.unwrap_err().into_service_error();
    assert!(twice.is_batch_entry_ids_not_distinct(), "{twice:?}");
    let eleven = (0..11).map(|id| id.to_string()).collect();
    let eleven = batch(eleven).await.unwrap_err().into_service_error();
    assert!(eleven.is_too_many_entries_in_batch_request(), "{eleven:?}");

    let missing = client.list_message_move_tasks().source_arn("arn:aws:sqs:us-east-1:000000000000:nobody");
    assert!(missing.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    // None of this did anything.
    assert_eq!(attribute(&client, &queue, QueueAttributeName::ApproximateNumberOfMessages).await, "0");
}
