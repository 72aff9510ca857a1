//! Many schedules together.

use std::{collections::BTreeMap, time::Duration};

use hearth_model::{
    schedule::{Expression, Firing, Plan, Schedule, Timetable, Window, time_zone},
    time::Timestamp,
};
use proptest::prelude::*;

use crate::world::{text, timestamp};

const MINUTE: Duration = Duration::from_mins(1);

fn plan(expression: &str, zone: &str, start: Timestamp) -> Plan {
    let expression = Expression::for_scheduler(expression).expect(expression);
    let zone = time_zone(zone).expect(zone);
    Plan { schedule: Schedule { expression, zone, start, end: None }, window: Window::default() }
}

/// What fires when the clock goes there at once.
fn jump(timetable: &mut Timetable<usize>, now: Timestamp) -> Vec<Firing<usize>> {
    timetable.handle_timeout(now);
    assert!(timetable.poll_timeout().is_none_or(|next| next > now), "all that is due has fired");
    std::iter::from_fn(|| timetable.poll_output()).collect()
}

/// What fires, and when, if everything does so at its very moment.
fn run(timetable: &mut Timetable<usize>, until: Timestamp) -> Vec<(Timestamp, Firing<usize>)> {
    let mut fired = Vec::new();
    while let Some(next) = timetable.poll_timeout().filter(|next| *next <= until) {
        fired.extend(jump(timetable, next).into_iter().map(|firing| (next, firing)));
    }
    fired
}

#[test]
fn a_year_of_many_schedules_fires_each_exactly_once_at_its_minute() {
    let (begin, end) = (timestamp("2026-01-01T00:00:00Z"), timestamp("2026-12-31T23:59:59Z"));
    let expressions = [
        "cron(30 2 * * ? *)",
        "cron(0 9 ? * MON-FRI *)",
        "cron(15 0 L * ? *)",
        "rate(7 hours)",
        "rate(1 day)",
    ];
    let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    let mut timetable = Timetable::default();
    let mut plans = Vec::new();
    for (number, (expression, zone)) in expressions
        .iter()
        .flat_map(|expression| zones.map(|zone| (*expression, zone)))
        .cycle()
        .take(500)
        .enumerate()
    {
        let plan = plan(expression, zone, begin + MINUTE * u32::try_from(number).expect("small"));
        timetable.insert(begin, number, plan.clone());
        plans.push(plan);
    }
    let mut firings: BTreeMap<usize, Vec<Timestamp>> = BTreeMap::new();
    for (at, firing) in run(&mut timetable, end) {
        assert_eq!(at, firing.scheduled, "without a window, everything comes at its time");
        firings.entry(firing.key).or_default().push(at);
    }
    for (number, plan) in plans.iter().enumerate() {
        let next = |after: &Timestamp| plan.schedule.next_after(*after).filter(|next| *next <= end);
        let expected: Vec<_> = std::iter::successors(next(&begin), next).collect();
        assert_eq!(firings[&number], expected, "schedule {number}");
    }
    // At half past two in the night: every day, but for the one on which clocks skip it.
    assert_eq!([0, 1, 2].map(|number| firings[&number].len()), [365, 364, 364]);
}

#[test]
fn what_happens_once_does_not_happen_again() {
    let now = timestamp("2026-11-21T12:00:00Z");
    let mut timetable = Timetable::default();
    timetable.insert(now, 0, plan("at(2026-11-21T14:00:00)", "Europe/Berlin", now));
    timetable.insert(now, 1, plan("at(2026-11-21T11:00:00)", "UTC", now));
    let ending = plan("rate(1 minute)", "UTC", now);
    let ending = Schedule { end: Some(now + MINUTE * 2), ..ending.schedule };
    timetable.insert(now, 2, Plan { schedule: ending, window: Window::default() });
    let fired: Vec<_> =
        run(&mut timetable, now + Duration::from_hours(24)).into_iter().map(|(_, firing)| firing).collect();
    let firing = |key, minutes| Firing { key, scheduled: now + MINUTE * minutes };
    assert_eq!(fired, [firing(2, 1), firing(2, 2), firing(0, 60)]);
    assert!([0, 1, 2].iter().all(|key| timetable.is_over(key)));
    assert_eq!(timetable.poll_timeout(), None);
}

