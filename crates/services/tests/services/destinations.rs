//! What asynchronous invocations tell to queues: records and dead letters.

use hearth_model::sqs::QueueAddress;
use hearth_services::{
    lambda::{AsynchronousChange, Refusal, SettingsChange},
    sqs::{AttributeMap, AttributeValue, ReceiveRequest, ReceivedMessage},
};
use serde_json::{Value, json};

use crate::world::{World, arn, here};

const HOUR: u64 = 60 * 60;

impl World {
    /// Creates a queue; returns its ARN.
    fn create_queue(&self, name: &str) -> String {
        let queues = self.services.queues();
        let attributes = AttributeMap::new();
        queues.create_queue(&here(), name, &attributes, Default::default()).expect("a queue").to_string()
    }

    /// The messages of a queue, ten at most, with all their attributes; they are not seen again.
    async fn messages(&self, name: &str) -> Vec<ReceivedMessage> {
        let all = vec!["All".to_owned()];
        let request = ReceiveRequest {
            maximum: Some(10),
            visibility_timeout_s: Some(43_200),
            system_attribute_names: all.clone(),
            attribute_names: all,
            ..ReceiveRequest::default()
        };
        self.services.queues().receive(&address(name), request).await.expect("messages")
    }

    /// Gives a function, which becomes a new one thereby, a dead-letter queue.
    async fn set_dead_letter(&self, function: &str, arn: &str) -> Result<(), Refusal> {
        let change = SettingsChange { dead_letter: Some(arn.to_owned()), ..SettingsChange::default() };
        self.functions().update_configuration(&here(), function, None, change).await.map(drop)
    }
}

fn address(queue: &str) -> QueueAddress {
    QueueAddress::parse_arn(&format!("arn:aws:sqs:us-east-1:000000000000:{queue}")).expect("an ARN")
}

fn json_of(message: &ReceivedMessage) -> Value {
    serde_json::from_str(message.body()).expect("a record is JSON")
}

/// Name, type and value of a message's attributes.
fn attributes(message: &ReceivedMessage) -> Vec<(&str, &str, &str)> {
    message.attributes().map(|one| (&*one.name, &*one.data_type, text(&one.value))).collect()
}

fn text(value: &AttributeValue) -> &str {
    match value {
        AttributeValue::Text(text) => text,
        AttributeValue::Binary(_) => panic!("a text"),
    }
}

