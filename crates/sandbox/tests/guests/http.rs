//! `wasi:http` components: the sample `functions/hello-http`, called with events of payload format 2.0.

use bytes::Bytes;
use hearth_engine::{clock::Clock, port::Environment};
use hearth_model::outcome::Failure;
use serde_json::{Value, json};

use crate::support::{Function, context, sandbox};

async fn hello() -> Function {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/hello-http/hello-http.wasm");
    let wasm = std::fs::read(path).unwrap();
    Function::try_load(&sandbox(), &[("bootstrap.wasm", &wasm)], Clock::real()).await.unwrap()
}

fn event(method: &str, path: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "rawPath": path,
        "headers": {"content-type": "text/plain"},
        "body": body,
        "requestContext": {"http": {"method": method}},
    })
}

async fn ask(environment: &mut dyn Environment, event: Value) -> Result<Value, Failure> {
    let answer = environment.invoke(Bytes::from(event.to_string()), &context()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

/// What the sample's `/echo` says it received.
fn echoed(answer: &Value) -> Value {
    let body = answer["body"].as_str().unwrap();
    serde_json::from_str::<Value>(body).unwrap()["body"].clone()
}

#[tokio::test]
async fn one_instance_answers_request_after_request() {
    let function = hello().await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    for round in 0..20 {
        let body = format!("round {round}");
        let answer = ask(&mut *environment, event("POST", "/echo", &body)).await.unwrap();
        assert_eq!((&answer["statusCode"], echoed(&answer)), (&json!(200), json!(body)), "{answer}");
    }
    let answer = ask(&mut *environment, event("GET", "/status/404", "")).await.unwrap();
    assert_eq!(answer["statusCode"], 404);
}

#[tokio::test]
async fn bodies_of_a_megabyte_pass_in_both_directions() {
    let function = hello().await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    let body = "x".repeat(1 << 20);
    let answer = ask(&mut *environment, event("POST", "/echo", &body)).await.unwrap();
    assert!(echoed(&answer) == json!(body), "the body came back");
}

#[tokio::test]
async fn bytes_that_are_no_text_come_as_base64() {
    let function = hello().await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    let answer = ask(&mut *environment, event("GET", "/pixel.png", "")).await.unwrap();
    assert_eq!(answer["isBase64Encoded"], true);
    assert!(answer["body"].as_str().unwrap().starts_with("iVBOR"), "{answer}");
}

#[tokio::test]
async fn an_event_that_is_no_request_is_an_error_and_no_crash() {
    let function = hello().await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    let failure = ask(&mut *environment, json!({"name": "Ada"})).await.unwrap_err();
    let Failure::Function(error) = failure else { panic!("{failure:?}") };
    assert!(error.error_message.contains("payload format 2.0"), "{}", error.error_message);
    assert_eq!(ask(&mut *environment, event("GET", "/", "")).await.unwrap()["statusCode"], 200);
}
