//! CloudWatch Logs on the wire: the documents of its operations.

use serde_json::{Value, json};

use crate::world::World;

const ARN: &str = "arn:aws:logs:us-east-1:000000000000:log-group";

impl World {
    async fn logs(&self, operation: &str, document: Value) -> Value {
        let answer = self.target(&format!("Logs_20140328.{operation}"), &document).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    async fn logs_refused(&self, operation: &str, document: Value, code: &str, message: &str) {
        let answer = self.target(&format!("Logs_20140328.{operation}"), &document).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json(), json!({"__type": code, "message": message}), "{operation} {document}");
    }
}

#[tokio::test]
async fn what_a_function_writes_is_found() {
    let world = World::new().await;
    world
        .logs_refused(
            "FilterLogEvents",
            json!({"logGroupName": "/aws/lambda/hello"}),
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        )
        .await;
    let invoked = world.invoke("hello", &[], "{}").await;
    let id = invoked.header("x-amzn-requestid").expect("an id").to_owned();

    let groups = world.logs("DescribeLogGroups", json!({"logGroupNamePrefix": "/aws/lambda/"})).await;
    let group = &groups["logGroups"][0];
    assert!(group["storedBytes"].as_u64().is_some_and(|bytes| bytes > 0));
    let expect = json!({
        "logGroupName": "/aws/lambda/hello",
        "creationTime": 0,
        "metricFilterCount": 0,
        "arn": format!("{ARN}:/aws/lambda/hello:*"),
        "storedBytes": group["storedBytes"],
        "logGroupClass": "STANDARD",
        "logGroupArn": format!("{ARN}:/aws/lambda/hello"),
        "deletionProtectionEnabled": false,
    });
    assert_eq!(groups, json!({"logGroups": [expect]}));

    let streams = world
        .logs("DescribeLogStreams", json!({"logGroupIdentifier": format!("{ARN}:/aws/lambda/hello")}))
        .await;
    let name = streams["logStreams"][0]["logStreamName"].as_str().expect("a name").to_owned();
    assert!(name.starts_with("1970/01/01/[$LATEST]"), "{name}");
    let expect = json!({
        "logStreamName": name,
        "creationTime": 0,
        "firstEventTimestamp": 0,
        "lastEventTimestamp": 0,
        "lastIngestionTime": 0,
        "arn": format!("{ARN}:/aws/lambda/hello:log-stream:{name}"),
        "storedBytes": 0,
    });
    assert_eq!(streams, json!({"logStreams": [expect]}));

    let start = format!("START RequestId: {id} Version: $LATEST\n");
    let mut filtered =
        world.logs("FilterLogEvents", json!({"logGroupName": "/aws/lambda/hello", "limit": 1})).await;
    let event = filtered["events"][0].as_object_mut().expect("an event");
    assert_eq!(event.remove("eventId").expect("an id").as_str().map(str::len), Some(56));
    let expect = json!({"logStreamName": name, "timestamp": 0, "message": start, "ingestionTime": 0});
    assert_eq!((&filtered["events"][0], &filtered["searchedLogStreams"]), (&expect, &json!([])));
    assert!(filtered["nextToken"].is_string());

    let request = json!({"logGroupName": "/aws/lambda/hello", "logStreamName": name, "startFromHead": true});
    let got = world.logs("GetLogEvents", request).await;
    assert_eq!(got["events"].as_array().map(Vec::len), Some(3));
    assert_eq!(got["events"][0], json!({"timestamp": 0, "message": start, "ingestionTime": 0}));
    assert!(got["nextForwardToken"].is_string() && got["nextBackwardToken"].is_string());
}

