//! Guests that try to get out, and what they meet: the sample `functions/misbehave` does what the event says.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use crate::support::{Function, Listening, context, package, sandbox};
use bytes::Bytes;
use hearth_engine::{
    clock::Clock,
    port::{Environment, InvocationContext, NetworkPolicy},
};
use hearth_model::outcome::{Failure, FunctionError};
use serde_json::{Value, json};

const SECRET: &str = "HEARTH_TEST_SECRET_OF_THE_HOST";

async fn misbehave() -> Function {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/misbehave/misbehave.wasm");
    let wasm = std::fs::read(path).unwrap();
    let files: [(&str, &[u8]); 2] = [("bootstrap.wasm", &wasm), ("data/hello.txt", b"hello")];
    Function::try_load(&sandbox(), &files, Clock::real()).await.unwrap()
}

/// One initialised environment.
async fn environment(function: &Function) -> Box<dyn Environment> {
    let mut environment = function.provision();
    environment.init().await.unwrap();
    environment
}

async fn ask(environment: &mut dyn Environment, event: Value) -> Result<Value, Failure> {
    let answer = environment.invoke(Bytes::from(event.to_string()), &context()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

/// The type of the error that the handler reports, `None` if it succeeds.
async fn error_type(environment: &mut dyn Environment, event: Value) -> Option<String> {
    match ask(environment, event).await {
        Ok(_) => None,
        Err(Failure::Function(FunctionError { error_type, .. })) => {
            assert_ne!(error_type, "Runtime.UnmarshalError", "the sample knows the event");
            Some(error_type)
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn code_and_layers_can_be_read_and_not_changed() {
    let mut function = misbehave().await;
    let settings = Arc::make_mut(&mut function.settings);
    settings.layers = vec![
        package(&[("lib/a.txt", b"first"), ("lib/b.txt", b"first")]),
        package(&[("lib/b.txt", b"second")]),
    ];
    let mut guest = environment(&function).await;
    let check = |path: &str, text: &str| (json!({"action": "read", "path": path}), text.to_owned());
    for (event, text) in [
        check("/var/task/data/hello.txt", "hello"),
        check("/opt/lib/a.txt", "first"),
        check("/opt/lib/b.txt", "second"),
    ] {
        assert_eq!(ask(&mut *guest, event).await.unwrap()["excerpt"], text);
    }
    for event in [
        json!({"action": "write", "path": "/var/task/new.txt", "text": "x"}),
        json!({"action": "write", "path": "/var/task/data/hello.txt", "text": "x"}),
        json!({"action": "write", "path": "/opt/new.txt", "text": "x"}),
        json!({"action": "remove", "path": "/var/task/data/hello.txt"}),
        json!({"action": "symlink", "path": "/var/task/link", "target": "data"}),
        json!({"action": "rename", "from": "/var/task/data/hello.txt", "to": "/tmp/hello.txt"}),
    ] {
        let text = event.to_string();
        assert!(error_type(&mut *guest, event).await.is_some(), "{text}");
    }
    let read = json!({"action": "read", "path": "/var/task/data/hello.txt"});
    assert_eq!(ask(&mut *guest, read).await.unwrap()["excerpt"], "hello");
}

#[tokio::test]
async fn no_file_of_the_host_can_be_read() {
    let function = misbehave().await;
    let mut guest = environment(&function).await;
    for path in [
        "/etc/passwd",
        "/etc/hostname",
        "/proc/self/environ",
        "/var/task/../../etc/passwd",
        "/tmp/../etc/passwd",
        "../../../../etc/passwd",
        "/var/task/data/../../../../../../etc/passwd",
        "/opt/../../etc/passwd",
        "/tmp/./.././../etc/passwd",
    ] {
        let event = json!({"action": "read", "path": path});
        assert!(error_type(&mut *guest, event).await.is_some(), "{path}");
    }
}

#[tokio::test]
async fn symbolic_links_lead_nowhere_outside() {
    let function = misbehave().await;
    let mut guest = environment(&function).await;
    for target in ["/etc/passwd", "../../etc/passwd", "../etc", "/", "..", "/proc/self/cwd/etc/passwd"] {
        let link = json!({"action": "symlink", "path": "/tmp/link", "target": target});
        let linked = ask(&mut *guest, link).await.is_ok();
        for path in ["/tmp/link", "/tmp/link/passwd", "/tmp/link/etc/passwd"] {
            let event = json!({"action": "read", "path": path});
            assert!(error_type(&mut *guest, event).await.is_some(), "{path} by way of {target}");
        }
        if linked {
            ask(&mut *guest, json!({"action": "remove", "path": "/tmp/link"})).await.unwrap();
        }
    }
}

#[tokio::test]
async fn nobody_else_sees_an_environments_scratch_space() {
    let function = misbehave().await;
    let mut one = environment(&function).await;
    let mut other = environment(&function).await;
    ask(&mut *one, json!({"action": "write", "path": "/tmp/a", "text": "mine"})).await.unwrap();
    assert!(error_type(&mut *other, json!({"action": "read", "path": "/tmp/a"})).await.is_some());

    one.reset();
    one.init().await.unwrap();
    let read = json!({"action": "read", "path": "/tmp/a"});
    assert_eq!(ask(&mut *one, read.clone()).await.unwrap()["excerpt"], "mine", "a reset keeps /tmp");
    drop(one);
    let mut fresh = environment(&function).await;
    assert!(error_type(&mut *fresh, read).await.is_some(), "/tmp goes with its environment");
}

#[tokio::test]
async fn no_variable_of_the_host_is_visible() {
    // The test runner's own variables are secret enough: cargo always sets these.
    assert!(std::env::var("CARGO_MANIFEST_DIR").is_ok());
    let function = misbehave().await;
    let mut guest = environment(&function).await;
    let answer = ask(&mut *guest, json!({"action": "environment"})).await.unwrap();
    let names: Vec<_> = answer["variables"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["AWS_LAMBDA_LOG_STREAM_NAME", "TABLE"]);
}

#[tokio::test]
async fn without_an_endpoint_there_is_no_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let function = misbehave().await;
    let mut guest = environment(&function).await;
    for event in [
        json!({"action": "connect", "address": address}),
        json!({"action": "send", "address": address, "text": SECRET}),
        json!({"action": "listen", "address": "127.0.0.1:0"}),
        json!({"action": "listen", "address": "0.0.0.0:0"}),
        json!({"action": "resolve", "name": "localhost"}),
    ] {
        let text = event.to_string();
        assert!(error_type(&mut *guest, event).await.is_some(), "{text}");
    }
}

#[tokio::test]
async fn only_the_endpoint_can_be_reached() {
    let endpoint = Listening::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = misbehave().await;
    let address = Listening::ADDRESS;
    Arc::make_mut(&mut function.settings).network = endpoint.policy();
    let mut guest = environment(&function).await;
    let connect = |address: SocketAddr| json!({"action": "connect", "address": address.to_string()});
    assert!(ask(&mut *guest, connect(address)).await.is_ok());
    assert!(error_type(&mut *guest, connect(other.local_addr().unwrap())).await.is_some());
    assert!(error_type(&mut *guest, json!({"action": "listen", "address": "127.0.0.1:0"})).await.is_some());
    let datagram = json!({"action": "send", "address": address.to_string(), "text": SECRET});
    assert!(error_type(&mut *guest, datagram).await.is_some());
}

#[tokio::test]
async fn what_is_open_can_be_reached_too() {
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = misbehave().await;
    let address = open.local_addr().unwrap();
    let destinations = [format!("localhost:{}", address.port()), "nowhere.invalid:80".to_owned()];
    let destinations = destinations.iter().map(|text| text.parse().unwrap());
    Arc::make_mut(&mut function.settings).network =
        NetworkPolicy { open: destinations.collect(), ..NetworkPolicy::default() };
    let mut guest = environment(&function).await;
    let connect = |address: SocketAddr| json!({"action": "connect", "address": address.to_string()});
    assert!(ask(&mut *guest, connect(address)).await.is_ok());
    drop(open.accept().unwrap());
    assert!(error_type(&mut *guest, connect(other.local_addr().unwrap())).await.is_some());
    assert!(ask(&mut *guest, json!({"action": "resolve", "name": "localhost"})).await.is_ok());
    for name in ["nowhere.invalid", "localhost.localdomain", "example.com", "127.0.0.1"] {
        assert!(
            error_type(&mut *guest, json!({"action": "resolve", "name": name})).await.is_some(),
            "{name}"
        );
    }
    let server = thread::spawn(move || answer_with_request(&open));
    let url = format!("http://localhost:{}/path", address.port());
    let answer = ask(&mut *guest, json!({"action": "fetch", "url": url})).await.unwrap();
    server.join().unwrap();
    assert_eq!(answer["status"], 200);
}

#[tokio::test]
async fn requests_reach_only_the_endpoint_and_carry_the_trace_on() {
    let mut endpoint = Listening::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut function = misbehave().await;
    let address = Listening::ADDRESS;
    Arc::make_mut(&mut function.settings).network = endpoint.policy();
    let mut guest = environment(&function).await;
    for url in [
        format!("http://{}/", other.local_addr().unwrap()),
        format!("http://127.0.0.1/{address}"),
        format!("http://169.254.169.254:{}/latest/meta-data", address.port()),
        format!("http://example.com:{}/", address.port()),
    ] {
        let denied = ask(&mut *guest, json!({"action": "fetch", "url": url})).await.expect_err(&url);
        let Failure::Function(FunctionError { error_type, error_message, .. }) = denied else {
            panic!("{url}: {denied:?}")
        };
        assert_eq!(error_type, "HttpError", "{url}");
        assert!(error_message.contains("HttpRequestDenied"), "{error_message}");
    }

    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:c6c5b1b9:0";
    let context = InvocationContext { trace_header: Some(header.to_owned()), ..context() };
    let event = json!({"action": "fetch", "url": format!("http://{address}/a%20b?c=d")}).to_string();
    let (answer, ()) = tokio::join!(guest.invoke(event.into(), &context), endpoint.answer_with_request());
    let answer: Value = serde_json::from_slice(&answer.unwrap()).unwrap();
    let request = answer["body"].as_str().unwrap();
    assert_eq!(answer["status"], 200);
    assert!(request.starts_with("GET /a%20b?c=d HTTP/1.1\r\n"), "{request}");
    for line in [format!("host: {address}"), format!("x-amzn-trace-id: {header}")] {
        assert!(request.contains(&line), "{request}");
    }
}

/// Answers one request with its head.
fn answer_with_request(listener: &TcpListener) {
    let (mut connection, _) = listener.accept().unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    write!(connection, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", head.len()).unwrap();
    connection.write_all(&head).unwrap();
}

#[tokio::test]
async fn output_of_every_kind_becomes_lines() {
    let function = misbehave().await;
    let mut guest = environment(&function).await;
    let print = json!({"action": "print", "text": "caf", "invalid_utf8": true, "lines": 2});
    ask(&mut *guest, print).await.unwrap();
    assert_eq!(function.lines(), ["\u{fffd}caf", "\u{fffd}caf"]);
    let megabytes = json!({"action": "print", "stream": "stderr", "lines": 30_000, "bytes": 99});
    let answer = ask(&mut *guest, megabytes).await.unwrap();
    assert_eq!(answer["printed_bytes"], 3_000_000);
    assert!(function.log.dropped() > 0, "the log is bounded");
}

#[tokio::test]
async fn the_ways_to_end_are_told_apart() {
    let function = misbehave().await;
    let check = async |event: Value, fits: fn(&Failure) -> bool| {
        let mut guest = environment(&function).await;
        let text = event.to_string();
        let failure = ask(&mut *guest, event).await.expect_err(&text);
        assert!(fits(&failure), "{text}: {failure:?}");
        guest.reset();
        guest.init().await.unwrap();
        assert_eq!(ask(&mut *guest, json!({"action": "count"})).await.unwrap()["count"], 1, "{text}");
    };
    check(json!({"action": "exit", "code": 3}), |failure| *failure == Failure::Exit { code: 3 }).await;
    check(json!({"action": "exit", "code": 0}), |failure| *failure == Failure::Exit { code: 0 }).await;
    check(json!({"action": "panic"}), |failure| matches!(failure, Failure::Crash { .. })).await;
    check(json!({"action": "trap"}), |failure| matches!(failure, Failure::Crash { .. })).await;
    check(json!({"action": "recurse"}), |failure| matches!(failure, Failure::Crash { .. })).await;
    check(json!({"action": "memory"}), |failure| matches!(failure, Failure::OutOfMemory { .. })).await;
}

#[tokio::test]
async fn open_files_are_bounded() {
    let function = misbehave().await;
    let mut guest = environment(&function).await;
    assert!(ask(&mut *guest, json!({"action": "open_files", "count": 500})).await.is_ok());
    assert!(error_type(&mut *guest, json!({"action": "open_files", "count": 2_000})).await.is_some());
}
