//! Events of objects that invoke functions.

use std::collections::BTreeMap;

use hearth_model::bucket_notification::{EventPattern, Filter, Rule, Target};
use hearth_services::{
    lambda::Permission,
    s3::{
        Caller, CopyObject, CopySource, NewNotification, PutObject, Refusal, Tagged, Tags, Versioning,
        WriteConditions,
    },
    sqs::ReceiveRequest,
};
use serde_json::{Value, json};

use super::support::{BUCKET, S3World, caller};
use crate::world::{arn, here};

impl S3World {
    /// A world with a function that gets all events of a bucket.
    async fn with_listener() -> Self {
        let world = Self::with_bucket();
        world.deploy("listener", None).await;
        world.permit("arn:aws:s3:::uploads");
        let events =
            ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:LifecycleExpiration:*"];
        world.notify(vec![rule(&events, Filter::default())]).expect("it is set");
        world
    }

    fn permit(&self, source: &str) {
        let permission = Permission {
            statement_id: "s3".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: "s3.amazonaws.com".to_owned(),
            source_arn: Some(source.to_owned()),
            ..Permission::default()
        };
        self.functions().add_permission(&here(), "listener", None, None, permission).expect("it is given");
    }

    fn notify(&self, rules: Vec<Rule>) -> Result<(), Refusal> {
        let new = NewNotification { rules, skip_validation: false };
        self.buckets().set_notification(&caller(), BUCKET, new)
    }

    /// The events that the function got since the last call, one at a time.
    pub(super) async fn events(&self) -> Vec<Value> {
        self.services.engine().work().idle().await;
        let handled = self.sandbox.take_handled();
        let records = handled.into_iter().map(|handled| {
            let document: Value = serde_json::from_slice(&handled.event).expect("JSON");
            document["Records"][0].clone()
        });
        records.collect()
    }

    async fn event(&self) -> Value {
        let mut events = self.events().await;
        assert_eq!(events.len(), 1, "{events:?}");
        events.remove(0)
    }
}

fn rule(events: &[&str], filter: Filter) -> Rule {
    Rule {
        id: "all".to_owned(),
        target: Target::Function,
        arn: arn("listener"),
        events: events.iter().map(|text| EventPattern::parse(text).expect("a pattern")).collect(),
        filter: Some(filter),
    }
}

#[tokio::test]
async fn what_happens_to_objects_invokes_functions() {
    let world = S3World::with_listener().await;
    world.put("in/red flower.jpg", "my-content").await;
    let put = world.event().await;
    let sequencer = put["s3"]["object"]["sequencer"].clone();
    assert_eq!(put["eventName"], "ObjectCreated:Put");
    assert_eq!(put["eventTime"], "2024-03-04T17:22:38.000Z");
    assert_eq!(put["requestParameters"]["sourceIPAddress"], "127.0.0.1");
    assert_eq!(put["responseElements"], json!({"x-amz-request-id": "REQUEST", "x-amz-id-2": "HOST"}));
    assert_eq!(
        put["s3"]["object"],
        json!({
            "key": "in/red+flower.jpg",
            "size": 10,
            "eTag": "42bbd4ede89715b0a094e918e9105f5a",
            "sequencer": sequencer,
        })
    );
    let source = CopySource {
        bucket: BUCKET.to_owned(),
        key: "in/red flower.jpg".to_owned(),
        ..CopySource::default()
    };
    world.buckets().copy(&caller(), &source, BUCKET, "copy", CopyObject::default()).await.expect("a copy");
    let copy = world.event().await;
    assert_eq!(copy["eventName"], "ObjectCreated:Copy");
    assert!(copy["s3"]["object"]["sequencer"].as_str() > sequencer.as_str(), "later is greater");
    world.try_put("form", "x", PutObject { form: true, ..PutObject::default() }).await.expect("it is put");
    assert_eq!(world.event().await["eventName"], "ObjectCreated:Post");

    let tags = Tags::new(Tagged::Object, vec![("a".to_owned(), "b".to_owned())]).expect("tags");
    world.buckets().tag(&caller(), BUCKET, "form", None, tags).expect("it is tagged");
    let tagged = world.event().await;
    assert_eq!((&tagged["eventName"], &tagged["eventVersion"]), (&json!("ObjectTagging:Put"), &json!("2.3")));
    assert_eq!(tagged["s3"]["object"], json!({"key": "form", "eTag": "9dd4e461268c8034f5c8564e155c67a6"}));

    let delete = || world.buckets().delete(&caller(), BUCKET, "form", None, &WriteConditions::default());
    delete().expect("it is deleted");
    let deleted = world.event().await;
    assert_eq!(deleted["eventName"], "ObjectRemoved:Delete");
    let object = deleted["s3"]["object"].as_object().expect("an object");
    assert_eq!(object.keys().collect::<Vec<_>>(), ["key", "sequencer"]);
    delete().expect("it is gone already");
    assert!(world.events().await.is_empty());
}

#[tokio::test]
async fn versions_are_named_in_events() {
    let world = S3World::with_listener().await;
    world.version(Versioning::Enabled);
    let version = world.put("key", "x").await.version.expect("a version");
    assert_eq!(world.event().await["s3"]["object"]["versionId"], version.to_string());
    let delete = |version| {
        let deleted = world.buckets().delete(&caller(), BUCKET, "key", version, &WriteConditions::default());
        deleted.expect("it is deleted").version.expect("a version").to_string()
    };
    let marker = delete(None);
    let marked = world.event().await;
    assert_eq!(marked["eventName"], "ObjectRemoved:DeleteMarkerCreated");
    let object = &marked["s3"]["object"];
    assert_eq!((&object["versionId"], object.get("size")), (&json!(marker), None));
    assert_eq!(object["eTag"], "d41d8cd98f00b204e9800998ecf8427e");
    delete(Some(&version));
    let deleted = world.event().await;
    assert_eq!(deleted["eventName"], "ObjectRemoved:Delete");
    assert_eq!(deleted["s3"]["object"]["versionId"], version.to_string());
}