#[test]
fn of_what_passed_unseen_only_what_has_its_window_open_comes() {
    let made = timestamp("2026-11-21T12:00:00Z");
    let length = MINUTE * 10;
    let plan = Plan { window: Window { length, seed: 7 }, ..plan("rate(1 minute)", "UTC", made) };
    let mut watched = Timetable::default();
    watched.insert(made, 0, plan.clone());
    let (down, up, end) = (made + MINUTE * 30, made + MINUTE * 60, made + MINUTE * 90);
    run(&mut watched, down);
    let expected: Vec<_> = run(&mut watched, end).into_iter().filter(|(at, _)| *at > up).collect();
    let mut late = Timetable::default();
    late.insert_late(made, up, &0, plan);
    assert!(!late.is_over(&0));
    assert_eq!(run(&mut late, end), expected);

    let mut passed = Timetable::default();
    passed.insert_late(made, up, &0, self::plan("at(2026-11-21T12:30:00)", "UTC", made));
    assert!(passed.is_over(&0) && passed.poll_timeout().is_none());
}

#[test]
fn a_clock_that_is_set_forward_leaves_nothing_out_and_takes_little_memory() {
    let now = timestamp("2026-01-01T00:00:00Z");
    let mut timetable = Timetable::default();
    timetable.insert(now, 0, plan("rate(1 minute)", "UTC", now));
    let end = now + Duration::from_hours(24 * 365);
    let mut fired = 0;
    while timetable.poll_timeout().is_some_and(|next| next <= end) {
        timetable.handle_timeout(end);
        let batch: Vec<_> = std::iter::from_fn(|| timetable.poll_output()).collect();
        assert!(batch.len() <= 10_000);
        for firing in batch {
            fired += 1;
            assert_eq!(firing.scheduled, now + MINUTE * fired);
        }
    }
    assert_eq!(fired, 365 * 24 * 60);
}

#[test]
fn a_schedule_that_is_replaced_or_removed_fires_no_more() {
    let now = timestamp("2026-11-21T12:00:00Z");
    let mut timetable = Timetable::default();
    timetable.insert(now, 0, plan("rate(1 minute)", "UTC", now));
    timetable.insert(now, 1, plan("rate(1 minute)", "UTC", now));
    timetable.insert(now, 0, plan("rate(1 hour)", "UTC", now));
    timetable.remove(&1);
    timetable.remove(&2);
    assert_eq!(timetable.poll_timeout(), Some(now + Duration::from_hours(1)));
    let next: Vec<_> = timetable.firings(&0).take(2).map(text).collect();
    assert_eq!(next, ["2026-11-21T13:00:00Z", "2026-11-21T14:00:00Z"]);
    assert_eq!(timetable.firings(&1).next(), None);
}

proptest! {
    /// However long the windows are and however the clock jumps: each time comes once, within its window, and in order.
    #[test]
    fn each_time_comes_once_within_its_window(
        windows in prop::collection::vec((1_u32..90, 0_u32..200, any::<u64>()), 1..8),
        jumps in prop::collection::vec(1_u32..300, 1..60),
    ) {
        let begin = timestamp("2026-11-21T12:00:00Z");
        let (mut stepping, mut jumping) = (Timetable::default(), Timetable::default());
        for (key, (interval, window, seed)) in windows.iter().enumerate() {
            let plan = plan(&format!("rate({interval} minutes)"), "UTC", begin);
            let plan = Plan { window: Window { length: MINUTE * *window, seed: *seed }, ..plan };
            stepping.insert(begin, key, plan.clone());
            jumping.insert(begin, key, plan);
        }
        let end = jumps.iter().fold(begin, |at, minutes| at + MINUTE * *minutes);
        let stepped = run(&mut stepping, end);
        for (at, firing) in &stepped {
            let window = MINUTE * windows[firing.key].1;
            prop_assert!(*at >= firing.scheduled && *at <= firing.scheduled + window);
        }
        let mut now = begin;
        let mut jumped = Vec::new();
        for minutes in &jumps {
            now = now + MINUTE * *minutes;
            jumped.extend(jump(&mut jumping, now));
        }
        prop_assert_eq!(stepped.iter().map(|(_, firing)| firing).collect::<Vec<_>>(), jumped.iter().collect::<Vec<_>>());
        let mut seen: Vec<_> = jumped.iter().map(|firing| (firing.key, firing.scheduled)).collect();
        seen.sort();
        let count = seen.len();
        seen.dedup();
        prop_assert_eq!(seen.len(), count);
    }
}
