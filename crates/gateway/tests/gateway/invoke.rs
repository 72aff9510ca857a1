//! `Invoke`: every status, header and error document.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{
    client::{Answer, invoke, request},
    world::World,
};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:hello";

#[tokio::test]
async fn an_answer_is_the_handlers_and_says_who_gave_it() {
    let world = World::new().await;
    let answer = world.invoke("hello", &[], r#"{"n":1}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"n":1}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    assert!(answer.header("date").is_some());
    for absent in ["x-amz-function-error", "x-amz-log-result", "x-amzn-errortype"] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn null_is_an_answer_and_no_event_is_an_empty_one() {
    let world = World::new().await;
    assert_eq!(world.invoke("hello", &[], "null").await.body, "null");
    assert_eq!(world.invoke("hello", &[], "").await.body, "{}");
}

#[tokio::test]
async fn a_function_is_named_by_name_or_arn_and_by_a_qualifier() {
    let world = World::new().await;
    let check = async |path: &str, arn: &str| {
        let line = format!("POST /2015-03-31/functions/{path}");
        let answer = world.client().await.call(&line, &[], "\"context\"").await;
        assert_eq!(answer.json()["arn"], arn, "{path}");
    };
    check("hello/invocations", ARN).await;
    check("hello/invocations?Qualifier=%24LATEST", &format!("{ARN}:$LATEST")).await;
    check("hello%3A%24LATEST/invocations?", &format!("{ARN}:$LATEST")).await;
    check(&format!("{ARN}/invocations"), ARN).await;
    check(&format!("{}/invocations", ARN.replace(':', "%3A")), ARN).await;
}

#[tokio::test]
async fn the_handler_sees_trace_header_and_client_context() {
    let world = World::new().await;
    let client_context = BASE64_STANDARD.encode(r#"{"custom":{"a":"b"}}"#);
    let headers =
        [("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe"), ("X-Amz-Client-Context", &client_context)];
    let answer = world.invoke("hello", &headers, "\"context\"").await;
    let seen = answer.json();
    assert_eq!((&seen["arn"], &seen["client"]), (&json!(ARN), &json!(r#"{"custom":{"a":"b"}}"#)));
    let trace = seen["trace"].as_str().expect("a trace");
    let id = answer.header("x-amzn-requestid").expect("an id").replace('-', "");
    let expect = format!("Root=1-5759e988-bd862e3fe;Parent={};Sampled=0;Lineage=1:", &id[16..]);
    assert!(trace.starts_with(&expect), "what the handler asks for is caused by the invocation: {trace}");
    assert_eq!(answer.header("x-amzn-trace-id"), Some(trace));
}

#[tokio::test]
async fn a_functions_error_is_a_good_answer_of_lambdas() {
    let world = World::new().await;
    let answer = world.invoke("hello", &[], "\"function error\"").await;
    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, Some("Unhandled")));
    let request_id = answer.header("x-amzn-requestid").expect("an id");
    let document = json!({
        "errorMessage": "no such thing",
        "errorType": "ValueError",
        "requestId": request_id,
        "stackTrace": ["at handler"],
    });
    assert_eq!(answer.json(), document);

    let answer = world.invoke("hello", &[], "\"exit\"").await;
    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, Some("Unhandled")));
    let request_id = answer.header("x-amzn-requestid").expect("an id");
    let message = format!("RequestId: {request_id} Error: Runtime exited with error: exit status 3");
    assert_eq!(answer.json(), json!({"errorMessage": message, "errorType": "Runtime.ExitError"}));
}

#[tokio::test]
async fn the_end_of_the_log_comes_with_the_answer_if_it_is_asked_for() {
    let world = World::new().await;
    let tail = |answer: &Answer| {
        let decoded = BASE64_STANDARD.decode(answer.header("x-amz-log-result")?).expect("base64");
        Some(String::from_utf8(decoded).expect("text"))
    };
    let answer = world.invoke("hello", &[("X-Amz-Log-Type", "Tail")], "{}").await;
    let log = tail(&answer).expect("a log");
    let request_id = answer.header("x-amzn-requestid").expect("an id");
    for line in ["START", "END", "REPORT"] {
        assert!(log.contains(&format!("{line} RequestId: {request_id}")), "{log}");
    }
    assert_eq!(tail(&world.invoke("hello", &[("X-Amz-Log-Type", "None")], "{}").await), None);
}

#[tokio::test]
async fn a_dry_run_only_says_whether_the_function_is_there() {
    let world = World::new().await;
    let dry = [("X-Amz-Invocation-Type", "DryRun")];
    let answer = world.invoke("hello", &dry, "\"platform fault\"").await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(world.invoke("nobody", &dry, "{}").await.status, 404);
    assert_eq!(world.engine.functions()[0].metrics().invocations, 0);
}

/// What an SDK makes of an answer: status, class, document.
fn check_error(answer: &Answer, status: u16, code: &str, document: &serde_json::Value) {
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (status, Some(code)), "{}", answer.body);
    assert_eq!(&answer.json(), document);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
}

#[tokio::test]
async fn a_function_that_is_not_there_is_named_with_account_region_and_version() {
    let world = World::new().await;
    let check = async |function: &str, authorization: &str, arn: &str| {
        let answer = world.invoke(function, &[("Authorization", authorization)], "{}").await;
        let document = json!({"Type": "User", "Message": format!("Function not found: {arn}")});
        check_error(&answer, 404, "ResourceNotFoundException", &document);
    };
    let signed = |scope: &str| {
        format!("AWS4-HMAC-SHA256 Credential={scope}/lambda/aws4_request, SignedHeaders=host, Signature=00")
    };
    let local = signed("test/20260101/us-east-1");
    check("nobody", &local, "arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST").await;
    check("hello:live", &local, &format!("{ARN}:live")).await;
    check("hello:7", &local, &format!("{ARN}:7")).await;
    let other = signed("123456789012/20260101/eu-west-1");
    check("hello", &other, "arn:aws:lambda:eu-west-1:123456789012:function:hello:$LATEST").await;
}

#[tokio::test]
async fn a_request_that_cannot_be_served_says_why() {
    let world = World::new().await;
    let check = async |line: &str, headers: &[(&str, &str)], body: &str, status, code, message: &str| {
        let answer = world.client().await.call(line, headers, body).await;
        let at = answer.json()["message"].as_str().map(str::to_owned).unwrap_or_default();
        assert!(at.contains(message), "{}", answer.body);
        check_error(&answer, status, code, &json!({"Type": "User", "message": at}));
    };
    let hello = invoke("hello");
    let invalid = "1 validation error detected: Value";
    check(&invoke("two%20words"), &[], "{}", 400, "ValidationException", invalid).await;
    check(&invoke("%FF"), &[], "{}", 400, "ValidationException", "not percent-encoded UTF-8").await;
    check(&format!("{hello}?Qualifier=%2"), &[], "{}", 400, "ValidationException", "`Qualifier` is not")
        .await;
    check(&format!("{hello}?Qualifier=a%20b"), &[], "{}", 400, "ValidationException", invalid).await;
    let two = format!("{}?Qualifier=2", invoke("hello:1"));
    check(&two, &[], "{}", 400, "InvalidParameterValueException", "does not match").await;
    let not_json = "Could not parse request body into json";
    check(&hello, &[], "{\"a\": ", 400, "InvalidRequestContentException", not_json).await;
    let headers = [("X-Amz-Invocation-Type", "Later")];
    check(&hello, &headers, "{}", 400, "ValidationException", "[Event, RequestResponse, DryRun]").await;
    let headers = [("X-Amz-Log-Type", "All")];
    check(
        &hello,
        &headers,
        "{}",
        400,
        "ValidationException",
        "'logType' failed to satisfy constraint: Member must satisfy enum value set: [None, Tail]",
    )
    .await;
    let headers = [("X-Amz-Tenant-Id", "blue")];
    check(
        &hello,
        &headers,
        "{}",
        400,
        "InvalidParameterValueException",
        "no function of Hearth isolates tenants",
    )
    .await;
    let headers = [("X-Amz-Durable-Execution-Name", "one")];
    check(&hello, &headers, "{}", 400, "InvalidParameterValueException", "no function of Hearth is durable")
        .await;
    for context in ["no base64!", "W10=", "/w=="] {
        let headers = [("X-Amz-Client-Context", context)];
        check(&hello, &headers, "{}", 400, "InvalidRequestContentException", "valid Base64-encoded JSON")
            .await;
    }
    let get = hello.replace("POST", "GET");
    check(&get, &[], "", 405, "MethodNotAllowedException", "takes POST, not GET").await;
    let served = "/2015-03-31/functions/{name or ARN}/invocations";
    check("GET /", &[], "", 404, "UnknownOperationException", served).await;
    check("POST /2015-03-31/function", &[], "{}", 404, "UnknownOperationException", "_hearth/health").await;
}

#[tokio::test]
async fn a_method_that_is_not_allowed_comes_with_those_that_are() {
    let world = World::new().await;
    let answer = world.client().await.call("DELETE /_hearth/health", &[], "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
}

#[tokio::test]
async fn an_event_is_accepted_at_once_and_run_later() {
    let world = World::new().await;
    let event = [("X-Amz-Invocation-Type", "Event")];
    let answer = world.invoke("hello", &event, "\"wait\"").await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
    let request_id = answer.header("x-amzn-requestid").expect("an id").to_owned();
    world.waiting.notified().await;
    world.go_on.notify_one();
    world.engine.work().idle().await;
    let log = world.read("/_hearth/timeline").await.to_string();
    assert!(log.contains(&request_id), "{log}");
    assert_eq!(world.engine.functions()[0].metrics().invocations, 1);
    assert_eq!(world.invoke("nobody", &event, "{}").await.status, 404);

    // Want of concurrency is no reason to refuse it, its size is.
    world.deploy("off", Some(0)).await;
    assert_eq!(world.invoke("off", &event, "{}").await.status, 202);
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    let message = "Request must be smaller than 1048576 bytes for the InvokeFunction operation";
    let refused = world.invoke("hello", &event, &large).await;
    check_error(&refused, 413, "RequestTooLargeException", &json!({"Type": "User", "message": message}));
}

#[tokio::test]
async fn a_throttled_request_says_which_limit() {
    let world = World::new().await;
    world.deploy("off", Some(0)).await;
    let document = json!({
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    });
    check_error(&world.invoke("off", &[], "{}").await, 429, "TooManyRequestsException", &document);
}

#[tokio::test]
async fn a_fault_of_hearths_own_is_no_function_error() {
    let world = World::new().await;
    let answer = world.invoke("hello", &[], "\"platform fault\"").await;
    assert_eq!(answer.header("x-amz-function-error"), None);
    let document = json!({"Type": "Service", "Message": "the sandbox is on fire"});
    check_error(&answer, 500, "ServiceException", &document);
}

#[tokio::test]
async fn nothing_is_invoked_any_more_when_the_engine_ends() {
    let world = World::new().await;
    world.engine.shutdown(std::time::Duration::ZERO).await;
    let answer = world.invoke("hello", &[], "{}").await;
    let message = "Hearth is shutting down and accepts no more invocations";
    check_error(&answer, 503, "ServiceUnavailableException", &json!({"Type": "Service", "Message": message}));
}

const TOO_LARGE: usize = 7 * 1024 * 1024;

fn too_large() -> serde_json::Value {
    let message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
    json!({"Type": "User", "message": message})
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused_and_the_connection_goes_on() {
    let world = World::new().await;
    let mut client = world.client().await;
    let event = format!("\"{}\"", "x".repeat(TOO_LARGE));
    let answer = client.call(&invoke("hello"), &[], &event).await;
    check_error(&answer, 413, "RequestTooLargeException", &too_large());

    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    client.send(&request(&invoke("hello"), &[("transfer-encoding", "chunked")], "")).await;
    client.send(&format!("{chunk}0\r\n\r\n")).await;
    check_error(&client.answer().await, 413, "RequestTooLargeException", &too_large());
    assert_eq!(client.call(&invoke("hello"), &[], "1").await.body, "1");
}

#[tokio::test]
async fn a_large_request_that_nobody_serves_is_heard_out() {
    let world = World::new().await;
    let mut client = world.client().await;
    let body = "x".repeat(TOO_LARGE);
    assert_eq!(client.call("PUT /bucket/key", &[], &body).await.status, 404);
    assert_eq!(client.call("PUT /_hearth/health", &[], &body).await.status, 405);
    assert_eq!(client.call(&invoke("two%20words"), &[], "1").await.status, 400);
    assert_eq!(client.call(&invoke("hello"), &[], "1").await.body, "1");
}

#[tokio::test]
async fn an_event_that_waits_for_permission_is_refused_unheard() {
    let world = World::new().await;
    let mut client = world.client().await;
    let length = TOO_LARGE.to_string();
    let headers = [("content-length", length.as_str()), ("expect", "100-continue")];
    client.send(&request(&invoke("hello"), &headers, "")).await;
    check_error(&client.answer().await, 413, "RequestTooLargeException", &too_large());
}

#[tokio::test]
async fn the_largest_event_is_served_with_permission() {
    let world = World::new().await;
    let mut client = world.client().await;
    let event = format!("\"{}\"", "x".repeat(6 * 1024 * 1024 - 2));
    let permission = client.call(&invoke("hello"), &[("expect", "100-continue")], &event).await;
    assert_eq!(permission.status, 100);
    assert_eq!(client.answer().await.body, event);
}
