//! What happens in a bucket invokes functions and is told to queues.

use aws_sdk_lambda::types::{DestinationConfig, OnSuccess};
use aws_sdk_s3::{
    Client,
    operation::put_bucket_notification_configuration::PutBucketNotificationConfigurationError,
    types::{
        Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
        NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
        TopicConfiguration,
    },
};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;

use super::{BUCKET, code, put, text, with_bucket};
use crate::{
    lambda::deploy,
    sqs::{attribute, create, receive},
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:listener";

fn below(prefix: &str) -> NotificationConfigurationFilter {
    let rule = FilterRule::builder().name(FilterRuleName::Prefix).value(prefix).build();
    NotificationConfigurationFilter::builder().key(S3KeyFilter::builder().filter_rules(rule).build()).build()
}

fn to_queue(arn: &str) -> NotificationConfiguration {
    let rule = QueueConfiguration::builder().id("all").queue_arn(arn).events(Event::S3ObjectCreated);
    let rule = rule.events(Event::S3ObjectRemovedDelete).filter(below("in/")).build().unwrap();
    NotificationConfiguration::builder().queue_configurations(rule).build()
}

async fn set(
    client: &Client,
    rules: NotificationConfiguration,
) -> Result<(), aws_sdk_s3::error::SdkError<PutBucketNotificationConfigurationError>> {
    let request = client.put_bucket_notification_configuration().bucket(BUCKET);
    request.notification_configuration(rules).send().await.map(drop)
}

/// What a queue got, as JSON.
async fn told(client: &aws_sdk_sqs::Client, queue: &str, count: usize) -> Vec<Value> {
    let mut told = Vec::new();
    while told.len() < count {
        let messages = receive(client, queue, 20).await;
        assert_ne!(messages, [], "after {told:?}");
        told.extend(messages.iter().map(|message| serde_json::from_str(message.body().unwrap()).unwrap()));
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_told() {
    let (hearth, client) = with_bucket().await;
    let sqs = hearth.sqs();
    let queue = create(&sqs, "events", []).await;
    let arn = attribute(&sqs, &queue, QueueAttributeName::QueueArn).await;
    set(&client, to_queue(&arn)).await.unwrap();
    let shown = client.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap();
    let rule = &shown.queue_configurations()[0];
    assert_eq!((rule.id(), rule.queue_arn()), (Some("all"), &*arn));
    assert_eq!(rule.events(), [Event::S3ObjectCreated, Event::S3ObjectRemovedDelete]);

    put(&client, "out/a", text("x")).await;
    put(&client, "in/red flower.jpg", text("hello")).await;
    client.delete_object().bucket(BUCKET).key("in/red flower.jpg").send().await.unwrap();
    let told = told(&sqs, &queue, 3).await;
    assert_eq!((&told[0]["Event"], &told[0]["Bucket"]), (&"s3:TestEvent".into(), &BUCKET.into()));
    let (created, removed) = (&told[1]["Records"][0], &told[2]["Records"][0]);
    assert_eq!(created["eventName"], "ObjectCreated:Put");
    assert_eq!(created["s3"]["bucket"]["arn"], "arn:aws:s3:::uploads");
    assert_eq!(created["s3"]["configurationId"], "all");
    assert_eq!(created["s3"]["object"]["key"], "in/red+flower.jpg");
    assert_eq!(created["s3"]["object"]["size"], 5);
    assert_eq!(created["s3"]["object"]["eTag"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(removed["eventName"], "ObjectRemoved:Delete");
    assert_eq!(removed["s3"]["object"].get("size"), None);
    assert!(removed["s3"]["object"]["sequencer"].as_str() > created["s3"]["object"]["sequencer"].as_str());

    set(&client, NotificationConfiguration::builder().build()).await.unwrap();
    let shown = client.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap();
    assert!(shown.queue_configurations().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_invoked() {
    let (hearth, client) = with_bucket().await;
    let (lambda, sqs) = (hearth.lambda(), hearth.sqs());
    deploy(&lambda, "listener", "echo").await;
    let rule = LambdaFunctionConfiguration::builder().id("f").lambda_function_arn(FUNCTION);
    let rule = rule.events(Event::S3ObjectCreatedPut).build().unwrap();
    let rules = NotificationConfiguration::builder().lambda_function_configurations(rule).build();
    let refused = set(&client, rules.clone()).await;
    assert_eq!(code(refused), "InvalidArgument", "the function's policy does not let the bucket in");
    let permission = lambda.add_permission().function_name("listener").statement_id("s3");
    let permission = permission.action("lambda:InvokeFunction").principal("s3.amazonaws.com");
    permission.source_arn("arn:aws:s3:::uploads").send().await.unwrap();
    set(&client, rules).await.unwrap();

    // What the function returns is what it got.
    let queue = create(&sqs, "results", []).await;
    let arn = attribute(&sqs, &queue, QueueAttributeName::QueueArn).await;
    let destination = DestinationConfig::builder();
    let destination = destination.on_success(OnSuccess::builder().destination(arn).build()).build();
    let config = lambda.put_function_event_invoke_config().function_name("listener");
    config.destination_config(destination).send().await.unwrap();
    put(&client, "a b", text("hello")).await;
    let result = told(&sqs, &queue, 1).await.remove(0);
    let record = &result["responsePayload"]["Records"][0];
    assert_eq!(
        (&record["eventName"], &record["s3"]["object"]["key"]),
        (&"ObjectCreated:Put".into(), &"a+b".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_checked() {
    let (hearth, client) = with_bucket().await;
    let nobody = "arn:aws:sqs:us-east-1:000000000000:nobody";
    assert_eq!(code(set(&client, to_queue(nobody)).await), "InvalidArgument");
    assert_eq!(code(set(&client, to_queue("nonsense")).await), "InvalidArgument");
    let skip =
        client.put_bucket_notification_configuration().bucket(BUCKET).skip_destination_validation(true);
    skip.notification_configuration(to_queue(nobody)).send().await.unwrap();

    let sqs = hearth.sqs();
    let queue = create(&sqs, "events", []).await;
    let arn = attribute(&sqs, &queue, QueueAttributeName::QueueArn).await;
    let rule = |id: &str, prefix: &str| {
        let rule = QueueConfiguration::builder().id(id).queue_arn(&arn).events(Event::S3ObjectCreated);
        rule.filter(below(prefix)).build().unwrap()
    };
    let both = |first, second| {
        NotificationConfiguration::builder().queue_configurations(first).queue_configurations(second).build()
    };
    assert_eq!(code(set(&client, both(rule("1", "in/"), rule("2", "in/a"))).await), "InvalidArgument");
    assert_eq!(code(set(&client, both(rule("1", "in/"), rule("1", "out/"))).await), "InvalidArgument");
    set(&client, both(rule("1", "in/"), rule("2", "out/"))).await.unwrap();

    let topic = TopicConfiguration::builder().topic_arn("arn:aws:sns:us-east-1:000000000000:t");
    let topic = topic.events(Event::S3ObjectCreated).build().unwrap();
    let topics = NotificationConfiguration::builder().topic_configurations(topic).build();
    assert_eq!(code(set(&client, topics).await), "NotImplemented");
    let bus = EventBridgeConfiguration::builder().build();
    let bus = NotificationConfiguration::builder().event_bridge_configuration(bus).build();
    assert_eq!(code(set(&client, bus).await), "NotImplemented");
}
