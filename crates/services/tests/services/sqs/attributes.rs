//! What an owner can choose about a queue.

use hearth_model::sqs::QueueAddress;
use hearth_services::sqs::{AttributeMap, Refusal, RefusalKind};

use super::world::{QueueWorld, map, redrive};

impl QueueWorld {
    fn attributes(&self, queue: &QueueAddress, names: &[&str]) -> Result<AttributeMap, Refusal> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.queues.attributes(queue, &names)
    }

    fn set<const N: usize>(
        &self,
        queue: &QueueAddress,
        attributes: [(&str, &str); N],
    ) -> Result<(), Refusal> {
        self.queues.set_attributes(queue, &map(attributes))
    }

    fn refuses<const N: usize>(
        &self,
        name: &str,
        attributes: [(&str, &str); N],
        kind: RefusalKind,
        message: &str,
    ) {
        let refusal = self.try_create(name, attributes).expect_err(message);
        assert_eq!((refusal.kind, &*refusal.message), (kind, message));
    }
}

/// What a queue tells of itself, with those that differ from the defaults.
fn told<const N: usize>(queue: &QueueAddress, changed: [(&str, &str); N]) -> AttributeMap {
    let mut attributes = map([
        ("ApproximateNumberOfMessages", "0"),
        ("ApproximateNumberOfMessagesDelayed", "0"),
        ("ApproximateNumberOfMessagesNotVisible", "0"),
        ("CreatedTimestamp", "1709572958"),
        ("DelaySeconds", "0"),
        ("LastModifiedTimestamp", "1709572958"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("QueueArn", &queue.to_string()),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("SqsManagedSseEnabled", "true"),
        ("VisibilityTimeout", "30"),
    ]);
    attributes.extend(map(changed));
    attributes
}

#[tokio::test]
async fn a_queue_tells_everything_about_itself() {
    let world = QueueWorld::new();
    let chosen = [
        ("MessageRetentionPeriod", "604800"),
        ("ReceiveMessageWaitTimeSeconds", "10"),
        ("VisibilityTimeout", "20"),
    ];
    let queue = world.create("orders", chosen);
    assert_eq!(world.attributes(&queue, &["All"]), Ok(told(&queue, chosen)));
    world.advance(2).await;
    let changes = [("MaximumMessageSize", "2048"), ("VisibilityTimeout", "69"), ("DelaySeconds", "420")];
    world.set(&queue, changes).expect("they are set");
    let mut expected = told(&queue, chosen);
    expected.extend(map(changes));
    expected.extend(map([("LastModifiedTimestamp", "1709572960")]));
    assert_eq!(world.attributes(&queue, &["All"]), Ok(expected));
    let some = world.attributes(&queue, &["QueueArn", "VisibilityTimeout", "RedrivePolicy"]);
    assert_eq!(some, Ok(map([("QueueArn", &queue.to_string()), ("VisibilityTimeout", "69")])));
    assert_eq!(world.attributes(&queue, &[]), Ok(map([])));
    let refusal = world.attributes(&queue, &["Foobar"]).expect_err("there is none");
    assert_eq!(
        (refusal.kind, &*refusal.message),
        (RefusalKind::InvalidAttributeName, "Unknown Attribute Foobar.")
    );
}

#[tokio::test]
async fn a_fifo_queue_has_more_to_tell() {
    let world = QueueWorld::new();
    let queue = world.create("orders.fifo", [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]);
    let fifo = [
        ("ContentBasedDeduplication", "true"),
        ("DeduplicationScope", "queue"),
        ("FifoQueue", "true"),
        ("FifoThroughputLimit", "perQueue"),
    ];
    assert_eq!(world.attributes(&queue, &["All"]), Ok(told(&queue, fifo)));
    let high = [("DeduplicationScope", "messageGroup"), ("FifoThroughputLimit", "perMessageGroupId")];
    world.set(&queue, high).expect("they are set");
    world.set(&queue, [("ContentBasedDeduplication", "false"), ("FifoQueue", "true")]).expect("they are set");
    let names = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
    let mut expected = map(high);
    expected.extend(map([("ContentBasedDeduplication", "false")]));
    assert_eq!(world.attributes(&queue, &names), Ok(expected));
    let refusal = world.set(&queue, [("DeduplicationScope", "queue")]).expect_err("the limit is per group");
    assert_eq!(refusal.kind, RefusalKind::InvalidAttributeValue);
    assert!(
        refusal.message.contains("allowed only when the value for DeduplicationScope is messageGroup"),
        "{refusal}"
    );
    assert_eq!(world.attributes(&queue, &["DeduplicationScope"]), Ok(map([high[0]])), "nothing has changed");
}

#[tokio::test]
async fn a_queue_keeps_its_kind() {
    let world = QueueWorld::new();
    let unknown = |name| format!("Unknown Attribute {name}.");
    let fifo_only = |name| format!("You can specify the {name} only when FifoQueue is set to true.");
    let kind = RefusalKind::InvalidAttributeName;
    world.refuses("orders", [("FifoQueue", "false")], kind, &unknown("FifoQueue"));
    world.refuses(
        "orders",
        [("ContentBasedDeduplication", "false")],
        kind,
        &unknown("ContentBasedDeduplication"),
    );
    world.refuses("orders", [("DeduplicationScope", "queue")], kind, &fifo_only("DeduplicationScope"));
    world.refuses("orders", [("FifoThroughputLimit", "perQueue")], kind, &fifo_only("FifoThroughputLimit"));
    let standard = world.create("orders", []);
    for value in ["true", "false"] {
        let refusal = world.set(&standard, [("FifoQueue", value)]).expect_err("it is none");
        assert_eq!((refusal.kind, &*refusal.message), (kind, "Unknown Attribute FifoQueue."));
    }
    let fifo = world.create("orders.fifo", [("FifoQueue", "true")]);
    let refusal = world.set(&fifo, [("FifoQueue", "false")]).expect_err("it is one");
    let message = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.";
    assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidAttributeValue, message));
}