#[tokio::test]
async fn clients_have_groups_of_their_own() {
    let world = World::new().await;
    world.logs("CreateLogGroup", json!({"logGroupName": "mine", "tags": {"env": "testing"}})).await;
    world.logs("CreateLogStream", json!({"logGroupName": "mine", "logStreamName": "one"})).await;
    let put = |timestamp: i64| json!({"logGroupName": "mine", "logStreamName": "one", "logEvents": [{"timestamp": timestamp, "message": "hello"}]});
    let answer = world.logs("PutLogEvents", put(0)).await;
    assert!(answer["nextSequenceToken"].is_string() && answer.get("rejectedLogEventsInfo").is_none());
    let answer = world.logs("PutLogEvents", put(10_000_000)).await;
    assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 0}));
    let filtered =
        world.logs("FilterLogEvents", json!({"logGroupName": "mine", "filterPattern": "hell"})).await;
    assert_eq!(filtered["events"][0]["message"], "hello");

    world.logs("PutRetentionPolicy", json!({"logGroupName": "mine", "retentionInDays": 7})).await;
    let groups = world.logs("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 7);
    world.logs("DeleteRetentionPolicy", json!({"logGroupName": "mine"})).await;
    let groups = world.logs("DescribeLogGroups", json!({"logGroupNamePattern": "min"})).await;
    let group = json!({
        "logGroupName": "mine",
        "creationTime": 0,
        "metricFilterCount": 0,
        "arn": format!("{ARN}:mine:*"),
        "logGroupClass": "STANDARD",
        "logGroupArn": format!("{ARN}:mine"),
    });
    assert_eq!(groups, json!({"logGroups": [group]}));
    let listed = world.logs("ListLogGroups", json!({"logGroupNamePattern": "^min"})).await;
    let summary =
        json!({"logGroupName": "mine", "logGroupArn": format!("{ARN}:mine"), "logGroupClass": "STANDARD"});
    assert_eq!(listed, json!({"logGroups": [summary]}));

    let arn = json!({"resourceArn": format!("{ARN}:mine")});
    world.logs("TagResource", json!({"resourceArn": format!("{ARN}:mine"), "tags": {"test": "1"}})).await;
    world.logs("TagLogGroup", json!({"logGroupName": "mine", "tags": {"team": "tea"}})).await;
    world.logs("UntagResource", json!({"resourceArn": format!("{ARN}:mine"), "tagKeys": ["env"]})).await;
    world.logs("UntagLogGroup", json!({"logGroupName": "mine", "tags": ["test"]})).await;
    let tags = json!({"tags": {"team": "tea"}});
    assert_eq!(world.logs("ListTagsForResource", arn).await, tags);
    assert_eq!(world.logs("ListTagsLogGroup", json!({"logGroupName": "mine"})).await, tags);

    world.logs("DeleteLogStream", json!({"logGroupName": "mine", "logStreamName": "one"})).await;
    assert_eq!(
        world.logs("DescribeLogStreams", json!({"logGroupName": "mine"})).await,
        json!({"logStreams": []})
    );
}

/// The words of AWS, as recorded.
#[tokio::test]
async fn refusals_are_in_the_words_of_aws() {
    let world = World::new().await;
    world.logs("CreateLogGroup", json!({"logGroupName": "mine"})).await;
    world.logs("CreateLogStream", json!({"logGroupName": "mine", "logStreamName": "one"})).await;
    let stream = json!({"logGroupName": "mine", "logStreamName": "one"});
    let with = |name: &str, value: Value| {
        let mut document = stream.clone();
        document[name] = value;
        document
    };
    let invalid = "InvalidParameterException";
    let long = json!({"logGroupName": "a".repeat(513)});
    let length = "Invalid LogGroup or LogStream, both must have length less than or equal to 512.";
    world.logs_refused("CreateLogGroup", long, invalid, length).await;
    let spaced = "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must \
                  satisfy regular expression pattern: [\\\\.\\\\-_/#A-Za-z0-9]+";
    world.logs_refused("CreateLogGroup", json!({"logGroupName": "a b"}), invalid, spaced).await;
    let exists = "ResourceAlreadyExistsException";
    world
        .logs_refused("CreateLogStream", stream.clone(), exists, "The specified log stream already exists")
        .await;
    let missing = "The specified log stream does not exist.";
    let other = with("logStreamName", json!("two"));
    world.logs_refused("GetLogEvents", other, "ResourceNotFoundException", missing).await;
    let limit = "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have \
                 value less than or equal to 10000";
    world.logs_refused("GetLogEvents", with("limit", json!(10_001)), invalid, limit).await;
    world
        .logs_refused("FilterLogEvents", json!({"logGroupName": "mine", "limit": 10_001}), invalid, limit)
        .await;
    let token = "The specified nextToken is invalid.";
    world.logs_refused("GetLogEvents", with("nextToken", json!("invalid-token")), invalid, token).await;
    let filter = json!({"logGroupName": "mine", "nextToken": "invalid-token"});
    world.logs_refused("FilterLogEvents", filter, invalid, token).await;
    let both = json!({"logGroupName": "mine", "logGroupIdentifier": "mine"});
    let exclusive = "LogGroup name and LogGroup ARN are mutually exclusive parameters.";
    world.logs_refused("DescribeLogStreams", both, "ValidationException", exclusive).await;
    let filter = json!({"logGroupName": "mine", "filterPattern": "{ $.a = 1"});
    let pattern = "If a filter pattern starts with '{' it must end with '}'";
    world.logs_refused("FilterLogEvents", filter, invalid, pattern).await;
    let order = "1 validation error detected: Value 'Size' at 'orderBy' failed to satisfy constraint: Member must \
                 satisfy enum value set: [LogStreamName, LastEventTime]";
    world
        .logs_refused(
            "DescribeLogStreams",
            json!({"logGroupName": "mine", "orderBy": "Size"}),
            invalid,
            order,
        )
        .await;
    let kms = "Hearth does not support `kmsKeyId`: logs lie in memory, and are not encrypted";
    world.logs_refused("CreateLogGroup", json!({"logGroupName": "b", "kmsKeyId": "key"}), invalid, kms).await;
}
