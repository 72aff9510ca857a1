//! What rules and schedules accept, and what they are told otherwise.

use hearth_model::{
    schedule::{Expression, Schedule},
    time::Timestamp,
};
use proptest::{collection::vec, prelude::*};

use crate::world::{berlin, new_york};

#[test]
fn rules_accept() {
    for text in [
        // Recorded.
        "rate(1 minute)",
        "cron(0 2 ? * SAT *)",
        "cron(0 12 * * ? *)",
        "cron(5,35 14 * * ? *)",
        "cron(15 10 ? * 6L 2002-2005)",
        "cron(0 2 ? * SAT#3 *)",
        "cron(* * ? * SAT#3 *)",
        "cron(0/5 5 ? JAN 1-5 2022)",
        "cron(0 10 * * ? *)",
        "cron(15 12 * * ? *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(0 8 1 * ? *)",
        "cron(0/15 * * * ? *)",
        "cron(0/10 * ? * MON-FRI *)",
        "cron(0/5 8-17 ? * MON-FRI *)",
        "cron(0/30 20-23 ? * MON-FRI *)",
        "cron(0/30 0-2 ? * MON-FRI *)",
        // Documented.
        "rate(5 minutes)",
        "rate(1 hour)",
        "rate(12 hours)",
        "rate(1 day)",
        "rate(7 days)",
        "cron(1/10 0 3W * ? *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * L *)",
        "cron(0 0 ? JAN,FEB,MAR 3#2 *)",
        "cron(0 0 1-15 * ? 1970-2199)",
        // As in Quartz.
        "cron(0 0 LW * ? *)",
        "cron(0 0 lw jan ? *)",
        "cron(0 18 ? * mon-Fri *)",
        "cron(0 0 ? * FRIL *)",
        "cron(0 22-2 ? * SAT-SUN *)",
        "cron(*/15 1-9/2,20 30-2 NOV-FEB/2 ? 2020/4)",
        "cron(59/59 23 31W 12 ? *)",
        "cron(05  08 01  * ? *)",
    ] {
        assert!(Expression::for_rule(text).is_ok(), "{text}: {:?}", Expression::for_rule(text));
        assert!(Expression::for_scheduler(text).is_ok(), "{text}: {:?}", Expression::for_scheduler(text));
    }
}

#[test]
fn rules_and_schedules_refuse() {
    for (text, reason) in [
        // Recorded.
        ("cron(0 1 * * * *)", "write ? for one of them"),
        ("cron(7 20 * * NOT *)", "write ? for one of them"),
        ("cron(INVALID)", "six fields, not 1"),
        ("cron(0 dummy ? * MON-FRI *)", "'DUMMY' is no value of the field hours: write 0 to 23"),
        ("cron(71 8 1 * ? *)", "'71' is no value of the field minutes: write 0 to 59"),
        ("cron()", "six fields, not 0"),
        ("rate(10 seconds)", "minutes, hours or days"),
        ("rate(10 years)", "minutes, hours or days"),
        ("rate()", "'' is no rate"),
        ("rate(10)", "'10' is no rate"),
        ("rate(10 minutess)", "'10 minutess' is no rate"),
        ("rate(foo minutes)", "a number from 1 on"),
        ("rate(-10 minutes)", "a number from 1 on"),
        ("rate( 10 minutes )", "spaces inside its parentheses"),
        (" rate(10 minutes)", "without spaces around it"),
        // Documented.
        ("rate(0 minutes)", "a number from 1 on"),
        ("cron(0 0 ? * 3#1,6#3 *)", "nothing else beside it"),
        ("cron(0 0 ? * ? *)", "write * for one of them"),
        ("cron(0 0 ? * NOT *)", "'NOT' is no value of the field day of week: write 1 to 7, or SUN to SAT"),
        ("cron(60 0 * * ? *)", "'60' is no value"),
        ("cron(0 24 * * ? *)", "'24' is no value"),
        ("cron(0 0 0 * ? *)", "'0' is no value of the field day of month: write 1 to 31"),
        ("cron(0 0 32 * ? *)", "'32' is no value"),
        ("cron(0 0 * 13 ? *)", "'13' is no value of the field month: write 1 to 12, or JAN to DEC"),
        ("cron(0 0 ? * 0 *)", "'0' is no value of the field day of week"),
        ("cron(0 0 ? * 8 *)", "'8' is no value of the field day of week"),
        ("cron(0 0 * * ? 1969)", "'1969' is no value of the field year: write 1970 to 2199"),
        ("cron(0 0 * * ? 2200)", "'2200' is no value"),
        ("cron(? 0 * * ? *)", "'?' is no value"),
        // As in Quartz.
        ("cron(*/60 * * * ? *)", "'60' is no step of the field minutes: write 1 to 59"),
        ("cron(0 */24 * * ? *)", "'24' is no step"),
        ("cron(*/0 * * * ? *)", "'0' is no step"),
        ("cron(0 0 * * ? 2005-2002)", "the years '2005-2002' go backwards"),
        ("cron(0 0 L,15 * ? *)", "nothing else beside it"),
        ("cron(0 0 15W,L * ? *)", "nothing else beside it"),
        ("cron(0 0 1-5W * ? *)", "nothing else beside it"),
        ("cron(0 0 32W * ? *)", "'32W' is no day of month"),
        ("cron(0 0 ? * 6#6 *)", "1 to 5"),
        ("cron(0 0 ? * 6#0 *)", "1 to 5"),
        ("cron(0 0 ? * 8L *)", "'8L' is no day of week"),
        ("cron(0 0 ? * 6L,2L *)", "nothing else beside it"),
        // Neither.
        ("", "'' is no schedule"),
        ("5 minutes", "write cron(0 12 * * ? *)"),
        ("0 12 * * ? *", "is no schedule"),
        ("Rate(5 minutes)", "is no schedule"),
        ("rate(5 minutes", "is no schedule"),
        ("rate(5 minutes) ", "is no schedule"),
        ("rate(+5 minutes)", "a number from 1 on"),
        ("rate(5.5 minutes)", "a number from 1 on"),
        ("rate(4294967296 minutes)", "a number from 1 on"),
        ("rate(5 minutes 5)", "is no rate"),
        ("cron(0 12 * * ? * *)", "six fields, not 7"),
        ("cron( 0 12 * * ? *)", "spaces inside"),
        ("cron(0, 12 * * ? *)", "'' is no value"),
        ("cron(-5 12 * * ? *)", "'' is no value"),
        ("cron(0/ 12 * * ? *)", "'' is no step"),
        ("cron(1-2-3 12 * * ? *)", "'2-3' is no value"),
        ("cron(+1 12 * * ? *)", "'+1' is no value"),
    ] {
        for refused in [Expression::for_rule(text), Expression::for_scheduler(text)] {
            let told = refused.expect_err(text).to_string();
            assert!(told.contains(reason), "{text}: {told}");
        }
    }
}

