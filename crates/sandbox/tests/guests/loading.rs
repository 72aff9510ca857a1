//! Loading code: the cache as a user meets it, capacity, and what is refused.

use std::{fs, sync::Arc};

use crate::support::{Function, command, handle, sandbox};
use hearth_engine::{
    clock::Clock,
    port::{Contract, LoadError},
};
use hearth_model::outcome::{Failure, PlatformFault};
use hearth_sandbox::{ManagedRuntimes, Notice, SandboxOptions, WasmSandbox};
use parking_lot::Mutex;

const ECHO: &str = "(call $ok (local.get $event) (local.get $length))";

/// A sandbox on a cache folder, and the notices that it gave.
fn watched(folder: &std::path::Path) -> (WasmSandbox, Arc<Mutex<Vec<String>>>) {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&notices);
    let options = SandboxOptions {
        cache_folder: Some(folder.to_owned()),
        max_environments: 8,
        managed: ManagedRuntimes::default(),
        observer: Arc::new(move |notice| {
            sink.lock().push(match notice {
                Notice::Compiling { .. } => "compiling".to_owned(),
                Notice::Compiled { .. } => "compiled".to_owned(),
                Notice::CacheUnusable { error, .. } => format!("unusable: {error}"),
            });
        }),
    };
    (WasmSandbox::new(options).unwrap(), notices)
}

async fn echoes(sandbox: &WasmSandbox) -> bool {
    let wasm = handle(ECHO);
    let function = Function::try_load(sandbox, &[("f.wasm", &wasm)], Clock::real()).await.unwrap();
    function.call("[1]").await == Ok("[1]".to_owned())
}

#[tokio::test]
async fn code_is_compiled_once_for_all_processes() {
    let folder = tempfile::tempdir().unwrap();
    let (first, notices) = watched(folder.path());
    assert!(echoes(&first).await);
    assert_eq!(*notices.lock(), ["compiling", "compiled"]);
    let (second, notices) = watched(folder.path());
    assert!(echoes(&second).await);
    assert!(notices.lock().is_empty(), "{:?}", notices.lock());
}

#[tokio::test]
async fn a_damaged_artifact_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    assert!(echoes(&watched(folder.path()).0).await);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0);
        fs::write(path, bytes).unwrap();
    }
    let (sandbox, notices) = watched(folder.path());
    assert!(echoes(&sandbox).await);
    assert_eq!(*notices.lock(), ["compiling", "compiled"]);
}

#[tokio::test]
async fn without_a_usable_folder_everything_still_works() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "").unwrap();
    let (sandbox, notices) = watched(&file.join("cache"));
    assert!(echoes(&sandbox).await);
    let notices = notices.lock();
    assert!(notices[0].starts_with("unusable: "), "{notices:?}");
    assert_eq!(notices[1..], ["compiling", "compiled"]);
}

async fn refused(wasm: &[u8]) -> LoadError {
    let loaded = Function::try_load(&sandbox(), &[("f.wasm", wasm)], Clock::real()).await;
    loaded.err().expect("refused")
}

#[tokio::test]
async fn a_component_of_another_world_is_refused() {
    let wasm = wat::parse_str(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func (export "greet") (canon lift (core func $i "f"))))"#,
    )
    .unwrap();
    let error = refused(&wasm).await;
    assert!(matches!(error, LoadError::NoEntryPoint { .. }), "{error:?}");
    assert!(error.to_string().contains("it exports `greet`"), "{error}");
}

#[tokio::test]
async fn an_import_that_nobody_offers_is_named() {
    let component = |import: &str| {
        let text = format!(
            r#"(component
                {import}
                (core module $m (func (export "run") (result i32) (i32.const 0)))
                (core instance $i (instantiate $m))
                (func $run (result (result)) (canon lift (core func $i "run")))
                (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))"#
        );
        wat::parse_str(text).unwrap()
    };
    let error =
        refused(&component(r#"(import "acme:crypto/sign@1.0.0" (instance (export "sign" (func))))"#)).await;
    assert!(error.to_string().contains("imports `acme:crypto/sign@1.0.0"), "{error}");
    let error = refused(&component(
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "rewind" (func))))"#,
    ))
    .await;
    assert!(error.to_string().contains("`wasi:clocks/monotonic-clock@0.2.0#rewind`"), "{error}");
}

#[tokio::test]
async fn an_entry_point_of_another_type_is_refused() {
    let wasm = wat::parse_str(
        r#"(component
            (core module $m (func (export "run")))
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))"#,
    )
    .unwrap();
    let error = refused(&wasm).await;
    assert!(matches!(error, LoadError::WrongType { .. }), "{error:?}");
}

#[tokio::test]
async fn truncated_files_are_refused_wherever_they_end() {
    let whole = command("", "");
    for length in (0..whole.len()).step_by(7) {
        let error = refused(&whole[..length]).await;
        assert!(error.to_string().contains("`f.wasm`"), "{length} bytes: {error}");
    }
}

#[tokio::test]
async fn more_environments_than_fit_are_a_capacity_error() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, _) = watched(folder.path());
    let wasm = handle(ECHO);
    let function = Function::try_load(&sandbox, &[("f.wasm", &wasm)], Clock::real()).await.unwrap();
    let mut environments: Vec<_> = (0..8).map(|_| function.provision()).collect();
    let failure = function.try_provision().err().expect("full");
    let Failure::Platform(PlatformFault::Capacity { reason }) = failure else { panic!("{failure:?}") };
    assert!(reason.contains("8 environments live"), "{reason}");
    environments.pop();
    assert!(function.try_provision().is_ok());
}

#[test]
fn a_sandbox_for_no_environment_is_refused() {
    let options = SandboxOptions { max_environments: 0, ..SandboxOptions::default() };
    assert!(WasmSandbox::new(options).expect_err("refused").to_string().contains("from 1 to"));
}

#[tokio::test]
async fn every_contract_is_recognised() {
    let check = async |sample: &str, expected: Contract| {
        let path = format!("{}/../../functions/{sample}/{sample}.wasm", env!("CARGO_MANIFEST_DIR"));
        let wasm = fs::read(path).unwrap();
        let function = Function::try_load(&sandbox(), &[("f.wasm", &wasm)], Clock::real()).await.unwrap();
        assert_eq!(function.program.contract(), expected, "{sample}");
    };
    check("echo", Contract::Handler).await;
    check("echo-command", Contract::Command).await;
    check("hello-http", Contract::Http).await;
}
