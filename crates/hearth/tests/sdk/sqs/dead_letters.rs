//! Messages that nobody could process, and their way back.

use aws_sdk_sqs::{
    error::ProvideErrorMetadata,
    types::{MessageSystemAttributeName, QueueAttributeName},
};

use super::{attribute, bodies, create, receive, redrive, send};
use crate::hearth::Hearth;

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_again() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let letters = create(&client, "letters", []).await;
    let letters_arn = attribute(&client, &letters, QueueAttributeName::QueueArn).await;
    let attributes = [
        (QueueAttributeName::RedrivePolicy, &*redrive(&letters_arn, 1)),
        (QueueAttributeName::VisibilityTimeout, "0"),
    ];
    let queue = create(&client, "orders", attributes).await;
    let sources = client.list_dead_letter_source_queues().queue_url(&letters).send().await.unwrap();
    assert_eq!(sources.queue_urls(), [&*queue]);

    send(&client, &queue, "poison").await;
    assert_eq!(bodies(&receive(&client, &queue, 0).await), ["poison"]);
    assert_eq!(receive(&client, &queue, 0).await, []);
    let hide = client.receive_message().queue_url(&letters).visibility_timeout(0);
    let hide = hide.message_system_attribute_names(MessageSystemAttributeName::All);
    let letter = hide.send().await.unwrap().messages.unwrap().swap_remove(0);
    let source = &letter.attributes().unwrap()[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:orders");

    let task = client.start_message_move_task().source_arn(&letters_arn).send().await.unwrap();
    assert!(task.task_handle().is_some());
    assert_eq!(bodies(&receive(&client, &queue, 20).await), ["poison"]);
    let tasks = client.list_message_move_tasks().source_arn(&letters_arn).send().await.unwrap();
    let [moved] = tasks.results() else { panic!("{tasks:?}") };
    assert_eq!((moved.source_arn(), moved.destination_arn()), (Some(&*letters_arn), None));
    assert_eq!((moved.status(), moved.approximate_number_of_messages_moved()), (Some("COMPLETED"), 1));
    let over = client.cancel_message_move_task().task_handle(task.task_handle().unwrap()).send().await;
    assert_eq!(over.unwrap_err().message(), Some("Only active tasks can be cancelled."));
}
