//! Messages as functions get them.
//!
//! Source: recorded events; Lambda developer guide, "Example standard queue message event" and "Example FIFO queue message event".

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::{BufMut, Bytes, BytesMut};
use hearth_model::{
    event_source::FilterCriteria,
    recursion::Lineage,
    sqs::{Delivery, QueueAddress, ReceiptHandle},
    time::Timestamp,
    work_id::WorkId,
};
use serde::Serialize;

use crate::sqs::{AttributeValue, Content, Md5, MessageAttribute, write_receipt};

/// A message on its way to a function.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) handle: ReceiptHandle,
    /// The record of an event, as JSON.
    record: Vec<u8>,
    /// Whether the filters let it through.
    pub(super) wanted: bool,
    trace_header: Option<Box<str>>,
    /// What names it as a cause.
    pub(super) work: WorkId,
}

impl Message {
    /// Writes a delivery down. Where a mapping has a window, records have fields of which others have none.
    pub(super) fn new(
        queue: &QueueAddress,
        delivery: &Delivery<Arc<Content>>,
        windowed: bool,
        filters: &FilterCriteria,
    ) -> Self {
        let record = Record::new(queue, delivery, windowed);
        let document = || serde_json::to_value(&record).expect(WRITABLE);
        Self {
            id: delivery.id.to_string(),
            handle: delivery.handle,
            wanted: filters.is_empty() || filters.wants(document()),
            record: serde_json::to_vec(&record).expect(WRITABLE),
            trace_header: delivery.content.trace_header.clone(),
            work: delivery.id.work(),
        }
    }

    /// What it adds to the size of an event: the record and a comma.
    pub(super) fn bytes(&self) -> usize {
        self.record.len() + 1
    }
}

/// The event of a batch.
pub(super) fn event(messages: &[Arc<Message>]) -> Bytes {
    const BEFORE: &[u8] = b"{\"Records\":[";
    const BEHIND: &[u8] = b"]}";
    let bytes: usize = messages.iter().map(|message| message.bytes()).sum();
    let mut event = BytesMut::with_capacity(BEFORE.len() + bytes + BEHIND.len());
    event.put_slice(BEFORE);
    for (position, message) in messages.iter().enumerate() {
        if position > 0 {
            event.put_u8(b',');
        }
        event.put_slice(&message.record);
    }
    event.put_slice(BEHIND);
    event.freeze()
}

/// The trace that an invocation with these messages goes on with: the longest one, so that no loop is overlooked.
pub(super) fn trace_header(messages: &[Arc<Message>]) -> Option<String> {
    let headers = messages.iter().filter_map(|message| message.trace_header.as_deref());
    let longest = headers.max_by_key(|header| Lineage::of_header(header).map(Lineage::hops));
    longest.map(str::to_owned)
}

/// One message in an event; the fields are in the order in which AWS writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: String,
    receipt_handle: String,
    body: &'a str,
    attributes: SystemAttributes<'a>,
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
    /// Without attributes, there is none; where a mapping has a window, it is there all the same, and null (recorded).
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<Option<String>>,
    md5_of_body: String,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
    aws_region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SystemAttributes<'a> {
    approximate_receive_count: String,
    #[serde(rename = "AWSTraceHeader", skip_serializing_if = "Option::is_none")]
    trace_header: Option<&'a str>,
    sent_timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    sender_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_queue_source_arn: Option<String>,
    approximate_first_receive_timestamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    string_list_values: [&'a str; 0],
    binary_list_values: [&'a str; 0],
    data_type: &'a str,
}

impl<'a> Record<'a> {
    fn new(queue: &'a QueueAddress, delivery: &'a Delivery<Arc<Content>>, windowed: bool) -> Self {
        let content = &*delivery.content;
        let md5_of_attributes = Md5::of_attributes(&content.attributes).map(|md5| md5.to_string());
        let attribute = |attribute: &'a MessageAttribute| (&*attribute.name, Attribute::new(attribute));
        Self {
            message_id: delivery.id.to_string(),
            receipt_handle: write_receipt(delivery.handle),
            body: &content.body,
            attributes: SystemAttributes::new(queue, delivery),
            message_attributes: content.attributes.iter().map(attribute).collect(),
            md5_of_message_attributes: (windowed || md5_of_attributes.is_some()).then_some(md5_of_attributes),
            md5_of_body: content.body_md5.to_string(),
            event_source: "aws:sqs",
            event_source_arn: queue.to_string(),
            aws_region: queue.partition.region.as_str(),
        }
    }
}

impl<'a> SystemAttributes<'a> {
    fn new(queue: &QueueAddress, delivery: &'a Delivery<Arc<Content>>) -> Self {
        let millis = |time: Timestamp| time.as_unix_millis().to_string();
        let source = delivery.dead_letter_source.clone();
        let source = source.map(|name| QueueAddress { partition: queue.partition.clone(), name });
        Self {
            approximate_receive_count: delivery.receive_count.to_string(),
            trace_header: delivery.content.trace_header.as_deref(),
            sent_timestamp: millis(delivery.sent_at),
            sequence_number: delivery.sequence.map(|number| number.to_string()),
            message_group_id: delivery.group.as_deref(),
            sender_id: delivery.content.sender.to_string(),
            message_deduplication_id: delivery.deduplication.as_deref(),
            dead_letter_queue_source_arn: source.map(|source| source.to_string()),
            approximate_first_receive_timestamp: millis(delivery.first_received_at),
        }
    }
}

impl<'a> Attribute<'a> {
    fn new(attribute: &'a MessageAttribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            AttributeValue::Text(text) => (Some(&**text), None),
            AttributeValue::Binary(bytes) => (None, Some(BASE64_STANDARD.encode(bytes))),
        };
        Self {
            string_value,
            binary_value,
            string_list_values: [],
            binary_list_values: [],
            data_type: &attribute.data_type,
        }
    }
}

const WRITABLE: &str = "texts can always be written";
