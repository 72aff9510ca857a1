//! An invocation is run again as it was.

use std::{pin::pin, time::Duration};

use aws_sdk_lambda::primitives::Blob;
use hyper::Method;
use serde_json::Value;

use crate::town::Town;

/// What comes of something that takes the guest time.
async fn while_time_passes<T>(town: &Town, something: impl Future<Output = T>) -> T {
    let mut something = pin!(something);
    loop {
        tokio::select! {
            biased;
            done = something.as_mut() => return done,
            _ran = town.hearth.advance(Duration::from_millis(1)) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_guest_that_runs_again_sees_the_time_of_then() {
    let town = Town::found().await;
    let invoke = town.lambda.invoke().function_name("worker").payload(Blob::new(r#"{"action":"clock"}"#));
    let answer = while_time_passes(&town, invoke.send()).await.expect("an answer");
    let shown = answer.payload.expect("what its clocks show");
    let shown: Value = serde_json::from_slice(shown.as_ref()).expect("a document");
    let id = town.hearth.invocations("worker").last().expect("it has run").request_id;
    town.hearth.advance(Duration::from_secs(24 * 60 * 60)).await;
    let path = format!("/_hearth/replay/{id}");
    let (status, body) = while_time_passes(&town, town.call(Method::POST, &path, &[], "")).await;
    assert_eq!(status, 200, "{body}");
    let replayed: Value = serde_json::from_str(&body).expect("a document");
    assert_eq!(replayed["payload"], shown);
    assert_eq!(shown["ten_ms_took_us"], 10_000, "{shown}");
}
