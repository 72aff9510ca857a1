//! What AWS refuses, in its words.

use hearth_services::lambda::{MappingChange, NewMapping, PollersChange, Refusal};

use super::world::new;
use crate::world::{World, here};

const MISSING: &str = "00000000-0000-4000-8000-000000000000";
const NO_QUEUE: &str = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS \
                        Error Message: The specified queue does not exist.";

/// A function and queues that fit.
async fn world() -> World {
    let world = World::new();
    world.deploy("orders", None).await;
    world.queue("orders", []);
    world.queue("orders.fifo", [("FifoQueue", "true")]);
    world
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{queue}")
}

impl World {
    #[track_caller]
    fn check(&self, queue: &str, change: MappingChange, expected: &str) {
        let request = new(&arn(queue), "orders", change);
        let refused = self.mappings().create(&here(), request).expect_err("it is refused");
        assert_eq!(refused.to_string(), expected);
    }

    #[track_caller]
    fn check_violation(&self, change: MappingChange, expected: &str) {
        let request = new(&arn("orders"), "orders", change);
        let refused = self.mappings().create(&here(), request).expect_err("it is refused");
        assert_eq!(refused, Refusal::Validation(format!("1 validation error detected: {expected}").into()));
    }
}

#[tokio::test]
async fn batches_and_windows() {
    let world = world().await;
    let sized = |batch_size, window_s| MappingChange { batch_size, window_s, ..MappingChange::default() };
    let window =
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    world.check("orders", sized(Some(15), None), window);
    world.check("orders.fifo", sized(None, Some(1)), "Batching window is not supported for FIFO queues");
    world.check(
        "orders.fifo",
        sized(Some(11), None),
        "Maximum batch size must be between 1 and 10 inclusive",
    );
    let member = "failed to satisfy constraint: Member must have value";
    world.check_violation(
        sized(Some(0), None),
        &format!("Value '0' at 'batchSize' {member} greater than or equal to 1"),
    );
    world.check_violation(
        sized(None, Some(301)),
        &format!("Value '301' at 'maximumBatchingWindowInSeconds' {member} less than or equal to 300"),
    );
    let created = world.try_map(&world.queue("orders", []), "orders", sized(Some(100), Some(1)));
    let created = created.expect("it fits");
    // What was given before counts.
    let updated = world.mappings().update(&here(), &created.id.to_string(), sized(None, Some(0)));
    assert_eq!(updated.expect_err("it does not fit").to_string(), window);
}

#[tokio::test]
async fn scaling() {
    let world = world().await;
    let maximum =
        |maximum| MappingChange { maximum_concurrency: Some(Some(maximum)), ..MappingChange::default() };
    let at = "at 'scalingConfig.maximumConcurrency' failed to satisfy constraint: Member must have value";
    world.check_violation(maximum(1), &format!("Value '1' {at} greater than or equal to 2"));
    world.check_violation(maximum(1_001), &format!("Value '1001' {at} less than or equal to 1000"));
    let pollers = PollersChange { minimum: Some(2), maximum: Some(3) };
    let both = MappingChange { provisioned_pollers: Some(pollers), ..maximum(2) };
    world.check(
        "orders",
        both,
        "ScalingConfig and ProvisionedPollerConfig exclude each other: choose one of them, and give the other as {}",
    );
}

#[tokio::test]
async fn filters() {
    let world = world().await;
    let filtered = |pattern: Option<&str>| MappingChange {
        filters: Some(vec![pattern.map(str::to_owned)]),
        ..MappingChange::default()
    };
    let invalid = "Invalid filter pattern definition.";
    for pattern in ["null", "simple string", r#"{"eventSource": "aws:sqs"}"#, r#"{"eventSource": []}"#] {
        world.check("orders", filtered(Some(pattern)), invalid);
    }
    world.check("orders", filtered(None), invalid);
}

#[tokio::test]
async fn response_types() {
    let world = world().await;
    let types = |names: &[&str]| MappingChange {
        response_types: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..MappingChange::default()
    };
    let expected = "Value '[All]' at 'functionResponseTypes' failed to satisfy constraint: Member must satisfy constraint: \
                    [Member must satisfy enum value set: [ReportBatchItemFailures]]";
    world.check_violation(types(&["All"]), expected);
    let twice = types(&["ReportBatchItemFailures", "ReportBatchItemFailures"]);
    let refused = world.mappings().create(&here(), new(&arn("orders"), "orders", twice));
    assert!(refused.expect_err("it is refused").to_string().ends_with("length less than or equal to 1"));
}

