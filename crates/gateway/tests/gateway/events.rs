//! EventBridge on the wire.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{client::Answer, world::World};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:ticks";
const RULE_ARN: &str = "arn:aws:events:us-east-1:000000000000:rule/tick";

impl World {
    async fn events(&self, operation: &str, document: &Value) -> Answer {
        self.target(&format!("AWSEvents.{operation}"), document).await
    }

    /// What an operation answers that is done.
    pub(crate) async fn event_done(&self, operation: &str, document: Value) -> Value {
        let answer = self.events(operation, &document).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    /// Makes a queue, `ticks`.
    pub(crate) async fn make_ticks(&self) {
        let created = self.target("AmazonSQS.CreateQueue", &json!({"QueueName": "ticks"})).await;
        assert_eq!(created.status, 200, "{}", created.body);
    }

    /// The bodies of the messages in `ticks`.
    pub(crate) async fn ticks(&self) -> Vec<String> {
        let url = "http://localhost/000000000000/ticks";
        let wanted = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 43_200});
        let received = self.target("AmazonSQS.ReceiveMessage", &wanted).await.json();
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["Body"].as_str().expect("a text").to_owned()).collect()
    }

    async fn event_refused(&self, operation: &str, document: Value) -> (u16, String, String) {
        let answer = self.events(operation, &document).await;
        let error = answer.json();
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (answer.status, text("__type"), text("message"))
    }
}

#[tokio::test]
async fn a_rule_as_it_is_recorded() {
    let world = World::new().await;
    for expression in
        ["rate(1 minute)", "cron(0 20 * * ? *)", "cron(15 10 ? * 6L 2002-2005)", "cron(0/5 5 ? JAN 1-5 2022)"]
    {
        let put =
            world.event_done("PutRule", json!({"Name": "tick", "ScheduleExpression": expression})).await;
        assert_eq!(put, json!({"RuleArn": RULE_ARN}));
        let listed = world.event_done("ListRules", json!({"NamePrefix": "ti"})).await;
        let rule = json!({
            "Arn": RULE_ARN,
            "EventBusName": "default",
            "Name": "tick",
            "ScheduleExpression": expression,
            "State": "ENABLED",
        });
        assert_eq!(listed, json!({"Rules": [rule]}));
    }
    let described = json!({
        "Name": "tick",
        "Arn": RULE_ARN,
        "EventPattern": "{\"source\":[\"shop\"]}",
        "State": "DISABLED",
        "Description": "what the shop says",
        "EventBusName": "default",
        "CreatedBy": "000000000000",
    });
    let new = json!({
        "Name": "tick",
        "EventPattern": "{\"source\":[\"shop\"]}",
        "State": "DISABLED",
        "Description": "what the shop says",
        "EventBusName": "default",
    });
    world.event_done("PutRule", new).await;
    assert_eq!(world.event_done("DescribeRule", json!({"Name": "tick"})).await, described);
    assert_eq!(world.event_done("EnableRule", json!({"Name": "tick"})).await, Value::Null);
    assert_eq!(world.event_done("DescribeRule", json!({"Name": "tick"})).await["State"], "ENABLED");
    world.event_done("DisableRule", json!({"Name": "tick"})).await;
    world.event_done("DeleteRule", json!({"Name": "tick"})).await;
    let missing = world.event_refused("DescribeRule", json!({"Name": "tick"})).await;
    let message = "Rule tick does not exist on EventBus default.".to_owned();
    assert_eq!(missing, (400, "ResourceNotFoundException".to_owned(), message));
}

#[tokio::test]
async fn targets_as_they_are_recorded() {
    let world = World::new().await;
    world.make_ticks().await;
    world.event_done("PutRule", json!({"Name": "tick", "ScheduleExpression": "rate(1 minute)"})).await;
    let target = json!({"Id": "one", "Arn": QUEUE, "Input": "{\"custom-value\":\"somecustominput\"}"});
    let none_failed = json!({"FailedEntryCount": 0, "FailedEntries": []});
    let put = world.event_done("PutTargets", json!({"Rule": "tick", "Targets": [target]})).await;
    assert_eq!(put, none_failed);
    let listed = world.event_done("ListTargetsByRule", json!({"Rule": "tick"})).await;
    assert_eq!(listed, json!({"Targets": [target]}));
    let names = world.event_done("ListRuleNamesByTarget", json!({"TargetArn": QUEUE})).await;
    assert_eq!(names, json!({"RuleNames": ["tick"]}));
    world.engine.clock().advance(Duration::from_mins(1)).await;
    assert_eq!(world.ticks().await, ["{\"custom-value\":\"somecustominput\"}"]);
    let whole = json!({
        "Id": "one",
        "Arn": QUEUE,
        "RoleArn": "arn:aws:iam::000000000000:role/events",
        "InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": "\"at <at>\""},
        "SqsParameters": {"MessageGroupId": "group"},
        "DeadLetterConfig": {"Arn": QUEUE},
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
    });
    world.event_done("PutTargets", json!({"Rule": "tick", "Targets": [whole]})).await;
    let listed = world.event_done("ListTargetsByRule", json!({"Rule": "tick"})).await;
    assert_eq!(listed, json!({"Targets": [whole]}));
    world.engine.clock().advance(Duration::from_mins(1)).await;
    assert_eq!(world.ticks().await, ["\"at 1970-01-01T00:02:00Z\""]);
    let removed = world.event_done("RemoveTargets", json!({"Rule": "tick", "Ids": ["one"]})).await;
    assert_eq!(removed, none_failed);
    assert_eq!(world.event_done("ListTargetsByRule", json!({"Rule": "tick"})).await, json!({"Targets": []}));
}

