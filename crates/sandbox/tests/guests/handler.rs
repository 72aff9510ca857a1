//! The `hearth:lambda` contract, with guests in WebAssembly's text form.

use std::time::Duration;

use crate::support::{Function, handle, handler, invoke, within};
use hearth_engine::port::Contract;
use hearth_model::outcome::Failure;

/// Answers the digit of a counter that lives in a global.
const COUNTER: &str = r#"
    (global $count (mut i32) (i32.const 48))
    (func $init (param i32 i32) (result i32) (call $ok (i32.const 0) (i32.const 0)))
    (func $handle (param i32 i32) (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.store8 (i32.const 0) (global.get $count))
        (call $ok (i32.const 0) (i32.const 1)))"#;

const ECHO: &str = "(call $ok (local.get $event) (local.get $length))";
const LOOP: &str = "(loop $again (br $again)) (unreachable)";

#[tokio::test]
async fn the_event_goes_in_and_the_answer_comes_out() {
    let function = Function::load(&handle(ECHO)).await;
    assert_eq!(function.program.contract(), Contract::Handler);
    assert_eq!(function.call(r#"{"name": "Ä"}"#).await, Ok(r#"{"name": "Ä"}"#.to_owned()));
}

#[tokio::test]
async fn globals_live_as_long_as_the_instance() {
    let function = Function::load(&handler(COUNTER)).await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    for expected in ["1", "2", "3"] {
        assert_eq!(invoke(&mut *environment, "{}").await.unwrap(), expected);
    }
    environment.reset();
    environment.init().await.unwrap();
    assert_eq!(invoke(&mut *environment, "{}").await.unwrap(), "1", "a reset loses globals");
    assert_eq!(function.call("{}").await.unwrap(), "1", "another environment has its own");
}

#[tokio::test]
async fn a_reported_error_has_its_type_and_message() {
    let body = r#"
        (i32.store (i32.const 0) (i32.const 0x6f6f4642))
        (call $error (i32.const 0) (i32.const 2) (i32.const 1) (i32.const 3))"#;
    let failure = Function::load(&handle(body)).await.call("{}").await.unwrap_err();
    let Failure::Function(error) = failure else { panic!("{failure:?}") };
    assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("BF", "Foo"));
}

#[tokio::test]
async fn an_init_that_fails_reports_its_error() {
    let wasm = handler(
        r#"(func $init (param i32 i32) (result i32)
                (call $error (local.get 0) (local.get 1) (local.get 0) (i32.const 3)))
            (func $handle (param i32 i32) (result i32) (unreachable))"#,
    );
    let function = Function::load(&wasm).await;
    let failure = function.provision().init().await.unwrap_err();
    let Failure::Function(error) = failure else { panic!("{failure:?}") };
    assert_eq!(error.error_type, "app.handler", "init is told the handler's name");
}

#[tokio::test]
async fn a_trap_is_a_crash_and_says_where() {
    let failure = Function::load(&handle("(unreachable)")).await.call("{}").await.unwrap_err();
    let Failure::Crash { reason } = failure else { panic!("{failure:?}") };
    assert!(reason.contains("unreachable"), "{reason}");
    assert!(reason.contains("at handle"), "{reason}");
}

#[tokio::test]
async fn deep_recursion_is_a_crash() {
    let wasm = handler(
        r#"(func $init (param i32 i32) (result i32) (call $ok (i32.const 0) (i32.const 0)))
            (func $deeper (param i32) (result i32)
                (i32.add (call $deeper (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
            (func $handle (param i32 i32) (result i32) (call $deeper (i32.const 0)))"#,
    );
    let failure = Function::load(&wasm).await.call("{}").await.unwrap_err();
    let Failure::Crash { reason } = failure else { panic!("{failure:?}") };
    assert!(reason.contains("call stack exhausted"), "{reason}");
}

#[tokio::test]
async fn memory_beyond_the_limit_is_out_of_memory() {
    let body = "(drop (memory.grow (i32.const 4096))) (call $ok (i32.const 0) (i32.const 0))";
    let function = Function::load(&handle(body)).await;
    assert_eq!(function.call("{}").await, Err(Failure::OutOfMemory { limit_mib: 128 }));
}

#[tokio::test]
async fn the_most_memory_used_is_measured_and_outlives_a_reset() {
    let body = "(drop (memory.grow (i32.const 100))) (call $ok (i32.const 0) (i32.const 0))";
    let function = Function::load(&handle(body)).await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    let page = 65_536;
    assert_eq!(environment.peak_memory_bytes(), 2 * page);
    invoke(&mut *environment, "{}").await.unwrap();
    assert_eq!(environment.peak_memory_bytes(), 102 * page);
    environment.reset();
    assert_eq!(environment.peak_memory_bytes(), 102 * page);
}

#[tokio::test]
async fn an_endless_loop_can_be_stopped_and_the_environment_used_again() {
    // The first event of an instance is answered, every later one loops, so that a reset shows.
    let wasm = handler(
        r#"(global $used (mut i32) (i32.const 0))
            (func $init (param i32 i32) (result i32) (call $ok (i32.const 0) (i32.const 0)))
            (func $handle (param $event i32) (param $length i32) (result i32)
                (if (global.get $used) (then (loop $again (br $again))))
                (global.set $used (i32.const 1))
                (call $ok (local.get $event) (local.get $length)))"#,
    );
    let function = Function::load(&wasm).await;
    let mut environment = function.provision();
    environment.init().await.unwrap();
    assert_eq!(invoke(&mut *environment, "1").await.unwrap(), "1");
    let endless = within(Duration::from_millis(50), invoke(&mut *environment, "2")).await;
    assert!(endless.is_none(), "stopped");
    environment.reset();
    environment.init().await.unwrap();
    assert_eq!(invoke(&mut *environment, "3").await.unwrap(), "3");
}

#[tokio::test]
async fn an_endless_init_can_be_stopped() {
    let wasm = handler(&format!(
        "(func $init (param i32 i32) (result i32) {LOOP}) (func $handle (param i32 i32) (result i32) (unreachable))"
    ));
    let function = Function::load(&wasm).await;
    let mut environment = function.provision();
    assert!(within(Duration::from_millis(50), environment.init()).await.is_none());
    environment.reset();
}

#[tokio::test]
async fn guests_in_endless_loops_share_a_thread_with_others() {
    let looping = Function::load(&handle(LOOP)).await;
    let echoing = Function::load(&handle(ECHO)).await;
    let endless = async { looping.call("{}").await.map(|_| ()) };
    let others = async {
        for _ in 0..3 {
            echoing.call("{}").await.unwrap();
        }
    };
    tokio::select! {
        biased;
        ended = endless => panic!("{ended:?}"),
        () = others => {}
    }
}
