//! `hearth event`.

use serde_json::{Value, json};

use crate::support::Project;

const ORDERS: &str = "[functions.orders]\ncode = \"functions/orders/orders.wasm\"\n";
const ORDER: &str = r#"{"id":"A-1","items":[{"sku":"tea","quantity":2,"unit_price_cents":450}]}"#;

#[test]
fn an_event_of_a_queue_is_made_without_one() {
    let project = Project::new(ORDERS);
    let event = project.run(&["event", "sqs", ORDER, "tea", "--queue", "intake", "-a", "b=2", "-a", "a=1"]);
    let event = event.exits(0).stdout;
    let document: Value = serde_json::from_str(&event).expect("JSON");
    let record = &document["Records"][1];
    assert_eq!((&record["body"], &record["eventSource"]), (&"tea".into(), &"aws:sqs".into()));
    assert_eq!(record["eventSourceARN"], "arn:aws:sqs:us-east-1:000000000000:intake");
    assert_eq!(record["messageAttributes"]["b"]["stringValue"], "2");
    let ran = project.run_with_stdin(&["invoke", "orders", "-e", "-"], event.as_bytes()).exits(0);
    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": record["messageId"] }] });
    assert_eq!(ran.json(), failed);
    let stderr = project.run(&["event", "sqs", "tea", "--queue", "no name"]).exits(2).stderr;
    assert!(stderr.contains("alphanumeric"), "{stderr}");
}

#[test]
fn an_event_of_a_bucket_is_made_without_one() {
    let project = Project::empty();
    let event = |arguments: &[&str]| project.run(&[&["event", "s3"], arguments].concat()).exits(0).json();
    let put = event(&["put", "--bucket", "shop", "--key", "in/red cat.jpg", "--size", "7"]);
    let record = &put["Records"][0];
    assert_eq!(
        (&record["eventName"], &record["eventSource"]),
        (&json!("ObjectCreated:Put"), &json!("aws:s3"))
    );
    assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws:s3:::shop");
    let object = &record["s3"]["object"];
    assert_eq!((&object["key"], &object["size"]), (&json!("in/red+cat.jpg"), &json!(7)));

    let check = |what: &str, name: &str, members: &[&str]| {
        let record = event(&[what])["Records"][0].take();
        let object = record["s3"]["object"].as_object().expect("an object");
        assert_eq!(record["eventName"], name);
        assert_eq!(object.keys().collect::<Vec<_>>(), members);
    };
    let there = ["eTag", "key", "sequencer", "size"];
    check("post", "ObjectCreated:Post", &there);
    check("copy", "ObjectCreated:Copy", &there);
    check("multipart", "ObjectCreated:CompleteMultipartUpload", &there);
    check("delete", "ObjectRemoved:Delete", &["key", "sequencer"]);
    let marked = ["eTag", "key", "sequencer", "versionId"];
    check("delete-marker", "ObjectRemoved:DeleteMarkerCreated", &marked);
    let test = event(&["test", "--bucket", "shop"]);
    assert_eq!((&test["Event"], &test["Bucket"]), (&json!("s3:TestEvent"), &json!("shop")));

    let refused = |arguments: &[&str]| project.run(&[&["event", "s3"], arguments].concat()).exits(2).stderr;
    for (arguments, message) in [
        (&["put", "--bucket", "No"][..], "not valid"),
        (&["put", "--key", ""], "1 to 1,024 bytes"),
        (&["delete", "--size", "7"], "only an object that is there has a `--size`"),
        (&["test", "--key", "a"], "about no object"),
    ] {
        let stderr = refused(arguments);
        assert!(stderr.contains(message), "{stderr}");
    }
}
