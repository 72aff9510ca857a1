//! `hearth reset`.

use crate::support::Project;

const MANIFEST: &str = "\
[functions.app]
code = \"functions/hello/hello.wasm\"
[[functions.app.events]]
sqs = { queue = \"orders\" }

[queues.orders]

[[faults]]
function = \"app\"
fault = \"fail\"
from = 1000
";

#[test]
fn everything_is_as_at_the_start() {
    let project = Project::new(MANIFEST);
    let up = project.up(&["--clock", "frozen", "--at", "2026-01-01T00:00:00Z"]);
    let hearth = |arguments: &[&str]| project.run(&[arguments, &["--endpoint", &up.url]].concat());
    let at_the_start = hearth(&["timeline"]).exits(0).stdout;
    up.send_message("orders", "{}");
    hearth(&["clock", "advance", "1d"]).exits(0);
    hearth(&["faults", "clear"]).exits(0);
    up.says("app REPORT RequestId: ");

    let shown = hearth(&["reset"]).exits(0).stdout;
    assert!(shown.starts_with("2026-01-01T00:00:00.000Z, the clock stands"), "{shown}");
    up.says("reset: everything is as at the start");
    assert_eq!(hearth(&["timeline"]).exits(0).stdout, at_the_start);
    assert!(hearth(&["faults"]).exits(0).stdout.contains("fail"));
    assert!(!hearth(&["logs", "app"]).exits(0).stdout.contains("REPORT"));

    // It works as before, and what functions write is shown.
    up.send_message("orders", "{}");
    hearth(&["settle"]).exits(0);
    up.says("app REPORT RequestId: ");
}