#[tokio::test]
async fn errors_have_the_codes_of_aws() {
    let world = World::new().await;
    let check = async |operation: &str, document: Value, code: &str, message: &str| {
        let refused = world.event_refused(operation, document).await;
        assert_eq!(refused, (400, code.to_owned(), message.to_owned()), "{operation}");
    };
    let bad = json!({"Name": "tick", "ScheduleExpression": "cron(0 1 * * * *)"});
    check("PutRule", bad, "ValidationException", "Parameter ScheduleExpression is not valid.").await;
    let custom = json!({"Name": "tick", "ScheduleExpression": "rate(1 minute)", "EventBusName": "custom"});
    let message = "ScheduleExpression is supported only on the default event bus.";
    check("PutRule", custom, "ValidationException", message).await;
    let pattern = json!({"Name": "tick", "EventPattern": "[]"});
    let message = "Event pattern is not valid. Reason: Filter is not an object";
    check("PutRule", pattern, "InvalidEventPatternException", message).await;
    world.event_done("PutRule", json!({"Name": "tick", "ScheduleExpression": "rate(1 minute)"})).await;
    let kinesis = json!({"Id": "one", "Arn": QUEUE, "KinesisParameters": {"PartitionKeyPath": "$.id"}});
    let message = "Parameter(s) KinesisParameters not supported for target: one. Hearth delivers to Lambda functions and \
                   SQS queues.";
    let put = json!({"Rule": "tick", "Targets": [kinesis]});
    check("PutTargets", put, "ValidationException", message).await;
    let bus = world.events("CreateEventBus", &json!({"Name": "custom"})).await;
    assert_eq!((bus.status, bus.json()["__type"].clone()), (501, json!("NotImplementedException")));
    let nothing = world.events("PutNothing", &json!({})).await;
    assert_eq!(nothing.json()["__type"], "UnknownOperationException");
}

#[tokio::test]
async fn events_are_put_and_patterns_tried() {
    let world = World::new().await;
    world.make_ticks().await;
    let pattern = "{\"source\":[\"shop\"]}";
    world.event_done("PutRule", json!({"Name": "tick", "EventPattern": pattern})).await;
    let target = json!({"Id": "one", "Arn": QUEUE, "InputPath": "$.detail"});
    world.event_done("PutTargets", json!({"Rule": "tick", "Targets": [target]})).await;
    let entries = json!([
        {"Source": "shop", "DetailType": "order", "Detail": "{\"id\": 7}", "Time": 0},
        {"Source": "shop", "DetailType": "order"},
    ]);
    let put = world.event_done("PutEvents", json!({"Entries": entries})).await;
    assert_eq!((&put["FailedEntryCount"], put["Entries"][0]["EventId"].is_string()), (&json!(1), true));
    let refused = json!({
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": "Parameter Detail is not valid. Reason: Detail is a required argument.",
    });
    assert_eq!(put["Entries"][1], refused);
    assert_eq!(world.ticks().await, ["{\"id\":7}"]);
    let tried = json!({"EventPattern": pattern, "Event": "{\"source\":\"shop\"}"});
    assert_eq!(world.event_done("TestEventPattern", tried).await, json!({"Result": true}));
}

#[tokio::test]
async fn rules_have_tags() {
    let world = World::new().await;
    let tags = json!([{"Key": "team", "Value": "tea"}]);
    let new = json!({"Name": "tick", "ScheduleExpression": "rate(1 minute)", "Tags": tags});
    world.event_done("PutRule", new).await;
    let list = json!({"ResourceARN": RULE_ARN});
    assert_eq!(world.event_done("ListTagsForResource", list.clone()).await, json!({"Tags": tags}));
    let more = json!({"ResourceARN": RULE_ARN, "Tags": [{"Key": "cost", "Value": ""}]});
    world.event_done("TagResource", more).await;
    world.event_done("UntagResource", json!({"ResourceARN": RULE_ARN, "TagKeys": ["team"]})).await;
    let left = world.event_done("ListTagsForResource", list).await;
    assert_eq!(left, json!({"Tags": [{"Key": "cost", "Value": ""}]}));
}
