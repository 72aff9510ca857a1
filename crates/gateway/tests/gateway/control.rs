//! Hearth's own API.

use serde_json::{Value, json};

use crate::{client::invoke, world::World};

#[tokio::test]
async fn health_says_that_hearth_runs() {
    let world = World::new().await;
    let answer = world.client().await.get("/_hearth/health").await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(answer.json(), json!({"status": "ok", "version": version, "functions": 1, "running": 0}));
}

#[tokio::test]
async fn environments_are_listed_with_what_they_do() {
    let world = World::new().await;
    let mut client = world.client().await;
    assert_eq!(client.get("/_hearth/environments").await.json(), json!({"environments": []}));
    client.call(&invoke("hello"), &[], "{}").await;
    client.call(&invoke("hello"), &[], "{}").await;
    let entry = json!({
        "function": "hello",
        "function_arn": "arn:aws:lambda:us-east-1:000000000000:function:hello",
        "id": 1,
        "generation": 1,
        "state": "idle",
        "state_ms": 0,
        "invocations": 2,
        "provisioned": false,
    });
    assert_eq!(client.get("/_hearth/environments").await.json(), json!({"environments": [entry]}));
}

#[tokio::test]
async fn metrics_count_each_function() {
    let world = World::new().await;
    world.deploy("off", Some(0)).await;
    for (function, event) in [("hello", "{}"), ("hello", "\"function error\""), ("off", "{}")] {
        world.invoke(function, &[], event).await;
    }
    let metrics = world.client().await.get("/_hearth/metrics").await.json();
    let of = |name: &str| {
        let functions = metrics["functions"].as_array().expect("a list");
        functions.iter().find(|function| function["function"] == name).expect(name).clone()
    };
    let counters = |function: &Value| {
        ["invocations", "errors", "throttles", "cold_starts", "concurrency"]
            .map(|name| function[name].clone())
    };
    assert_eq!(counters(&of("hello")), [2, 1, 0, 1, 0].map(Value::from));
    assert_eq!(counters(&of("off")), [0, 0, 1, 0, 0].map(Value::from));
}

/// The kinds of events, in order.
fn kinds(timeline: &Value) -> Vec<&str> {
    let events = timeline["events"].as_array().expect("a list");
    events.iter().map(|event| event["event"].as_str().expect("a kind")).collect()
}

#[tokio::test]
async fn the_timeline_tells_what_happened() {
    let world = World::new().await;
    let mut client = world.client().await;
    client.call(&invoke("hello"), &[], "{}").await;
    let timeline = client.get("/_hearth/timeline").await.json();
    assert_eq!(kinds(&timeline), ["deployed", "received", "cold-start", "ended"]);
    assert_eq!(timeline["dropped"], 0);
    let newest = client.get("/_hearth/timeline?limit=2").await.json();
    assert_eq!(kinds(&newest), ["cold-start", "ended"]);
    assert_eq!(kinds(&client.get("/_hearth/timeline?limit=0").await.json()), [""; 0]);

    let answer = client.get("/_hearth/timeline?limit=all").await;
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (400, Some("InvalidParameterValueException"))
    );
    assert_eq!(answer.json()["message"], "`limit` must be a number, not `all`");
}

