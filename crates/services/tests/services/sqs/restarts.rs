//! What of queues a later process knows.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::Journal,
    testing::{FakeSandbox, MemoryStorage, NOW},
};
use hearth_model::{
    identity::AccountId,
    sqs::{QueueAddress, QueueOptions},
    time::Timestamp,
};
use hearth_services::sqs::{AttributeMap, Queues, ReceiveRequest, SendRequest, StartMove};
use proptest::prelude::*;

use super::world::{QueueWorld, bodies, map, redrive, ten};
use crate::world::here;

/// Queues that begin with what is kept, at a moment.
fn start(storage: &MemoryStorage, at: Timestamp) -> QueueWorld {
    try_start(storage, at).expect("it can be read")
}

fn try_start(storage: &MemoryStorage, at: Timestamp) -> Result<QueueWorld, String> {
    let clock = Clock::frozen(at);
    let journal = Journal::on(Arc::new(storage.clone()));
    let options = EngineOptions { journal, ..EngineOptions::default() };
    let engine = Engine::new(options, Arc::new(FakeSandbox::default()), clock.clone());
    let queues = Queues::new(engine, QueueOptions::default());
    queues.restore().map_err(|error| error.to_string())?;
    Ok(QueueWorld { queues, clock })
}

/// Another process finds what this one has left.
fn restart(world: &QueueWorld, storage: &MemoryStorage) -> QueueWorld {
    start(&storage.fork(), world.clock.wall())
}

fn all(world: &QueueWorld, queue: &QueueAddress) -> AttributeMap {
    world.queues.attributes(queue, &["All".to_owned()]).expect("it exists")
}

#[tokio::test]
async fn everything_about_a_queue_is_there_again() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let dead = world.create("dead.fifo", [("FifoQueue", "true")]);
    let queue = world.create(
        "orders.fifo",
        [
            ("FifoQueue", "true"),
            ("ContentBasedDeduplication", "true"),
            ("DeduplicationScope", "messageGroup"),
            ("FifoThroughputLimit", "perMessageGroupId"),
            ("DelaySeconds", "3"),
            ("KmsMasterKeyId", "alias/mine"),
            ("KmsDataKeyReusePeriodSeconds", "600"),
            ("RedrivePolicy", &redrive(&dead, 4)),
            ("RedriveAllowPolicy", r#"{"redrivePermission":"denyAll"}"#),
        ],
    );
    world.advance(5).await;
    world.queues.set_attributes(&queue, &map([("VisibilityTimeout", "77")])).expect("it is set");
    world.queues.tag(&queue, map([("team", "a"), ("stage", "test")])).expect("it is tagged");
    world.queues.untag(&queue, &["stage".to_owned()]).expect("it is there");
    let (account, action) = (AccountId::DEFAULT.to_string(), "SendMessage".to_owned());
    world.queues.add_permission(&queue, "label", &[account], &[action]).expect("it is added");
    let before = all(&world, &queue);
    let world = restart(&world, &storage);
    assert_eq!(all(&world, &queue), before);
    assert_eq!(world.queues.tags(&queue).expect("it exists"), map([("team", "a")]));
    assert_eq!(all(&world, &dead)["QueueArn"], dead.to_string());
}

#[tokio::test]
async fn a_message_says_what_it_said() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let queue = world.create("orders", [("VisibilityTimeout", "10")]);
    let mut request = SendRequest::text("Grüße").with_attribute("Kind", "String.label", "one");
    request.attributes.insert(
        "Raw".to_owned(),
        hearth_services::sqs::GivenAttribute {
            data_type: Some("Binary".to_owned()),
            text: None,
            binary: Some(vec![0, 255, 7].into()),
        },
    );
    request.trace_header = Some("Root=1-5759e988-bd862e3fe1be46a994272793".to_owned());
    world.send_request(&queue, request).expect("it is sent");
    let asked = || ReceiveRequest { attribute_names: vec!["All".to_owned()], ..ten() };
    let before = world.receive_request(&queue, asked()).await.expect("an answer").remove(0);
    world.advance(4).await;
    let world = restart(&world, &storage);
    assert!(world.receive(&queue).await.is_empty(), "it is in flight");
    world.advance(6).await;
    let after = world.receive_request(&queue, asked()).await.expect("an answer").remove(0);
    assert_eq!(
        (after.message_id(), after.body(), after.body_md5()),
        (before.message_id(), "Grüße", before.body_md5())
    );
    assert_eq!(after.attributes().collect::<Vec<_>>(), before.attributes().collect::<Vec<_>>());
    let of = |message: &hearth_services::sqs::ReceivedMessage| -> BTreeMap<_, _> {
        message.system_attributes().collect()
    };
    let (mut before, after) = (of(&before), of(&after));
    assert_eq!(before.insert("ApproximateReceiveCount", "2".to_owned()).as_deref(), Some("1"));
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_is_gone_stays_gone() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let queues = ["emptied", "deleted", "purged"].map(|name| world.create(name, []));
    for queue in &queues {
        world.send(queue, "message");
    }
    let [emptied, deleted, purged] = &queues;
    let receipt = world.receive(emptied).await.remove(0).receipt_handle();
    world.queues.delete_queue(deleted).expect("it exists");
    world.queues.purge(purged).expect("not purged before");
    let world = restart(&world, &storage);
    world.queues.delete_message(emptied, &receipt).expect("it is there");
    let world = restart(&world, &storage.fork());
    assert_eq!((world.counts(emptied), world.counts(purged)), ([0, 1, 0], [0; 3]), "the fork's are its own");
    assert!(!world.queues.exists(deleted));
    let world = start(&storage, NOW);
    world.queues.delete_message(emptied, &receipt).expect("it is there");
    world.queues.delete_queue(emptied).expect("it exists");
    world.queues.delete_queue(purged).expect("it exists");
    assert_eq!(storage.entries(), 1, "how many queues there were is all that is left");
}

