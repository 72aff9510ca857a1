//! Rules of EventBridge.

mod refusals;

use std::collections::BTreeMap;

use hearth_engine::EngineOptions;
use hearth_model::{sqs::QueueAddress, time::Timestamp};
use hearth_services::{
    cloudwatch::{Metric, Period, Span, Statistic},
    events::{InputTransformer, NewEvent, NewRule, NewTarget, PageRequest, Refusal, Retries, Rules},
    lambda::Permission,
    sqs::{AttributeValue, ReceiveRequest, ReceivedMessage},
};
use serde_json::{Value, json};

use crate::world::{World, arn, here};

const RULE_ARN: &str = "arn:aws:events:us-east-1:000000000000:rule/tick";
const MINUTE: u64 = 60;

impl World {
    fn rules(&self) -> &Rules {
        self.services.rules()
    }

    /// A rule, `tick`.
    fn put_rule(&self, schedule: &str) {
        self.rules().put_rule(&here(), rule(schedule)).expect("a rule");
    }

    fn put_target(&self, target: NewTarget) -> Result<(), Refusal> {
        self.rules().put_targets(&here(), None, "tick", vec![target])
    }

    /// Lets rules invoke a function.
    fn permit_rule(&self, function: &str, rule: &str) {
        let permission = Permission {
            statement_id: "events".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: "events.amazonaws.com".to_owned(),
            source_arn: Some(rule.to_owned()),
            ..Permission::default()
        };
        self.functions().add_permission(&here(), function, None, None, permission).expect("it is given");
    }

    pub(crate) fn make_queue<const N: usize>(
        &self,
        name: &str,
        attributes: [(&str, &str); N],
    ) -> QueueAddress {
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let queue = self.services.queues().create_queue(&here(), name, &attributes.into(), BTreeMap::new());
        queue.expect("a queue")
    }

    pub(crate) async fn received(&self, queue: &QueueAddress) -> Vec<ReceivedMessage> {
        let request = ReceiveRequest {
            maximum: Some(10),
            visibility_timeout_s: Some(43_200),
            system_attribute_names: vec!["All".to_owned()],
            attribute_names: vec!["All".to_owned()],
            ..ReceiveRequest::default()
        };
        self.services.queues().receive(queue, request).await.expect("messages")
    }

    pub(crate) async fn bodies(&self, queue: &QueueAddress) -> Vec<String> {
        self.received(queue).await.iter().map(|message| message.body().to_owned()).collect()
    }

    /// The sum of a metric of this hour.
    pub(crate) fn counted(&self, namespace: &str, name: &str, dimension: (&str, &str)) -> Option<f64> {
        let dimensions = BTreeMap::from([(dimension.0.to_owned(), dimension.1.to_owned())]);
        let metric = Metric { namespace: namespace.to_owned(), name: name.to_owned(), dimensions };
        let now = self.clock.wall();
        let hour = std::time::Duration::from_hours(1);
        let span = Span { time: now - hour..now + hour, period: Period::parse(86_400).expect("a period") };
        let points = self.services.metrics().statistics(&here(), &metric, &span, None).expect("datapoints");
        points.first().and_then(|point| point.set.statistic(Statistic::Sum))
    }
}

fn rule(schedule: &str) -> NewRule {
    NewRule { name: "tick".to_owned(), schedule: Some(schedule.to_owned()), ..NewRule::default() }
}

fn target(arn: &(impl ToString + ?Sized)) -> NewTarget {
    NewTarget { id: "one".to_owned(), arn: arn.to_string(), ..NewTarget::default() }
}

/// The attributes of a message, but for what an error says.
pub(crate) fn attributes(message: &ReceivedMessage) -> BTreeMap<&str, &str> {
    let text = |value: &'_ AttributeValue| match value {
        AttributeValue::Text(_) => (),
        AttributeValue::Binary(_) => panic!("a text"),
    };
    let attributes = message.attributes().filter(|one| &*one.name != "ERROR_MESSAGE");
    attributes
        .map(|one| {
            assert_eq!(&*one.data_type, "String");
            text(&one.value);
            let AttributeValue::Text(value) = &one.value else { unreachable!("it is a text") };
            (&*one.name, &**value)
        })
        .collect()
}

