//! Rules, targets and events that are refused.

use hearth_services::events::{InputTransformer, NewEvent, NewRule, NewTarget, Refusal, Retries};

use super::{rule, target};
use crate::world::{World, here};

#[tokio::test]
async fn events_are_refused_one_by_one() {
    let world = World::new();
    let event = |source: &str, detail_type: &str, detail: &str| NewEvent {
        source: Some(source.to_owned()),
        detail_type: Some(detail_type.to_owned()),
        detail: Some(detail.to_owned()),
        ..NewEvent::default()
    };
    let events = vec![
        event("", "order", "{}"),
        event("shop", "", "{}"),
        NewEvent { detail: None, ..event("shop", "order", "") },
        event("shop", "order", "[]"),
        event("shop", "order", "{\"a\""),
        event("aws.ec2", "order", "{}"),
        event("shop", "order", "{}"),
        NewEvent { bus: Some("other".to_owned()), ..event("shop", "order", "{}") },
    ];
    let taken = world.rules().put_events(&here(), events).expect("they are looked at");
    let told: Vec<_> = taken
        .iter()
        .map(|taken| taken.as_ref().err().map(|error| (error.code(), error.to_string())))
        .collect();
    let missing = |name: &str| {
        Some((
            "InvalidArgument",
            format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
        ))
    };
    let malformed = || Some(("MalformedDetail", "Detail is malformed.".to_owned()));
    let foreign = Some(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
    let expected = [
        missing("Source"),
        missing("DetailType"),
        missing("Detail"),
        malformed(),
        malformed(),
        foreign,
        None,
        None,
    ];
    assert_eq!(told, expected);

    let eleven = world.rules().put_events(&here(), vec![event("shop", "order", "{}"); 11]);
    let message = "1 validation error detected: Value '[11 entries]' at 'entries' failed to satisfy constraint: Member \
                   must have length less than or equal to 10";
    assert_eq!(eleven, Err(Refusal::Validation(message.into())));
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024));
    let large = world.rules().put_events(&here(), vec![event("shop", "order", &large)]);
    let message = "Total size of the entries in the request is over the limit.";
    assert_eq!(large, Err(Refusal::Validation(message.into())));
}

#[tokio::test]
async fn rules_are_refused() {
    let world = World::new();
    let check = |new: NewRule, message: &str| {
        let refusal = world.rules().put_rule(&here(), new).expect_err(message);
        assert_eq!(refusal.to_string(), message);
    };
    // The schedules that are recorded.
    for expression in [
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(7 20 * * NOT *)",
        "cron(71 8 1 * ? *)",
        "cron(0 1 * * * *)",
        "rate(5 minute)",
        "at(2026-11-21T13:00:00)",
    ] {
        check(rule(expression), "Parameter ScheduleExpression is not valid.");
    }
    let custom = NewRule { bus: Some("custom".to_owned()), ..rule("rate(1 minute)") };
    check(custom.clone(), "ScheduleExpression is supported only on the default event bus.");
    let pattern = Some(r#"{"source":["shop"]}"#.to_owned());
    check(NewRule { schedule: None, pattern, ..custom }, "Event bus custom does not exist.");
    check(
        NewRule { schedule: None, ..rule("") },
        "Parameter(s) EventPattern or ScheduleExpression must be specified.",
    );
    let pattern = Some(r#"{"source":"shop"}"#.to_owned());
    let refusal = world.rules().put_rule(&here(), NewRule { pattern, ..rule("rate(1 minute)") });
    assert!(matches!(refusal, Err(Refusal::InvalidPattern(_))), "{refusal:?}");
    check(
        NewRule { name: "a b".to_owned(), state: Some("ON".to_owned()), ..rule("rate(1 minute)") },
        "2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [\\\\.\\\\-_A-Za-z0-9]+; Value 'ON' at 'state' failed to satisfy constraint: Member must \
         satisfy enum value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]",
    );
    for number in 0..300 {
        let name = format!("rule-{number}");
        world.rules().put_rule(&here(), NewRule { name, ..rule("rate(1 day)") }).expect("a rule");
    }
    check(rule("rate(1 minute)"), "The requested resource exceeds the maximum number allowed.");
}

#[tokio::test]
async fn targets_are_refused() {
    let world = World::new();
    world.put_rule("rate(1 minute)");
    let queue = "arn:aws:sqs:us-east-1:000000000000:ticks";
    let check = |target: NewTarget, message: &str| {
        let refusal = world.put_target(target).expect_err(message);
        assert_eq!(refusal.to_string(), message);
    };
    let text = |text: &str| Some(text.to_owned());
    check(
        NewTarget { id: "!@#$@!#$".to_owned(), ..target(queue) },
        "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [\\\\.\\\\-_A-Za-z0-9]+",
    );
    check(
        NewTarget {
            retries: Some(Retries { maximum_attempts: Some(186), maximum_age_s: Some(59) }),
            ..target(queue)
        },
        "2 validation errors detected: Value '186' at 'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy \
         constraint: Member must have value less than or equal to 185; Value '59' at \
         'targets.1.member.retryPolicy.maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value \
         greater than or equal to 60",
    );
    check(target("queue"), "Parameter queue is not valid. Reason: Provided Arn is not in correct format.");
    let topic = "arn:aws:sns:us-east-1:000000000000:alarms";
    check(
        target(topic),
        "Parameter arn:aws:sns:us-east-1:000000000000:alarms is not valid. Reason: Hearth delivers to Lambda functions and \
         SQS queues, and not to the service 'sns'.",
    );
    check(target(&format!("{queue}.fifo")), "Parameter(s) SqsParameters must be specified for target: one.");
    check(
        NewTarget { input: text("env:dev"), ..target(queue) },
        "JSON syntax error in input for target one: [Source: (String)\"env:dev\"; line: 1, column: 1]",
    );
    check(
        NewTarget { input: text("{}"), input_path: text("$"), ..target(queue) },
        "Only one of Input, InputPath, or InputTransformer must be provided for target one.",
    );
    check(NewTarget { input_path: text("$['a']"), ..target(queue) }, "InputPath for target one is invalid.");
    let transformer = |template: &str| {
        Some(InputTransformer { template: template.to_owned(), ..InputTransformer::default() })
    };
    check(
        NewTarget { transformer: transformer("\"<who>\""), ..target(queue) },
        "InputTemplate for target one contains invalid placeholder who.",
    );
    check(
        NewTarget { dead_letter_arn: text(topic), ..target(queue) },
        "sns is not supported as a dead letter resource.",
    );
    check(
        NewTarget { dead_letter_arn: text(&format!("{queue}.fifo")), ..target(queue) },
        "SQS FIFO is not supported by Dead Letter Queues.",
    );
    let six = (0..6).map(|number| NewTarget { id: number.to_string(), ..target(queue) }).collect();
    let refusal = world.rules().put_targets(&here(), None, "tick", six);
    assert_eq!(refusal, Err(Refusal::LimitExceeded));
    assert!(world.rules().rule(&here(), None, "tick").expect("a rule").targets.is_empty(), "all or nothing");
    let missing = world.rules().put_targets(&here(), None, "other", vec![target(queue)]);
    let message = "Rule other does not exist on EventBus default.";
    assert_eq!(missing, Err(Refusal::NotFound(message.into())));
}
