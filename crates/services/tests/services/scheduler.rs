//! Schedules of EventBridge Scheduler.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hearth_engine::EngineOptions;
use hearth_model::{
    schedule::{Expression, Schedule, time_zone},
    time::Timestamp,
};
use hearth_services::scheduler::{
    FlexibleWindow, NewSchedule, NewScheduleTarget, PageRequest, Refusal, Retries, ScheduleFilter, Schedules,
};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::{
    events::attributes,
    world::{World, arn, here},
};

const ROLE: &str = "arn:aws:iam::000000000000:role/scheduler";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:ticks";
const MINUTE: u64 = 60;

impl World {
    fn schedules(&self) -> &Schedules {
        self.services.schedules()
    }

    fn create(&self, new: NewSchedule) -> Result<String, Refusal> {
        self.schedules().create(&here(), new)
    }

    fn update(&self, new: NewSchedule) {
        self.schedules().update(&here(), new).expect("it is updated");
    }

    fn exists(&self, name: &str) -> bool {
        self.schedules().schedule(&here(), None, name).is_ok()
    }
}

fn schedule(expression: &str, target: &(impl ToString + ?Sized)) -> NewSchedule {
    NewSchedule {
        name: "tick".to_owned(),
        expression: expression.to_owned(),
        target: NewScheduleTarget {
            arn: target.to_string(),
            role_arn: ROLE.to_owned(),
            ..NewScheduleTarget::default()
        },
        window: FlexibleWindow { mode: "OFF".to_owned(), minutes: None },
        ..NewSchedule::default()
    }
}

fn with_input(new: NewSchedule, input: &str) -> NewSchedule {
    let target = NewScheduleTarget { input: Some(input.to_owned()), ..new.target };
    NewSchedule { target, ..new }
}

fn at(text: &str) -> Timestamp {
    let seconds: i64 = match text {
        "17:20" => 1_709_572_800,
        "17:30" => 1_709_573_400,
        "17:40" => 1_709_574_000,
        other => panic!("{other} is no time of these tests"),
    };
    Timestamp::from_unix_millis(seconds * 1_000)
}

#[tokio::test]
async fn a_time_in_a_zone_comes_once() {
    let world = World::new();
    world.deploy("hello", None).await;
    let new = schedule("at(2024-03-04T18:30:00)", &arn("hello"));
    let new = NewSchedule { zone: Some("Europe/Berlin".to_owned()), ..new };
    let created = world.create(new).expect("a schedule");
    assert_eq!(created, "arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick");
    world.advance(7 * MINUTE + 21).await;
    assert!(world.handled("hello").is_empty());
    world.advance(1).await;
    let handled = world.handled("hello");
    let event: Value = serde_json::from_slice(&handled[0].event).expect("JSON");
    let expected = json!({
        "version": "0",
        "id": event["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": "2024-03-04T17:30:00Z",
        "region": "us-east-1",
        "resources": [created],
        "detail": "{}",
    });
    assert_eq!(event, expected);
    world.advance(24 * 60 * MINUTE).await;
    assert!(world.handled("hello").is_empty());
    assert!(world.exists("tick"), "it stays, though nothing comes of it any more");
}

#[tokio::test]
async fn a_schedule_that_has_completed_may_be_deleted() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    let new =
        NewSchedule { after_completion: Some("DELETE".to_owned()), ..schedule("rate(1 minute)", &queue) };
    world.create(NewSchedule { end: Some(at("17:30")), ..new }).expect("a schedule");
    world.advance(0).await;
    assert_eq!(world.bodies(&queue).await.len(), 1, "a rate without a start date begins at once");
    world.advance(7 * MINUTE - 1).await;
    assert!(world.exists("tick"));
    world.advance(MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 7);
    assert!(!world.exists("tick"));
}

#[tokio::test]
async fn rates_keep_to_their_dates() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    let new = NewSchedule { start: Some(at("17:30")), ..schedule("rate(4 minutes)", &queue) };
    world.create(NewSchedule { end: Some(at("17:40")), ..new }).expect("a schedule");
    world.advance(7 * MINUTE + 21).await;
    assert!(world.bodies(&queue).await.is_empty());
    world.advance(60 * MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 3);
}

