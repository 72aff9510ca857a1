//! Messages that are sent and processed on many threads at once: none is overlooked, none comes twice.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{identity::AccountId, sqs::QueueAddress};
use hearth_services::{lambda::MappingChange, sqs::SendRequest};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::task::JoinSet;

use super::world::bodies;
use crate::world::World;

const MESSAGES: usize = 10_000;
const SENDERS: usize = 8;
/// As many for each sender, so that each group has an order.
const GROUPS: usize = 5 * SENDERS;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_message_is_processed_once() {
    let world = World::new();
    let queue = world.queue("orders", []);
    let mut processed = process(&world, &queue).await;
    processed.sort_unstable();
    assert!(processed.into_iter().eq(0..MESSAGES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn groups_stay_in_order() {
    let world = World::new();
    let queue = world.queue("orders.fifo", [("FifoQueue", "true")]);
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in process(&world, &queue).await {
        groups.entry(number % GROUPS).or_default().push(number);
    }
    for (group, numbers) in groups {
        assert!(numbers.into_iter().eq((group..MESSAGES).step_by(GROUPS)), "group {group}");
    }
}

/// Sends numbers from all sides while a function processes them; as it got them.
async fn process(world: &World, queue: &QueueAddress) -> Vec<usize> {
    world.deploy("orders", None).await;
    let processed = Arc::new(Mutex::new(Vec::with_capacity(MESSAGES)));
    let list = Arc::clone(&processed);
    world.sandbox.script(move |event| {
        let event: Value = serde_json::from_str(event).expect("an event is JSON");
        list.lock().extend(bodies(&event).iter().map(|body| body.parse::<usize>().expect("a number")));
        "yield".to_owned()
    });
    world.map(queue, "orders", MappingChange::default());
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (services, queue) = (Arc::clone(&world.services), queue.clone());
        senders.spawn(async move {
            for number in (sender..MESSAGES).step_by(SENDERS) {
                let fifo = queue.name.is_fifo();
                let request = SendRequest {
                    group_id: fifo.then(|| (number % GROUPS).to_string()),
                    deduplication_id: fifo.then(|| number.to_string()),
                    ..SendRequest::text(number.to_string())
                };
                services.queues().send(&queue, AccountId::DEFAULT, request).expect("it is sent");
                tokio::task::yield_now().await;
            }
        });
    }
    senders.join_all().await;
    world.settle().await;
    assert_eq!(world.counts(queue), [0, 0]);
    let processed = processed.lock();
    processed.clone()
}
