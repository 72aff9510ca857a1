//! When schedules fire.

use hearth_model::{schedule::Schedule, time::Timestamp};
use jiff::tz::TimeZone;

use crate::world::{berlin, lord_howe, new_york, schedule, text, timestamp};

/// The next firings after a moment are these, and there are no more if fewer than three are expected.
fn check(schedule: &Schedule, after: &str, expected: &[&str]) {
    let next = |after: &Timestamp| schedule.next_after(*after);
    let firings = std::iter::successors(next(&timestamp(after)), next).take(expected.len().max(3));
    let firings: Vec<String> = firings.map(text).collect();
    assert_eq!(firings, expected, "{:?} after {after}", schedule.expression);
}

#[test]
fn cron_in_universal_time() {
    for (expression, after, expected) in [
        // Times of a day.
        (
            "cron(* * * * ? *)",
            "2026-12-31T23:58:00Z",
            ["2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z", "2027-01-01T00:01:00Z"],
        ),
        (
            "cron(* * * * ? *)",
            "2026-12-31T23:58:59.999Z",
            ["2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z", "2027-01-01T00:01:00Z"],
        ),
        (
            "cron(5,35 14 * * ? *)",
            "2026-02-28T14:04:59Z",
            ["2026-02-28T14:05:00Z", "2026-02-28T14:35:00Z", "2026-03-01T14:05:00Z"],
        ),
        (
            "cron(1/10 22-2/3 * * ? *)",
            "2026-06-01T01:46:00Z",
            ["2026-06-01T01:51:00Z", "2026-06-01T22:01:00Z", "2026-06-01T22:11:00Z"],
        ),
        // Days of the week.
        (
            "cron(0 18 ? * MON-FRI *)",
            "2026-11-20T12:00:00Z",
            ["2026-11-20T18:00:00Z", "2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z"],
        ),
        (
            "cron(0 0 ? * SAT-SUN *)",
            "2026-11-20T12:00:00Z",
            ["2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-28T00:00:00Z"],
        ),
        (
            "cron(0 12 ? * 1 *)",
            "2026-11-21T00:00:00Z",
            ["2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z", "2026-12-06T12:00:00Z"],
        ),
        (
            "cron(0 12 ? * L *)",
            "2026-11-21T12:00:00Z",
            ["2026-11-28T12:00:00Z", "2026-12-05T12:00:00Z", "2026-12-12T12:00:00Z"],
        ),
        (
            "cron(15 10 ? * 6L *)",
            "2026-11-21T00:00:00Z",
            ["2026-11-27T10:15:00Z", "2026-12-25T10:15:00Z", "2027-01-29T10:15:00Z"],
        ),
        (
            "cron(0 2 ? * SAT#3 *)",
            "2026-11-21T02:00:00Z",
            ["2026-12-19T02:00:00Z", "2027-01-16T02:00:00Z", "2027-02-20T02:00:00Z"],
        ),
        (
            "cron(0 0 ? * 2#5 *)",
            "2026-11-21T00:00:00Z",
            ["2026-11-30T00:00:00Z", "2027-03-29T00:00:00Z", "2027-05-31T00:00:00Z"],
        ),
        // Days of the month.
        (
            "cron(0 0 31 * ? *)",
            "2026-01-31T00:00:00Z",
            ["2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z"],
        ),
        (
            "cron(0 0 L * ? *)",
            "2028-01-31T00:00:00Z",
            ["2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z", "2028-04-30T00:00:00Z"],
        ),
        // 31 October and 28 November are Saturdays, the 29th is a Sunday.
        (
            "cron(0 0 LW * ? *)",
            "2026-10-01T00:00:00Z",
            ["2026-10-30T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"],
        ),
        // 1 August 2026 is a Saturday, 1 November a Sunday.
        (
            "cron(0 0 1W 8,11,12 ? *)",
            "2026-08-01T00:00:00Z",
            ["2026-08-03T00:00:00Z", "2026-11-02T00:00:00Z", "2026-12-01T00:00:00Z"],
        ),
        // 31 May 2026 is a Sunday, 31 October a Saturday; September has none.
        (
            "cron(0 0 31W 5,9,10,12 ? *)",
            "2026-05-01T00:00:00Z",
            ["2026-05-29T00:00:00Z", "2026-10-30T00:00:00Z", "2026-12-31T00:00:00Z"],
        ),
        (
            "cron(0 0 15W * ? *)",
            "2026-08-01T00:00:00Z",
            ["2026-08-14T00:00:00Z", "2026-09-15T00:00:00Z", "2026-10-15T00:00:00Z"],
        ),
        // Years: 2100 is no leap year.
        (
            "cron(0 0 29 2 ? *)",
            "2092-03-01T00:00:00Z",
            ["2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"],
        ),
        (
            "cron(59 23 31 12 ? 2020/100)",
            "1970-01-01T00:00:00Z",
            ["2020-12-31T23:59:00Z", "2120-12-31T23:59:00Z", ""],
        ),
        ("cron(59 23 L 12 ? *)", "2198-12-31T23:59:00Z", ["2199-12-31T23:59:00Z", "", ""]),
        ("cron(0/30 5 ? JAN 1-5 2022)", "2022-01-31T05:00:00Z", ["2022-01-31T05:30:00Z", "", ""]),
        ("cron(0 0 30 FEB ? *)", "1970-01-01T00:00:00Z", ["", "", ""]),
        ("cron(0 0 ? FEB SUN#5 2025-2027)", "1970-01-01T00:00:00Z", ["", "", ""]),
    ] {
        let expected: Vec<&str> = expected.into_iter().filter(|firing| !firing.is_empty()).collect();
        check(&schedule(expression, TimeZone::UTC), after, &expected);
    }
}