#[tokio::test]
async fn a_rate_sends_scheduled_events() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    world.put_rule("rate(5 minutes)");
    world.put_target(target(&queue)).expect("a target");
    world.advance(5 * MINUTE - 1).await;
    assert!(world.bodies(&queue).await.is_empty());
    world.advance(1).await;
    let event: Value = serde_json::from_str(&world.bodies(&queue).await[0]).expect("JSON");
    let expected = json!({
        "version": "0",
        "id": event["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2024-03-04T17:27:38Z",
        "region": "us-east-1",
        "resources": [RULE_ARN],
        "detail": {},
    });
    assert_eq!(event, expected);
    world.advance(15 * MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 3);
}

#[tokio::test]
async fn a_cron_fires_at_its_minute() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    world.put_rule("cron(25,30 17 * * ? *)");
    let input = Some(r#"{"custom-value":"somecustominput"}"#.to_owned());
    world.put_target(NewTarget { input, ..target(&queue) }).expect("a target");
    world.advance(2 * MINUTE + 21).await;
    assert!(world.bodies(&queue).await.is_empty());
    world.advance(1).await;
    assert_eq!(world.bodies(&queue).await, [r#"{"custom-value":"somecustominput"}"#]);
    world.advance(10 * MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 1);
}

#[tokio::test]
async fn disabled_and_deleted_rules_do_not_fire() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    let enable = |enabled| world.rules().enable_rule(&here(), None, "tick", enabled).expect("a rule");
    world.put_rule("rate(1 minute)");
    world.put_target(target(&queue)).expect("a target");
    enable(false);
    world.advance(10 * MINUTE + 30).await;
    assert!(world.bodies(&queue).await.is_empty());
    enable(true);
    world.advance(59).await;
    assert!(world.bodies(&queue).await.is_empty(), "a rate counts from when the rule was enabled");
    world.advance(1).await;
    assert_eq!(world.bodies(&queue).await.len(), 1);
    let deleted = world.rules().delete_rule(&here(), None, "tick");
    assert_eq!(deleted, Err(Refusal::Validation("Rule can't be deleted since it has targets.".into())));
    world.rules().remove_targets(&here(), None, "tick", &["one".to_owned()]).expect("it is removed");
    world.rules().delete_rule(&here(), None, "tick").expect("it is deleted");
    world.advance(10 * MINUTE).await;
    assert!(world.bodies(&queue).await.is_empty());
    world.rules().delete_rule(&here(), None, "tick").expect("it need not be there");
    assert!(world.rules().timed_rules(1).is_empty());
}

#[tokio::test]
async fn a_rule_that_is_put_again_keeps_its_targets_and_its_pace() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    world.put_rule("rate(2 minutes)");
    world.put_target(target(&queue)).expect("a target");
    world.advance(MINUTE).await;
    let described = NewRule { description: Some("every two minutes".to_owned()), ..rule("rate(2 minutes)") };
    world.rules().put_rule(&here(), described).expect("a rule");
    world.advance(MINUTE).await;
    assert_eq!(world.bodies(&queue).await.len(), 1);
    world.put_rule("rate(3 minutes)");
    world.advance(2 * MINUTE + 59).await;
    assert!(world.bodies(&queue).await.is_empty());
    world.advance(1).await;
    assert_eq!(world.bodies(&queue).await.len(), 1);
    assert_eq!(world.rules().rule(&here(), None, "tick").expect("a rule").description, None);
}

