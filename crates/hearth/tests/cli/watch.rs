//! `hearth up --watch`.

use crate::support::{Project, Ran, Up};

const ONE: &str = "[functions.app]\ncode = \"app\"\n";

#[track_caller]
fn answer(project: &Project, up: &Up, name: &str) -> serde_json::Value {
    project.run(&["invoke", name, "--endpoint", &up.url, "-q"]).exits(0).json()
}

/// A project whose function is `hello`, being watched.
fn watched() -> (Project, Up) {
    let project = Project::new(ONE);
    project.copy_sample("hello", "app/bootstrap.wasm");
    let up = project.up(&["--watch"]);
    assert_eq!(answer(&project, &up, "app")["message"], "Hello, world!");
    (project, up)
}

#[test]
fn changed_code_is_taken_over() {
    let (project, up) = watched();
    project.copy_sample("counter", "app/bootstrap.wasm");
    up.says("updated app");
    assert_eq!(answer(&project, &up, "app")["count"], 1);
}

#[test]
fn broken_code_is_told_and_the_old_stays() {
    let (project, up) = watched();
    project.write("app/bootstrap.wasm", "not WebAssembly");
    up.says("error: function `app`: `bootstrap.wasm` is ");
    up.says("app stays as it was");
    assert_eq!(answer(&project, &up, "app")["invocation"], 2, "the same environment");
    project.copy_sample("counter", "app/bootstrap.wasm");
    up.says("updated app");
    assert_eq!(answer(&project, &up, "app")["count"], 1);
}

#[test]
fn a_running_invocation_finishes_on_the_old_code() {
    let project = Project::new("[functions.app]\ncode = \"app\"\ntimeout_s = 30\n");
    project.copy_sample("counter", "app/bootstrap.wasm");
    let up = project.up(&["--watch"]);
    let arguments = ["invoke", "app", "--endpoint", &up.url, "-q", "-e", r#"{"sleep_ms": 1500}"#];
    let slow = project.hearth(&arguments).spawn().expect("the program runs");
    up.says("START RequestId: ");
    project.copy_sample("hello", "app/bootstrap.wasm");
    up.says("updated app");
    assert_eq!(answer(&project, &up, "app")["message"], "Hello, world!");
    let ran = Ran::of(slow.wait_with_output().expect("it ends")).exits(0);
    assert_eq!(ran.json()["count"], 1);
}

#[test]
fn a_changed_manifest_is_taken_over() {
    let (project, up) = watched();
    project.write_manifest(&format!("{ONE}\n[functions.more]\ncode = \"functions/counter/counter.wasm\"\n"));
    up.says("deployed more");
    assert_eq!(answer(&project, &up, "more")["count"], 1);
    up.says("more REPORT RequestId: ");

    project.write_manifest("[functions.app]\ncode = \"app\"\nmemroy_mib = 512\n");
    up.says("error: unknown key `memroy_mib` in function `app`");
    up.says("everything stays as it was");
    assert_eq!(answer(&project, &up, "more")["count"], 2);

    project.write_manifest(&format!("seed = 1\n{ONE}"));
    up.says("removed more");
    up.says("warning: the settings at the top of the manifest hold from the next start on");
    project.run(&["invoke", "more", "--endpoint", &up.url]).exits(2);
}

#[test]
fn who_is_told_of_events_is_taken_over() {
    let (project, up) = watched();
    let more = "\n[functions.more]\ncode = \"functions/counter/counter.wasm\"\n";
    project.write_manifest(&format!("{ONE}asynchronous = {{ on_success = \"more\" }}\n{more}"));
    up.says("deployed more");
    up.says("updated app");
    let send = || project.run(&["invoke", "app", "--endpoint", &up.url, "--async"]).exits(0);
    send();
    up.says("more REPORT RequestId: ");
    project.write_manifest(&format!("{ONE}asynchronous = {{ on_success = \"app\" }}\n{more}"));
    up.says("error: function `app`: You can't specify the function as a destination for itself.");
    up.says("app stays as it was");
    project.write_manifest(&format!("{ONE}{more}"));
    up.says("updated app");
}

#[test]
fn code_that_is_made_anew_is_found_where_it_was() {
    let project = Project::new("[functions.app]\ncode = \"target/release/app.wasm\"\n");
    project.copy_sample("hello", "target/release/app.wasm");
    let up = project.up(&["--watch"]);
    std::fs::remove_dir_all(project.path("target")).expect("removed");
    up.says("app stays as it was");
    project.copy_sample("counter", "target/release/app.wasm");
    up.says("updated app");
    assert_eq!(answer(&project, &up, "app")["count"], 1);
}
