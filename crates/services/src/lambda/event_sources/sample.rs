//! Events of messages that never were in a queue.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_engine::random::random_bits;
use hearth_model::{
    event_source::FilterCriteria,
    sqs::{Delivery, MessageId, QueueAddress, ReceiptHandle},
    time::Timestamp,
};

use super::message::{Message, event};
use crate::sqs::{AttributeValue, Content, Md5, MessageAttribute};

/// The event of messages that say this and have these attributes of the type String, as a function would get them from a
/// mapping without a window at `now`. The queue is a standard one; it need not exist.
#[must_use]
pub fn sample_queue_event(
    queue: &QueueAddress,
    bodies: Vec<String>,
    attributes: BTreeMap<String, String>,
    now: Timestamp,
) -> Bytes {
    let attributes = attributes.into_iter().map(|(name, value)| MessageAttribute {
        name: name.into(),
        data_type: "String".into(),
        value: AttributeValue::Text(value.into()),
    });
    let attributes: Box<[_]> = attributes.collect();
    let message = |body: String| {
        let delivery = Delivery {
            id: MessageId::from_random(random_bits()),
            handle: ReceiptHandle::from_bytes(&[0; ReceiptHandle::BYTES]),
            content: Arc::new(Content {
                body_md5: Md5::of(&body),
                body: body.into(),
                attributes: attributes.clone(),
                trace_header: None,
                sender: queue.partition.account,
            }),
            sent_at: now,
            receive_count: 1,
            first_received_at: now,
            group: None,
            deduplication: None,
            sequence: None,
            dead_letter_source: None,
        };
        Arc::new(Message::new(queue, &delivery, false, &FilterCriteria::default()))
    };
    event(&bodies.into_iter().map(message).collect::<Vec<_>>())
}
