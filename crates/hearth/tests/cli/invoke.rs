//! `hearth invoke` in its own process.

use serde_json::json;

use crate::support::{Project, Ran, samples};

const PROJECT: &str = r#"
[functions.hello]
code = "functions/hello/hello.wasm"

[functions.wordcount]
code = "functions/wordcount/wordcount.wasm"

[functions.hello-http]
code = "functions/hello-http/hello-http.wasm"

[functions.counter]
code = "functions/counter/counter.wasm"

[functions.misbehave]
code = "functions/misbehave/misbehave.wasm"
timeout_s = 1

[functions.off]
code = "functions/echo/echo.wasm"
reserved_concurrency = 0

[functions.modelled]
code = "functions/echo/echo.wasm"
cold_start = { profile = "rust", vpc = true }
"#;

fn project() -> Project {
    Project::new(PROJECT)
}

/// The answer of a sample to one of its own events.
#[track_caller]
fn invoke_sample(function: &str, event: &str) -> Ran {
    let event = samples().join(function).join("events").join(event);
    project().run(&["invoke", function, "-e", event.to_str().expect("text")])
}

#[test]
fn every_contract_answers() {
    let component = invoke_sample("hello", "hello.json").exits(0);
    assert_eq!(component.json()["message"], "Hello, Ada!");
    let command = invoke_sample("wordcount", "poem.json").exits(0);
    assert!(command.json()["words"].as_u64() > Some(0), "{command:?}");
    let http = invoke_sample("hello-http", "get.json").exits(0);
    assert_eq!(http.json()["statusCode"], 200, "{http:?}");
}

