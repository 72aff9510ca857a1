//! Buckets of a manifest, and the functions that their events invoke.

use crate::support::{Project, Up};

const APP: &str = "[functions.app]\ncode = \"functions/hello/hello.wasm\"\n";

#[track_caller]
fn put(up: &Up, key: &str) {
    let answer = up.send(&format!("PUT /photos/{key}"), "", "tea");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn events_invoke_functions() {
    let project = Project::new(&format!(
        "[buckets.photos]\nversioning = true\n{APP}[[functions.app.events]]\n\
         s3 = {{ bucket = \"photos\", events = [\"s3:ObjectCreated:*\"], prefix = \"in/\" }}\n"
    ));
    let up = project.up(&[]);
    put(&up, "out/leaves");
    put(&up, "in/leaves");
    up.says("app START RequestId: ");
    up.says("app REPORT RequestId: ");
    let answer = up.send("GET /photos?versioning", "", "");
    assert!(answer.contains("<Status>Enabled</Status>"), "{answer}");
}

#[test]
fn a_rule_lets_its_bucket_in() {
    let project = Project::new(&format!(
        "[buckets.\"my.photos\"]\n{APP}[[functions.app.events]]\n\
         s3 = {{ bucket = \"my.photos\", events = [\"s3:ObjectCreated:*\"], prefix = \"in/\" }}\n"
    ));
    let up = project.up(&["--watch"]);
    let policy = || up.send("GET /2015-03-31/functions/app/policy", "", "");
    let granted = policy().replace("\\\"", "\"");
    let statement = r#"{"Sid":"hearth-s3-my_photos","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:000000000000:function:app","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::my.photos"},"StringEquals":{"AWS:SourceAccount":"000000000000"}}}"#;
    assert!(granted.contains(statement), "{granted}");
    let rules = up.send("GET /my.photos?notification", "", "");
    for part in [
        "<Id>app/1</Id>",
        ":function:app</CloudFunction>",
        "<Event>s3:ObjectCreated:*</Event>",
        "<Value>in/</Value>",
    ] {
        assert!(rules.contains(part), "{rules}");
    }
    project.write_manifest(APP);
    up.says("events of my.photos no longer invoke app");
    assert!(policy().contains("ResourceNotFoundException"));
}

#[test]
fn buckets_and_events_are_taken_over() {
    let project = Project::new(APP);
    let up = project.up(&["--watch"]);
    let ruled = |bucket: &str, s3: &str| {
        project.write_manifest(&format!(
            "[buckets.photos]\n{bucket}\n{APP}[[functions.app.events]]\ns3 = {{ bucket = \"photos\", {s3} }}\n"
        ));
    };
    ruled("", "events = [\"s3:ObjectRemoved:*\"]");
    up.says("created bucket photos");
    up.says("events of photos now invoke app");
    put(&up, "tea");

    ruled("versioning = true", "events = [\"s3:ObjectCreated:Put\"]");
    up.says("updated bucket photos");
    up.says("events of photos now invoke app in another way");
    put(&up, "tea");
    up.says("app START RequestId: ");

    ruled("versioning = true", "events = [\"s3:ObjectCreated:Putt\"]");
    up.says("error: S3 has no event `s3:ObjectCreated:Putt`");
    up.says("everything stays as it was");

    project.write_manifest(APP);
    up.says("events of photos no longer invoke app");
    up.says("bucket photos stays: it is not empty");

    project.write_manifest(&format!("[buckets.empty]\n{APP}"));
    up.says("created bucket empty");
    project.write_manifest(APP);
    up.says("removed bucket empty");
}

#[test]
fn rules_from_elsewhere_stay() {
    let project = Project::new("[queues.told]\n[buckets.photos]\n");
    let up = project.up(&["--watch"]);
    let rule = "<NotificationConfiguration><QueueConfiguration><Id>mine</Id>\
                <Queue>arn:aws:sqs:us-east-1:000000000000:told</Queue><Event>s3:ObjectRemoved:*</Event>\
                </QueueConfiguration></NotificationConfiguration>";
    let answer = up.send("PUT /photos?notification", "", rule);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let declared = |event: &str| {
        project.write_manifest(&format!(
            "[queues.told]\n[buckets.photos]\n{APP}[[functions.app.events]]\n\
             s3 = {{ bucket = \"photos\", events = [\"{event}\"] }}\n"
        ));
    };
    declared("s3:ObjectCreated:*");
    up.says("events of photos now invoke app");
    let rules = || up.send("GET /photos?notification", "", "");
    let both = rules();
    assert!(both.contains("<Id>mine</Id>") && both.contains("<Id>app/1</Id>"), "{both}");

    declared("s3:ObjectRemoved:Delete");
    up.says("error: events of bucket `photos`: Configurations overlap.");
    assert_eq!(rules().lines().last(), both.lines().last());
}