#[tokio::test]
async fn tasks_that_move_messages_go_on() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let dead = world.create("dead", []);
    let queue = world.create_with_dead_letters("orders", &dead, 1);
    for body in ["1", "2", "3"] {
        world.send(&queue, body);
    }
    assert_eq!(world.bodies(&queue).await.len(), 3);
    assert_eq!(world.bodies(&queue).await.len(), 0);
    let request =
        StartMove { source_arn: dead.to_string(), messages_per_second: Some(1), ..StartMove::default() };
    world.queues.start_move(&here(), &request).expect("dead letters are there");
    let world = restart(&world, &storage);
    world.advance(5).await;
    let task = world.queues.move_tasks(&here(), &dead.to_string(), None).expect("it exists").remove(0);
    assert_eq!((task.status, task.moved, task.to_move), ("COMPLETED", 3, 3));
    let mut back = bodies(&world.receive(&queue).await);
    back.sort();
    assert_eq!(back, ["1", "2", "3"]);
}

#[tokio::test]
async fn what_waits_gets_only_what_is_kept() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let queue = world.create("orders", []);
    let waits = ReceiveRequest { wait_s: Some(20), ..ten() };
    let waiting = world.receive_request(&queue, waits);
    let sending = async {
        world.send(&queue, "message");
    };
    let (received, ()) = tokio::join!(waiting, sending);
    assert_eq!(bodies(&received.expect("an answer")), ["message"]);
    assert_eq!(restart(&world, &storage).counts(&queue), [0, 1, 0]);
}

#[tokio::test]
async fn accounts_and_regions_are_apart() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let queue = world.create("orders", []);
    let there = QueueAddress::parse_arn("arn:aws:sqs:eu-west-1:123456789012:orders").expect("an ARN");
    world.queues.create_queue(&there.partition, "orders", &map([]), map([])).expect("it is created");
    world.send(&there, "there");
    let world = restart(&world, &storage);
    assert_eq!((world.counts(&queue), world.counts(&there)), ([0; 3], [1, 0, 0]));
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let storage = MemoryStorage::default();
    let world = start(&storage, NOW);
    let queue = world.create("orders", []);
    world.send(&queue, "message");
    let check = |index, damage: fn(&mut Vec<u8>), expect: &str| {
        let storage = storage.fork();
        storage.damage(index, damage);
        let error = try_start(&storage, NOW).err().expect("it cannot be read");
        assert!(error.contains(expect), "{error}");
    };
    check(0, Vec::clear, "`sqs.messages`: its value is damaged, or of a later Hearth");
    check(0, |value| value[0] = 9, "its value is damaged, or of a later Hearth");
    check(1, |value| value.push(0), "`sqs.queues`: its value has something after its end");
}

proptest! {
    /// Whatever is there is queues or an error.
    #[test]
    fn nothing_that_is_kept_makes_hearth_panic(
        index in 0_usize..6,
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let storage = MemoryStorage::default();
            let world = start(&storage, NOW);
            let queue = world.create("orders.fifo", [("FifoQueue", "true")]);
            world.send_to_group(&queue, "a", "1");
            world.send_to_group(&queue, "b", "2");
            world.receive_request(&queue, ReceiveRequest::default()).await.expect("an answer");
            storage.damage(index, |value| {
                let at = place.index(value.len() + 1);
                let end = (at + bytes.len()).min(value.len());
                value.splice(at..end, bytes.iter().copied());
            });
            if let Ok(world) = try_start(&storage, NOW) {
                // It may be another account's queue now, or have another name: then there is none, which is well.
                for _ in 0..3 {
                    drop(world.receive_request(&queue, ten()).await);
                    world.advance(40).await;
                }
                let request = SendRequest { group_id: Some("c".to_owned()), ..SendRequest::text("3") };
                drop(world.send_request(&queue, request));
            }
        });
    }
}