#[tokio::test]
async fn filters_choose() {
    let world = S3World::with_listener().await;
    let filter = Filter::of_rules([("prefix", "in/"), ("suffix", ".jpg")]).expect("a filter");
    world.notify(vec![rule(&["s3:ObjectCreated:Put"], filter)]).expect("it is set");
    for key in ["in/a.jpg", "in/a.png", "out/a.jpg"] {
        world.put(key, "x").await;
    }
    assert_eq!(world.event().await["s3"]["object"]["key"], "in/a.jpg");
    world.notify(Vec::new()).expect("it is taken away");
    world.put("in/a.jpg", "x").await;
    assert!(world.events().await.is_empty());
}

#[tokio::test]
async fn targets_must_be_there_and_let_the_bucket_in() {
    let world = S3World::with_bucket();
    let one = || vec![rule(&["s3:ObjectCreated:*"], Filter::default())];
    let check = |rules: Vec<Rule>, expected: &[(&str, &str)]| {
        let Err(Refusal::UnusableTargets(elements)) = world.notify(rules) else {
            panic!("it is not refused")
        };
        let found: Vec<_> = elements.iter().map(|element| (&*element.name, &*element.value)).collect();
        assert_eq!(found, expected);
    };
    let (name, value) = (
        format!("{}, null", arn("listener")),
        format!("Not authorized to invoke function [{}]", arn("listener")),
    );
    let function = [("ArgumentName1", &*name), ("ArgumentValue1", &*value)];
    check(one(), &function);
    world.deploy("listener", None).await;
    check(one(), &function);
    world.permit("arn:aws:s3:::upl*");
    world.notify(one()).expect("it may be invoked");

    let queue = |arn: &str| {
        vec![Rule {
            target: Target::Queue,
            arn: arn.to_owned(),
            ..rule(&["s3:ObjectCreated:*"], Filter::default())
        }]
    };
    let arn = "arn:aws:sqs:us-east-1:000000000000:missing";
    check(queue(arn), &[("ArgumentName1", arn), ("ArgumentValue1", "The destination queue does not exist")]);
    let refused = world.notify(queue("invalid-queue")).expect_err("it is no ARN");
    assert_eq!(refused, Refusal::argument("The ARN could not be parsed", "Queue", "invalid-queue"));
    let skip = NewNotification { rules: queue(arn), skip_validation: true };
    world.buckets().set_notification(&caller(), BUCKET, skip).expect("nobody looks");
}

#[tokio::test]
async fn queues_get_a_test_event_and_then_what_happens() {
    let world = S3World::with_bucket();
    let queues = world.services.queues();
    let queue =
        queues.create_queue(&here(), "listener", &Default::default(), BTreeMap::new()).expect("a queue");
    let to_queue = |id: &str, prefix: &str| Rule {
        id: id.to_owned(),
        target: Target::Queue,
        arn: queue.to_string(),
        filter: Some(Filter::of_rules([("prefix", prefix)]).expect("a filter")),
        ..rule(&["s3:ObjectCreated:*"], Filter::default())
    };
    world.notify(vec![to_queue("in", "in/")]).expect("it is set");
    world.notify(vec![to_queue("in", "in/"), to_queue("out", "out/")]).expect("it is set");
    let header = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    let caller = Caller { trace_header: Some(header.to_owned()), ..caller() };
    let mut draft = world.buckets().draft(BUCKET, None, false).expect("a draft");
    draft.write("x".into()).await.expect("the disk takes it");
    world.buckets().put(&caller, BUCKET, "out/key", draft, PutObject::default()).await.expect("it is put");

    let request = ReceiveRequest {
        maximum: Some(10),
        system_attribute_names: vec!["AWSTraceHeader".to_owned()],
        ..ReceiveRequest::default()
    };
    let received = queues.receive(&queue, request).await.expect("messages");
    let bodies = received.iter().map(|message| serde_json::from_str(message.body()).expect("JSON"));
    let [test, put]: [Value; 2] = bodies.collect::<Vec<_>>().try_into().expect("one test event, one record");
    assert_eq!(
        test,
        json!({
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": "2024-03-04T17:22:38.000Z",
            "Bucket": BUCKET,
            "RequestId": "REQUEST",
            "HostId": "HOST",
        })
    );
    let record = &put["Records"][0];
    assert_eq!(
        (&record["eventName"], &record["s3"]["configurationId"]),
        (&json!("ObjectCreated:Put"), &json!("out"))
    );
    let attributes: BTreeMap<_, _> = received[1].system_attributes().collect();
    assert_eq!(attributes.get("AWSTraceHeader").map(|header| &**header), Some(header));
}

#[tokio::test]
async fn a_function_that_writes_into_its_own_bucket_stops() {
    let world = S3World::with_listener().await;
    let mut caller = caller();
    let mut turns = 0;
    loop {
        let mut draft = world.buckets().draft(BUCKET, None, false).expect("a draft");
        draft.write("x".into()).await.expect("the disk takes it");
        world.buckets().put(&caller, BUCKET, "key", draft, PutObject::default()).await.expect("it is put");
        world.services.engine().work().idle().await;
        let Some(handled) = world.sandbox.take_handled().pop() else { break };
        turns += 1;
        // As an SDK does, the handler passes on the header that it was invoked with.
        caller.trace_header = handled.trace_header;
    }
    assert_eq!(turns, 16);
}