#[tokio::test]
async fn a_function_is_invoked_if_its_policy_allows_it() {
    let world = World::new();
    world.deploy("hello", None).await;
    let letters = world.make_queue("letters", []);
    world.put_rule("rate(1 minute)");
    let dead_letter_arn = Some(letters.to_string());
    world.put_target(NewTarget { dead_letter_arn, ..target(&arn("hello")) }).expect("a target");
    world.advance(MINUTE).await;
    assert!(world.handled("hello").is_empty());
    let letter = &world.received(&letters).await[0];
    assert!(letter.body().contains("Scheduled Event"));
    let expected = [
        ("ERROR_CODE", "NO_PERMISSIONS"),
        ("RETRY_ATTEMPTS", "0"),
        ("RULE_ARN", RULE_ARN),
        ("TARGET_ARN", &arn("hello")),
    ];
    assert_eq!(attributes(letter), expected.into());
    let count = |name| world.counted("AWS/Events", name, ("RuleName", "tick"));
    assert_eq!([count("Invocations"), count("FailedInvocations")], [Some(1.0), Some(1.0)]);

    world.permit_rule("hello", RULE_ARN);
    world.advance(MINUTE).await;
    let handled = world.handled("hello");
    assert_eq!(handled.len(), 1);
    let event: Value = serde_json::from_slice(&handled[0].event).expect("JSON");
    assert_eq!(event["time"], "2024-03-04T17:24:38Z");
    assert_eq!([count("Invocations"), count("FailedInvocations")], [Some(2.0), Some(1.0)]);
}

