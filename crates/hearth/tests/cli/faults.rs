//! `hearth faults`, and `[[faults]]` of the manifest.

use crate::support::Project;

const PROJECT: &str = r#"
[functions.hello]
code = "functions/hello/hello.wasm"

[[faults]]
function = "hello"
fault = "fail"
count = 1
error_message = "the manifest says so"
"#;

#[test]
fn faults_come_from_the_manifest_and_from_the_command_line() {
    let project = Project::new(PROJECT);
    let up = project.up(&["-q", "--ephemeral"]);
    let faults =
        |arguments: &[&str]| project.run(&[&["faults"], arguments, &["--endpoint", &up.url]].concat());
    let invoke = || project.run(&["invoke", "hello", "--endpoint", &up.url, "-q"]);
    let failed = invoke().exits(1);
    assert!(
        failed.stdout.contains("the manifest says so") || failed.stderr.contains("the manifest says so"),
        "{failed:?}"
    );
    invoke().exits(0);
    let listed = faults(&[]).exits(0).stdout;
    let rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["ID", "FAULT", "OF", "CALLS", "SEEN", "INJECTED"]);
    assert_eq!(rows[1], ["1", "fail", "hello", "only", "1", "2", "1"], "{listed}");

    let added =
        faults(&["add", "kill-after-handler", "--function", "h*", "--percent", "50", "--seed", "3"]).exits(0);
    assert!(added.stdout.contains("all, 50% with seed 3"), "{added:?}");
    faults(&["clear", "2"]).exits(0);
    faults(&["add", "throttle", "--function", "hello"]).exits(0);
    let throttled = invoke().exits(3);
    assert!(throttled.stderr.contains("concurrency") || throttled.stderr.contains("Rate"), "{throttled:?}");
    let cleared = faults(&["clear"]).exits(0).stdout;
    assert!(cleared.starts_with("no faults"), "{cleared}");
    invoke().exits(0);

    let error = faults(&["add", "no-space", "--function", "hello"]).exits(2).stderr;
    assert!(error.contains("`function` does not go with `no-space`: leave it out"), "{error}");
    let error = faults(&["add", "disk-full", "--disk", "journal"]).exits(2).stderr;
    assert!(error.contains("without `--ephemeral`"), "{error}");
    let error = faults(&["add", "explode"]).exits(2).stderr;
    assert!(error.contains("unknown variant `explode`"), "{error}");
    let error = faults(&["clear", "9"]).exits(2).stderr;
    assert!(error.contains("there is no fault `9`"), "{error}");
}

#[test]
fn a_disk_is_full_where_there_is_one() {
    let project =
        Project::new("[queues.jobs]\n[[faults]]\nfault = \"disk-full\"\ndisk = \"journal\"\ncount = 1\n");
    let error = project.run(&["up", "--port", "0", "--ephemeral"]).exits(2).stderr;
    assert!(error.contains("hearth.toml:2:1") && error.contains("`disk-full` needs a disk"), "{error}");
    let up = project.up(&["-q"]);
    let send = || project.run(&["send", "jobs", "hello", "--endpoint", &up.url]);
    let refused = send().exits(3).stderr;
    assert!(refused.contains("cannot be kept: no space left: a rule for faults says so"), "{refused}");
    send().exits(0);
    let listed = project.run(&["faults", "--endpoint", &up.url]).exits(0).stdout;
    assert!(listed.contains("disk-full  journal  only 1"), "{listed}");
}
