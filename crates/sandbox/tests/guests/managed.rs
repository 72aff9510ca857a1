//! Managed runtimes: what runs on them, and what is refused. A guest of a few instructions stands in for the real one, which
//! `.ci/run python` has.

use std::{fs, io::Write, path::Path};

use crate::support::{Function, handle, package};
use hearth_engine::{
    clock::Clock,
    port::{Code, LoadError},
};
use hearth_model::function::Runtime;
use hearth_sandbox::{ManagedRuntimes, SandboxOptions, WasmSandbox};
use wit_component::ComponentEncoder;
use zip::{ZipWriter, write::SimpleFileOptions};

const ECHO: &str = "(call $ok (local.get $event) (local.get $length))";

fn sandbox(folder: &Path, strict: bool) -> WasmSandbox {
    let managed = ManagedRuntimes { folder: Some(folder.to_owned()), strict };
    WasmSandbox::new(SandboxOptions { managed, max_environments: 8, ..SandboxOptions::default() }).unwrap()
}

/// Installs a runtime that echoes.
fn install(folder: &Path) {
    let runtime = folder.join("python3.14");
    fs::create_dir_all(&runtime).unwrap();
    let component = ComponentEncoder::default().module(&handle(ECHO)).unwrap().encode().unwrap();
    fs::write(runtime.join("runtime.wasm"), component).unwrap();
    let mut library = ZipWriter::new(fs::File::create(runtime.join("library.zip")).unwrap());
    library.start_file("0/boto3/__init__.py", SimpleFileOptions::default()).unwrap();
    library.write_all(b"pass").unwrap();
    library.finish().unwrap();
}

async fn load(sandbox: &WasmSandbox, runtime: &str, files: &[&str]) -> Result<Function, LoadError> {
    let files: Vec<_> = files.iter().map(|path| (*path, &b"pass"[..])).collect();
    let code = Code { runtime: Runtime::parse(runtime).unwrap(), ..package(&files).into() };
    Function::of_code(sandbox, code, Clock::real()).await
}

#[tokio::test]
async fn a_runtime_runs_functions_of_all_versions_and_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    install(folder.path());
    let sandbox = sandbox(folder.path(), false);
    let older = load(&sandbox, "python3.9", &["app.py"]).await.unwrap();
    for _ in 0..2 {
        assert_eq!(older.call("[1]").await, Ok("[1]".to_owned()));
    }
    let remark = "HEARTH: this function's runtime is python3.9; it runs on Python 3.14";
    assert_eq!(older.lines(), [remark]);
    let current = load(&sandbox, "python3.14", &["app.py"]).await.unwrap();
    assert_eq!(current.call("[2]").await, Ok("[2]".to_owned()));
    assert!(current.lines().is_empty());
}

#[tokio::test]
async fn what_cannot_run_is_refused_when_it_is_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let message = async |strict, runtime: &str, files: &[&str]| {
        load(&sandbox(folder.path(), strict), runtime, files).await.err().unwrap().to_string()
    };
    let absent = message(false, "python3.14", &["app.py"]).await;
    assert!(absent.ends_with("run `hearth runtime install python3.14`"), "{absent}");
    install(folder.path());
    let strict = message(true, "python3.12", &["app.py"]).await;
    assert!(strict.starts_with("`python3.12` would run on Python 3.14"), "{strict}");
    let native = message(false, "python3.14", &["app.py", "numpy/_core.so"]).await;
    assert!(native.contains("cannot run in WebAssembly: `/var/task/numpy/_core.so`"), "{native}");
    fs::write(folder.path().join("python3.14/library.zip"), "").unwrap();
    let damaged = message(false, "python3.14", &["app.py"]).await;
    assert!(damaged.contains("is damaged (library.zip: ") && damaged.contains("--force"), "{damaged}");
}
