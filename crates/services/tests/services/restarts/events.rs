//! Rules, schedules, and what is on its way from them.

use std::{collections::BTreeMap, time::Duration};

use hearth_engine::EngineOptions;
use hearth_services::{
    events::{InputTransformer, NewEvent, NewRule, NewTarget, Retries, Rule},
    scheduler::{FlexibleWindow, NewSchedule, NewScheduleTarget, ScheduleEntry},
};

use super::Lasting;
use crate::world::{World, arn, here};

const MINUTE: Duration = Duration::from_mins(1);
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:ticks";

fn rule(name: &str, schedule: &str) -> NewRule {
    NewRule { name: name.to_owned(), schedule: Some(schedule.to_owned()), ..NewRule::default() }
}

fn to_queue(input: &str) -> NewTarget {
    NewTarget {
        id: "queue".to_owned(),
        arn: QUEUE.to_owned(),
        input: Some(format!("{input:?}")),
        ..NewTarget::default()
    }
}

fn schedule(name: &str, expression: &str) -> NewSchedule {
    NewSchedule {
        name: name.to_owned(),
        expression: expression.to_owned(),
        target: NewScheduleTarget {
            arn: QUEUE.to_owned(),
            role_arn: "arn:aws:iam::000000000000:role/scheduler".to_owned(),
            input: Some(name.to_owned()),
            ..NewScheduleTarget::default()
        },
        window: FlexibleWindow { mode: "OFF".to_owned(), minutes: None },
        ..NewSchedule::default()
    }
}

fn entry(world: &World, name: &str) -> Option<ScheduleEntry> {
    let found = world.services.schedules().schedule(&here(), None, name);
    found.ok().map(|entry| (*entry).clone())
}

fn create(world: &World, new: NewSchedule) {
    world.services.schedules().create(&here(), new).expect("a schedule");
}

async fn ticks(world: &World) -> Vec<String> {
    let queue = world.make_queue("ticks", []);
    let mut bodies = world.bodies(&queue).await;
    bodies.sort();
    bodies
}

/// One of each kind, and a message of theirs.
pub(super) async fn make(world: &World) {
    world.services.rules().put_rule(&here(), rule("rule", "rate(7 minutes)")).expect("a rule");
    world.services.rules().put_targets(&here(), None, "rule", vec![to_queue("tick")]).expect("a target");
    world.services.schedules().create_group(&here(), "own", BTreeMap::new(), None).expect("a group");
    create(world, schedule("schedule", "rate(9 minutes)"));
    world.make_queue("ticks", [("VisibilityTimeout", "7")]);
    world.advance(0).await;
    assert_eq!(ticks(world).await, ["schedule"]);
}

#[tokio::test]
async fn rules_are_there_again_with_their_targets() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    let rules = world.services.rules();
    let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let full = NewRule {
        pattern: Some(r#"{"source":["shop"]}"#.to_owned()),
        description: Some("what the shop says".to_owned()),
        role_arn: Some("arn:aws:iam::000000000000:role/events".to_owned()),
        tags,
        ..rule("full", "rate(7 minutes)")
    };
    rules.put_rule(&here(), full).expect("a rule");
    let paths = BTreeMap::from([("what".to_owned(), "$.detail.what".to_owned())]);
    let transformer = Some(InputTransformer { paths, template: "\"<what>\"".to_owned() });
    let targets = vec![
        NewTarget { transformer, input: None, ..to_queue("") },
        NewTarget {
            id: "function".to_owned(),
            arn: arn("hello"),
            input_path: Some("$.detail".to_owned()),
            dead_letter_arn: Some("arn:aws:sqs:us-east-1:000000000000:letters".to_owned()),
            retries: Some(Retries { maximum_attempts: Some(3), maximum_age_s: Some(60) }),
            ..NewTarget::default()
        },
    ];
    rules.put_targets(&here(), None, "full", targets).expect("targets");
    rules.put_rule(&here(), rule("off", "rate(1 minute)")).expect("a rule");
    rules.enable_rule(&here(), None, "off", false).expect("it is there");
    rules.put_rule(&here(), rule("gone", "rate(1 minute)")).expect("a rule");
    rules.delete_rule(&here(), None, "gone").expect("it is there");
    let all = |world: &World| -> Vec<Rule> {
        let page = world.services.rules().list_rules(&here(), None, None, &Default::default());
        page.expect("a page").items.iter().map(|rule| (**rule).clone()).collect()
    };
    let before = all(&world);
    assert_eq!(before.len(), 2);
    let world = lasting.restart(&world, MINUTE).await;
    assert_eq!(all(&world), before);

    // Its pattern means what it meant.
    let queue = world.make_queue("ticks", []);
    let event = NewEvent {
        source: Some("shop".to_owned()),
        detail_type: Some("sold".to_owned()),
        detail: Some(r#"{"what":"shoes"}"#.to_owned()),
        ..NewEvent::default()
    };
    world.services.rules().put_events(&here(), vec![event]).expect("it is put");
    assert_eq!(world.bodies(&queue).await, ["\"shoes\""]);
}

#[tokio::test]
async fn what_rules_missed_is_not_made_up_for() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    world.make_queue("ticks", []);
    for (name, schedule) in [("cron", "cron(0/10 * * * ? *)"), ("rate", "rate(7 minutes)")] {
        world.services.rules().put_rule(&here(), rule(name, schedule)).expect("a rule");
        world.services.rules().put_targets(&here(), None, name, vec![to_queue(name)]).expect("a target");
    }
    world.advance(7 * 60).await;
    assert_eq!(ticks(&world).await, ["\"rate\""]);
    let world = lasting.restart(&world, 60 * MINUTE).await;
    world.advance(0).await;
    assert!(ticks(&world).await.is_empty());
    // A rate counts on from where it began: every seven minutes from the first minute on.
    world.advance(3 * 60).await;
    assert_eq!(ticks(&world).await, ["\"cron\"", "\"rate\""]);
    world.advance(8 * 60).await;
    assert_eq!(ticks(&world).await, ["\"cron\"", "\"rate\""]);
}