#[tokio::test]
async fn what_does_not_exist_gets_nothing() {
    let world = World::new();
    let letters = world.make_queue("letters", []);
    world.put_rule("rate(1 minute)");
    for missing in [arn("missing"), "arn:aws:sqs:us-east-1:000000000000:missing".to_owned()] {
        let dead_letter_arn = Some(letters.to_string());
        world.put_target(NewTarget { dead_letter_arn, ..target(&missing) }).expect("a target");
        world.advance(MINUTE).await;
        let letters = world.received(&letters).await;
        assert_eq!(letters.len(), 1, "{missing}");
        assert_eq!(attributes(&letters[0])["ERROR_CODE"], "NO_RESOURCE");
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let world = World::with(EngineOptions { asynchronous_events: 1, ..EngineOptions::default() });
    world.deploy("hello", None).await;
    world.permit_rule("hello", "arn:aws:events:us-east-1:000000000000:rule/*");
    // An event that fails waits for its next attempt for a minute, and nothing else has room.
    world.send("hello", "fail Error");
    let (letters, rules) = (world.make_queue("letters", []), world.rules());
    world.put_rule("cron(23 17 4 3 ? 2024)");
    let dead_letter_arn = Some(letters.to_string());
    let retries = Some(Retries { maximum_attempts: Some(3), maximum_age_s: None });
    world.put_target(NewTarget { dead_letter_arn, retries, ..target(&arn("hello")) }).expect("a target");
    world.advance(22).await;
    assert!(world.received(&letters).await.is_empty());
    world.advance(6).await;
    assert!(
        world.received(&letters).await.is_empty(),
        "the third retry is seven seconds after the first attempt"
    );
    world.advance(1).await;
    let expected = [
        ("ERROR_CODE", "THROTTLING"),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("RETRY_ATTEMPTS", "3"),
        ("RULE_ARN", RULE_ARN),
        ("TARGET_ARN", &arn("hello")),
    ];
    assert_eq!(attributes(&world.received(&letters).await[0]), expected.into());

    // With more patience, the next one gets through when there is room.
    world.handled("hello");
    rules.put_rule(&here(), rule("cron(24 17 4 3 ? 2024)")).expect("a rule");
    world.put_target(target(&arn("hello"))).expect("a target");
    world.advance(10 * MINUTE).await;
    let handled = world.handled("hello");
    let scheduled = handled.iter().filter(|handled| handled.event.starts_with(b"{")).count();
    assert_eq!(scheduled, 1, "{handled:?}");
    assert!(world.received(&letters).await.is_empty());
}

#[tokio::test]
async fn targets_get_what_they_want_of_an_event() {
    let world = World::new();
    let plain = world.make_queue("plain", []);
    let fifo =
        world.make_queue("orders.fifo", [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]);
    let (part, text) = (world.make_queue("part", []), world.make_queue("text", []));
    let pattern = Some(r#"{"source": ["shop"], "detail": {"paid": [true]}}"#.to_owned());
    let new = NewRule { name: "tick".to_owned(), pattern, ..NewRule::default() };
    world.rules().put_rule(&here(), new).expect("a rule");
    let named = |id: &str, target: NewTarget| NewTarget { id: id.to_owned(), ..target };
    let paths = [("who", "$.detail.who"), ("gone", "$.detail.gone")];
    let transformer = InputTransformer {
        paths: paths.map(|(name, path)| (name.to_owned(), path.to_owned())).into(),
        template: r#""<who>, by <aws.events.rule-name>: <gone>""#.to_owned(),
    };
    let targets = vec![
        named("plain", target(&plain)),
        named("fifo", NewTarget { queue: Some(Some("group".to_owned())), ..target(&fifo) }),
        named("part", NewTarget { input_path: Some("$.detail.who".to_owned()), ..target(&part) }),
        named("text", NewTarget { transformer: Some(transformer), ..target(&text) }),
    ];
    world.rules().put_targets(&here(), None, "tick", targets).expect("targets");

    let event = |detail: &str| NewEvent {
        source: Some("shop".to_owned()),
        detail_type: Some("order".to_owned()),
        detail: Some(detail.to_owned()),
        time: Some(Timestamp::from_unix_millis(0)),
        trace_header: Some("Root=1-5759e988-bd862e3fe1be46a994272793".to_owned()),
        ..NewEvent::default()
    };
    let events = vec![event(r#"{"paid":true,"who":"Ada"}"#), event(r#"{"paid":false}"#)];
    let taken = world.rules().put_events(&here(), events).expect("they are taken");
    let id = taken[0].as_ref().expect("it is taken").to_string();
    assert!(taken[1].is_ok());
    let message = &world.received(&plain).await[0];
    let got: Value = serde_json::from_str(message.body()).expect("JSON");
    assert_eq!((&got["id"], &got["time"]), (&json!(id), &json!("1970-01-01T00:00:00Z")));
    assert_eq!((&got["detail"], &got["resources"]), (&json!({"paid": true, "who": "Ada"}), &json!([])));
    assert_eq!(world.bodies(&fifo).await.len(), 1);
    assert_eq!(world.bodies(&part).await, [r#""Ada""#]);
    assert_eq!(world.bodies(&text).await, [r#""Ada, by tick: ""#]);
}

#[tokio::test]
async fn rules_and_targets_are_listed_in_pages() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    for name in ["b-1", "a-1", "a-2"] {
        let new = NewRule { name: name.to_owned(), ..rule("rate(1 day)") };
        world.rules().put_rule(&here(), new).expect("a rule");
        let targets = vec![target(&queue)];
        world.rules().put_targets(&here(), None, name, targets).expect("a target");
    }
    let names = |prefix: Option<&str>, page: &PageRequest| {
        let page = world.rules().list_rules(&here(), None, prefix, page).expect("a page");
        let names: Vec<_> = page.items.iter().map(|rule| rule.name.clone()).collect();
        (names, page.next_token)
    };
    let two = PageRequest { most: Some(2), ..PageRequest::default() };
    let (first, token) = names(None, &two);
    assert_eq!((first, token.is_some()), (vec!["a-1".to_owned(), "a-2".to_owned()], true));
    assert_eq!(names(None, &PageRequest { next_token: token, ..two }), (vec!["b-1".to_owned()], None));
    assert_eq!(names(Some("b"), &PageRequest::default()).0, ["b-1"]);
    let by_target = world.rules().list_rule_names(&here(), None, &queue.to_string(), &PageRequest::default());
    assert_eq!(by_target.expect("a page").items, ["a-1", "a-2", "b-1"]);
    let none = PageRequest { most: Some(0), ..PageRequest::default() };
    assert!(world.rules().list_rules(&here(), None, None, &none).is_err());
}

#[tokio::test]
async fn a_rule_can_be_fired_by_hand() {
    let world = World::new();
    let queue = world.make_queue("ticks", []);
    world.put_rule("cron(0 0 1 1 ? 2199)");
    world.put_target(target(&queue)).expect("a target");
    let fired = world.rules().fire_now(&here(), "tick").expect("a rule");
    assert_eq!((fired.len(), &fired[0].error), (1, &None));
    assert!(world.bodies(&queue).await[0].contains("2024-03-04T17:22:38Z"));
    let timed = world.rules().timed_rules(3);
    assert_eq!((timed.len(), &*timed[0].zone, timed[0].next.len()), (1, "UTC", 1));
}
