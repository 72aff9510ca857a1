//! What owners are told of their mappings.

use std::collections::BTreeMap;

use hearth_model::{event_source::Scaling, time::Timestamp};
use hearth_services::lambda::{
    MappingChange, MappingFilter, MappingState, NewMapping, PageRequest, PollersChange,
};

use super::world::new;
use crate::world::{World, arn, here};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";

#[tokio::test]
async fn a_mapping_has_the_defaults_of_aws() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    world.advance(7).await;
    let created = world.map(&queue, "orders", MappingChange::default());
    assert_eq!(created.state, MappingState::Creating);
    assert_eq!(created.queue.to_string(), QUEUE);
    assert_eq!(created.function_arn, arn("orders"));
    assert_eq!(created.modified, Timestamp::from_unix_millis(1_709_572_965_000));
    let configuration = created.configuration;
    assert_eq!((configuration.batch_size.get(), configuration.window.as_seconds()), (10, 0));
    assert_eq!((configuration.scaling, configuration.reports_item_failures), (Scaling::Standard, false));
    assert!(created.filters.is_empty() && created.kms_key_arn.is_none());
    let found = world.mappings().mapping(&here(), &created.id.to_string()).expect("it is there");
    assert_eq!(found.state, MappingState::Enabled);
    let expected = format!("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{}", found.id);
    assert_eq!(found.id.arn(&found.partition), expected);
}

#[tokio::test]
async fn settings_stay_until_they_are_changed() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    let pattern = r#"{ "body": ["a"] }"#;
    let first = world.map(
        &queue,
        "orders",
        MappingChange {
            batch_size: Some(100),
            window_s: Some(5),
            filters: Some(vec![Some(pattern.to_owned())]),
            maximum_concurrency: Some(Some(2)),
            response_types: Some(vec!["ReportBatchItemFailures".to_owned()]),
            kms_key_arn: Some("arn:aws:kms:us-east-1:000000000000:key/1".to_owned()),
            ..MappingChange::default()
        },
    );
    world.advance(60).await;
    let second = world.change(&first, MappingChange { batch_size: Some(200), ..MappingChange::default() });
    assert_eq!(second.configuration.batch_size.get(), 200);
    assert_eq!(second.configuration.window, first.configuration.window);
    assert_eq!(second.configuration.scaling, first.configuration.scaling);
    assert!(second.configuration.reports_item_failures);
    assert_eq!(second.filters.patterns().collect::<Vec<_>>(), [pattern]);
    assert_eq!(second.kms_key_arn, first.kms_key_arn);
    assert!(second.modified > first.modified);
    let emptied = MappingChange {
        filters: Some(Vec::new()),
        maximum_concurrency: Some(None),
        response_types: Some(Vec::new()),
        kms_key_arn: Some(String::new()),
        ..MappingChange::default()
    };
    let third = world.change(&first, emptied);
    assert!(third.filters.is_empty() && third.kms_key_arn.is_none());
    assert_eq!(third.configuration.scaling, Scaling::Standard);
    assert!(!third.configuration.reports_item_failures);
    let pollers = PollersChange { minimum: Some(3), maximum: None };
    let fourth = world
        .change(&first, MappingChange { provisioned_pollers: Some(pollers), ..MappingChange::default() });
    let Scaling::Provisioned(pollers) = fourth.configuration.scaling else { panic!("they are provisioned") };
    assert_eq!((pollers.minimum(), pollers.maximum()), (3, 200));
    let none =
        MappingChange { provisioned_pollers: Some(PollersChange::default()), ..MappingChange::default() };
    assert_eq!(world.change(&first, none).configuration.scaling, Scaling::Standard);
}

#[tokio::test]
async fn names_and_arns_mean_functions_versions_and_aliases() {
    let world = World::new();
    world.deploy("orders", None).await;
    world.publish("orders", "live");
    let queue = world.queue("orders", []);
    for (name, expected) in [
        ("orders", arn("orders")),
        ("000000000000:function:orders:$LATEST", arn("orders:$LATEST")),
        ("000000000000:function:orders:1", arn("orders:1")),
        (&arn("orders:live"), arn("orders:live")),
    ] {
        assert_eq!(world.map(&queue, name, MappingChange::default()).function_arn, expected, "{name}");
    }
}

#[tokio::test]
async fn lists_are_by_source_and_function_and_in_pages() {
    let world = World::new();
    for function in ["one", "other"] {
        world.deploy(function, None).await;
    }
    let queues = ["a", "b"].map(|name| world.queue(name, []));
    for queue in &queues {
        world.map(queue, "one", MappingChange::default());
        world.map(queue, "other", MappingChange::default());
    }
    let list = |filter: &MappingFilter, request: &PageRequest| {
        world.mappings().list(&here(), filter, request).expect("a page")
    };
    let count = |filter: MappingFilter| list(&filter, &PageRequest::default()).items.len();
    let source = Some(queues[0].to_string());
    assert_eq!(count(MappingFilter::default()), 4);
    assert_eq!(count(MappingFilter { event_source_arn: source.clone(), ..MappingFilter::default() }), 2);
    let function = |name: &str| Some(name.to_owned());
    assert_eq!(count(MappingFilter { function: function("one"), event_source_arn: source }), 1);
    assert_eq!(count(MappingFilter { function: function(&arn("one")), ..MappingFilter::default() }), 2);
    assert_eq!(count(MappingFilter { function: function("nobody"), ..MappingFilter::default() }), 0);
    let first = list(&MappingFilter::default(), &PageRequest { max_items: Some(3), marker: None });
    assert_eq!(first.items.len(), 3);
    let rest = PageRequest { max_items: None, marker: first.next_marker };
    assert_eq!(list(&MappingFilter::default(), &rest).items.len(), 1);
}

#[tokio::test]
async fn mappings_have_tags() {
    let world = World::new();
    world.deploy("orders", None).await;
    let queue = world.queue("orders", []);
    let tags = |tags: [(&str, &str); 1]| -> BTreeMap<String, String> {
        tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    };
    let request = new(&queue.to_string(), "orders", MappingChange::default());
    let request = NewMapping { tags: tags([("a", "1")]), ..request };
    let created = world.mappings().create(&here(), request).expect("it is created");
    let arn = created.id.arn(&here());
    let tagged = world.mappings().tagged(&here(), &arn).expect("it is there");
    tagged.tag(tags([("b", "2")])).expect("it is tagged");
    tagged.untag(&["a".to_owned()]);
    assert_eq!(tagged.tags(), tags([("b", "2")]));
    assert!(world.mappings().tagged(&here(), &arn.replace("us-east-1", "eu-west-1")).is_err());
}
