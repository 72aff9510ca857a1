//! Samples with a manifest beside them: the prebuilt functions, and what they do over HTTP from their sandboxes.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Project, Up, samples};

/// `hearth up` with a sample's own manifest.
fn up(sample: &str) -> Up {
    let manifest = samples().join(sample);
    Project::empty().up(&[manifest.to_str().expect("text"), "--ephemeral"])
}

fn photograph() -> Vec<u8> {
    fs::read(samples().join("../fixtures/astronaut.jpg")).expect("a fixture")
}

#[track_caller]
fn body(answer: &[u8]) -> &[u8] {
    let head = String::from_utf8_lossy(answer);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("the head ends");
    &answer[end + 4..]
}

#[test]
fn a_photograph_that_is_uploaded_has_a_thumbnail() {
    let up = up("thumbnail");
    body(&up.send_bytes("PUT /photos/uploads/red%20suit.jpg", "", &photograph()));
    up.says("uploads/red suit.jpg (512 x 512) -> thumbnails/red suit.jpg (320 x 320, ");
    let answer = up.send_bytes("GET /photos/thumbnails/red%20suit.jpg", "", b"");
    let (head, thumbnail) = (String::from_utf8_lossy(&answer), body(&answer));
    assert!(head.contains("content-type: image/jpeg\r\n"), "{head}");
    assert!(thumbnail.starts_with(b"\xff\xd8\xff") && thumbnail.len() < photograph().len());
}

#[test]
fn what_cannot_be_a_thumbnail_is_the_functions_error() {
    let up = up("thumbnail");
    body(&up.send_bytes("PUT /photos/uploads/notes.txt", "", b"tea"));
    up.says("UnsupportedImage");
    let event = Project::empty().run(&["event", "s3", "put", "--key", "uploads/gone.jpg"]).exits(0).stdout;
    let send = ["event", "s3", "put", "--key", "uploads/sent.jpg", "--endpoint", &up.url, "--send-to"];
    let sent = Project::empty().run(&[&send[..], &["thumbnail"]].concat()).exits(0).stdout;
    up.says(&format!("START RequestId: {}", sent.trim()));
    up.says("[ERROR] NoSuchKey: The specified key does not exist.");
    let refused = Project::empty().run(&[&send[..], &["thumbnails"]].concat()).exits(2).stderr;
    assert!(refused.contains("Function not found"), "{refused}");
    let invoke = ["invoke", "thumbnail", "--endpoint", &up.url, "-e", "-"];
    let failed = Project::empty().run_with_stdin(&invoke, event.as_bytes()).exits(1).json();
    assert_eq!(
        (&failed["errorType"], &failed["errorMessage"]),
        (&json!("NoSuchKey"), &json!("The specified key does not exist."))
    );
}

#[test]
fn thumbnails_of_thumbnails_come_to_an_end() {
    let project = Project::new(
        "[buckets.photos]\n[functions.thumbnail]\ncode = \"functions/thumbnail/thumbnail.wasm\"\nmemory_mib = 512\n\
         [[functions.thumbnail.events]]\ns3 = { bucket = \"photos\", events = [\"s3:ObjectCreated:*\"] }\n",
    );
    let up = project.up(&["--quiet"]);
    body(&up.send_bytes("PUT /photos/uploads/suit.jpg", "", &photograph()));
    up.says(
        "a recursive loop is stopped: the events of one chain have invoked function `thumbnail` 16 times",
    );
    up.streams("/_hearth/timeline?follow=1", r#""event":"dropped","condition":"RecursiveInvocation""#);
    let list = up.send("GET /photos?list-type=2", "", "");
    assert_eq!(list.matches("<Key>").count(), 17, "{list}");
    let metrics = up.send("GET /_hearth/metrics", "", "");
    assert!(metrics.contains(r#""recursive_invocations_dropped":1,"#), "{metrics}");
}

const PAYLOAD: &str = r#"{"zen":"Keep it logically awesome.","hook_id":1}"#;
/// With the secret of the sample's manifest.
const SIGNATURE: &str = "sha256=ae8951f50ab87ba47d298c0511bb1d0d80b1ee963458ccef865aa62f53c0be7f";

#[test]
fn signed_webhooks_become_messages() {
    let up = up("webhook");
    let deliver = |signature: &str, payload: &str| {
        let headers = format!("x-hub-signature-256: {signature}\r\nx-github-event: ping\r\n");
        up.send("POST /_hearth/http/webhooks", &headers, payload)
    };
    let accepted = deliver(SIGNATURE, PAYLOAD);
    assert!(accepted.starts_with("HTTP/1.1 202 ") && accepted.contains("messageId"), "{accepted}");
    up.says("accepted ping unknown (48 bytes) as message ");
    let forged = deliver(SIGNATURE, "{}");
    assert!(forged.starts_with("HTTP/1.1 401 ") && forged.contains("the signature is wrong"), "{forged}");
    up.says("refused: the signature is wrong");

    let receive = json!({ "QueueUrl": "deliveries", "MessageAttributeNames": ["All"] }).to_string();
    let headers = "content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.ReceiveMessage\r\n";
    let received = up.send("POST /", headers, &receive);
    let document: Value = serde_json::from_slice(body(received.as_bytes())).expect("JSON");
    let [message] = &**document["Messages"].as_array().expect("messages") else { panic!("{document}") };
    assert_eq!(message["Body"], PAYLOAD);
    assert_eq!(message["MessageAttributes"]["event"]["StringValue"], "ping");
}
