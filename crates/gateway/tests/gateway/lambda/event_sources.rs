//! Event source mappings on the wire.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::{
    identity::{AccountId, Partition},
    sqs::QueueAddress,
};
use hearth_services::sqs::{AttributeMap, SendRequest};
use serde_json::{Value, json};

use super::ARN;
use crate::world::World;

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";
const INVALID: &str = "InvalidParameterValueException";
const VALIDATION: &str = "ValidationException";
const NOT_FOUND: &str = "ResourceNotFoundException";

impl World {
    /// The function and the queue `orders`.
    async fn mappable() -> (Self, QueueAddress) {
        let world = Self::new().await;
        world.create_orders().await;
        let (attributes, tags) = (AttributeMap::new(), BTreeMap::new());
        let queues = world.services.queues();
        let queue = queues.create_queue(&Partition::default(), "orders", &attributes, tags);
        (world, queue.expect("a queue"))
    }

    /// Maps the queue to the function; returns the answer.
    async fn map(&self, changes: &Value) -> Value {
        let answer = self.call(&format!("POST {MAPPINGS}"), &mapping(changes)).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.json()
    }

    async fn map_refused(&self, changes: &Value, code: &str, message: &str) {
        self.refused(&format!("POST {MAPPINGS}/"), &mapping(changes), 400, code, message).await;
    }
}

/// What maps the queue to the function, with changes on top.
fn mapping(changes: &Value) -> Value {
    let mut document = json!({"FunctionName": "orders", "EventSourceArn": QUEUE});
    let members = document.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    document
}

#[tokio::test]
async fn a_mapping_is_created_read_updated_and_deleted() {
    let (world, _) = World::mappable().await;
    world.engine.clock().advance(Duration::from_millis(1_500)).await;
    let created = world.map(&json!({})).await;
    let id = created["UUID"].as_str().expect("an identifier").to_owned();
    let document = |state: &str, size: u32| {
        json!({
            "UUID": id,
            "BatchSize": size,
            "EventSourceArn": QUEUE,
            "EventSourceMappingArn": format!("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{id}"),
            "FunctionArn": ARN,
            "FunctionResponseTypes": [],
            "LastModified": 1.5,
            "MaximumBatchingWindowInSeconds": 0,
            "State": state,
            "StateTransitionReason": "USER_INITIATED",
        })
    };
    assert_eq!(created, document("Creating", 10));
    let path = format!("{MAPPINGS}/{id}");
    assert_eq!(world.read(&path).await, document("Enabled", 10));
    let updated = world.call(&format!("PUT {path}"), &json!({"BatchSize": 5})).await;
    assert_eq!((updated.status, updated.json()), (202, document("Updating", 5)));
    let disabled = world.call(&format!("PUT {path}"), &json!({"Enabled": false})).await;
    assert_eq!(disabled.json(), document("Disabling", 5));
    assert_eq!(world.read(&path).await, document("Disabled", 5));
    let listed = world.read(&format!("{MAPPINGS}?FunctionName=orders&EventSourceArn={QUEUE}")).await;
    assert_eq!(listed, json!({"EventSourceMappings": [document("Disabled", 5)]}));
    let deleted = world.call(&format!("DELETE {path}"), &Value::Null).await;
    assert_eq!((deleted.status, deleted.json()), (202, document("Deleting", 5)));
    let message = "The resource you requested does not exist.";
    for method in ["GET", "PUT", "DELETE"] {
        world.refused(&format!("{method} {path}"), &json!({}), 404, NOT_FOUND, message).await;
    }
    assert_eq!(world.read(&format!("{MAPPINGS}/")).await, json!({"EventSourceMappings": []}));
}