#[tokio::test]
async fn schedules_are_there_again_with_their_groups() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    let schedules = world.services.schedules();
    let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    schedules.create_group(&here(), "own", tags.clone(), Some("token".to_owned())).expect("a group");
    schedules.create_group(&here(), "gone", BTreeMap::new(), None).expect("a group");
    let full = NewSchedule {
        zone: Some("Europe/Berlin".to_owned()),
        start: Some(world.clock.wall()),
        end: Some(world.clock.wall() + 600 * MINUTE),
        description: Some("often".to_owned()),
        window: FlexibleWindow { mode: "FLEXIBLE".to_owned(), minutes: Some(3) },
        after_completion: Some("DELETE".to_owned()),
        token: Some("token".to_owned()),
        ..schedule("full", "rate(9 minutes)")
    };
    create(&world, full.clone());
    for (group, name) in [("own", "one"), ("gone", "two")] {
        create(&world, NewSchedule { group: Some(group.to_owned()), ..schedule(name, "rate(1 day)") });
    }
    schedules.delete_group(&here(), "gone").expect("it is there");
    let before = entry(&world, "full");
    let world = lasting.restart(&world, Duration::ZERO).await;
    assert_eq!(entry(&world, "full"), before);
    create(&world, full);
    let schedules = world.services.schedules();
    assert!(schedules.schedule(&here(), Some("own"), "one").is_ok());
    assert!(schedules.group(&here(), "gone").is_err());
    let group = schedules.group(&here(), "own").expect("it is there");
    assert_eq!(schedules.tags(&here(), &group.arn), Ok(tags));
}

#[tokio::test]
async fn of_what_schedules_missed_only_what_happens_once_is_made_up_for() {
    let mut lasting = Lasting::new();
    let world = lasting.start().await;
    world.make_queue("ticks", []);
    create(&world, schedule("rate", "rate(30 minutes)"));
    create(&world, schedule("cron", "cron(0/30 * * * ? *)"));
    create(&world, schedule("once", "at(2024-03-04T17:40:00)"));
    let deleted = NewSchedule {
        after_completion: Some("DELETE".to_owned()),
        ..schedule("deleted", "at(2024-03-04T17:40:00)")
    };
    create(&world, deleted);
    let mut late = schedule("late", "at(2024-03-04T17:40:00)");
    late.target.retries.maximum_age_s = Some(60);
    create(&world, late);
    world.advance(0).await;
    assert_eq!(ticks(&world).await, ["rate"], "its first time is at once");
    let world = lasting.restart(&world, 50 * MINUTE).await;
    world.advance(0).await;
    assert_eq!(ticks(&world).await, ["deleted", "once"]);
    assert!(entry(&world, "deleted").is_none() && entry(&world, "once").is_some());
    let world = lasting.restart(&world, MINUTE).await;
    world.advance(0).await;
    assert!(ticks(&world).await.is_empty(), "it happens once");
    assert!(entry(&world, "deleted").is_none());
    world.advance(20 * 60).await;
    assert_eq!(ticks(&world).await, ["cron", "rate"]);
}

#[tokio::test]
async fn what_waits_to_be_tried_again_is_not_lost() {
    let mut lasting = Lasting::new();
    lasting.options.asynchronous_events = 0;
    let world = lasting.start().await;
    world.deploy("hello", None).await;
    let mut new = schedule("tick", "at(2024-03-04T17:23:00)");
    new.target.arn = arn("hello");
    new.target.input = Some(r#"{"n":"<aws.scheduler.attempt-number>"}"#.to_owned());
    create(&world, new);
    // At 17:23:00, and one, three and seven seconds after that.
    world.advance(22 + 4).await;
    lasting.options = EngineOptions::default();
    let world = lasting.restart(&world, Duration::ZERO).await;
    world.deploy("hello", None).await;
    world.advance(2).await;
    assert!(world.handled("hello").is_empty());
    world.advance(1).await;
    let handled = world.handled("hello");
    assert_eq!(handled.iter().map(|handled| &*handled.event).collect::<Vec<_>>(), [br#"{"n":"4"}"#]);
    let world = lasting.restart(&world, Duration::ZERO).await;
    world.advance(3_600).await;
    assert!(world.handled("hello").iter().all(|handled| !handled.event.starts_with(br#"{"n""#)));
}
