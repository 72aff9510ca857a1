//! Messages, one request for each.

use std::collections::BTreeMap;

use hearth_services::sqs::{
    DeleteRequest, ReceiveRequest, ReceivedMessage, SendReply, SendRequest, VisibilityRequest,
};
use serde::{Deserialize, Serialize};

use super::{
    attribute::{self, AttributeDocument},
    missing,
    url::QueueUrl,
};
use crate::rpc::{Answer, Call, RpcError};

/// `SendMessage`, which has a URL, and an entry of its batch, which has an id.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SendDocument {
    queue_url: QueueUrl,
    pub(super) id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(alias = "MessageAttribute")]
    message_attributes: BTreeMap<String, AttributeDocument>,
    #[serde(alias = "MessageSystemAttribute")]
    message_system_attributes: BTreeMap<String, AttributeDocument>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

/// What the sender of a message is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SentDocument {
    #[serde(rename = "MD5OfMessageBody")]
    body_md5: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    system_attributes_md5: Option<String>,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ReceiveDocument {
    queue_url: QueueUrl,
    #[serde(alias = "AttributeName")]
    attribute_names: Vec<String>,
    #[serde(alias = "MessageSystemAttributeName")]
    message_system_attribute_names: Vec<String>,
    #[serde(alias = "MessageAttributeName")]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    receive_request_attempt_id: Option<String>,
}

/// What a receiver gets.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedDocument<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<MessageDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MessageDocument<'a> {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    body_md5: String,
    body: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, AttributeDocument>,
}

/// `DeleteMessage` and `ChangeMessageVisibility`, which have a URL, and the entries of their batches, which have an id.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ReceiptDocument {
    queue_url: QueueUrl,
    pub(super) id: String,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

pub(super) fn send(call: &Call<'_>) -> Answer {
    let document: SendDocument = call.document()?;
    let queue = document.queue_url.queue(call)?;
    let reply = call.gateway.queues().send(&queue, call.partition.account, document.read(call)?)?;
    call.answer(&SentDocument::of(&reply))
}

pub(super) async fn receive(call: &Call<'_>) -> Answer {
    let document: ReceiveDocument = call.document()?;
    let queue = document.queue_url.queue(call)?;
    let mut system_attribute_names = document.attribute_names;
    system_attribute_names.extend(document.message_system_attribute_names);
    let request = ReceiveRequest {
        maximum: document.max_number_of_messages,
        visibility_timeout_s: document.visibility_timeout,
        wait_s: document.wait_time_seconds,
        attempt_id: document.receive_request_attempt_id,
        system_attribute_names,
        attribute_names: document.message_attribute_names,
    };
    let messages = call.gateway.queues().receive(&queue, request).await?;
    call.answer(&ReceivedDocument { messages: messages.iter().map(MessageDocument::of).collect() })
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let document: ReceiptDocument = call.document()?;
    let queue = document.queue_url.queue(call)?;
    call.gateway.queues().delete_message(&queue, &document.delete()?.receipt_handle)?;
    call.done()
}

pub(super) fn change_visibility(call: &Call<'_>) -> Answer {
    let document: ReceiptDocument = call.document()?;
    let queue = document.queue_url.queue(call)?;
    let VisibilityRequest { receipt_handle, timeout_s } = document.change_visibility()?;
    call.gateway.queues().change_visibility(&queue, &receipt_handle, timeout_s)?;
    call.done()
}

impl SendDocument {
    pub(super) fn read(self, call: &Call<'_>) -> Result<SendRequest, RpcError> {
        Ok(SendRequest {
            body: self.message_body,
            delay_seconds: self.delay_seconds,
            attributes: attribute::read(self.message_attributes)?,
            system_attributes: attribute::read(self.message_system_attributes)?,
            deduplication_id: self.message_deduplication_id,
            group_id: self.message_group_id,
            trace_header: call.trace_header().map(str::to_owned),
            cause: None,
        })
    }
}

impl SentDocument {
    pub(super) fn of(reply: &SendReply) -> Self {
        Self {
            body_md5: reply.body_md5.to_string(),
            attributes_md5: reply.attributes_md5.map(|md5| md5.to_string()),
            system_attributes_md5: reply.system_attributes_md5.map(|md5| md5.to_string()),
            message_id: reply.message_id.to_string(),
            sequence_number: reply.sequence_number.map(|number| number.to_string()),
        }
    }
}

impl<'a> MessageDocument<'a> {
    fn of(message: &'a ReceivedMessage) -> Self {
        let attributes = message.attributes();
        Self {
            message_id: message.message_id().to_string(),
            receipt_handle: message.receipt_handle(),
            body_md5: message.body_md5().to_string(),
            body: message.body(),
            attributes: message.system_attributes().collect(),
            attributes_md5: message.attributes_md5().map(|md5| md5.to_string()),
            message_attributes: attributes
                .map(|attribute| (&*attribute.name, AttributeDocument::of(attribute)))
                .collect(),
        }
    }
}

impl ReceiptDocument {
    pub(super) fn delete(self) -> Result<DeleteRequest, RpcError> {
        Ok(DeleteRequest { receipt_handle: self.receipt_handle.ok_or_else(|| missing("ReceiptHandle"))? })
    }

    pub(super) fn change_visibility(self) -> Result<VisibilityRequest, RpcError> {
        let timeout_s = self.visibility_timeout.ok_or_else(|| missing("VisibilityTimeout"))?;
        Ok(VisibilityRequest { receipt_handle: self.delete()?.receipt_handle, timeout_s })
    }
}
