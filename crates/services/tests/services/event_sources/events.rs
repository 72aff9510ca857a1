//! What functions get, and when.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_services::{
    lambda::MappingChange,
    sqs::{GivenAttribute, SendRequest},
};
use serde_json::{Value, json};

use super::world::bodies;
use crate::world::World;

fn window(seconds: i64) -> MappingChange {
    MappingChange { window_s: Some(seconds), ..MappingChange::default() }
}

fn filter(pattern: &Value) -> MappingChange {
    MappingChange { filters: Some(vec![Some(pattern.to_string())]), ..MappingChange::default() }
}

#[tokio::test]
async fn an_event_is_that_of_aws() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    world.map(&queue, "orders", MappingChange::default());
    world.advance(5).await;
    let request = SendRequest::text(r#"{"foo":"bar"}"#);
    world.send_message(&queue, request.with_attribute("WeeksOn", "Number", "6"));
    world.message(&queue, "second").await;
    let events = world.events("orders");
    let records: Vec<&Value> =
        events.iter().flat_map(|event| event["Records"].as_array().expect("an array")).collect();
    let receipt = records[0]["receiptHandle"].as_str().expect("a text");
    assert!(BASE64_STANDARD.decode(receipt).is_ok());
    let expected = json!({
        "messageId": records[0]["messageId"],
        "receiptHandle": receipt,
        "body": r#"{"foo":"bar"}"#,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1709572963000",
            "SenderId": "000000000000",
            "ApproximateFirstReceiveTimestamp": "1709572963000",
        },
        "messageAttributes": {
            "WeeksOn": {"stringValue": "6", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
        },
        "md5OfMessageAttributes": records[0]["md5OfMessageAttributes"],
        "md5OfBody": "9bb58f26192e4ba00f01e2e7b136bbd8",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders",
        "awsRegion": "us-east-1",
    });
    assert_eq!(*records[0], expected);
    assert_eq!(records[0]["md5OfMessageAttributes"].as_str().map(str::len), Some(32));
    assert_eq!(records[1]["messageAttributes"], json!({}));
    assert_eq!(records[1].get("md5OfMessageAttributes"), None);
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn fields_are_in_the_order_in_which_aws_writes_them() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders.fifo", [("FifoQueue", "true")]);
    world.map(&queue, "orders", MappingChange::default());
    world.group_message(&queue, "g", "d");
    world.settle().await;
    let handled = world.handled("orders");
    let event = std::str::from_utf8(&handled[0].event).expect("text");
    let fields = [
        "{\"Records\":[{\"messageId\":",
        "\"receiptHandle\":",
        "\"body\":\"d\"",
        "\"attributes\":",
        "\"ApproximateReceiveCount\":\"1\"",
        "\"SentTimestamp\":",
        "\"SequenceNumber\":\"18870",
        "\"MessageGroupId\":\"g\"",
        "\"SenderId\":",
        "\"MessageDeduplicationId\":\"d\"",
        "\"ApproximateFirstReceiveTimestamp\":",
        "\"messageAttributes\":{}",
        "\"md5OfBody\":",
        "\"eventSource\":",
        "\"eventSourceARN\":",
        "\"awsRegion\":\"us-east-1\"}]}",
    ];
    let mut rest = event;
    for field in fields {
        let at = rest.find(field).unwrap_or_else(|| panic!("{field} comes after others in {event}"));
        rest = &rest[at + field.len()..];
    }
    assert_eq!(rest, "");
}

#[tokio::test]
async fn a_window_gathers_messages() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    world.map(&queue, "orders", MappingChange { batch_size: Some(100), ..window(2) });
    for body in ["1", "2", "3"] {
        world.message(&queue, body).await;
    }
    assert_eq!(world.counts(&queue), [0, 3]);
    world.advance(2).await;
    world.settle().await;
    let events = world.events("orders");
    assert_eq!(events.iter().map(bodies).collect::<Vec<_>>(), [["1", "2", "3"]]);
    // With a window, AWS writes what there is not.
    assert_eq!(events[0]["Records"][0].get("md5OfMessageAttributes"), Some(&Value::Null));
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn batches_are_as_large_as_is_asked_for() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    let many: Vec<String> = (0..30).map(|number| number.to_string()).collect();
    for body in &many {
        world.send_message(&queue, SendRequest::text(body));
    }
    world.map(&queue, "orders", MappingChange { batch_size: Some(20), ..window(1) });
    world.advance(1).await;
    world.settle().await;
    assert_eq!(world.batches("orders").concat(), many);
    assert_eq!(world.counts(&queue), [0, 0]);
}

#[tokio::test]
async fn what_is_filtered_out_is_deleted() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    let mapping = world.map(&queue, "orders", filter(&json!({"body": {"n": [{"numeric": [">", 100]}]}})));
    let (large, small) = (r#"{"n": 105}"#, r#"{"n": 5}"#);
    world.send_messages(&queue, [small, large, "this is a test string"]).await;
    assert_eq!(world.batches("orders"), [[large]]);
    assert_eq!(world.counts(&queue), [0, 0]);
    world.change(&mapping, filter(&json!({"body": [{"prefix": "this"}]})));
    world.send_messages(&queue, [large, "this is a test string"]).await;
    assert_eq!(world.batches("orders"), [["this is a test string"]]);
    world.change(&mapping, MappingChange { filters: Some(Vec::new()), ..MappingChange::default() });
    world.send_messages(&queue, [small]).await;
    assert_eq!(world.batches("orders"), [[small]]);
}

#[tokio::test]
async fn dead_letters_and_binary_attributes_are_told() {
    let world = World::new();
    world.deploy("failing", None).await;
    world.deploy("letters", None).await;
    world.obey_bodies();
    let [queue, letters] = world.queue_with_dead_letters("orders", 1);
    world.map(&queue, "failing", MappingChange::default());
    world.map(&letters, "letters", MappingChange::default());
    let raw = GivenAttribute {
        data_type: Some("Binary".to_owned()),
        text: None,
        binary: Some(Bytes::from_static(&[1, 2, 3])),
    };
    let attributes = [("Raw".to_owned(), raw)].into();
    let request = SendRequest { attributes, ..SendRequest::text("exit 0") };
    world.send_message(&queue, request);
    world.settle().await;
    assert_eq!(world.events("failing").len(), 1);
    world.advance(30).await;
    world.settle().await;
    let events = world.events("letters");
    let record = &events[0]["Records"][0];
    assert_eq!(record["attributes"]["DeadLetterQueueSourceArn"], queue.to_string());
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "2");
    let attribute = json!({
        "binaryValue": "AQID", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"
    });
    assert_eq!(record["messageAttributes"]["Raw"], attribute);
}
