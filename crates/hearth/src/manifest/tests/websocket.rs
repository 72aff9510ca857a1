//! Routes of the WebSocket API.

use super::{messages, parse};

/// The manifest of a function with such an event.
fn routed(websocket: &str) -> String {
    format!("[functions.a]\ncode = \"a\"\n[[functions.a.events]]\nwebsocket = {websocket}\n")
}

#[test]
fn all_keys_are_read() {
    let check = |websocket: &str, expected: &[(&str, bool)]| {
        let manifest = parse(&routed(websocket)).expect("a manifest");
        let events = &manifest.function("a").expect("declared").socket_events;
        let read: Vec<_> = events.iter().map(|events| (events.route.as_str(), events.two_way)).collect();
        assert_eq!(read, expected, "{websocket}");
        assert!(manifest.only("a").function("a").expect("it is the one").socket_events.is_empty());
    };
    check(r#""$connect""#, &[("$connect", false)]);
    check(r#"{ routes = ["$default", "say"], two_way = true }"#, &[("$default", true), ("say", true)]);
}

#[test]
fn what_is_wrong_is_told() {
    for (websocket, expected) in [
        (
            "1",
            "`websocket` must be a route such as `\"$connect\"`, or a table with `routes`, not a whole number",
        ),
        (r#""$other""#, "`$other` is not a route"),
        ("{ }", "`websocket` has no `routes`"),
        (r#"{ routes = ["a", "a"] }"#, "there are two routes for `a`"),
        (r#"{ routes = ["a"], way = 1 }"#, "unknown key `way` in `websocket`"),
    ] {
        assert_eq!(messages(&routed(websocket)), [expected], "{websocket}");
    }
}
