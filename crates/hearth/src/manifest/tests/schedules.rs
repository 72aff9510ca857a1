//! Functions that time invokes.

use super::{messages, parse, refused};

/// The manifest of a function that time invokes so.
fn timed(schedule: &str) -> String {
    format!("[functions.a]\ncode = \"a\"\n[[functions.a.events]]\nschedule = {schedule}\n")
}

#[test]
fn all_keys_are_read() {
    for (schedule, expected) in [
        (r#""rate(5 minutes)""#, ("rate(5 minutes)", None, None)),
        (r#""cron(0 9 * * ? *)""#, ("cron(0 9 * * ? *)", None, None)),
        (r#""at(2026-11-21T13:00:00)""#, ("at(2026-11-21T13:00:00)", None, None)),
        (r#"{ rate = "1 hour" }"#, ("rate(1 hour)", None, None)),
        (r#"{ at = "2026-11-21T13:00:00" }"#, ("at(2026-11-21T13:00:00)", None, None)),
        (
            r#"{ cron = "0 9 * * ? *", timezone = "Europe/Berlin" }"#,
            ("cron(0 9 * * ? *)", Some("Europe/Berlin"), None),
        ),
        // A schedule may leave out the year.
        (r#"{ cron = "0 9 * * ?", timezone = "UTC" }"#, ("cron(0 9 * * ?)", Some("UTC"), None)),
        (
            r#"{ rate = "1 day", input = { kind = "daily", n = [1, 2.5], on = true } }"#,
            ("rate(1 day)", None, Some(r#"{"kind":"daily","n":[1,2.5],"on":true}"#)),
        ),
        (r#"{ rate = "1 day", input = "text" }"#, ("rate(1 day)", None, Some(r#""text""#))),
    ] {
        let manifest = parse(&timed(schedule)).expect(schedule);
        let [events] = &*manifest.function("a").expect("declared").schedule_events else {
            panic!("{schedule}")
        };
        let read = (&*events.expression, events.zone.as_deref(), events.input.as_deref());
        assert_eq!(read, expected, "{schedule}");
    }
    let alone = parse(&timed(r#""rate(1 day)""#)).expect("a manifest").only("a");
    assert!(alone.function("a").expect("it is the one").schedule_events.is_empty());
}

#[test]
fn what_is_wrong_is_told() {
    for (schedule, expected) in [
        ("5", "`schedule` must be a text or a table, not a whole number"),
        (
            r#""every day""#,
            "'every day' is no schedule: write cron(0 12 * * ? *) or rate(5 minutes), without spaces around it",
        ),
        (r#""rate(1 minutes)""#, "rate(1 minutes) is not valid: write rate(1 minute)"),
        (
            r#"{ cron = "0 9 * * ?" }"#,
            "a cron has six fields, not 5: minutes, hours, day of month, month, day of week and year, as in cron(0 12 * * ? *)",
        ),
        ("{ input = 1 }", "`schedule` does not say when"),
        (r#"{ rate = "1 day", cron = "0 9 * * ? *" }"#, "`schedule` says when twice, with `rate` too"),
        ("{ rate = 5 }", "`rate` must be a string, not a whole number"),
        (r#"{ rate = "1 day", every = 1 }"#, "unknown key `every` in `schedule`"),
        (r#"{ rate = "1 day", timezone = "Mars" }"#, "there is no time zone `Mars`"),
        (r#"{ rate = "1 day", input = 2026-11-21 }"#, "`input` has a date in it, which JSON has not"),
    ] {
        assert_eq!(messages(&timed(schedule)), [expected], "{schedule}");
    }
    let two = format!("[queues.orders]\n{}sqs = {{ queue = \"orders\" }}\n", timed(r#""rate(1 day)""#));
    assert_eq!(messages(&two), ["an event comes from one place, and this one from two"]);
}

#[test]
fn a_wrong_time_zone_is_shown() {
    refused(
        &timed(r#"{ cron = "0 9 * * ? *", timezone = "Berlin" }"#),
        "
error: there is no time zone `Berlin`
 --> project/hearth.toml:4:47
  |
4 | schedule = { cron = \"0 9 * * ? *\", timezone = \"Berlin\" }
  |                                               ^^^^^^^^
  |
  = help: name one of the IANA database, such as `Europe/Berlin`
",
    );
}
