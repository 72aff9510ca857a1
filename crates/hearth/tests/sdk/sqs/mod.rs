//! SQS: through the SDK, which speaks JSON, and in the older protocol, which it spoke before.

mod dead_letters;
mod errors;
mod fifo;
mod messages;
mod query;
mod queues;

use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};

/// Creates a queue; returns its URL.
pub(crate) async fn create<const N: usize>(
    client: &Client,
    name: &str,
    attributes: [(QueueAttributeName, &str); N],
) -> String {
    let mut request = client.create_queue().queue_name(name);
    for (attribute, value) in attributes {
        request = request.attributes(attribute, value);
    }
    request.send().await.unwrap().queue_url.unwrap()
}

pub(crate) async fn attribute(client: &Client, queue: &str, name: QueueAttributeName) -> String {
    let request = client.get_queue_attributes().queue_url(queue).attribute_names(name.clone());
    request.send().await.unwrap().attributes.unwrap().remove(&name).unwrap()
}

async fn send(client: &Client, queue: &str, body: &str) {
    client.send_message().queue_url(queue).message_body(body).send().await.unwrap();
}

/// Up to ten messages: what there is now, or whatever comes first.
pub(crate) async fn receive(client: &Client, queue: &str, wait_s: i32) -> Vec<Message> {
    let request = client.receive_message().queue_url(queue).max_number_of_messages(10);
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    request.wait_time_seconds(wait_s).send().await.unwrap().messages.unwrap_or_default()
}

async fn delete(client: &Client, queue: &str, message: &Message) {
    let handle = message.receipt_handle().unwrap();
    client.delete_message().queue_url(queue).receipt_handle(handle).send().await.unwrap();
}

pub(crate) fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

pub(crate) fn redrive(dead_letters: &str, receipts: u32) -> String {
    format!(r#"{{"deadLetterTargetArn":"{dead_letters}","maxReceiveCount":{receipts}}}"#)
}