#[tokio::test]
async fn everything_that_is_set_is_told() {
    let (world, _) = World::mappable().await;
    let settings = json!({
        "BatchSize": 20,
        "MaximumBatchingWindowInSeconds": 1,
        "FilterCriteria": {"Filters": [{"Pattern": r#"{"body": {"a": [1]}}"#}, {"Pattern": r#"{"body": ["b"]}"#}]},
        "ScalingConfig": {"MaximumConcurrency": 2},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1",
    });
    let mut changes = settings.clone();
    let members = changes.as_object_mut().expect("an object");
    members.extend([("Enabled".to_owned(), json!(false)), ("Tags".to_owned(), json!({"a": "1"}))]);
    let created = world.map(&changes).await;
    assert_eq!(created["State"], "Disabled");
    for (name, value) in settings.as_object().expect("an object") {
        assert_eq!(created[name], *value, "{name}");
    }
    let arn = created["EventSourceMappingArn"].as_str().expect("an ARN");
    let tags = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    assert_eq!(world.read(&tags).await, json!({"Tags": {"a": "1"}}));
    assert_eq!(world.call(&format!("POST {tags}"), &json!({"Tags": {"b": "2"}})).await.status, 204);
    assert_eq!(world.call(&format!("DELETE {tags}?tagKeys=a"), &Value::Null).await.status, 204);
    assert_eq!(world.read(&tags).await, json!({"Tags": {"b": "2"}}));

    let path = format!("{MAPPINGS}/{}", created["UUID"].as_str().expect("an identifier"));
    let emptied =
        json!({"FilterCriteria": {}, "ScalingConfig": {}, "FunctionResponseTypes": [], "Enabled": true});
    let updated = world.call(&format!("PUT {path}"), &emptied).await.json();
    assert_eq!((&updated["State"], &updated["FunctionResponseTypes"]), (&json!("Enabling"), &json!([])));
    assert!(updated.get("FilterCriteria").is_none() && updated.get("ScalingConfig").is_none());
    let pollers = json!({"ProvisionedPollerConfig": {"MinimumPollers": 2, "MaximumPollers": 4}});
    let updated = world.call(&format!("PUT {path}"), &pollers).await.json();
    assert_eq!(updated["ProvisionedPollerConfig"], pollers["ProvisionedPollerConfig"]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let (world, _) = World::mappable().await;
    let window =
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    world.map_refused(&json!({"BatchSize": 15}), INVALID, window).await;
    let missing = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
                   Message: The specified queue does not exist.";
    world.map_refused(&json!({"EventSourceArn": format!("{QUEUE}2")}), INVALID, missing).await;
    for pattern in ["null", "\"simple string\"", r#"{"eventSource": "aws:sqs"}"#, r#"{"eventSource": []}"#] {
        let filters = json!({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}});
        world.map_refused(&filters, INVALID, "Invalid filter pattern definition.").await;
    }
    let message = "Unsupported DestinationConfig parameter for given event source mapping type.";
    let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}});
    world.map_refused(&destination, INVALID, message).await;
    let message = "Unsupported TumblingWindowInSeconds parameter for given event source mapping type.";
    world.map_refused(&json!({"TumblingWindowInSeconds": 5}), INVALID, message).await;
    let position = json!({"StartingPosition": "LATEST", "StartingPositionTimestamp": 1});
    world.map_refused(&position, INVALID, "StartingPosition is not valid for SQS event sources.").await;
    let metrics = json!({"MetricsConfig": {"Metrics": ["EventCount"]}});
    let message =
        "`MetricsConfig` is not part of Hearth: leave it out, or give it the value that it has by default";
    world.map_refused(&metrics, INVALID, message).await;
    let message = "1 validation error detected: Value '1' at 'scalingConfig.maximumConcurrency' failed to satisfy \
                   constraint: Member must have value greater than or equal to 2";
    world.map_refused(&json!({"ScalingConfig": {"MaximumConcurrency": 1}}), VALIDATION, message).await;
    // What tools send for what their users did not set is nothing.
    let nothing = json!({"DestinationConfig": {}, "SourceAccessConfigurations": [], "BisectBatchOnFunctionError": false});
    let created = world.map(&nothing).await;
    let message = format!(
        "An event source mapping with SQS arn (\" {QUEUE} \") and function (\" orders \") already exists. Please update or \
         delete the existing mapping with UUID {}",
        created["UUID"].as_str().expect("an identifier")
    );
    let line = format!("POST {MAPPINGS}");
    world.refused(&line, &mapping(&json!({})), 409, "ResourceConflictException", &message).await;
}

#[tokio::test]
async fn messages_become_invocations() {
    let (world, queue) = World::mappable().await;
    world.map(&json!({})).await;
    let sent = world.services.queues().send(&queue, AccountId::DEFAULT, SendRequest::text("hello"));
    let id = sent.expect("it is sent").message_id.to_string();
    world.engine.work().idle().await;
    let history = world.read("/_hearth/timeline").await.to_string();
    assert!(history.contains("\"event\":\"ended\""), "{history}");
    let counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"].map(str::to_owned);
    let left = world.services.queues().attributes(&queue, &counts).expect("attributes");
    assert!(left.values().all(|count| count == "0"), "{id} is left: {left:?}");
}