#[tokio::test]
async fn the_timeline_is_filtered() {
    let world = World::new().await;
    world.deploy("other", None).await;
    let id = world.invoke("hello", &[], "{}").await.header("x-amzn-requestid").expect("an id").to_owned();
    world.invoke("other", &[], "{}").await;
    let timeline = async |query: &str| world.client().await.get(&format!("/_hearth/timeline?{query}")).await;
    let shown = async |query: &str| {
        kinds(&timeline(query).await.json()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let invocation = ["received", "cold-start", "ended"];
    assert_eq!(shown(&format!("request_id={id}")).await, invocation);
    assert_eq!(shown(&format!("chain={id}")).await, invocation);
    assert_eq!(shown(&format!("chain={}", &id.replace('-', "")[16..])).await, invocation);
    assert_eq!(shown("chain=0123456789abcdef").await, [""; 0]);
    assert_eq!(shown("function=other").await, [&["deployed"][..], &invocation].concat());
    assert_eq!(shown("function=other&kind=ended,deployed").await, ["deployed", "ended"]);
    assert_eq!(shown("function=other&kind=ended,deployed&limit=1").await, ["ended"]);
    assert_eq!(shown("since=1s&kind=deployed").await.len(), 2);
    assert_eq!(shown("since=2100-01-01T00:00:00Z").await, [""; 0]);
    for (query, message) in [
        ("chain=x", "`chain` must be the id of a request, a message or an event, or a cause, not `x`"),
        ("request_id=x", "`request_id` must be the id of a request, not `x`"),
        ("kind=ended,warm", "`kind`: unknown variant `warm`, expected one of `deployed`"),
    ] {
        let answer = timeline(query).await;
        let document = answer.json();
        let told = document["message"].as_str().expect("a message");
        assert!(answer.status == 400 && told.starts_with(message), "{told}");
    }
}

#[tokio::test]
async fn a_chain_is_followed_as_it_grows() {
    let world = World::new().await;
    let id = world.invoke("hello", &[], "{}").await.header("x-amzn-requestid").expect("an id").to_owned();
    let parent = id.replace('-', "")[16..].to_owned();
    let mut follower = world.client().await;
    let path = format!("/_hearth/timeline?follow=1&kind=ended&chain={id}");
    follower.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
    follower.head().await;
    follower.text_with("\"event\":\"ended\"").await;
    world.invoke("hello", &[], "{}").await;
    let header = format!("Root=1-5759e988-bd862e3fe1be46a994272793;Parent={parent};Sampled=0");
    world.invoke("hello", &[("x-amzn-trace-id", &header)], "{}").await;
    let text = follower.text_with("id: 7").await;
    assert!(!text.contains("id: 5"), "what is not of the chain is left out: {text}");
}

#[tokio::test]
async fn the_timeline_can_be_followed() {
    let world = World::new().await;
    let mut follower = world.client().await;
    follower.send("GET /_hearth/timeline?follow=1&limit=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let head = follower.head().await;
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    let text = follower.text_with("\n\n").await;
    assert!(
        text.contains("id: 0\ndata: {\"sequence\":0,") && text.contains("\"event\":\"deployed\""),
        "{text}"
    );

    world.invoke("hello", &[], "{}").await;
    let text = follower.text_with("\"event\":\"ended\"").await;
    assert!(text.contains("id: 1\ndata: {") && text.contains("\"event\":\"received\""), "{text}");

    world.engine.shutdown(std::time::Duration::ZERO).await;
    let text = follower.text_with("0\r\n\r\n").await;
    assert!(text.ends_with("\r\n0\r\n\r\n"), "the stream ends with the engine: {text}");
}

#[tokio::test]
async fn faults_are_added_listed_and_taken_away() {
    let world = World::new().await;
    let call = async |line: &str, body: &str| world.client().await.call(line, &[], body).await;
    let faults = async |line: &str, body: &str| call(line, body).await.json()["faults"].clone();
    assert_eq!(faults("GET /_hearth/faults", "").await, json!([]));
    let rule = json!({"fault": "fail", "function": "hello", "from": 2, "error_type": "Unlucky", "error_message": "no"});
    let entry = |id: u64, seen: u64, injected: u64, rule: &Value| json!({"id": id, "seen": seen, "injected": injected, "rule": rule});
    let added = faults("POST /_hearth/faults", &rule.to_string()).await;
    assert_eq!(added, json!([entry(1, 0, 0, &rule)]));
    world.invoke("hello", &[], "{}").await;
    let failed = world.invoke("hello", &[], "{}").await;
    assert_eq!(failed.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(failed.json()["errorType"], "Unlucky");
    let twins = json!([
        {"fault": "drop-response", "function": "h*", "count": 1},
        {"fault": "throttle", "function": "other", "percent": 10, "seed": 7},
    ]);
    assert_eq!(faults("POST /_hearth/faults", &twins.to_string()).await[1], entry(3, 0, 0, &twins[1]));
    assert_eq!(faults("DELETE /_hearth/faults/1", "").await.as_array().map(Vec::len), Some(2));
    let dropped = world.invoke("hello", &[], "{}").await;
    assert_eq!((dropped.status, dropped.header("x-amzn-errortype")), (500, Some("ServiceException")));
    assert_eq!(faults("GET /_hearth/faults", "").await[0], entry(2, 1, 1, &twins[0]));
    let injected = world.client().await.get("/_hearth/timeline?kind=injected").await.json();
    let told: Vec<_> =
        injected["events"].as_array().expect("a list").iter().map(|event| &event["fault"]).collect();
    assert_eq!(told, ["fail", "drop-response"]);
    assert_eq!(faults("DELETE /_hearth/faults", "").await, json!([]));

    for (line, body, status, message) in [
        ("POST /_hearth/faults", "{}", 400, "`fault` is missing: say what goes wrong, such as `fail`"),
        (
            "POST /_hearth/faults",
            "[{\"fault\":\"fail\"}]",
            400,
            "`function` is missing: `fail` happens to a function; `*` means all of them",
        ),
        (
            "POST /_hearth/faults",
            "{\"faults\":1}",
            400,
            "this is no rule for faults: unknown field `faults`, expected one of `fault`",
        ),
        (
            "POST /_hearth/faults",
            "[{\"fault\":\"explode\"}]",
            400,
            "this is no rule for faults: unknown variant `explode`, expected one of `throttle`",
        ),
        ("DELETE /_hearth/faults/1", "", 404, "there is no fault `1`: `hearth faults` lists what there is"),
    ] {
        let answer = call(line, body).await;
        let document = answer.json();
        let told = document["message"].as_str().or(document["Message"].as_str()).expect("a message");
        assert!(answer.status == status && told.starts_with(message), "{told}");
    }
    assert_eq!(call("PUT /_hearth/faults", "").await.status, 405);
}

#[tokio::test]
async fn an_invocation_is_run_again() {
    let world = World::new().await;
    let id = world
        .invoke("hello", &[], "\"function error\"")
        .await
        .header("x-amzn-requestid")
        .expect("an id")
        .to_owned();
    let replay =
        async |id: &str| world.client().await.call(&format!("POST /_hearth/replay/{id}"), &[], "").await;
    let again = replay(&id).await.json();
    assert_eq!(
        (&again["replay_of"], &again["function"], &again["version"]),
        (&json!(id), &json!("hello"), &json!("$LATEST"))
    );
    assert_eq!(
        (&again["outcome"], &again["payload"]["errorType"]),
        (&json!("function-error"), &json!("ValueError"))
    );
    assert!(again["log"].as_str().expect("a log").contains("REPORT RequestId: "), "{again}");
    let chain = world.client().await.get(&format!("/_hearth/timeline?chain={id}&kind=received")).await.json();
    assert_eq!(chain["events"][1]["via"], "replay");
    assert_eq!(chain["events"][1]["request_id"], again["request_id"]);
    for (id, status, message) in [
        ("x", 400, "`x` is not the id of a request"),
        (
            "00000000-0000-4000-8000-000000000000",
            404,
            "the invocation 00000000-0000-4000-8000-000000000000 is not recorded, or no longer",
        ),
    ] {
        let answer = replay(id).await;
        let document = answer.json();
        let told = document["message"].as_str().or(document["Message"].as_str()).expect("a message");
        assert!(answer.status == status && told.starts_with(message), "{told}");
    }
    assert_eq!(world.client().await.get(&format!("/_hearth/replay/{id}")).await.status, 405);
}

#[tokio::test]
async fn a_functions_log_is_read_and_filtered() {
    let world = World::new().await;
    let lines = async |query: &str| {
        let log = world.client().await.get(&format!("/_hearth/logs/hello{query}")).await.json();
        assert_eq!(log["dropped"], 0);
        log["lines"].as_array().expect("a list").clone()
    };
    assert_eq!(lines("").await, [Value::Null; 0]);
    let id = world.invoke("hello", &[], "{}").await.header("x-amzn-requestid").expect("an id").to_owned();
    let all = lines("").await;
    assert_eq!(all.len(), 3);
    let stream = all[0]["stream"].as_str().expect("a name");
    let expect = json!({
        "time": "1970-01-01T00:00:00.000Z",
        "function": "hello",
        "stream": stream,
        "request_id": id,
        "source": "platform",
        "message": format!("START RequestId: {id} Version: $LATEST"),
    });
    assert_eq!(all[0], expect);
    assert_eq!(lines("?filter=REPORT%20-START").await, all[2..]);
    assert_eq!(lines("?since=10m").await, all);
    assert_eq!(lines("?since=1970-01-01T00:00:01Z").await, [Value::Null; 0]);

    let refused = async |path: &str| {
        let answer = world.client().await.get(&format!("/_hearth/logs/{path}")).await;
        let document = answer.json();
        let message = document["message"].as_str().or(document["Message"].as_str()).expect("a message");
        (answer.status, message.to_owned())
    };
    let nobody = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST";
    assert_eq!(refused("nobody").await, (404, nobody.to_owned()));
    let (status, message) = refused("hello?since=yesterday").await;
    assert!(status == 400 && message.starts_with("`since` must be a time such as"), "{message}");
    let (status, message) = refused("hello?filter=%7B").await;
    assert_eq!((status, message.as_str()), (400, "If a filter pattern starts with '{' it must end with '}'"));
}

#[tokio::test]
async fn a_functions_log_can_be_followed() {
    let world = World::new().await;
    world.deploy("other", None).await;
    world.invoke("hello", &[], "1").await;
    let mut follower = world.client().await;
    follower.send("GET /_hearth/logs/hello?follow=1&filter=START HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let head = follower.head().await;
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    let text = follower.text_with("START").await;
    assert!(
        text.contains("id: 0\ndata: {\"time\":\"1970-01-01T00:00:00.000Z\",\"function\":\"hello\""),
        "{text}"
    );

    world.invoke("other", &[], "1").await;
    world.invoke("hello", &[], "1").await;
    let text = follower.text_with("id: 3").await;
    assert!(!text.contains("other") && !text.contains("REPORT"), "{text}");
    world.engine.shutdown(std::time::Duration::ZERO).await;
    follower.text_with("0\r\n\r\n").await;
}
