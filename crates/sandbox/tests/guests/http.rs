//! `wasi:http` components: the sample `functions/hello-http`, called with requests, and with events of payload format 2.0.

use bytes::Bytes;
use hearth_engine::{clock::Clock, port::Environment};
use hearth_model::{limits, outcome::Failure};
use http::{Request, Response};
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

fn request(method: &str, target: &str, headers: &[(&str, &[u8])], body: impl Into<Bytes>) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(format!("http://example.localhost{target}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

async fn send(
    environment: &mut dyn Environment,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Failure> {
    environment.answer(Box::new(request), &context()).await
}

fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn requests_and_responses_pass_as_they_are() {
    let function = hello().await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    let headers: [(&str, &[u8]); 5] = [
        ("x-twice", b"1"),
        ("x-other", b"\x09"),
        ("x-twice", b"2"),
        ("x-name", b"J\xfcrgen"),
        ("connection", b"x"),
    ];
    let response =
        send(&mut *environment, request("PURGE", "/echo?a=%20b&c", &headers, "text")).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    let echo = json!({"method": "PURGE", "path": "/echo", "query": "a=%20b&c", "headers": 4, "body": "text"});
    assert_eq!(json(&response), echo);
    let response = send(&mut *environment, request("GET", "/headers", &headers, "")).await.unwrap();
    let read = json!({"x-twice": "1, 2", "x-other": "\t", "x-name": "J\u{fffd}rgen"});
    assert_eq!(json(&response), read, "what is about the connection stays with it");
    let response = send(&mut *environment, request("HEAD", "/cookies", &[], "")).await.unwrap();
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["first=1; Path=/; HttpOnly", "second=2"]);
    let response = send(&mut *environment, request("GET", "/pixel.png", &[], "")).await.unwrap();
    assert!(response.body().starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn bodies_of_all_sizes_pass_up_to_the_limit() {
    let function = hello().await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    for bytes in [0, 1, 4_095, 4_096, 65_537, 5 << 20] {
        let body = "x".repeat(bytes);
        let response = send(&mut *environment, request("POST", "/echo", &[], body.clone())).await.unwrap();
        assert!(json(&response)["body"] == json!(body), "{bytes} bytes came back");
    }
    let body = "x".repeat(limits::RESPONSE_BYTES);
    let failure = send(&mut *environment, request("POST", "/echo", &[], body)).await.unwrap_err();
    assert!(matches!(failure, Failure::ResponseTooLarge { .. }), "{failure:?}");
    environment.reset();
    environment.init().await.unwrap();
    assert_eq!(
        send(&mut *environment, request("GET", "/", &[], "")).await.unwrap().body(),
        "Hello, world!\n"
    );
}
