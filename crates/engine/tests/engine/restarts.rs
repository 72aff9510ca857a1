//! What of events a later engine knows.

use std::{collections::BTreeMap, future::pending, sync::Arc};

use hearth_engine::{
    Engine, EngineOptions, Function, FunctionId, InvokeError, KeptVersion,
    asynchronous::AsynchronousRequest,
    journal::Journal,
    port::{Aliases, BoxFuture, Delivery, DeliveryError, DestinationSink},
    testing::MemoryStorage,
};
use hearth_model::{
    asynchronous::Configuration,
    destination::Destination,
    identity::{Partition, Version},
    reference::{AliasName, Qualifier},
};

use crate::support::{Surroundings, World, configuration, empty_package};

/// Destinations that take their time.
struct Slow;

impl Aliases for Slow {
    fn resolve(&self, _function: &Function, _alias: &AliasName) -> Option<Version> {
        None
    }
}

impl DestinationSink for Slow {
    fn deliver(&self, _delivery: Delivery) -> BoxFuture<'_, Result<(), DeliveryError>> {
        Box::pin(pending())
    }
}

fn start(storage: &MemoryStorage) -> World {
    let journal = Journal::on(Arc::new(storage.clone()));
    World::with(EngineOptions { journal, ..EngineOptions::default() })
}

fn connect(engine: &Engine, slow: &Arc<Slow>) {
    let aliases: std::sync::Weak<dyn Aliases> = Arc::downgrade(slow) as _;
    let sink: std::sync::Weak<dyn DestinationSink> = Arc::downgrade(slow) as _;
    engine.connect(aliases, sink);
}

fn told() -> Configuration {
    let queue = |name: &str| {
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
        Some(Arc::new(Destination::parse(&arn).expect("a queue's ARN")))
    };
    Configuration {
        on_success: queue("told"),
        on_failure: queue("told"),
        dead_letter: queue("dead"),
        ..Configuration::default()
    }
}

fn accept(world: &World, function: &Arc<Function>, event: &str) {
    let request = AsynchronousRequest { event: event.to_owned().into(), ..AsynchronousRequest::default() };
    world.engine.accept(function, request).expect("there is room");
}

fn version() -> KeptVersion {
    let (configuration, package) = (configuration("orders"), empty_package());
    KeptVersion { configuration, package, layers: Vec::new(), lost: None }
}

/// The function, in an engine that finds what an earlier one has left.
async fn restore(world: &World, function: &Function) -> Arc<Function> {
    let (partition, id) = (Partition::default(), function.id());
    let loaded = world.engine.load_kept(partition, id, version(), BTreeMap::new()).await;
    let restored = world.engine.establish(loaded).expect("it is restored");
    world.engine.configure_asynchronous(&restored, Qualifier::LATEST, told());
    world.engine.restore_events().expect("they can be read");
    restored
}

#[tokio::test]
async fn ends_that_were_not_told_are_told_by_a_later_process() {
    let storage = MemoryStorage::default();
    let (world, slow) = (start(&storage), Arc::new(Slow));
    connect(&world.engine, &slow);
    let function = world.deploy_as(configuration("orders")).await;
    world.engine.configure_asynchronous(&function, Qualifier::LATEST, told());
    accept(&world, &function, "echo 1");
    accept(&world, &function, "fail Oops");
    world.clock.advance(std::time::Duration::from_secs(200)).await;
    assert_eq!(function.pending_events(), 0, "both have ended, and nobody was told");

    let later = start(&storage);
    let surroundings = Surroundings::connect(&later.engine);
    let restored = restore(&later, &function).await;
    later.engine.configure_asynchronous(&restored, Qualifier::LATEST, told());
    later.clock.advance(std::time::Duration::from_secs(10)).await;
    assert_eq!((restored.pending_events(), surroundings.records().len()), (0, 0), "nothing happens yet");
    later.engine.resume_events();
    later.engine.work().idle().await;
    // The queue for dead letters is among them, but what it gets is no record.
    let records = surroundings.records();
    let mut told: Vec<_> = records
        .iter()
        .map(|(_, record)| {
            let context = &record["requestContext"];
            (context["condition"].as_str(), context["approximateInvokeCount"].as_u64())
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, [(Some("RetriesExhausted"), Some(3)), (Some("Success"), Some(1))]);
    let failed = records.iter().find(|(_, record)| record["requestPayload"] == "fail Oops");
    let response = &failed.expect("it failed").1["responsePayload"];
    assert_eq!((&response["errorType"], &response["errorMessage"]), (&"Oops".into(), &"it failed".into()));
    assert_eq!(storage.entries(), 0, "everything is told");
}

#[tokio::test]
async fn events_of_a_function_that_is_not_there_any_more_go() {
    let storage = MemoryStorage::default();
    let world = start(&storage);
    let function = world.deploy("orders").await;
    accept(&world, &function, "fail Oops");
    world.clock.advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(storage.entries(), 2);
    start(&storage).engine.restore_events().expect("they can be read");
    assert_eq!(storage.entries(), 0);
}

#[tokio::test]
async fn events_that_are_restored_take_room() {
    let storage = MemoryStorage::default();
    let world = start(&storage);
    let function = world.deploy("orders").await;
    for _ in 0..3 {
        accept(&world, &function, "hang");
    }
    let journal = Journal::on(Arc::new(storage.clone()));
    let later = World::with(EngineOptions { journal, asynchronous_events: 3, ..EngineOptions::default() });
    let restored = restore(&later, &function).await;
    assert_eq!(restored.pending_events(), 3);
    let request = AsynchronousRequest { event: "echo 1".into(), ..AsynchronousRequest::default() };
    assert!(later.engine.accept(&restored, request).is_err(), "there is no room");
}

#[tokio::test]
async fn what_cannot_be_loaded_is_there_until_it_can_be() {
    let world = start(&MemoryStorage::default());
    world.sandbox.break_code(true);
    let lost = KeptVersion { lost: Some("somebody has removed it".into()), ..version() };
    let published = BTreeMap::from([(1, lost)]);
    let id = FunctionId::from_bytes([7; 16]);
    let loaded = world.engine.load_kept(Partition::default(), id, version(), published).await;
    let restored = world.engine.establish(loaded);
    let function = restored.expect("it is there");
    let reason = |version| function.unloaded(version).map(|reason| reason.to_string());
    assert_eq!(reason(Version::Latest).as_deref(), Some("cannot load `bootstrap`: it is broken"));
    assert_eq!(reason(Version::Published(1)).as_deref(), Some("somebody has removed it"));
    assert_eq!(reason(Version::Published(2)), None, "it is not there");
    let refused = world.try_invoke(&function, "echo 1").await.expect_err("it has no code");
    assert!(matches!(refused, InvokeError::Unloaded { .. }), "{refused}");

    world.sandbox.break_code(false);
    let update = world.engine.update(&function, configuration("orders"), empty_package(), Vec::new());
    update.await.expect("the very same code can be loaded now");
    assert_eq!((reason(Version::Latest), world.sandbox.loads()), (None, 2));
    assert!(world.try_invoke(&function, "echo 1").await.is_ok());
    assert!(reason(Version::Published(1)).is_some(), "versions do not change");
}
