//! Queues at a frozen moment, and short words for what one does with them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hearth_engine::{EngineOptions, clock::Clock, testing::FakeWorld};
use hearth_model::{
    identity::AccountId,
    sqs::{QueueAddress, QueueOptions},
};
use hearth_services::sqs::{
    AttributeMap, Queues, ReceiveRequest, ReceivedMessage, Refusal, SendReply, SendRequest,
};

use crate::world::here;

pub(crate) struct QueueWorld {
    pub(crate) queues: Arc<Queues>,
    pub(crate) clock: Clock,
}

impl QueueWorld {
    pub(crate) fn new() -> Self {
        Self::with(QueueOptions::default())
    }

    pub(crate) fn with(options: QueueOptions) -> Self {
        let FakeWorld { engine, clock, .. } = FakeWorld::new(EngineOptions::default());
        Self { queues: Queues::new(engine, options), clock }
    }

    pub(crate) fn create<const N: usize>(&self, name: &str, attributes: [(&str, &str); N]) -> QueueAddress {
        self.try_create(name, attributes).expect("it is created")
    }

    pub(crate) fn try_create<const N: usize>(
        &self,
        name: &str,
        attributes: [(&str, &str); N],
    ) -> Result<QueueAddress, Refusal> {
        self.queues.create_queue(&here(), name, &map(attributes), BTreeMap::new())
    }

    /// A queue whose messages go to another one when they are received once more than `count` times.
    pub(crate) fn create_with_dead_letters(
        &self,
        name: &str,
        dead_letters: &QueueAddress,
        count: u32,
    ) -> QueueAddress {
        self.create(name, [("RedrivePolicy", &redrive(dead_letters, count)), ("VisibilityTimeout", "0")])
    }

    pub(crate) fn send(&self, queue: &QueueAddress, body: &str) -> SendReply {
        self.send_request(queue, SendRequest::text(body)).expect("it is sent")
    }

    pub(crate) fn send_request(
        &self,
        queue: &QueueAddress,
        request: SendRequest,
    ) -> Result<SendReply, Refusal> {
        self.queues.send(queue, AccountId::DEFAULT, request)
    }

    /// Sends to a group of a FIFO queue; the body is the deduplication id.
    pub(crate) fn send_to_group(&self, queue: &QueueAddress, group: &str, body: &str) -> SendReply {
        let request = SendRequest {
            group_id: Some(group.to_owned()),
            deduplication_id: Some(body.to_owned()),
            ..SendRequest::text(body)
        };
        self.send_request(queue, request).expect("it is sent")
    }

    /// Receives up to ten messages without waiting.
    pub(crate) async fn receive(&self, queue: &QueueAddress) -> Vec<ReceivedMessage> {
        self.receive_request(queue, ten()).await.expect("an answer")
    }

    pub(crate) async fn receive_request(
        &self,
        queue: &QueueAddress,
        request: ReceiveRequest,
    ) -> Result<Vec<ReceivedMessage>, Refusal> {
        self.queues.receive(queue, request).await
    }

    /// The bodies of up to ten messages that are there now.
    pub(crate) async fn bodies(&self, queue: &QueueAddress) -> Vec<String> {
        bodies(&self.receive(queue).await)
    }

    /// Visible, in flight, delayed.
    pub(crate) fn counts(&self, queue: &QueueAddress) -> [u32; 3] {
        let all = self.queues.attributes(queue, &["All".to_owned()]).expect("attributes");
        [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        .map(|name| all[name].parse().expect("a number"))
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds)).await;
    }
}

pub(crate) fn ten() -> ReceiveRequest {
    ReceiveRequest {
        maximum: Some(10),
        system_attribute_names: vec!["All".to_owned()],
        ..ReceiveRequest::default()
    }
}

pub(crate) fn bodies(messages: &[ReceivedMessage]) -> Vec<String> {
    messages.iter().map(|message| message.body().to_owned()).collect()
}

pub(crate) fn map<const N: usize>(attributes: [(&str, &str); N]) -> AttributeMap {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub(crate) fn redrive(target: &QueueAddress, count: u32) -> String {
    format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":{count}}}"#)
}