#[tokio::test]
async fn names_are_checked() {
    let world = QueueWorld::new();
    let kind = RefusalKind::InvalidParameterValue;
    let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    for name in ["", "queue/1", "orders.fifo", "a b", &"x".repeat(81)] {
        world.refuses(name, [], kind, message);
    }
    let refusal = world.try_create("orders", [("FifoQueue", "true")]).expect_err("no suffix");
    assert_eq!(refusal.kind, kind);
    assert!(refusal.message.contains("must end with .fifo suffix"), "{refusal}");
}

#[tokio::test]
async fn values_are_checked() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    for (name, values) in [
        ("VisibilityTimeout", &["", " 2", "-50", "43201", "true", "+1"] as &[&str]),
        ("DelaySeconds", &["901", "1.5"]),
        ("MessageRetentionPeriod", &["59", "1209601"]),
        ("MaximumMessageSize", &["1023", "1048577"]),
        ("ReceiveMessageWaitTimeSeconds", &["21"]),
        ("KmsDataKeyReusePeriodSeconds", &["59", "86401"]),
        ("SqsManagedSseEnabled", &["yes"]),
        ("Policy", &["{", "[]", "1"]),
    ] {
        for value in values {
            let refusal = world.set(&queue, [(name, value)]).expect_err(value);
            let message = format!("Invalid value for the parameter {name}.");
            assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidAttributeValue, &*message));
        }
    }
    for name in ["Foobar", "QueueArn", "ApproximateNumberOfMessages"] {
        let refusal = world.set(&queue, [(name, "1")]).expect_err(name);
        let message = format!("Unknown Attribute {name}.");
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidAttributeName, &*message));
    }
}

#[tokio::test]
async fn one_kind_of_encryption_is_chosen() {
    let world = QueueWorld::new();
    let queue = world.create("orders", []);
    let names = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"];
    let kms = [
        ("KmsMasterKeyId", "testKeyId"),
        ("KmsDataKeyReusePeriodSeconds", "6000"),
        ("SqsManagedSseEnabled", "false"),
    ];
    world.set(&queue, kms).expect("they are set");
    assert_eq!(world.attributes(&queue, &names), Ok(map(kms)));
    world
        .set(&queue, [("KmsMasterKeyId", ""), ("KmsDataKeyReusePeriodSeconds", "300")])
        .expect("they are set");
    assert_eq!(world.attributes(&queue, &names), Ok(map([("SqsManagedSseEnabled", "false")])));
    world.set(&queue, [("KmsMasterKeyId", "alias/aws/sqs")]).expect("it is set");
    world.set(&queue, [("SqsManagedSseEnabled", "true")]).expect("it is set");
    assert_eq!(world.attributes(&queue, &names), Ok(map([("SqsManagedSseEnabled", "true")])));
    let both = [("KmsMasterKeyId", "testKeyId"), ("SqsManagedSseEnabled", "true")];
    let refusal = world.set(&queue, both).expect_err("both");
    let message = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";
    assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidAttributeName, message));
}