#[tokio::test]
async fn inputs_have_attributes_of_their_context() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    let input = "at <aws.scheduler.scheduled-time>, <aws.scheduler.attempt-number> of <aws.scheduler.schedule-arn>; <aws.scheduler.other>";
    world.create(with_input(schedule("cron(30 17 * * ? *)", &queue), input)).expect("a schedule");
    world.advance(8 * MINUTE).await;
    let expected = "at 2024-03-04T17:30:00Z, 1 of arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick; \
                    <aws.scheduler.other>";
    assert_eq!(world.bodies(&queue).await, [expected]);
    world.update(with_input(schedule("cron(31 17 * * ? *)", &queue), "<aws.scheduler.execution-id>"));
    world.advance(MINUTE).await;
    let id = &world.bodies(&queue).await[0];
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
}

#[tokio::test]
async fn flexible_windows_are_used_and_repeatable() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let world = World::new();
        let queue = world.make_queue("ticks", []);
        let window = FlexibleWindow { mode: "FLEXIBLE".to_owned(), minutes: Some(15) };
        let new = with_input(schedule("cron(0 * * * ? *)", &queue), "<aws.scheduler.scheduled-time>");
        world.create(NewSchedule { window, ..new }).expect("a schedule");
        world.advance(37 * MINUTE + 22).await;
        let mut minutes = Vec::new();
        for hour in 18..24 {
            assert!(world.bodies(&queue).await.is_empty());
            for minute in 0..60 {
                world.advance(MINUTE).await;
                let bodies = world.bodies(&queue).await;
                if !bodies.is_empty() {
                    assert_eq!(bodies, [format!("2024-03-04T{hour}:00:00Z")]);
                    minutes.push(minute);
                }
            }
        }
        assert_eq!(minutes.len(), 6, "each comes once");
        assert!(minutes.iter().all(|minute| *minute < 15), "{minutes:?}");
        assert!(minutes.iter().any(|minute| minute != &minutes[0]), "{minutes:?}");
        seen.push(minutes);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn what_may_pass_is_tried_again_until_it_is_too_old() {
    let world = World::with(EngineOptions { asynchronous_events: 0, ..EngineOptions::default() });
    world.deploy("hello", None).await;
    let letters = world.make_queue("letters", []);
    let new = with_input(
        schedule("at(2024-03-04T17:23:00)", &arn("hello")),
        r#"{"n":<aws.scheduler.attempt-number>}"#,
    );
    assert!(world.create(new.clone()).is_err(), "the input of a function is JSON as it stands");
    let new = with_input(new, r#"{"n":"<aws.scheduler.attempt-number>"}"#);
    let target = NewScheduleTarget {
        dead_letter_arn: Some(letters.to_string()),
        retries: Retries { maximum_attempts: None, maximum_age_s: Some(60) },
        ..new.target
    };
    world.create(NewSchedule { target, ..new }).expect("a schedule");
    world.advance(22 + 30).await;
    assert!(world.received(&letters).await.is_empty());
    world.advance(1).await;
    let letters = world.received(&letters).await;
    assert_eq!(letters[0].body(), r#"{"n":"6"}"#);
    let mut attributes = attributes(&letters[0]);
    assert_eq!(attributes.remove("EXECUTION_ID").map(str::len), Some(16));
    let expected = [
        ("ERROR_CODE", "TooManyRequestsException"),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumEventAgeInSeconds"),
        ("IS_PAYLOAD_TRUNCATED", "false"),
        ("RETRY_ATTEMPTS", "5"),
        ("SCHEDULED_TIME", "2024-03-04T17:23:00Z"),
        ("SCHEDULE_ARN", "arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick"),
        ("TARGET_ARN", &arn("hello")),
    ];
    assert_eq!(attributes, expected.into());
    let count = |name| world.counted("AWS/Scheduler", name, ("ScheduleGroup", "default"));
    assert_eq!(
        [count("InvocationAttemptCount"), count("TargetErrorCount"), count("InvocationDroppedCount")],
        [Some(6.0), Some(6.0), Some(1.0)]
    );
}

#[tokio::test]
async fn an_update_replaces_everything_but_the_pace() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    let described =
        NewSchedule { description: Some("often".to_owned()), ..schedule("rate(2 minutes)", &queue) };
    world.create(described).expect("a schedule");
    world.advance(MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 1);
    world.update(schedule("rate(2 minutes)", &queue));
    world.advance(MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 1);
    let entry = world.schedules().schedule(&here(), None, "tick").expect("a schedule");
    assert_eq!(entry.given.description, None);
    assert!(entry.modified > entry.created);
    let disabled = NewSchedule { state: Some("DISABLED".to_owned()), ..schedule("rate(2 minutes)", &queue) };
    world.update(disabled);
    world.advance(60 * MINUTE).await;
    assert!(world.bodies(&queue).await.is_empty());
    assert!(world.schedules().timed_schedules(1)[0].next.is_empty());
    world.schedules().delete(&here(), None, "tick").expect("it is deleted");
    let missing = world.schedules().delete(&here(), None, "tick");
    assert_eq!(missing, Err(Refusal::NotFound("Schedule tick does not exist.".into())));
}

#[tokio::test]
async fn groups_have_schedules() {
    let world = World::new();
    let schedules = world.schedules();
    let tags = BTreeMap::from([("team".to_owned(), "tea".to_owned())]);
    let token = || Some("once".to_owned());
    let create =
        |tags: &BTreeMap<String, String>| schedules.create_group(&here(), "shop", tags.clone(), token());
    let group_arn = create(&tags).expect("a group");
    assert_eq!(group_arn, "arn:aws:scheduler:us-east-1:000000000000:schedule-group/shop");
    assert_eq!(create(&tags), Ok(group_arn.clone()), "the same again, with the same token");
    let exists = Refusal::Conflict("Schedule group shop already exists.".into());
    assert_eq!(create(&BTreeMap::new()), Err(exists));
    let in_group =
        |group: &str| NewSchedule { group: Some(group.to_owned()), ..schedule("rate(1 day)", QUEUE) };
    world.create(in_group("shop")).expect("a schedule");
    world.create(in_group("default")).expect("another one of the same name");
    let missing = Refusal::NotFound("Schedule group other does not exist.".into());
    assert_eq!(world.create(in_group("other")), Err(missing));
    let exists = Refusal::Conflict("Schedule tick already exists.".into());
    assert_eq!(world.create(in_group("shop")), Err(exists));

    let list = |filter: ScheduleFilter| {
        let page = schedules.list(&here(), &filter, &PageRequest::default()).expect("a page");
        page.items
            .iter()
            .map(|entry| entry.arn.rsplit_once(":schedule/").expect("an ARN").1.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(ScheduleFilter::default()), ["default/tick", "shop/tick"]);
    let of_group = ScheduleFilter { group: Some("shop".to_owned()), ..ScheduleFilter::default() };
    assert_eq!(list(of_group), ["shop/tick"]);
    let disabled = ScheduleFilter { state: Some("DISABLED".to_owned()), ..ScheduleFilter::default() };
    assert!(list(disabled).is_empty());
    let groups = schedules.list_groups(&here(), None, &PageRequest::default()).expect("a page");
    assert_eq!(groups.items.iter().map(|group| &*group.name).collect::<Vec<_>>(), ["default", "shop"]);

    assert_eq!(schedules.tags(&here(), &group_arn), Ok(tags));
    schedules.untag(&here(), &group_arn, &["team".to_owned()]).expect("it is taken away");
    assert_eq!(schedules.tags(&here(), &group_arn), Ok(BTreeMap::new()));
    assert!(
        schedules.tags(&here(), "arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick").is_err()
    );

    schedules.delete_group(&here(), "shop").expect("it is deleted");
    assert_eq!(list(ScheduleFilter::default()), ["default/tick"]);
    assert!(schedules.group(&here(), "shop").is_err());
    assert!(schedules.delete_group(&here(), "default").is_err());
}

#[tokio::test]
async fn who_asks_twice_with_a_token_is_answered_twice() {
    let world = World::new();
    let new = NewSchedule { token: Some("once".to_owned()), ..schedule("rate(1 day)", QUEUE) };
    let created = world.create(new.clone());
    assert_eq!(world.create(new.clone()), created);
    let other = NewSchedule { description: Some("other".to_owned()), ..new };
    assert!(matches!(world.create(other), Err(Refusal::Conflict(_))));
}

#[tokio::test]
async fn schedules_are_refused() {
    let world = World::new();
    let check = |new: NewSchedule, message: &str| {
        let refusal = world.create(new).expect_err(message);
        assert_eq!(refusal, Refusal::Validation(message.to_owned().into()));
    };
    let new = || schedule("rate(1 minute)", QUEUE);
    let to = |arn: &str| schedule("rate(1 minute)", arn);
    // The expressions that others have recorded.
    for expression in [
        "cron(0 1 * * * *)",
        "cron()",
        "rate(10 seconds)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "at(2021-12-31T23:59:59Z)",
    ] {
        check(schedule(expression, QUEUE), &format!("Invalid Schedule Expression {expression}."));
    }
    let zone = Some("Mars/Olympus_Mons".to_owned());
    check(NewSchedule { zone, ..new() }, "Invalid Schedule Expression Timezone Mars/Olympus_Mons.");
    let window = |mode: &str, minutes| FlexibleWindow { mode: mode.to_owned(), minutes };
    check(
        NewSchedule { window: window("OFF", Some(5)), ..new() },
        "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.",
    );
    check(
        NewSchedule { window: window("FLEXIBLE", None), ..new() },
        "MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.",
    );
    check(
        NewSchedule { window: window("FLEXIBLE", Some(1_441)), name: "a/b".to_owned(), ..new() },
        "2 validation errors detected: Value 'a/b' at 'name' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [0-9a-zA-Z-_.]+; Value '1441' at 'flexibleTimeWindow.maximumWindowInMinutes' failed to satisfy \
         constraint: Member must have value less than or equal to 1440",
    );
    let early = Some(Timestamp::from_unix_millis(0));
    check(
        NewSchedule { start: early, ..new() },
        "The StartDate you specify cannot be earlier than 5 minutes ago.",
    );
    let (start, end) = (Some(at("17:40")), Some(at("17:30")));
    check(NewSchedule { start, end, ..new() }, "The StartDate you specify must come before the EndDate.");
    check(
        to("arn:aws:scheduler:::aws-sdk:sqs:sendMessage"),
        "Hearth has no universal targets: name a Lambda function or an SQS queue.",
    );
    check(
        to("arn:aws:sns:us-east-1:000000000000:alarms"),
        "sns is not a supported service for a target: Hearth invokes Lambda functions and sends to SQS queues.",
    );
    check(
        to("arn:aws:sqs:eu-west-1:000000000000:ticks"),
        "The target ARN provided does not match the current region us-east-1.",
    );
    check(to(&format!("{QUEUE}.fifo")), "Parameters SqsParameters must be specified.");
    let grouped = |new: NewSchedule| {
        let target = NewScheduleTarget { queue: Some(Some("group".to_owned())), ..new.target };
        NewSchedule { target, ..new }
    };
    check(grouped(new()), "Parameters MessageGroupId not valid for the target.");
    check(grouped(to(&arn("hello"))), "Parameters SqsParameters not supported for the target.");
    check(with_input(to(&arn("hello")), "{"), "JSON syntax error in input for the target.");
    assert!(world.create(with_input(new(), "any text")).is_ok(), "a queue takes any text");
}

/// A year in zones with daylight saving time, each schedule once at each of its times.
#[tokio::test]
async fn a_year_of_schedules() {
    let world = World::new();
    world.deploy("hello", None).await;
    let (clock, seen) =
        (world.clock.clone(), Arc::new(Mutex::new(BTreeMap::<String, Vec<Timestamp>>::new())));
    let script = (clock.clone(), Arc::clone(&seen));
    world.sandbox.script(move |event| {
        let event: Value = serde_json::from_str(event).expect("JSON");
        let (name, scheduled) =
            (event["name"].as_str().expect("a text"), event["time"].as_str().expect("a text"));
        let now = script.0.wall();
        assert_eq!(scheduled, now.to_seconds_text(), "{name} comes at its time");
        script.1.lock().entry(name.to_owned()).or_default().push(now);
        String::new()
    });
    let begin = clock.wall();
    let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
    let expressions = ["cron(30 2 * * ? *)", "cron(15 1 ? * SUN *)", "cron(0 9 L * ? *)", "rate(11 hours)"];
    let mut expected = BTreeMap::new();
    for (number, (expression, zone)) in
        expressions.iter().flat_map(|expression| zones.map(|zone| (*expression, zone))).enumerate()
    {
        let name = format!("schedule-{number}");
        let input = format!(r#"{{"name":"{name}","time":"<aws.scheduler.scheduled-time>"}}"#);
        let new = with_input(schedule(expression, &arn("hello")), &input);
        let zone_name = Some(zone.to_owned());
        world.create(NewSchedule { name: name.clone(), zone: zone_name, ..new }).expect("a schedule");
        let plan = Schedule {
            expression: Expression::for_scheduler(expression).expect("an expression"),
            zone: time_zone(zone).expect("a zone"),
            start: begin,
            end: None,
        };
        let until = begin + Duration::from_hours(366 * 24);
        let next = |after: &Timestamp| plan.next_after(*after).filter(|next| *next <= until);
        let times: Vec<_> = std::iter::successors(next(&(begin - Duration::from_nanos(1))), next).collect();
        expected.insert(name, times);
    }
    world.advance(366 * 24 * 60 * MINUTE).await;
    let seen = seen.lock();
    for (name, times) in &expected {
        assert_eq!(&seen[name], times, "{name}");
    }
    let total: usize = expected.values().map(Vec::len).sum();
    assert!(total > 5_000, "{total}");
}

/// Ten thousand schedules are one timer.
#[tokio::test]
async fn many_schedules_cost_nothing_while_nothing_is_due() {
    let world = World::new();
    for number in 0..10_000 {
        let new = schedule("cron(0 0 1 1 ? *)", QUEUE);
        world.create(NewSchedule { name: format!("schedule-{number}"), ..new }).expect("a schedule");
    }
    world.advance(0).await;
    let deadline = world.clock.next_deadline().expect("a deadline");
    world.clock.advance(Duration::from_hours(24 * 300)).await;
    assert_eq!(world.clock.next_deadline(), Some(deadline), "nobody woke up in between");
}

/// The day of the month of a day since 1970; after Howard Hinnant's `civil_from_days`.
fn day_of_month(day: u64) -> u64 {
    let day = (day + 719_468) % 146_097;
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    of_year - (153 * month + 2) / 5 + 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_year_of_schedules_fires_each_exactly_once_at_the_right_minute() {
    const DAY: u64 = 24 * 60;
    /// A schedule, and in which minutes since 1970 it fires.
    type Expected = (&'static str, fn(u64) -> bool);
    let schedules: [Expected; 3] = [
        ("cron(0 * * * ? *)", |minute| minute.is_multiple_of(60)),
        // 1970 began on a Thursday.
        ("cron(30 7 ? * MON-FRI *)", |minute| {
            minute % DAY == 450 && (1..=5).contains(&((minute / DAY + 4) % 7))
        }),
        ("cron(45 23 L * ? *)", |minute| minute % DAY == 1_425 && day_of_month(minute / DAY + 1) == 1),
    ];
    let world = World::new();
    world.deploy("hello", None).await;
    for (number, (expression, _)) in schedules.iter().enumerate() {
        let new = NewSchedule { name: number.to_string(), ..schedule(expression, &arn("hello")) };
        world.create(new).expect("a schedule");
    }
    let minute = |at: Timestamp| u64::try_from(at.as_unix_seconds()).expect("after 1970") / MINUTE;
    let first = minute(world.clock.wall()) + 1;
    for days in [1, 30, 334] {
        world.advance(days * DAY * MINUTE).await;
    }
    let last = minute(world.clock.wall());
    let mut fired = BTreeMap::<String, Vec<String>>::new();
    for handled in world.handled("hello") {
        let event: Value = serde_json::from_slice(&handled.event).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        fired.entry(text(&event["resources"][0])).or_default().push(text(&event["time"]));
    }
    for (number, (expression, fires)) in schedules.into_iter().enumerate() {
        let minutes = (first..=last).filter(|minute| fires(*minute));
        let expected = minutes.map(|minute| {
            let millis = i64::try_from(minute * MINUTE * 1_000).expect("this century");
            Timestamp::from_unix_millis(millis).to_seconds_text()
        });
        let schedule = format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{number}");
        assert_eq!(fired.remove(&schedule).unwrap_or_default(), expected.collect::<Vec<_>>(), "{expression}");
    }
}
