//! Invocations.

use aws_sdk_lambda::{
    primitives::Blob,
    types::{InvocationType, InvokeWithResponseStreamResponseEvent as StreamEvent, LogType},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::deploy;
use crate::hearth::Hearth;

fn event(event: &Value) -> Blob {
    Blob::new(event.to_string())
}

fn answer(payload: Option<&Blob>) -> Value {
    serde_json::from_slice(payload.unwrap().as_ref()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_the_end_of_the_log() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "hello", "hello").await;
    let invoke = client.invoke().function_name("hello").log_type(LogType::Tail);
    let reply = invoke.payload(event(&json!({"name": "Ada"}))).send().await.unwrap();
    assert_eq!((reply.status_code(), reply.executed_version()), (200, Some("$LATEST")));
    assert_eq!(reply.function_error(), None);
    assert_eq!(answer(reply.payload())["message"], "Hello, Ada!");
    let log = String::from_utf8(BASE64_STANDARD.decode(reply.log_result().unwrap()).unwrap()).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("START RequestId: ") && lines[0].ends_with(" Version: $LATEST"), "{log}");
    assert_eq!(lines[1], "hello greets Ada");
    assert!(lines[3].starts_with("REPORT RequestId: "), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_functions_error_is_an_answer() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "misbehave", "misbehave").await;
    let wrong = json!({"action": "error", "error_type": "OutOfStock", "message": "none left"});
    let reply = client.invoke().function_name("misbehave").payload(event(&wrong)).send().await.unwrap();
    assert_eq!((reply.status_code(), reply.function_error()), (200, Some("Unhandled")));
    let document = answer(reply.payload());
    assert_eq!(
        (&document["errorType"], &document["errorMessage"]),
        (&json!("OutOfStock"), &json!("none left"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_accepted_and_dry_runs_run_nothing() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "counter", "counter").await;
    for (kind, status) in [(InvocationType::DryRun, 204), (InvocationType::Event, 202)] {
        let reply = client.invoke().function_name("counter").invocation_type(kind).send().await.unwrap();
        assert_eq!((reply.status_code(), reply.executed_version()), (status, None));
        assert_eq!(reply.payload().map_or(0, |payload| payload.as_ref().len()), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_as_a_stream() {
    let hearth = Hearth::start().await;
    let client = hearth.lambda();
    deploy(&client, "misbehave", "misbehave").await;
    for (sent, error) in [
        (json!({"action": "answer", "bytes": 2_000_000}), None),
        (json!({"action": "error", "error_type": "OutOfStock", "message": "none left"}), Some("OutOfStock")),
    ] {
        let invoke = client.invoke_with_response_stream().function_name("misbehave");
        let mut reply = invoke.payload(event(&sent)).send().await.unwrap();
        assert_eq!((reply.status_code(), reply.executed_version()), (200, Some("$LATEST")));
        let (mut payload, mut complete) = (Vec::<u8>::new(), None);
        while let Some(part) = reply.event_stream.recv().await.unwrap() {
            match part {
                StreamEvent::PayloadChunk(chunk) => payload.extend(chunk.payload().unwrap().as_ref()),
                StreamEvent::InvokeComplete(end) => complete = Some(end),
                other => panic!("{other:?}"),
            }
        }
        let complete = complete.expect("the stream has an end");
        assert_eq!(complete.error_code().is_some(), error.is_some());
        match error {
            None => assert_eq!(payload.len(), 2_000_000),
            Some(error) => assert!(complete.error_details().is_some_and(|details| details.contains(error))),
        }
    }
}