#[test]
fn clocks_that_are_put_forward_skip() {
    // The example of the Scheduler's user guide, in another zone: 2:00 becomes 3:00.
    check(
        &schedule("cron(30 2 * * ? *)", new_york()),
        "2026-03-07T00:00:00Z",
        &["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"],
    );
    check(
        &schedule("cron(0 * * * ? *)", new_york()),
        "2026-03-08T05:30:00Z",
        &["2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"],
    );
    // 2:00 becomes 2:30.
    check(
        &schedule("cron(15,45 2 ? * SUN *)", lord_howe()),
        "2026-10-03T00:00:00Z",
        &["2026-10-03T15:45:00Z", "2026-10-10T15:15:00Z", "2026-10-10T15:45:00Z"],
    );
    check(&schedule("at(2026-03-08T02:30:00)", new_york()), "2026-03-01T00:00:00Z", &[]);
}

#[test]
fn clocks_that_are_put_back_do_not_repeat() {
    // 2:00 becomes 1:00, of which the first is 5:00 in universal time.
    check(
        &schedule("cron(30 1 * * ? *)", new_york()),
        "2026-11-01T00:00:00Z",
        &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z", "2026-11-03T06:30:00Z"],
    );
    check(
        &schedule("cron(0/30 * * * ? *)", new_york()),
        "2026-11-01T05:00:00Z",
        &["2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z"],
    );
    // Whoever asks within the second hour.
    check(
        &schedule("cron(45 1 * * ? *)", new_york()),
        "2026-11-01T06:30:00Z",
        &["2026-11-02T06:45:00Z", "2026-11-03T06:45:00Z", "2026-11-04T06:45:00Z"],
    );
    check(
        &schedule("at(2026-11-01T01:30:00)", new_york()),
        "2026-10-01T00:00:00Z",
        &["2026-11-01T05:30:00Z"],
    );
    // 3:00 becomes 2:00.
    check(&schedule("cron(59 2 25 10 ? 2026)", berlin()), "2026-10-24T00:00:00Z", &["2026-10-25T00:59:00Z"]);
}

#[test]
fn rates_count_from_their_start() {
    let mut schedule = schedule("rate(90 minutes)", new_york());
    schedule.start = timestamp("2026-03-07T23:59:30.250Z");
    // From the start on, for who asks about a moment before it.
    check(
        &schedule,
        "2026-01-01T00:00:00Z",
        &["2026-03-07T23:59:30.25Z", "2026-03-08T01:29:30.25Z", "2026-03-08T02:59:30.25Z"],
    );
    // An interval later, for who asks about the start.
    check(
        &schedule,
        "2026-03-07T23:59:30.250Z",
        &["2026-03-08T01:29:30.25Z", "2026-03-08T02:59:30.25Z", "2026-03-08T04:29:30.25Z"],
    );
    schedule.end = Some(timestamp("2026-03-08T01:29:30.250Z"));
    check(&schedule, "2026-03-07T23:59:31Z", &["2026-03-08T01:29:30.25Z"]);
    schedule.end = Some(timestamp("2026-03-08T01:29:30Z"));
    check(&schedule, "2026-03-07T23:59:31Z", &[]);
}

#[test]
fn a_day_of_a_rate_has_24_hours() {
    let mut schedule = schedule("rate(1 days)", new_york());
    schedule.start = timestamp("2026-03-07T12:00:00Z");
    check(
        &schedule,
        "2026-03-07T12:00:00Z",
        &["2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z", "2026-03-10T12:00:00Z"],
    );
}

#[test]
fn a_rate_beyond_the_range_of_time_ends() {
    let schedule = schedule("rate(4294967295 days)", TimeZone::UTC);
    check(&schedule, "2026-01-01T00:00:00Z", &[]);
    assert_eq!(schedule.next_after(Timestamp::from_unix_nanos(i64::MAX)), None);
}

#[test]
fn start_and_end_bound_what_recurs() {
    let mut schedule = schedule("cron(0 12 * * ? *)", berlin());
    schedule.start = timestamp("2026-07-01T10:00:00Z");
    schedule.end = Some(timestamp("2026-07-02T10:00:00Z"));
    check(&schedule, "2026-01-01T00:00:00Z", &["2026-07-01T10:00:00Z", "2026-07-02T10:00:00Z"]);
    schedule.start = timestamp("2026-07-01T10:00:00.001Z");
    schedule.end = Some(timestamp("2026-07-02T09:59:59Z"));
    check(&schedule, "2026-01-01T00:00:00Z", &[]);
}

#[test]
fn start_and_end_do_not_matter_to_what_happens_once() {
    let mut schedule = schedule("at(2022-11-20T13:00:30)", berlin());
    schedule.start = timestamp("2023-01-01T00:00:00Z");
    schedule.end = Some(timestamp("2021-01-01T00:00:00Z"));
    check(&schedule, "2022-11-20T12:00:29Z", &["2022-11-20T12:00:30Z"]);
    check(&schedule, "2022-11-20T12:00:30Z", &[]);
}