#[test]
fn events_come_from_everywhere() {
    let project = project();
    let message = |ran: Ran| ran.exits(0).json()["message"].as_str().expect("a message").to_owned();
    assert_eq!(message(project.run(&["invoke", "hello"])), "Hello, world!");
    assert_eq!(message(project.run(&["invoke", "hello", "-e", r#"{"name":"Grace"}"#])), "Hello, Grace!");
    assert_eq!(
        message(project.run_with_stdin(&["invoke", "hello", "-e", "-"], br#"{"name":"stdin"}"#)),
        "Hello, stdin!"
    );
    project.write("event.json", r#"{"name":"file"}"#);
    assert_eq!(message(project.run(&["invoke", "hello", "--event", "event.json"])), "Hello, file!");
    project.write("sub/empty", "");
    let manifest = project.path("sub/../hearth.toml");
    let manifest = manifest.to_str().expect("text");
    assert_eq!(message(Project::empty().run(&["invoke", "hello", "-m", manifest])), "Hello, world!");
}

#[test]
fn events_that_cannot_be_used_are_usage_errors() {
    let project = project();
    let check = |ran: Ran, expected: &str| {
        let ran = ran.exits(2);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    };
    check(project.run(&["invoke", "hello", "-e", "{"]), "the event `{` is neither a file nor JSON: EOF");
    check(
        project.run_with_stdin(&["invoke", "hello", "-e", "-"], b"{\"a\": nope}"),
        "Could not parse request body into json: Could not parse payload into json: expected ident\n at ",
    );
    let seven_mebibytes = format!("\"{}\"", "x".repeat(7 * 1024 * 1024));
    check(
        project.run_with_stdin(&["invoke", "hello", "-e", "-"], seven_mebibytes.as_bytes()),
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    );
    check(
        project.run(&["invoke", "hallo"]),
        "there is no function `hallo` in `hearth.toml`: did you mean `hello`?",
    );
    check(project.run(&["invoke", "zzz"]), "there are `counter`, `hello`, ");
}

#[test]
fn a_failed_function_is_told_from_a_fault() {
    let errors = [
        ("error.json", "NoFirewood"),
        ("panic.json", "Runtime.ExitError"),
        ("exit.json", "Runtime.ExitError"),
        ("loop.json", "Sandbox.Timedout"),
        ("memory.json", "Runtime.OutOfMemory"),
    ];
    for (event, error_type) in errors {
        let ran = invoke_sample("misbehave", event).exits(1);
        assert_eq!(ran.json()["errorType"], error_type, "{event}");
    }
    let throttled = project().run(&["invoke", "off"]).exits(3);
    assert_eq!(throttled.stdout, "");
    assert_eq!(
        throttled.stderr,
        "error: TooManyRequestsException: Rate Exceeded. (ReservedFunctionConcurrentInvocationLimitExceeded)\n"
    );
}

#[test]
fn logs_go_to_stderr_and_can_be_silenced() {
    let project = project();
    let ran = project.run(&["invoke", "hello"]).exits(0);
    for part in ["START RequestId: ", " hello hello greets world", "END RequestId: ", "REPORT RequestId: "] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert!(!ran.stderr.contains('\u{1b}'), "no colours in a pipe");
    assert_eq!(project.run(&["invoke", "hello", "--quiet"]).exits(0).stderr, "");
}

#[test]
fn json_has_an_envelope_and_logs_as_documents() {
    let project = project();
    let ran = project.run(&["invoke", "hello", "--json"]).exits(0);
    let envelope = ran.json();
    assert_eq!(envelope["function"], "hello");
    assert_eq!(envelope["status"], "ok");
    assert_eq!(envelope["version"], "$LATEST");
    assert_eq!(envelope["result"]["message"], "Hello, world!");
    assert_eq!(envelope["result"]["request_id"], envelope["request_id"]);
    assert_eq!(envelope["report"]["cold"], "first-request");
    assert_eq!(envelope["report"]["memory_size_mib"], 128);
    let line = ran.stderr.lines().find(|line| line.contains("greets")).expect("the function's line");
    let line: serde_json::Value = serde_json::from_str(line).expect("a document");
    assert_eq!((&line["function"], &line["source"]), (&json!("hello"), &json!("stdout")));
    assert_eq!(line["request_id"], envelope["request_id"]);

    let failed = project.run(&["invoke", "misbehave", "--json", "-q", "-e", "7"]).exits(1).json();
    assert_eq!(failed["status"], "function-error");
    assert!(failed["error"]["errorType"].is_string() && failed.get("result").is_none(), "{failed}");
    let throttled = project.run(&["invoke", "off", "--json"]).exits(3).json();
    assert_eq!(throttled["status"], "throttled");
    assert_eq!(throttled["error"]["reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
}

#[test]
fn repeated_invocations_are_warm_and_concurrent_ones_are_not() {
    let project = project();
    let reports = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let ran = project.run(arguments).exits(0);
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a document")).collect()
    };
    let warm = reports(&["invoke", "counter", "--repeat", "3", "--json", "-q"]);
    let counts: Vec<_> = warm.iter().map(|envelope| envelope["result"]["count"].as_u64()).collect();
    assert_eq!(counts, [Some(1), Some(2), Some(3)]);
    assert!(warm[0]["report"]["init"].is_object() && warm[2]["report"]["cold"].is_null());

    let slow = r#"{"sleep_ms": 1000}"#;
    let cold = reports(&["invoke", "counter", "--concurrency", "4", "--json", "-q", "-e", slow]);
    assert_eq!(cold.len(), 4);
    assert!(cold.iter().all(|envelope| envelope["result"]["count"] == 1), "{cold:?}");
}

#[test]
fn modelled_cold_starts_show_in_the_report() {
    let envelope = project().run(&["invoke", "modelled", "--json", "-q"]).exits(0).json();
    let init = &envelope["report"]["init"];
    assert_eq!(init["modelled_vpc_ms"], 1000.0, "{envelope}");
    assert!(init["modelled_runtime_ms"].as_f64() > Some(1.0), "{envelope}");
}

#[test]
fn a_cache_that_cannot_be_used_is_a_warning() {
    let project = project();
    project.write("file", "where the folder should be");
    let ran = project.run(&["invoke", "off", "--cache-dir", "file"]).exits(3);
    assert!(ran.stderr.starts_with("warning: cannot use the compile cache at file: "), "{}", ran.stderr);
}
