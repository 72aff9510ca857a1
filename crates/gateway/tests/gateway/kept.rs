//! What clients hear of a disk that is full.

use hearth_engine::{journal::Journal, testing::MemoryStorage};

use crate::{client::Answer, world::World};

const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.0");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const REASON: &str = "what was changed cannot be kept: no space left";

async fn sqs(world: &World, operation: &str, document: &str) -> Answer {
    let target = format!("AmazonSQS.{operation}");
    world.client().await.call("POST /", &[("x-amz-target", &target), JSON], document).await
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_acknowledged() {
    let storage = MemoryStorage::default();
    let world = World::kept_by(Journal::on(std::sync::Arc::new(storage.clone()))).await;
    assert_eq!(sqs(&world, "CreateQueue", r#"{"QueueName":"first"}"#).await.status, 200);
    storage.set_full(true);
    for name in ["second", "third"] {
        let answer = sqs(&world, "CreateQueue", &format!(r#"{{"QueueName":"{name}"}}"#)).await;
        assert_eq!((answer.status, &answer.json()["__type"]), (503, &"ServiceUnavailable".into()));
        assert_eq!(answer.json()["message"], REASON);
    }
    assert_eq!(world.client().await.get("/_hearth/health").await.status, 200, "it says how things are");
    storage.set_full(false);
    let list = sqs(&world, "ListQueues", "{}").await.body;
    assert!(list.contains("/first") && !list.contains("/third"), "what cannot be kept is not begun: {list}");
}

#[tokio::test]
async fn a_disk_is_full_when_a_rule_says_so_if_there_is_one() {
    let rule = r#"{"fault": "disk-full", "disk": "journal", "from": 2, "count": 2}"#;
    let in_memory = World::new().await;
    let refused = in_memory.client().await.call("POST /_hearth/faults", &[], rule).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("`disk-full` needs a disk"), "{}", refused.body);

    let world = World::kept_by(Journal::on(std::sync::Arc::new(MemoryStorage::default()))).await;
    assert_eq!(world.client().await.call("POST /_hearth/faults", &[], rule).await.status, 200);
    let create = async |name| sqs(&world, "CreateQueue", &format!(r#"{{"QueueName":"{name}"}}"#)).await;
    assert_eq!(create("first").await.status, 200);
    for attempt in 1..=2 {
        let refused = create("second").await;
        let reason = "what was changed cannot be kept: no space left: a rule for faults says so";
        assert_eq!((refused.status, &refused.json()["message"]), (503, &reason.into()), "{attempt}");
    }
    assert_eq!(create("second").await.status, 200, "SDKs try again");
    let list = sqs(&world, "ListQueues", "{}").await.body;
    assert!(list.contains("/first") && list.contains("/second"), "{list}");
    let timeline = world.client().await.get("/_hearth/timeline?kind=injected").await.json();
    let injected = timeline["events"].as_array().expect("events").clone();
    assert_eq!(injected.len(), 2);
    assert!(
        injected.iter().all(|event| event["disk"] == "journal" && event["fault"] == "disk-full"),
        "{injected:?}"
    );
}

#[tokio::test]
async fn everybody_hears_it_in_their_own_words() {
    let storage = MemoryStorage::default();
    let world = World::kept_by(Journal::on(std::sync::Arc::new(storage.clone()))).await;
    storage.set_full(true);
    let check = |answer: &Answer, content_type: &str, expect: &str| {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert!(answer.body.contains(expect) && answer.body.contains(REASON), "{}", answer.body);
    };
    let query = world.client().await.call("POST /", &[FORM], "Action=ListQueues&Version=2012-11-05").await;
    check(&query, "text/xml", "<Type>Receiver</Type><Code>ServiceUnavailable</Code>");
    let s3 = world.client().await.get("/bucket/key").await;
    check(&s3, "application/xml", "<Error><Code>ServiceUnavailable</Code>");
    let lambda = world.client().await.get("/2015-03-31/functions").await;
    check(&lambda, "application/json", "\"Message\":");
    assert_eq!(lambda.header("x-amzn-errortype"), Some("ServiceUnavailableException"));
    let path = "POST /service/GraniteServiceVersion20100801/operation/ListMetrics";
    let cbor = world.client().await.call(path, &[("smithy-protocol", "rpc-v2-cbor")], "").await;
    assert_eq!((cbor.status, cbor.header("content-type")), (503, Some("application/cbor")));
}