#[tokio::test]
async fn records_go_to_queues() {
    let world = World::new();
    let orders = world.deploy("orders", None).await;
    let queue = Some(world.create_queue("told"));
    let change = AsynchronousChange {
        maximum_retry_attempts: Some(0),
        on_success: queue.clone(),
        on_failure: queue,
        ..AsynchronousChange::default()
    };
    world.functions().configure_asynchronous(&here(), "orders", None, &change).expect("it is configured");
    let (good, bad) = (world.send("orders", "echo 1"), world.send("orders", "fail Oops"));
    world.advance(1).await;
    let messages = world.messages("told").await;
    let records: Vec<_> = messages.iter().map(json_of).collect();
    let expected = json!({
        "version": "1.0",
        "timestamp": "2024-03-04T17:22:38.000Z",
        "requestContext": {
            "requestId": good.to_string(),
            "functionArn": format!("{}:$LATEST", arn("orders")),
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": "echo 1",
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": 1,
    });
    assert_eq!((records.len(), &records[0]), (2, &expected));
    assert_eq!(records[1]["requestContext"]["requestId"], bad.to_string());
    assert_eq!(records[1]["requestContext"]["condition"], "RetriesExhausted");
    let system: Vec<_> = messages[0].system_attributes().collect();
    let trace = system.iter().find(|(name, _)| *name == "AWSTraceHeader").expect("a trace header");
    assert!(trace.1.starts_with("Root=1-65e60"), "{}", trace.1);
    assert_eq!(attributes(&messages[0]), []);

    world.services.queues().delete_queue(&address("told")).expect("it is deleted");
    world.send("orders", "echo 1");
    world.advance(1).await;
    assert_eq!(orders.metrics().destination_failures, 1);
}

#[tokio::test]
async fn an_event_that_failed_lies_in_the_dead_letter_queue() {
    let world = World::new();
    let orders = world.deploy("orders", None).await;
    let (dead, told) = (world.create_queue("dead"), world.create_queue("told"));
    world.set_dead_letter("orders", &dead).await.expect("it is set");
    let change = AsynchronousChange { on_failure: Some(told), ..AsynchronousChange::default() };
    world.functions().configure_asynchronous(&here(), "orders", None, &change).expect("it is configured");
    let id = world.send("orders", "fail Oops");
    world.advance(179).await;
    assert!(world.messages("dead").await.is_empty());
    world.advance(1).await;
    let [letter] = &world.messages("dead").await[..] else { panic!("one dead letter") };
    assert_eq!(letter.body(), "\"fail Oops\"");
    let id = id.to_string();
    let expected = [
        ("ErrorCode", "Number", "200"),
        ("ErrorMessage", "String", "it failed"),
        ("RequestID", "String", &id),
    ];
    assert_eq!(attributes(letter), expected);
    // Who is told of failures is told too.
    let [record] = &world.messages("told").await[..] else { panic!("one record") };
    assert_eq!(json_of(record)["requestContext"]["requestId"], id);

    // Turned off, it is not tried at all.
    world.functions().reserve(&here(), "orders", Some(0)).expect("it is turned off");
    world.send("orders", "echo 1");
    world.services.engine().work().idle().await;
    let [letter] = &world.messages("dead").await[..] else { panic!("one dead letter") };
    let names: Vec<_> = attributes(letter).into_iter().map(|(name, ..)| name).collect();
    assert_eq!((letter.body(), names), ("\"echo 1\"", vec!["ErrorMessage", "RequestID"]));

    world.services.queues().delete_queue(&address("dead")).expect("it is deleted");
    world.send("orders", "echo 1");
    world.services.engine().work().idle().await;
    assert_eq!(orders.metrics().dead_letter_failures, 1);
}

#[tokio::test]
async fn a_dead_letter_queue_belongs_to_a_version_and_an_alias_follows() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.set_dead_letter("orders", &world.create_queue("first")).await.expect("it is set");
    world.publish("orders", "live");
    world.set_dead_letter("orders", &world.create_queue("second")).await.expect("it is set");
    let check = async |name: &str, first: usize, second: usize| {
        world.send(name, "fail Oops");
        world.advance(HOUR).await;
        let found = (world.messages("first").await.len(), world.messages("second").await.len());
        assert_eq!(found, (first, second), "{name}");
    };
    check("orders", 0, 1).await;
    check("orders:1", 1, 0).await;
    check("orders:live", 1, 0).await;
    // It matters where the alias points to at the end.
    world.send("orders:live", "fail Oops");
    world.advance(90).await;
    world.point("orders", "live", "$LATEST");
    world.advance(HOUR).await;
    assert_eq!((world.messages("first").await.len(), world.messages("second").await.len()), (0, 1));
    world.set_dead_letter("orders", "").await.expect("it is taken away");
    check("orders:live", 0, 0).await;
    check("orders:1", 1, 0).await;
}

#[tokio::test]
async fn what_takes_nothing_is_no_dead_letter_queue() {
    let world = World::new();
    world.deploy("orders", None).await;
    let check = async |arn: &str, reason: &str| {
        let refused = world.set_dead_letter("orders", arn).await.expect_err(arn);
        assert_eq!(
            refused,
            Refusal::InvalidParameter(format!("Invalid dead letter queue ARN: {reason}").into())
        );
    };
    let missing = "arn:aws:sqs:us-east-1:000000000000:missing";
    check(missing, &format!("there is no queue {missing}: create it first.")).await;
    let elsewhere = "The resource specified by the TargetArn must be in the same region as the Lambda function it's \
                     associated with.";
    check("arn:aws:sqs:eu-west-1:000000000000:missing", elsewhere).await;
    let change = AsynchronousChange { on_failure: Some(missing.to_owned()), ..AsynchronousChange::default() };
    let refused = world.functions().configure_asynchronous(&here(), "orders", None, &change);
    let message = format!("The destination ARN {missing} is invalid.");
    assert_eq!(refused, Err(Refusal::InvalidParameter(message.into())));
}