#[tokio::test]
async fn what_only_other_sources_have() {
    let world = world().await;
    let foreign = MappingChange { foreign: Some("DestinationConfig"), ..MappingChange::default() };
    world.check(
        "orders",
        foreign,
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    );
    let positioned = |position: &str| NewMapping {
        starting_position: Some(position.to_owned()),
        ..new(&arn("orders"), "orders", MappingChange::default())
    };
    let create = |request| world.mappings().create(&here(), request).expect_err("it is refused").to_string();
    assert_eq!(create(positioned("LATEST")), "StartingPosition is not valid for SQS event sources.");
    let expected = "1 validation error detected: Value '0' at 'startingPosition' failed to satisfy constraint: Member must \
                    satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]";
    assert_eq!(create(positioned("0")), expected);
}

#[tokio::test]
async fn sources_and_functions_that_are_not_there() {
    let world = world().await;
    world.check("nothing", MappingChange::default(), NO_QUEUE);
    world.check("not/a/name", MappingChange::default(), NO_QUEUE);
    let create = |source: Option<&str>, function: &str| {
        let request = new("", function, MappingChange::default());
        let request = NewMapping { event_source_arn: source.map(str::to_owned), ..request };
        world.mappings().create(&here(), request).expect_err("it is refused").to_string()
    };
    assert_eq!(create(Some(&arn("orders")), "nobody"), "Function does not exist");
    assert_eq!(create(Some(&arn("orders")), "orders:7"), "Function does not exist");
    assert_eq!(create(None, "orders"), "Unrecognized event source.");
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/a";
    let expected = "Hearth maps queues of Amazon SQS to functions, and no event sources of `kinesis`";
    assert_eq!(create(Some(stream), "orders"), expected);
    assert!(create(Some("orders"), "orders").contains("at 'eventSourceArn' failed to satisfy constraint"));
    let elsewhere = "arn:aws:lambda:eu-west-1:000000000000:function:orders";
    let expected = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    assert_eq!(create(Some(&arn("orders")), elsewhere), expected);
}

#[tokio::test]
async fn messages_must_stay_hidden_as_long_as_the_function_runs() {
    let world = world().await;
    world.queue("quick", [("VisibilityTimeout", "2")]);
    let expected = "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds";
    world.check("quick", MappingChange::default(), expected);
    world.queue("equal", [("VisibilityTimeout", "3")]);
    assert!(
        world
            .try_map(&world.queue("equal", [("VisibilityTimeout", "3")]), "orders", MappingChange::default())
            .is_ok()
    );
}

#[tokio::test]
async fn the_same_once_more() {
    let world = world().await;
    world.publish("orders", "live");
    let queue = world.queue("orders", []);
    let first = world.map(&queue, "orders", MappingChange::default());
    let refused = world.try_map(&queue, "orders", MappingChange::default()).expect_err("it exists");
    let expected = format!(
        "An event source mapping with SQS arn (\" {queue} \") and function (\" orders \") already exists. Please update or \
         delete the existing mapping with UUID {}",
        first.id
    );
    assert_eq!(refused, Refusal::Conflict(expected.clone().into()));
    let other = world.map(&queue, "orders:live", MappingChange::default());
    let change = MappingChange { function: Some("orders".to_owned()), ..MappingChange::default() };
    let refused = world.mappings().update(&here(), &other.id.to_string(), change.clone());
    assert_eq!(refused.expect_err("it exists"), Refusal::Conflict(expected.into()));
    world.change(&first, change);
}

#[tokio::test]
async fn mappings_that_are_not_there() {
    let world = world().await;
    let refusals = [
        world.mappings().mapping(&here(), MISSING).expect_err("nothing"),
        world.mappings().update(&here(), MISSING, MappingChange::default()).expect_err("nothing"),
        world.mappings().delete(&here(), MISSING).expect_err("nothing"),
    ];
    for refused in refusals {
        assert_eq!(refused, Refusal::NotFound("The resource you requested does not exist.".into()));
    }
    let short = world.mappings().mapping(&here(), "1").expect_err("no identifier");
    assert!(short.to_string().ends_with("Member must have length greater than or equal to 36"));
}
