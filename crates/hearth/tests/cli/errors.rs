//! What people are told when something is wrong.

use crate::support::{Done, Project, wasm};

fn refused(done: &Done, expected: &[&str]) {
    assert_eq!(done.code, 2, "{done:?}");
    for text in expected {
        assert!(done.stderr.contains(text), "{text:?} is missing:\n{}", done.stderr);
    }
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
}

#[test]
fn a_typo_in_the_manifest_names_place_and_fix() {
    let echo = wasm("echo");
    let project = Project::new(&format!("[functions.f]\ncode = '{}'\nmemory = 128\n", echo.display()));
    refused(&project.run(&["invoke", "f"]), &["hearth.toml:3:1", "memory_mib"]);
    let project = Project::new(&format!("[functions.f]\ncode = '{}'\nmemory_mib = 64\n", echo.display()));
    refused(&project.run(&["invoke", "f"]), &["hearth.toml:3", "128 to 10240 MiB"]);
    let project = Project::new("[functions.f]\ncode = 'nowhere.wasm'\n");
    refused(&project.run(&["invoke", "f"]), &["hearth.toml:2", "nowhere.wasm"]);
    let project = Project::new("[functions.f\ncode = 1\n");
    refused(&project.run(&["invoke", "f"]), &["hearth.toml:1"]);
}

#[test]
fn two_functions_of_one_name_are_refused() {
    let echo = wasm("echo");
    let function = format!("[functions.f]\ncode = '{}'\n", echo.display());
    refused(&Project::new(&function.repeat(2)).run(&["up", "--port", "0"]), &["hearth.toml:3", "f"]);
}

#[test]
fn what_later_issues_bring_is_refused_clearly() {
    refused(
        &Project::new("[queues.orders]\n").run(&["up", "--port", "0"]),
        &["hearth.toml:1", "queues", "not"],
    );
}

#[test]
fn an_unknown_function_is_suggested() {
    let project = Project::with_sample("echo", "");
    refused(&project.run(&["invoke", "g"]), &["there is no function `g`", "did you mean `f`?"]);
}

#[test]
fn events_that_are_not_json_or_too_large_are_refused() {
    let project = Project::with_sample("echo", "");
    refused(&project.run(&["invoke", "f", "-e", "{oops}"]), &["event"]);
    refused(&project.run(&["invoke", "f", "-e", "nowhere.json"]), &["nowhere.json"]);
    let seven_megabytes = format!("\"{}\"", "x".repeat(7_000_000));
    refused(&project.run_with_input(&["invoke", "f", "-e", "-"], seven_megabytes.as_bytes()), &["6291456"]);
}

#[test]
fn code_that_cannot_run_is_refused() {
    let check = |content: &[u8], expected: &str| {
        let project = Project::new("[functions.f]\ncode = 'code.wasm'\n");
        project.write("code.wasm", content);
        refused(&project.run(&["invoke", "f"]), &["hearth.toml:2", "`code.wasm`", expected]);
    };
    check(b"\x7fELF\x02\x01\x01\0", "a native Linux program (ELF)");
    check(b"hello", "not WebAssembly");
    let whole = std::fs::read(wasm("echo")).unwrap();
    check(&whole[..whole.len() / 2], "damaged");
    check(b"\0asm\x01\0\0\0", "exports none of");
}

#[test]
fn a_cache_folder_that_cannot_be_used_is_a_warning() {
    let project = Project::with_sample("echo", "");
    project.write("file", "");
    let done = project.run(&["invoke", "f", "--cache-dir", "file/cache"]);
    assert_eq!((done.code, done.stdout.trim()), (0, "{}"), "{done:?}");
    assert!(done.stderr.contains("cannot use the compile cache"), "{done:?}");
}
