//! `hearth up`, and what talks to it.

use std::{fs, process::Child};

use crate::support::{Project, Ran, Up};

const PROJECT: &str = r#"
[functions.hello]
code = "functions/hello/hello.wasm"

[functions.counter]
code = "functions/counter/counter.wasm"
timeout_s = 60

[functions.off]
code = "functions/echo/echo.wasm"
reserved_concurrency = 0
"#;

/// Invokes on a running Hearth, and does not wait.
fn begin(project: &Project, up: &Up, event: &str) -> Child {
    let arguments = ["invoke", "counter", "--endpoint", &up.url, "-q", "-e", event];
    project.hearth(&arguments).spawn().expect("the program runs")
}

#[test]
fn it_is_ready_when_it_says_so() {
    let project = Project::new(PROJECT);
    project.write("url.txt", "stale");
    let up = project.up(&["--ready-file", "url.txt"]);
    assert!(up.url.starts_with("http://127.0.0.1:") && !up.url.ends_with(":0"), "{}", up.ready);
    assert_eq!(up.ready, format!("Hearth is ready on {} with 3 functions", up.url));
    assert_eq!(fs::read_to_string(project.path("url.txt")).expect("written"), format!("{}\n", up.url));

    let ran = project.run(&["invoke", "hello", "--endpoint", &up.url, "-e", r#"{"name":"Ada"}"#]).exits(0);
    assert_eq!(ran.json()["message"], "Hello, Ada!");
    assert!(ran.stderr.contains("REPORT RequestId: "), "the end of the log: {}", ran.stderr);
    up.says("hello greets Ada");
    up.says("REPORT RequestId: ");
}

#[test]
fn outcomes_of_a_running_hearth_have_the_same_exit_codes() {
    let project = Project::new(PROJECT);
    let up = project.up(&["--quiet"]);
    let invoke = |name: &str, event: &str| {
        project.run(&["invoke", name, "--endpoint", &up.url, "-e", event, "--json", "-q"])
    };
    assert_eq!(invoke("hello", "{}").exits(0).json()["status"], "ok");
    let failed = invoke("hello", r#"{"name":""}"#).exits(1).json();
    assert_eq!(failed["error"]["errorType"], "ValidationError");
    assert!(invoke("nobody", "{}").exits(2).stderr.contains("Function not found: arn:aws:lambda:"));
    let throttled = invoke("off", "{}").exits(3).json();
    assert_eq!(throttled["error"]["reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:hello:$LATEST";
    assert_eq!(invoke(arn, "{}").exits(0).json()["result"]["message"], "Hello, world!");
}

#[test]
fn nobody_has_to_wait_for_an_answer() {
    let project = Project::new(PROJECT);
    let up = project.up(&[]);
    let invoke = |arguments: &[&str]| {
        let common = ["invoke", "hello", "--endpoint", &up.url, "--async"];
        project.run(&[&common, arguments].concat()).exits(0)
    };
    let id = invoke(&["-e", r#"{"name":"Ada"}"#]).stdout;
    up.says("hello greets Ada");
    up.says(&format!("REPORT RequestId: {}", id.trim_end()));
    let envelope = invoke(&["--json"]).json();
    assert_eq!((&envelope["status"], envelope.get("result")), (&"accepted".into(), None), "{envelope}");
    assert!(envelope["request_id"].is_string(), "{envelope}");
    let here = project.run(&["invoke", "hello", "--async"]).exits(2).stderr;
    assert!(here.contains("--endpoint"), "{here}");
}

#[test]
fn a_function_is_told_of_anothers_failures() {
    let project = Project::new(
        r#"
[functions.counter]
code = "functions/counter/counter.wasm"

[functions.misbehave]
code = "functions/misbehave/misbehave.wasm"
asynchronous = { maximum_retry_attempts = 0, on_failure = "counter" }
"#,
    );
    let up = project.up(&[]);
    let event = r#"{"action":"error","error_type":"Lost","message":"no way"}"#;
    project.run(&["invoke", "misbehave", "--endpoint", &up.url, "--async", "-e", event]).exits(0);
    up.says("counter START RequestId: ");
}

#[test]
fn events_go_nowhere_but_to_what_is_there() {
    let refused = |settings: &str| {
        let code = "code = \"functions/echo/echo.wasm\"";
        let project = Project::new(&format!("[functions.echo]\n{code}\n{settings}\n"));
        project.run(&["up", "--port", "0"]).exits(2).stderr
    };
    let nothing = refused("asynchronous = { on_success = \"told\" }");
    assert!(nothing.contains("there is neither a function nor a queue `told`: declare one"), "{nothing}");
    assert!(nothing.contains("hearth.toml:3:31"), "{nothing}");
    let itself = refused("asynchronous = { on_success = \"echo\" }");
    assert!(itself.contains("function `echo`: You can't specify the function as a destination"), "{itself}");
    let queue = refused("dead_letter_queue = \"dead\"");
    assert!(queue.contains("there is no queue `dead`: declare it, or write its ARN"), "{queue}");
}

#[test]
fn without_a_manifest_the_world_is_empty() {
    let project = Project::empty();
    let up = project.up(&[]);
    assert!(up.ready.ends_with(" with no functions"), "{}", up.ready);
    let ps = project.run(&["ps", "--endpoint", &up.url]).exits(0).stdout;
    assert!(ps.starts_with("no environments"), "{ps}");
    let watch = project.run(&["up", "--watch"]).exits(2).stderr;
    assert!(watch.contains("there is nothing to watch"), "{watch}");
}

#[test]
fn ps_shows_environments() {
    let project = Project::new(PROJECT);
    let up = project.up(&["-q"]);
    for _ in 0..2 {
        project.run(&["invoke", "hello", "--endpoint", &up.url, "-q"]).exits(0);
    }
    let table = project.run(&["ps", "--endpoint", &up.url]).exits(0).stdout;
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["FUNCTION", "ENVIRONMENT", "STATE", "FOR", "INVOCATIONS", "DEPLOYMENT"]);
    assert_eq!(
        [lines[1][0], lines[1][1], lines[1][2], lines[1][4], lines[1][5]],
        ["hello", "env-1", "idle", "2", "1"]
    );
    let json = project.run(&["ps", "--endpoint", &up.url, "--json"]).exits(0).json();
    assert_eq!(json["environments"][0]["invocations"], 2);
}

#[test]
fn json_says_what_is_ready() {
    let project = Project::new(PROJECT);
    let up = project.up(&["--json"]);
    let ready: serde_json::Value = serde_json::from_str(&up.ready).expect("a document");
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["functions"], serde_json::json!(["counter", "hello", "off"]));
    let url = ready["url"].as_str().expect("a URL");
    assert_eq!(url, format!("http://127.0.0.1:{}", ready["port"]));
    project.run(&["invoke", "hello", "--endpoint", url, "-q"]).exits(0);
    let line: serde_json::Value = serde_json::from_str(&up.says("greets")).expect("a document");
    assert_eq!(line["message"], "hello greets world");
}

#[test]
fn what_is_not_there_or_taken_is_said() {
    let project = Project::new(PROJECT);
    let up = project.up(&[]);
    let port = up.url.rsplit(':').next().expect("a port");
    let stderr = project.run(&["up", "--port", port]).exits(3).stderr;
    let expected = format!("error: port {port} of 127.0.0.1 is in use, perhaps by another Hearth: ");
    assert!(stderr.starts_with(&expected), "{stderr}");

    let url = up.url.clone();
    drop(up);
    for arguments in [&["ps", "--endpoint", &url][..], &["invoke", "hello", "--endpoint", &url]] {
        let stderr = project.run(arguments).exits(3).stderr;
        assert!(
            stderr.starts_with(&format!("error: nothing answers at {url}: start `hearth up` first")),
            "{stderr}"
        );
    }
}

#[cfg(unix)]
#[test]
fn the_first_signal_lets_invocations_finish() {
    for signal in ["INT", "TERM"] {
        let project = Project::new(PROJECT);
        let mut up = project.up(&["--ready-file", "url.txt"]);
        let slow = begin(&project, &up, r#"{"sleep_ms": 700}"#);
        up.says("START RequestId: ");
        up.signal(signal);
        let ran = Ran::of(slow.wait_with_output().expect("it ends")).exits(0);
        assert_eq!(ran.json()["count"], 1);
        assert_eq!(up.wait(), Some(0));
        up.says("REPORT RequestId: ");
        assert!(!project.path("url.txt").exists());
    }
}

#[cfg(unix)]
#[test]
fn the_second_signal_ends_it_at_once() {
    let project = Project::new(PROJECT);
    let mut up = project.up(&[]);
    let mut slow = begin(&project, &up, r#"{"sleep_ms": 50000}"#);
    up.says("START RequestId: ");
    up.signal("INT");
    up.says("once more");
    up.signal("INT");
    assert_eq!(up.wait(), Some(3));
    assert_eq!(slow.wait().expect("it ends").code(), Some(3));
}
