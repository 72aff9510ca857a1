//! `hearth timeline`.

use std::io::{BufRead, BufReader};

use crate::support::Project;

const PROJECT: &str = r#"
[functions.orders]
code = "functions/orders/orders.wasm"
[[functions.orders.events]]
sqs = { queue = "orders" }

[queues.orders]
"#;

#[test]
fn a_chain_is_drawn_as_a_tree() {
    let project = Project::new(PROJECT);
    let up = project.up(&["-q"]);
    let timeline =
        |arguments: &[&str]| project.run(&[&["timeline", "--endpoint", &up.url], arguments].concat());
    let sent = up.send_message("orders", "no order");
    let (_, rest) = sent.split_once("\"MessageId\":\"").expect("an id");
    let id = &rest[..36];
    up.streams("/_hearth/timeline?follow=1", "\"event\":\"ended\"");

    let shown = timeline(&[id]).exits(0).stdout;
    let lines: Vec<_> = shown.lines().collect();
    let has = |line: usize, branch: &str, text: &str| {
        assert!(lines[line].contains(branch) && lines[line].contains(text), "{text}: {shown}");
    };
    has(0, "  orders", &format!("orders took a message of 8 bytes  {id}"));
    has(1, "  └─ ", "orders gets a message of orders");
    has(2, "     └─ ", "orders invoked with");
    has(3, "        ├─ ", "cold start (first request): environment 1 made in");
    has(4, "        └─ ", "success after");
    assert_eq!(lines.len(), 5, "{shown}");
    assert!(!shown.contains('\x1b'), "colours are for terminals");

    let all = timeline(&[]).exits(0).stdout;
    assert!(all.lines().any(|line| line.contains("orders deployed, code loaded in")), "{all}");
    let json = timeline(&["--kind", "polled", "--json"]).exits(0).json();
    assert_eq!((&json["event"], &json["queue"]), (&"polled".into(), &"orders".into()));

    let error = timeline(&["00000000-0000-4000-8000-000000000000"]).exits(2).stderr;
    assert!(error.contains("the timeline has nothing of `00000000-"), "{error}");
    let error = timeline(&["--kind", "warm"]).exits(2).stderr;
    assert!(error.contains("unknown variant `warm`, expected one of `deployed`"), "{error}");
}

#[test]
fn the_timeline_is_followed_until_hearth_ends() {
    let project = Project::new(PROJECT);
    let up = project.up(&["-q"]);
    let arguments = ["timeline", "-f", "--function", "orders", "--endpoint", &up.url];
    let mut follower = project.hearth(&arguments).spawn().expect("it runs");
    let mut lines = BufReader::new(follower.stdout.take().expect("piped")).lines();
    let mut next = || lines.next().expect("it goes on").expect("text");
    assert!(next().contains("  orders deployed"));
    up.send_message("orders", "no order");
    for text in ["orders gets a message of orders  ", "orders invoked with ", "cold start", "success after"] {
        let line = next();
        assert!(line.contains(text), "{line}");
    }
    drop(up);
    follower.wait().expect("it ends with Hearth");
}
