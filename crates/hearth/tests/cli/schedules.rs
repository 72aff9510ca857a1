//! Functions that time invokes, `hearth schedules` and `hearth fire`.

use crate::support::Project;

const APP: &str = "[functions.app]\ncode = \"functions/hello/hello.wasm\"\n";

/// A manifest whose function is invoked so.
fn timed(schedules: &[&str]) -> String {
    let events =
        schedules.iter().map(|schedule| format!("[[functions.app.events]]\nschedule = {schedule}\n"));
    APP.to_owned() + &events.collect::<String>()
}

#[test]
fn schedules_are_listed_and_fired() {
    let project = Project::new(&timed(&[
        r#""cron(0 0 1 1 ? 2199)""#,
        r#"{ cron = "0 9 1 1 ? 2198", timezone = "Europe/Berlin", input = { name = "Ada" } }"#,
    ]));
    let up = project.up(&[]);
    let hearth = |arguments: &[&str]| project.run(&[arguments, &["--endpoint", &up.url]].concat());
    let listed = hearth(&["schedules"]).exits(0).stdout;
    let rows: Vec<Vec<&str>> = listed
        .lines()
        .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect())
        .collect();
    assert_eq!(rows[0], ["NAME", "KIND", "SCHEDULE", "TIME ZONE", "NEXT", "IN", "TARGETS"], "{listed}");
    assert_eq!(
        rows[1][..5],
        ["app.2", "schedule", "cron(0 9 1 1 ? 2198)", "Europe/Berlin", "2198-01-01T08:00:00Z"]
    );
    assert_eq!(rows[2][..5], ["app", "rule", "cron(0 0 1 1 ? 2199)", "UTC", "2199-01-01T00:00:00Z"]);
    assert_eq!(rows[2][6], "function:app");
    let json = hearth(&["schedules", "--json"]).exits(0).json();
    assert_eq!(json["schedules"][0]["name"], "app.2");

    let fired = hearth(&["fire", "app"]).exits(0).stdout;
    assert_eq!(fired, "sent to arn:aws:lambda:us-east-1:000000000000:function:app\n");
    up.says("app END RequestId: ");
    hearth(&["fire", "app.2"]).exits(0);
    up.says("app START RequestId: ");
    let missing = hearth(&["fire", "nothing"]).exits(2).stderr;
    assert!(missing.contains("neither a rule nor a schedule `nothing`"), "{missing}");
}

#[test]
fn schedules_are_taken_over() {
    let project = Project::new(APP);
    let up = project.up(&["--watch"]);
    let hearth = |arguments: &[&str]| project.run(&[arguments, &["--endpoint", &up.url]].concat());
    project.write_manifest(&timed(&[r#""rate(1 day)""#]));
    up.says("firings of rate(1 day) now invoke app");
    project.write_manifest(&timed(&[r#"{ rate = "2 days", timezone = "UTC" }"#]));
    up.says("firings of rate(2 days) now invoke app in another way");
    let json = hearth(&["schedules", "--json"]).exits(0).json();
    let all = json["schedules"].as_array().expect("a list");
    assert_eq!((all.len(), &all[0]["kind"]), (1, &"schedule".into()), "the rule is gone");
    project.write_manifest(&timed(&[r#""rate(1 days)""#]));
    up.says("error: rate(1 days) is not valid: write rate(1 day)");
    project.write_manifest(APP);
    up.says("firings of rate(2 days) no longer invoke app");
    let listed = hearth(&["schedules"]).exits(0).stdout;
    assert!(listed.starts_with("no schedules"), "{listed}");
}