#[tokio::test]
async fn a_redrive_policy_names_a_queue_that_takes_dead_letters() {
    let world = QueueWorld::new();
    let dead = world.create("dead", []);
    let queue = world.create("orders", [("RedrivePolicy", &redrive(&dead, 3))]);
    let policy = || world.attributes(&queue, &["RedrivePolicy"]);
    assert_eq!(policy(), Ok(map([("RedrivePolicy", &redrive(&dead, 3))])));
    let text = format!(r#"{{"maxReceiveCount":"42","deadLetterTargetArn":"{dead}"}}"#);
    world.set(&queue, [("RedrivePolicy", &text)]).expect("numbers can be texts");
    assert_eq!(policy(), Ok(map([("RedrivePolicy", &redrive(&dead, 42))])));
    world.set(&queue, [("RedrivePolicy", "")]).expect("it is taken away");
    assert_eq!(policy(), Ok(map([])));

    let refused = |text: &str, expected: &str| {
        let refusal = world.set(&queue, [("RedrivePolicy", text)]).expect_err(text);
        let message = format!("Value {text} for parameter RedrivePolicy is invalid. Reason: {expected}");
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidParameterValue, &*message));
    };
    let with =
        |arn: &str, count: &str| format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{count}}}"#);
    let arn = dead.to_string();
    refused("{}", "Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    refused(
        r#"{"maxReceiveCount":5}"#,
        "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.",
    );
    for count in ["-36", "0", "1001", "1.5"] {
        let expected = format!(
            "Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        );
        refused(&with(&arn, count), &expected);
    }
    refused(
        &with(&arn, "5").replace('}', r#","more":1}"#),
        "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].",
    );
    refused(
        &with("arn:aws:sns:us-east-1:000000000000:topic", "5"),
        "Only SQS queues are valid resources for deadLetterTargetArn.",
    );
    refused(
        &with(&format!("{arn}.fifo"), "5"),
        "Dead-letter queue must be same type of queue as the source..",
    );
    refused(&with(&format!("{arn}-2"), "5"), "Dead letter target does not exist.");
    refused(&with("arn:aws:sqs:eu-west-1:000000000000:dead", "5"), "Dead letter target does not exist.");
    let refusal = world.set(&queue, [("RedrivePolicy", " ")]).expect_err("no JSON");
    let message =
        "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.";
    assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidAttributeValue, message));

    world.set(&dead, [("RedriveAllowPolicy", r#"{"redrivePermission":"denyAll"}"#)]).expect("it is set");
    let refusal = world.set(&queue, [("RedrivePolicy", &redrive(&dead, 3))]).expect_err("nobody's");
    assert_eq!(refusal.kind, RefusalKind::InvalidParameterValue);
}

#[tokio::test]
async fn a_redrive_allow_policy_names_those_whose_dead_letters_are_taken() {
    let world = QueueWorld::new();
    let (dead, queue) = (world.create("dead", []), world.create("orders", []));
    let allow = |text: &str| world.set(&dead, [("RedriveAllowPolicy", text)]);
    for text in [
        r#"{"redrivePermission":"allowAll"}"#,
        r#"{"redrivePermission":"denyAll"}"#,
        &format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{queue}"]}}"#),
    ] {
        allow(text).expect(text);
        assert_eq!(world.attributes(&dead, &["RedriveAllowPolicy"]), Ok(map([("RedriveAllowPolicy", text)])));
    }
    world.set(&queue, [("RedrivePolicy", &redrive(&dead, 3))]).expect("it is allowed");
    allow("").expect("it is taken away");
    let message = "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow policy, \
                   as it’s in an unsupported format.";
    for text in [
        "444",
        "badjson",
        "[]",
        "{}",
        r#"{"redrivePermission":"dummy"}"#,
        r#"{"redrivePermission":"allowAll","dummy":1}"#,
        r#"{"redrivePermission":"byQueue","sourceQueueArns":"arn:aws:sqs"}"#,
        r#"{"redrivePermission":"byQueue","sourceQueueArns":[{}]}"#,
    ] {
        let refusal = allow(text).expect_err(text);
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidAttributeValue, message));
    }
    let arns = |count: usize| format!("{:?}", vec![queue.to_string(); count]);
    let by_queue = |arns: &str| format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":{arns}}}"#);
    let no_sources = "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.";
    for (text, reason) in [
        (r#"{"redrivePermission":"byQueue"}"#.to_owned(), no_sources),
        (by_queue("[]"), no_sources),
        (by_queue(&arns(11)), "The maximum number of source queue ARNs you can specify is 10."),
        (
            by_queue(&arns(1)).replace("byQueue", "denyAll"),
            "To specify one or more source queue ARNs, you must set redrivePermission to byQueue.",
        ),
    ] {
        let refusal = allow(&text).expect_err(&text);
        let message = format!(
            "Value {text} for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the redrive allow policy. {reason}"
        );
        assert_eq!((refusal.kind, &*refusal.message), (RefusalKind::InvalidParameterValue, &*message));
    }
}
