//! `hearth up --clock`, `hearth clock` and `hearth settle`.

use crate::support::Project;

const MANIFEST: &str = "\
[functions.app]
code = \"functions/hello/hello.wasm\"
[[functions.app.events]]
schedule = \"rate(1 hour)\"
";

#[test]
fn time_stands_until_it_is_moved() {
    let project = Project::new(MANIFEST);
    let up = project.up(&["--clock", "frozen", "--at", "2026-01-01T00:00:00Z"]);
    let hearth = |arguments: &[&str]| project.run(&[arguments, &["--endpoint", &up.url]].concat());
    let shown = hearth(&["clock"]).exits(0).stdout;
    assert!(shown.starts_with("2026-01-01T00:00:00.000Z, the clock stands, something is due in "), "{shown}");
    let json = hearth(&["clock", "show", "--json"]).exits(0).json();
    assert_eq!(json["now_ms"], 1_767_225_600_000_i64);

    let moved = hearth(&["clock", "advance", "1d"]).exits(0).stdout;
    assert!(moved.contains("ran: 24 asynchronous invocations, 24 invocations\n"), "{moved}");
    up.says("app REPORT RequestId: ");
    let json = hearth(&["clock", "set", "2026-01-03T00:30:00Z", "--json"]).exits(0).json();
    assert_eq!((&json["ran"]["invocations"], &json["settled"]), (&24.into(), &true.into()));
    let settled = hearth(&["settle"]).exits(0).stdout;
    assert!(settled.starts_with("2026-01-03T00:30:00.000Z, the clock stands"), "{settled}");

    assert!(hearth(&["clock", "resume"]).exits(0).stdout.contains("the clock runs"));
    assert!(hearth(&["clock", "freeze"]).exits(0).stdout.contains("the clock stands"));
    let refused = hearth(&["clock", "advance", "soon"]).exits(2).stderr;
    assert!(refused.contains("`by` must be a duration"), "{refused}");
}

#[test]
fn a_place_for_a_clock_that_runs_is_refused() {
    let project = Project::empty();
    let refused = project.run(&["up", "--at", "2026-01-01T00:00:00Z"]).exits(2).stderr;
    assert!(refused.contains("add `--clock frozen`"), "{refused}");
    let refused = project.run(&["up", "--clock", "frozen", "--at", "noon"]).exits(2).stderr;
    assert!(refused.contains("write it like `2026-01-01T00:00:00Z`"), "{refused}");
}
