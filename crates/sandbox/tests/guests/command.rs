//! WASI commands: preview 1 modules in WebAssembly's text form.

use std::time::Duration;

use crate::support::{Function, command, context, invoke, within};
use bytes::Bytes;
use hearth_engine::{
    clock::Clock,
    port::{Contract, InvocationContext},
};
use hearth_model::{outcome::Failure, time::Timestamp};

/// Copies stdin to stdout.
const CAT: &str = r#"
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 4096))
    (block $done (loop $more
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $done (i32.eqz (i32.load (i32.const 8))))
        (call $print (i32.const 1) (i32.const 1024) (i32.load (i32.const 8)))
        (br $more)))"#;

#[tokio::test]
async fn the_event_is_stdin_and_the_answer_is_stdout() {
    let function = Function::load(&command("", CAT)).await;
    assert_eq!(function.program.contract(), Contract::Command);
    let mut environment = function.provision();
    environment.init().await.unwrap();
    for event in [r#"{"n": 1}"#, r#"{"n": 2}"#] {
        assert_eq!(invoke(&mut *environment, event).await.unwrap(), event);
    }
}

#[tokio::test]
async fn a_command_that_writes_nothing_answers_null() {
    assert_eq!(Function::load(&command("", "")).await.call("{}").await.unwrap(), "null");
}

#[tokio::test]
async fn every_invocation_has_a_fresh_instance() {
    let count = r#"
        (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (i32.const 49)))
        (call $print (i32.const 1) (i32.const 100) (i32.const 1))"#;
    let function = Function::load(&command("", count)).await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    assert_eq!(invoke(&mut *environment, "{}").await.unwrap(), "1");
    assert_eq!(invoke(&mut *environment, "{}").await.unwrap(), "1");
}

#[tokio::test]
async fn a_non_zero_exit_is_an_error() {
    let exit = |code: u8| command("", &format!("(call $proc_exit (i32.const {code}))"));
    assert_eq!(Function::load(&exit(0)).await.call("{}").await.unwrap(), "null");
    let failure = Function::load(&exit(1)).await.call("{}").await.unwrap_err();
    assert_eq!(failure, Failure::Exit { code: 1 });
}

#[tokio::test]
async fn stderr_is_the_log() {
    let wasm = command(
        r#"(data (i32.const 100) "one\ntwo\n")"#,
        "(call $print (i32.const 2) (i32.const 100) (i32.const 8))",
    );
    let function = Function::load(&wasm).await;
    assert_eq!(function.call("{}").await.unwrap(), "null");
    assert_eq!(function.lines(), ["one", "two"]);
}

#[tokio::test]
async fn a_variable_tells_the_trace_of_the_invocation() {
    let environment = r#"
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 1024) (i32.const 4096)))
        (call $print (i32.const 1) (i32.const 4096) (i32.load (i32.const 4)))"#;
    let function = Function::load(&command("", environment)).await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    for header in [Some("Root=1-5759e988-bd862e3fe1be46a994272793"), Some("Root=1-2"), None] {
        let context = InvocationContext { trace_header: header.map(str::to_owned), ..context() };
        let answer = environment.invoke(Bytes::from_static(b"{}"), &context).await.unwrap();
        let answer = String::from_utf8(answer.to_vec()).unwrap();
        let traces: Vec<_> =
            answer.split('\0').filter_map(|variable| variable.strip_prefix("_X_AMZN_TRACE_ID=")).collect();
        assert_eq!(traces, header.into_iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_answer_beyond_six_megabytes_is_refused() {
    let body = r#"
        (local $left i32)
        (local.set $left (i32.const 100))
        (loop $more
            (call $print (i32.const 1) (i32.const 1024) (i32.const 65536))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $more (local.get $left)))"#;
    let failure = Function::load(&command("", body)).await.call("{}").await.unwrap_err();
    assert_eq!(failure, Failure::ResponseTooLarge { bytes: 100 * 65_536 });
}

/// Sleeps ten seconds on the monotonic clock, then prints a dot.
const SLEEP: &str = r#"
    (i64.store (i32.const 200) (i64.const 0))
    (i32.store8 (i32.const 208) (i32.const 0))
    (i32.store (i32.const 216) (i32.const 1))
    (i64.store (i32.const 224) (i64.const 10000000000))
    (drop (call $poll_oneoff (i32.const 200) (i32.const 300) (i32.const 1) (i32.const 400)))
    (i32.store8 (i32.const 100) (i32.const 46))
    (call $print (i32.const 1) (i32.const 100) (i32.const 1))"#;

#[tokio::test]
async fn a_sleep_takes_no_real_time_under_a_frozen_clock() {
    let clock = Clock::frozen(Timestamp::from_unix_millis(0));
    let function = Function::with_clock(&command("", SLEEP), clock.clone()).await;
    let before = clock.now();
    let (answer, ()) = tokio::join!(function.call("{}"), clock.advance(Duration::from_secs(20)));
    assert_eq!(answer.unwrap(), ".");
    assert_eq!(clock.now() - before, Duration::from_secs(20));
}

#[tokio::test]
async fn a_sleeping_guest_can_be_stopped() {
    let function = Function::load(&command("", SLEEP)).await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    assert!(within(Duration::from_millis(20), invoke(&mut *environment, "{}")).await.is_none());
    environment.reset();
}

#[tokio::test]
async fn the_wall_clock_is_the_engines() {
    let body = r#"
        (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 100)))
        (if (i64.ne (i64.load (i32.const 100)) (i64.const 1700000000123000000)) (then (unreachable)))"#;
    let clock = Clock::frozen(Timestamp::from_unix_millis(1_700_000_000_123));
    assert_eq!(Function::with_clock(&command("", body), clock).await.call("{}").await.unwrap(), "null");
}

#[tokio::test]
async fn the_environment_is_lambdas_and_nothing_else() {
    let body = r#"
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 1024) (i32.const 2048)))
        (call $print (i32.const 1) (i32.const 2048) (i32.load (i32.const 4)))"#;
    let answer = Function::load(&command("", body)).await.call("{}").await.unwrap();
    let names: Vec<_> = answer.split_terminator('\0').filter_map(|pair| pair.split('=').next()).collect();
    assert_eq!(names, ["TABLE", "AWS_LAMBDA_LOG_STREAM_NAME"]);
}

#[tokio::test]
async fn every_instance_has_its_own_randomness() {
    let body = r#"
        (local $at i32)
        (drop (call $random_get (i32.const 100) (i32.const 16)))
        (loop $more
            (i32.store8 (i32.add (i32.const 100) (local.get $at))
                (i32.add (i32.const 97)
                    (i32.rem_u (i32.load8_u (i32.add (i32.const 100) (local.get $at))) (i32.const 26))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $at) (i32.const 16))))
        (call $print (i32.const 1) (i32.const 100) (i32.const 16))"#;
    let function = Function::load(&command("", body)).await;
    assert_ne!(function.call("{}").await.unwrap(), function.call("{}").await.unwrap());
}

/// A preview 2 command whose `run` returns a result: 0 is success.
fn component(result: u8) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "run") (result i32) (i32.const {result})))
            (core instance $i (instantiate $m))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))"#
    );
    wat::parse_str(text).unwrap()
}

#[tokio::test]
async fn preview_2_commands_run_as_they_are() {
    let function = Function::load(&component(0)).await;
    assert_eq!(function.program.contract(), Contract::Command);
    assert_eq!(function.call("{}").await.unwrap(), "null");
    assert_eq!(Function::load(&component(1)).await.call("{}").await, Err(Failure::Exit { code: 1 }));
}
