//! Short words for what one does with queues and mappings.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::{identity::AccountId, sqs::QueueAddress};
use hearth_services::{
    lambda::{EventSourceMappings, MappingChange, MappingView, NewMapping, Refusal},
    sqs::{Queues, SendRequest},
};
use serde_json::Value;

use crate::world::{World, here};

impl World {
    pub(super) fn queues(&self) -> &Queues {
        self.services.queues()
    }

    pub(super) fn mappings(&self) -> &Arc<EventSourceMappings> {
        self.services.event_source_mappings()
    }

    pub(super) fn queue<const N: usize>(&self, name: &str, attributes: [(&str, &str); N]) -> QueueAddress {
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let created = self.queues().create_queue(&here(), name, &BTreeMap::from(attributes), BTreeMap::new());
        created.expect("it is created")
    }

    /// A queue that gives up after this many receipts, and the queue where its messages go then.
    pub(super) fn queue_with_dead_letters(&self, name: &str, receipts: u32) -> [QueueAddress; 2] {
        let letters = self.queue(&format!("{name}-letters"), []);
        let policy = format!(r#"{{"deadLetterTargetArn": "{letters}", "maxReceiveCount": {receipts}}}"#);
        [self.queue(name, [("RedrivePolicy", &policy)]), letters]
    }

    /// Sends a message, and waits until nothing more happens.
    pub(super) async fn message(&self, queue: &QueueAddress, body: &str) {
        self.send_messages(queue, [body]).await;
    }

    pub(super) async fn send_messages(&self, queue: &QueueAddress, bodies: impl IntoIterator<Item = &str>) {
        for body in bodies {
            self.send_message(queue, SendRequest::text(body));
        }
        self.settle().await;
    }

    /// Sends to a group of a FIFO queue; the body is the deduplication id, as far as it can be.
    pub(super) fn group_message(&self, queue: &QueueAddress, group: &str, body: &str) {
        let (group_id, deduplication_id) = (Some(group.to_owned()), Some(body.replace(' ', "-")));
        self.send_message(queue, SendRequest { group_id, deduplication_id, ..SendRequest::text(body) });
    }

    pub(super) fn send_message(&self, queue: &QueueAddress, request: SendRequest) {
        self.queues().send(queue, AccountId::DEFAULT, request).expect("it is sent");
    }

    pub(super) fn map(&self, queue: &QueueAddress, function: &str, change: MappingChange) -> MappingView {
        self.try_map(queue, function, change).expect("it is mapped")
    }

    pub(super) fn try_map(
        &self,
        queue: &QueueAddress,
        function: &str,
        change: MappingChange,
    ) -> Result<MappingView, Refusal> {
        self.mappings().create(&here(), new(&queue.to_string(), function, change))
    }

    pub(super) fn change(&self, mapping: &MappingView, change: MappingChange) -> MappingView {
        self.mappings().update(&here(), &mapping.id.to_string(), change).expect("it is changed")
    }

    /// Waits until nothing runs. Functions that sleep run.
    pub(super) async fn settle(&self) {
        self.services.engine().work().idle().await;
    }

    /// The events that a function got since the last call.
    pub(super) fn events(&self, function: &str) -> Vec<Value> {
        let event = |event: &[u8]| serde_json::from_slice(event).expect("an event is JSON");
        self.handled(function).iter().map(|handled| event(&handled.event)).collect()
    }

    /// The bodies in these events.
    pub(super) fn batches(&self, function: &str) -> Vec<Vec<String>> {
        self.events(function).iter().map(bodies).collect()
    }

    /// Visible messages of a queue, and those in flight.
    pub(super) fn counts(&self, queue: &QueueAddress) -> [u32; 2] {
        let all = self.queues().attributes(queue, &["All".to_owned()]).expect("attributes");
        ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            .map(|name| all[name].parse().expect("a number"))
    }

    /// Lets a function do what the body of its batch's first message says.
    pub(super) fn obey_bodies(&self) {
        self.sandbox.script(|event| {
            let event: Value = serde_json::from_str(event).expect("an event is JSON");
            bodies(&event).swap_remove(0)
        });
    }
}

/// What `CreateEventSourceMapping` would ask for.
pub(super) fn new(source: &str, function: &str, change: MappingChange) -> NewMapping {
    NewMapping {
        event_source_arn: Some(source.to_owned()),
        settings: MappingChange { function: Some(function.to_owned()), ..change },
        ..NewMapping::default()
    }
}

pub(super) fn bodies(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().expect("an array").iter();
    records.map(|record| record["body"].as_str().expect("a text").to_owned()).collect()
}
