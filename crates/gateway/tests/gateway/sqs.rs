//! SQS on the wire, in both protocols.

use serde_json::{Value, json};

use crate::{client::Answer, world::World};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ORDERS: &str = "http://localhost/000000000000/orders";

impl World {
    async fn sqs(&self, operation: &str, document: &Value) -> Answer {
        let target = format!("AmazonSQS.{operation}");
        let headers = [("x-amz-target", &*target), ("content-type", "application/x-amz-json-1.0")];
        self.client().await.call("POST /", &headers, &document.to_string()).await
    }

    async fn done(&self, operation: &str, document: Value) -> Value {
        let answer = self.sqs(operation, &document).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    /// An action of the Query protocol on a queue, by its path.
    async fn query(&self, path: &str, form: &str) -> Answer {
        let form = format!("Version=2012-11-05&{form}");
        self.client().await.call(&format!("POST {path}"), &[FORM], &form).await
    }
}

/// What stands between the tags of this name, the first time.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let begin = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}")).1;
    begin.split_once(&format!("</{name}>")).expect("its end").0
}

#[tokio::test]
async fn a_message_goes_its_way() {
    let world = World::new().await;
    let created = world.done("CreateQueue", json!({"QueueName": "orders", "tags": {"team": "tea"}})).await;
    assert_eq!(created, json!({"QueueUrl": ORDERS}));
    assert_eq!(world.done("GetQueueUrl", json!({"QueueName": "orders"})).await, created);
    assert_eq!(world.done("ListQueues", json!({})).await, json!({"QueueUrls": [ORDERS]}));
    let message = json!({
        "QueueUrl": ORDERS,
        "MessageBody": "message",
        "MessageAttributes": {
            "kind": {"DataType": "String", "StringValue": "tea"},
            "seal": {"DataType": "Binary", "BinaryValue": "AAEC"},
        },
        "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}},
    });
    let sent = world.done("SendMessage", message).await;
    assert_eq!(sent["MD5OfMessageBody"], "78e731027d8fd50ed642340b7c9a63b3");
    assert!(sent["MD5OfMessageSystemAttributes"].is_string() && sent.get("SequenceNumber").is_none());

    let wanted = json!({
        "QueueUrl": ORDERS,
        "AttributeNames": ["SentTimestamp"],
        "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
        "MessageAttributeNames": ["All"],
    });
    let received = world.done("ReceiveMessage", wanted.clone()).await;
    let message = &received["Messages"][0];
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(message["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert_eq!(message["Body"], "message");
    assert_eq!(message["Attributes"], json!({"ApproximateReceiveCount": "1", "SentTimestamp": "0"}));
    let attributes = json!({
        "kind": {"DataType": "String", "StringValue": "tea"},
        "seal": {"DataType": "Binary", "BinaryValue": "AAEC"},
    });
    assert_eq!(message["MessageAttributes"], attributes);

    assert_eq!(world.done("ReceiveMessage", json!({"QueueUrl": ORDERS})).await, json!({}));
    let receipt =
        json!({"QueueUrl": ORDERS, "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0});
    world.done("ChangeMessageVisibility", receipt).await;
    let again = world.done("ReceiveMessage", wanted).await;
    let receipt = json!({"QueueUrl": ORDERS, "ReceiptHandle": again["Messages"][0]["ReceiptHandle"]});
    assert_eq!(world.done("DeleteMessage", receipt).await, Value::Null);
    let counts = json!({"QueueUrl": ORDERS, "AttributeNames": ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]});
    let counted = json!({"Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}});
    assert_eq!(world.done("GetQueueAttributes", counts).await, counted);
    world.done("PurgeQueue", json!({"QueueUrl": ORDERS})).await;
    world.done("DeleteQueue", json!({"QueueUrl": ORDERS})).await;
    assert_eq!(world.done("ListQueues", json!({})).await, json!({}));
}

#[tokio::test]
async fn the_same_in_the_query_protocol() {
    let world = World::new().await;
    let created = world
        .query("/", "Action=CreateQueue&QueueName=orders&Attribute.1.Name=DelaySeconds&Attribute.1.Value=0&Tag.1.Key=team&Tag.1.Value=tea")
        .await;
    assert_eq!((created.status, created.header("content-type")), (200, Some("text/xml")));
    let id = created.header("x-amzn-requestid").expect("an id");
    let expect = format!(
        "<?xml version=\"1.0\"?><CreateQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><CreateQueueResult>\
         <QueueUrl>{ORDERS}</QueueUrl></CreateQueueResult><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>\
         </CreateQueueResponse>"
    );
    assert_eq!(created.body, expect);
    let tags = world.query("/000000000000/orders", "Action=ListQueueTags").await;
    assert_eq!(element(&tags.body, "Tag"), "<Key>team</Key><Value>tea</Value>");

    let form = "Action=SendMessage&MessageBody=%3Ca%3E&MessageAttribute.1.Name=kind&MessageAttribute.1.Value.DataType=String\
                &MessageAttribute.1.Value.StringValue=tea";
    let sent = world.query("/000000000000/orders", form).await;
    let form = format!(
        "Action=ReceiveMessage&QueueUrl={ORDERS}&AttributeName.1=ApproximateReceiveCount&MessageAttributeName.1=All&MaxNumberOfMessages=10"
    );
    let received = world.query("/", &form).await;
    assert_eq!(element(&received.body, "Body"), "&lt;a&gt;");
    assert_eq!(element(&received.body, "Attribute"), "<Name>ApproximateReceiveCount</Name><Value>1</Value>");
    let attribute =
        "<Name>kind</Name><Value><StringValue>tea</StringValue><DataType>String</DataType></Value>";
    assert_eq!(element(&received.body, "MessageAttribute"), attribute);
    for name in ["MessageId", "MD5OfMessageAttributes"] {
        assert_eq!(element(&received.body, name), element(&sent.body, name));
    }
    let handle = element(&received.body, "ReceiptHandle").replace('+', "%2B");
    let form = format!(
        "Action=ChangeMessageVisibilityBatch&ChangeMessageVisibilityBatchRequestEntry.1.Id=a\
         &ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle={handle}\
         &ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=60"
    );
    let changed = world.query("/000000000000/orders", &form).await;
    assert_eq!(element(&changed.body, "ChangeMessageVisibilityBatchResultEntry"), "<Id>a</Id>");
    let deleted =
        world.query("/000000000000/orders", &format!("Action=DeleteMessage&ReceiptHandle={handle}")).await;
    assert!(deleted.body.contains("<DeleteMessageResponse xmlns"), "{}", deleted.body);
    let deleted = world.query("/000000000000/orders", "Action=DeleteQueue").await;
    assert_eq!(deleted.status, 200);
}

#[tokio::test]
async fn batches_tell_of_each_entry() {
    let world = World::new().await;
    world.done("CreateQueue", json!({"QueueName": "orders"})).await;
    let entries = json!([{"Id": "good", "MessageBody": "tea"}, {"Id": "late", "MessageBody": "tea", "DelaySeconds": 901}]);
    let sent = world.done("SendMessageBatch", json!({"QueueUrl": ORDERS, "Entries": entries})).await;
    assert_eq!(
        (sent["Successful"][0]["Id"].as_str(), sent["Successful"].as_array().map(Vec::len)),
        (Some("good"), Some(1))
    );
    let failure = &sent["Failed"][0];
    assert_eq!(
        (&failure["Id"], &failure["SenderFault"], &failure["Code"]),
        (&json!("late"), &json!(true), &json!("InvalidParameterValue"))
    );

    let received = world.done("ReceiveMessage", json!({"QueueUrl": ORDERS, "MaxNumberOfMessages": 10})).await;
    let handle = &received["Messages"][0]["ReceiptHandle"];
    let entries = json!([{"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 10}]);
    let changed =
        world.done("ChangeMessageVisibilityBatch", json!({"QueueUrl": ORDERS, "Entries": entries})).await;
    assert_eq!(changed, json!({"Successful": [{"Id": "a"}]}));
    let entries = json!([{"Id": "a", "ReceiptHandle": handle}, {"Id": "b", "ReceiptHandle": "nonsense"}]);
    let deleted = world.done("DeleteMessageBatch", json!({"QueueUrl": ORDERS, "Entries": entries})).await;
    assert_eq!(deleted["Successful"], json!([{"Id": "a"}]));
    assert_eq!(deleted["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    let too_many: Vec<_> = (0..11).map(|id| json!({"Id": id.to_string(), "MessageBody": "tea"})).collect();
    let refused = world.sqs("SendMessageBatch", &json!({"QueueUrl": ORDERS, "Entries": too_many})).await;
    assert_eq!((refused.status, &refused.json()["__type"]), (400, &json!("TooManyEntriesInBatchRequest")));
}

#[tokio::test]
async fn errors_have_their_names_in_both_protocols() {
    let world = World::new().await;
    let refused = world.sqs("SendMessage", &json!({"QueueUrl": ORDERS, "MessageBody": "tea"})).await;
    assert_eq!((refused.status, &refused.json()["__type"]), (400, &json!("QueueDoesNotExist")));
    assert_eq!(refused.header("x-amzn-query-error"), Some("AWS.SimpleQueueService.NonExistentQueue;Sender"));
    assert_eq!(refused.json()["message"], "The specified queue does not exist.");
    let refused = world.query("/000000000000/orders", "Action=SendMessage&MessageBody=tea").await;
    assert_eq!(refused.status, 400);
    assert_eq!(element(&refused.body, "Code"), "AWS.SimpleQueueService.NonExistentQueue");
    assert_eq!(
        element(&refused.body, "Message"),
        "The specified queue does not exist for this wsdl version."
    );

    let check = async |operation: &str, document: Value, code: &str| {
        let refused = world.sqs(operation, &document).await;
        assert_eq!(
            (refused.status, &refused.json()["__type"]),
            (400, &json!(code)),
            "{operation} {document}"
        );
    };
    check("CreateQueue", json!({}), "MissingRequiredParameterException").await;
    check("CreateQueue", json!({"QueueName": "a b"}), "InvalidParameterValueException").await;
    check("CreateQueue", json!({"QueueName": 7}), "SerializationException").await;
    world.done("CreateQueue", json!({"QueueName": "orders"})).await;
    check(
        "CreateQueue",
        json!({"QueueName": "orders", "Attributes": {"DelaySeconds": "7"}}),
        "QueueNameExists",
    )
    .await;
    check("SendMessage", json!({"MessageBody": "tea"}), "MissingRequiredParameterException").await;
    check("SendMessage", json!({"QueueUrl": ORDERS}), "MissingRequiredParameterException").await;
    check("DeleteMessage", json!({"QueueUrl": ORDERS}), "MissingRequiredParameterException").await;
    check(
        "GetQueueAttributes",
        json!({"QueueUrl": ORDERS, "AttributeNames": ["Colour"]}),
        "InvalidAttributeName",
    )
    .await;
    let listed = json!({"kind": {"DataType": "String", "StringListValues": ["tea"]}});
    check(
        "SendMessage",
        json!({"QueueUrl": ORDERS, "MessageBody": "tea", "MessageAttributes": listed}),
        "UnsupportedOperation",
    )
    .await;
    let seal = json!({"seal": {"DataType": "Binary", "BinaryValue": "?"}});
    check(
        "SendMessage",
        json!({"QueueUrl": ORDERS, "MessageBody": "tea", "MessageAttributes": seal}),
        "SerializationException",
    )
    .await;
    check("Nothing", json!({}), "UnknownOperationException").await;
}

#[tokio::test]
async fn dead_letters_are_moved_back() {
    let world = World::new().await;
    world.done("CreateQueue", json!({"QueueName": "dead"})).await;
    let policy =
        json!({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 1});
    let attributes = json!({"RedrivePolicy": policy.to_string(), "VisibilityTimeout": "0"});
    world.done("CreateQueue", json!({"QueueName": "orders", "Attributes": attributes})).await;
    let dead = "http://localhost/000000000000/dead";
    let sources = world.done("ListDeadLetterSourceQueues", json!({"QueueUrl": dead})).await;
    assert_eq!(sources, json!({"queueUrls": [ORDERS]}));
    world.done("SendMessage", json!({"QueueUrl": ORDERS, "MessageBody": "tea"})).await;
    for expected in [1, 0] {
        let received = world.done("ReceiveMessage", json!({"QueueUrl": ORDERS})).await;
        assert_eq!(received["Messages"].as_array().map_or(0, Vec::len), expected);
    }
    let source = json!({"SourceArn": "arn:aws:sqs:us-east-1:000000000000:dead"});
    let started = world.done("StartMessageMoveTask", source.clone()).await;
    assert!(started["TaskHandle"].is_string());
    let tasks = world.done("ListMessageMoveTasks", source).await;
    assert_eq!(tasks["Results"][0]["Status"], "COMPLETED", "{tasks}");
    assert_eq!(tasks["Results"][0]["ApproximateNumberOfMessagesMoved"], 1);
    let received = world.done("ReceiveMessage", json!({"QueueUrl": ORDERS})).await;
    assert_eq!(received["Messages"][0]["Body"], "tea");
    let refused = world.sqs("CancelMessageMoveTask", &started).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

/// As the page for Prometheus has it.
async fn waiting_receives(world: &World) -> usize {
    let page = world.client().await.call("GET /_hearth/metrics", &[("accept", "text/plain")], "").await;
    let name = "hearth_waiting_receives{account=\"000000000000\",region=\"us-east-1\"} ";
    let count = page.body.lines().find_map(|line| line.strip_prefix(name)).expect("the queue's region");
    count.parse().expect("a number")
}

#[tokio::test]
async fn a_long_poll_is_answered_when_a_message_comes() {
    let world = World::new().await;
    world.done("CreateQueue", json!({"QueueName": "orders"})).await;
    let poll = json!({"QueueUrl": ORDERS, "WaitTimeSeconds": 20});
    assert_eq!(waiting_receives(&world).await, 0);
    let (received, _) = tokio::join!(world.done("ReceiveMessage", poll), async {
        while waiting_receives(&world).await == 0 {}
        world.done("SendMessage", json!({"QueueUrl": ORDERS, "MessageBody": "tea"})).await
    });
    assert_eq!(received["Messages"][0]["Body"], "tea");
    assert_eq!(waiting_receives(&world).await, 0);
}

#[tokio::test]
async fn policies_and_attributes_are_the_owners() {
    let world = World::new().await;
    let attributes = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    world.done("CreateQueue", json!({"QueueName": "orders.fifo", "Attributes": attributes})).await;
    let url = "http://localhost/000000000000/orders.fifo";
    world
        .done("SetQueueAttributes", json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "7"}}))
        .await;
    let wanted = json!({"QueueUrl": url, "AttributeNames": ["VisibilityTimeout", "QueueArn"]});
    let told = json!({"Attributes": {"VisibilityTimeout": "7", "QueueArn": "arn:aws:sqs:us-east-1:000000000000:orders.fifo"}});
    assert_eq!(world.done("GetQueueAttributes", wanted).await, told);
    let sent = world
        .done("SendMessage", json!({"QueueUrl": url, "MessageBody": "tea", "MessageGroupId": "a"}))
        .await;
    assert_eq!(sent["SequenceNumber"].as_str().map(str::len), Some(20));
    let permission = json!({"QueueUrl": url, "Label": "friends", "AWSAccountIds": ["111111111111"], "Actions": ["SendMessage"]});
    world.done("AddPermission", permission).await;
    let policy =
        world.done("GetQueueAttributes", json!({"QueueUrl": url, "AttributeNames": ["Policy"]})).await;
    assert!(policy["Attributes"]["Policy"].as_str().is_some_and(|policy| policy.contains("friends")));
    world.done("RemovePermission", json!({"QueueUrl": url, "Label": "friends"})).await;
    world.done("TagQueue", json!({"QueueUrl": url, "Tags": {"team": "tea", "cost": "1"}})).await;
    world.done("UntagQueue", json!({"QueueUrl": url, "TagKeys": ["cost"]})).await;
    assert_eq!(world.done("ListQueueTags", json!({"QueueUrl": url})).await, json!({"Tags": {"team": "tea"}}));
}

#[tokio::test]
async fn the_trace_header_of_a_request_is_its_messages() {
    let world = World::new().await;
    world.done("CreateQueue", json!({"QueueName": "orders"})).await;
    let header = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    let headers = [
        ("x-amz-target", "AmazonSQS.SendMessage"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amzn-trace-id", header),
    ];
    let message = json!({"QueueUrl": ORDERS, "MessageBody": "message"}).to_string();
    let sent = world.client().await.call("POST /", &headers, &message).await.json();
    assert!(sent.get("MD5OfMessageSystemAttributes").is_none(), "{sent}");
    let wanted = json!({"QueueUrl": ORDERS, "MessageSystemAttributeNames": ["AWSTraceHeader"]});
    let received = world.done("ReceiveMessage", wanted).await;
    assert_eq!(received["Messages"][0]["Attributes"], json!({"AWSTraceHeader": header}));
}
