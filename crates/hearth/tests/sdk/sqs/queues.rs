//! Queues' life, and what is told about them.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;

use super::{attribute, create, send};
use crate::hearth::Hearth;

#[tokio::test(flavor = "multi_thread")]
async fn from_create_to_delete() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", [(QueueAttributeName::VisibilityTimeout, "45")]).await;
    assert_eq!(queue, format!("http://{}/000000000000/orders", hearth.address()));
    let found = client.get_queue_url().queue_name("orders").send().await.unwrap();
    assert_eq!(found.queue_url(), Some(&*queue));
    let arn = attribute(&client, &queue, QueueAttributeName::QueueArn).await;
    assert_eq!(arn, "arn:aws:sqs:us-east-1:000000000000:orders");

    let change = client.set_queue_attributes().queue_url(&queue);
    change.attributes(QueueAttributeName::VisibilityTimeout, "60").send().await.unwrap();
    let all = client.get_queue_attributes().queue_url(&queue).attribute_names(QueueAttributeName::All);
    let all = all.send().await.unwrap().attributes.unwrap();
    assert_eq!(all[&QueueAttributeName::VisibilityTimeout], "60");
    assert_eq!(all[&QueueAttributeName::MessageRetentionPeriod], "345600");

    client.delete_queue().queue_url(&queue).send().await.unwrap();
    let gone = client.get_queue_url().queue_name("orders").send().await.unwrap_err();
    assert!(gone.into_service_error().is_queue_does_not_exist());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_in_pages() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let mut created = Vec::new();
    for number in 0..5 {
        created.push(create(&client, &format!("orders-{number}"), []).await);
    }
    create(&client, "other", []).await;
    let list = client.list_queues().queue_name_prefix("orders").max_results(2);
    let mut pages = list.into_paginator().send();
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await {
        listed.push(page.unwrap().queue_urls.unwrap());
    }
    assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(listed.concat(), created);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_permissions() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;
    let tag = client.tag_queue().queue_url(&queue).tags("team", "blue").tags("stage", "test");
    tag.send().await.unwrap();
    client.untag_queue().queue_url(&queue).tag_keys("stage").send().await.unwrap();
    let tags = client.list_queue_tags().queue_url(&queue).send().await.unwrap().tags.unwrap();
    assert_eq!(tags, HashMap::from([("team".to_owned(), "blue".to_owned())]));

    let permission = client.add_permission().queue_url(&queue).label("senders").actions("SendMessage");
    permission.aws_account_ids("111111111111").send().await.unwrap();
    let policy = attribute(&client, &queue, QueueAttributeName::Policy).await;
    assert!(policy.contains("senders") && policy.contains("111111111111"), "{policy}");
    client.remove_permission().queue_url(&queue).label("senders").send().await.unwrap();
    let removed = client.remove_permission().queue_url(&queue).label("senders").send().await.unwrap_err();
    assert_eq!(removed.into_service_error().meta().code(), Some("InvalidParameterValue"));
}

#[tokio::test(flavor = "multi_thread")]
async fn purging_leaves_nothing() {
    let hearth = Hearth::start().await;
    let client = hearth.sqs();
    let queue = create(&client, "orders", []).await;
    send(&client, &queue, "one").await;
    client.purge_queue().queue_url(&queue).send().await.unwrap();
    let left = attribute(&client, &queue, QueueAttributeName::ApproximateNumberOfMessages).await;
    assert_eq!(left, "0");
    let again = client.purge_queue().queue_url(&queue).send().await.unwrap_err().into_service_error();
    assert!(again.is_purge_queue_in_progress(), "{again:?}");
}