#[test]
fn units_must_fit_in_rules_only() {
    for (text, reason) in [
        ("rate(1 minutes)", "write rate(1 minute)"),
        ("rate(1 hours)", "write rate(1 hour)"),
        ("rate(1 days)", "write rate(1 day)"),
        ("rate(10 minute)", "write rate(10 minutes)"),
        ("rate(10 hour)", "write rate(10 hours)"),
        ("rate(10 day)", "write rate(10 days)"),
    ] {
        let told = Expression::for_rule(text).expect_err(text).to_string();
        assert!(told.contains(reason), "{text}: {told}");
        assert!(Expression::for_scheduler(text).is_ok(), "{text}");
    }
}

#[test]
fn only_schedules_happen_once() {
    assert!(Expression::for_scheduler("at(2022-11-20T13:00:00)").is_ok());
    assert!(Expression::for_scheduler("at(2024-02-29T23:59:59)").is_ok());
    let told = Expression::for_rule("at(2022-11-20T13:00:00)").expect_err("a rule").to_string();
    assert!(
        told.ends_with("write cron(0 12 * * ? *) or rate(5 minutes), without spaces around it"),
        "{told}"
    );
    for text in [
        "at(2021-12-31T23:59:59Z)",
        "at(2021-12-31)",
        "at(2021-12-31 23:59:59)",
        "at(2021-12-31T23:59)",
        "at(2021-12-31T23:59:60)",
        "at(2021-12-31T23:59:59.5)",
        "at(2021-12-31T23:59:59+01:00)",
        "at(2021-02-29T00:00:00)",
        "at(1969-12-31T23:59:59)",
        "at(2200-01-01T00:00:00)",
        "at()",
    ] {
        let told = Expression::for_scheduler(text).expect_err(text).to_string();
        assert!(told.contains("is no time: write date and time without time zone"), "{text}: {told}");
    }
}

#[test]
fn only_schedules_can_leave_out_the_year() {
    let with_year = Expression::for_scheduler("cron(0 12 * * ? *)");
    assert_eq!(Expression::for_scheduler("cron(0 12 * * ?)"), with_year);
    let told = Expression::for_rule("cron(0 12 * * ?)").expect_err("a rule").to_string();
    assert!(told.contains("six fields, not 5"), "{told}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(content in "[0-9*?/,LW#a-z -]{0,30}", kind in "cron|rate|at|") {
        let text = format!("{kind}({content})");
        if let Ok(expression) = Expression::for_scheduler(&text) {
            let schedule = Schedule { expression, zone: new_york(), start: Timestamp::UNIX_EPOCH, end: None };
            for after in [i64::MIN, 0, i64::MAX] {
                let _next = schedule.next_after(Timestamp::from_unix_nanos(after));
            }
        }
    }

    #[test]
    fn no_fields_make_it_panic(fields in vec("[0-9*?LW#]{1,2}|[0-9]{1,4}[-/,][0-9]{1,4}", 6)) {
        if let Ok(expression) = Expression::for_scheduler(&format!("cron({})", fields.join(" "))) {
            let schedule = Schedule { expression, zone: berlin(), start: Timestamp::UNIX_EPOCH, end: None };
            for after in [i64::MIN, 0, i64::MAX] {
                let _next = schedule.next_after(Timestamp::from_unix_nanos(after));
            }
        }
    }
}
