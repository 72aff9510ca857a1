//! From a queue to a function: event source mappings.

use aws_sdk_lambda::types::FunctionResponseType;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};

use crate::{
    hearth::Hearth,
    lambda::deploy,
    sqs::{attribute, bodies, create, receive, redrive},
};

const GOOD: &str = r#"{"id":"A-1","items":[{"sku":"tea","quantity":2,"unit_price_cents":450}]}"#;
const BAD: &str = r#"{"id":"A-2","items":[]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn good_orders_are_processed_and_bad_ones_end_as_dead_letters() {
    let hearth = Hearth::start().await;
    let (lambda, sqs) = (hearth.lambda(), hearth.sqs());
    deploy(&lambda, "orders", "orders").await;
    let letters = create(&sqs, "letters", []).await;
    let letters_arn = attribute(&sqs, &letters, QueueAttributeName::QueueArn).await;
    // As long as the function may take; a bad order is received once, and has to become visible again.
    let attributes = [
        (QueueAttributeName::RedrivePolicy, &*redrive(&letters_arn, 1)),
        (QueueAttributeName::VisibilityTimeout, "3"),
    ];
    let queue = create(&sqs, "orders", attributes).await;
    let queue_arn = attribute(&sqs, &queue, QueueAttributeName::QueueArn).await;
    let mapping = lambda.create_event_source_mapping().function_name("orders").event_source_arn(&queue_arn);
    let mapping = mapping.function_response_types(FunctionResponseType::ReportBatchItemFailures);
    let mapping = mapping.send().await.unwrap();
    assert_eq!((mapping.batch_size(), mapping.event_source_arn()), (Some(10), Some(&*queue_arn)));
    assert_eq!(mapping.function_arn(), Some("arn:aws:lambda:us-east-1:000000000000:function:orders"));

    let orders = [GOOD, BAD, GOOD, "tea"].into_iter().enumerate().map(|(id, order)| {
        SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(order).build().unwrap()
    });
    let sent = sqs.send_message_batch().queue_url(&queue).set_entries(Some(orders.collect()));
    assert_eq!(sent.send().await.unwrap().successful().len(), 4);

    let mut dead = Vec::new();
    while dead.len() < 2 {
        let received = receive(&sqs, &letters, 20).await;
        assert_ne!(received, [], "{dead:?}");
        dead.extend(received);
    }
    let mut dead = bodies(&dead);
    dead.sort_unstable();
    assert_eq!(dead, ["tea", BAD]);
    for count in [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ] {
        assert_eq!(attribute(&sqs, &queue, count).await, "0");
    }

    let uuid = mapping.uuid().unwrap();
    lambda.delete_event_source_mapping().uuid(uuid).send().await.unwrap();
    let gone = lambda.get_event_source_mapping().uuid(uuid).send().await.unwrap_err();
    assert!(gone.into_service_error().is_resource_not_found_exception());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_their_types() {
    let hearth = Hearth::start().await;
    let (lambda, sqs) = (hearth.lambda(), hearth.sqs());
    deploy(&lambda, "orders", "echo").await;
    let create_mapping =
        |arn: &str| lambda.create_event_source_mapping().function_name("orders").event_source_arn(arn);
    let short = create(&sqs, "short", [(QueueAttributeName::VisibilityTimeout, "2")]).await;
    let short = attribute(&sqs, &short, QueueAttributeName::QueueArn).await;
    let refused = create_mapping(&short).send().await.unwrap_err().into_service_error();
    assert!(refused.is_invalid_parameter_value_exception(), "{refused:?}");

    let queue = create(&sqs, "orders", []).await;
    let queue = attribute(&sqs, &queue, QueueAttributeName::QueueArn).await;
    let large = create_mapping(&queue).batch_size(11).send().await.unwrap_err().into_service_error();
    assert!(large.is_invalid_parameter_value_exception(), "{large:?}");
    create_mapping(&queue).send().await.unwrap();
    let twice = create_mapping(&queue).send().await.unwrap_err().into_service_error();
    assert!(twice.is_resource_conflict_exception(), "{twice:?}");
}
