//! Messages, up to ten in a request.

use std::mem;

use hearth_services::sqs::{BatchEntry, BatchReply, Refusal};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    messages::{ReceiptDocument, SendDocument, SentDocument},
    url::QueueUrl,
};
use crate::rpc::{Answer, Call, RpcError};

#[derive(Deserialize)]
#[serde(bound = "E: DeserializeOwned")]
struct BatchDocument<E> {
    #[serde(rename = "QueueUrl", default)]
    queue_url: QueueUrl,
    #[serde(
        rename = "Entries",
        alias = "SendMessageBatchRequestEntry",
        alias = "DeleteMessageBatchRequestEntry",
        alias = "ChangeMessageVisibilityBatchRequestEntry",
        default = "Vec::new"
    )]
    entries: Vec<E>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchAnswer<T> {
    successful: Vec<Entry<T>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Entry<FailureDocument>>,
}

/// What is told of an entry.
#[derive(Serialize)]
struct Entry<T> {
    #[serde(rename = "Id")]
    id: String,
    #[serde(flatten)]
    told: T,
}

/// Nothing but that it was done.
#[derive(Serialize)]
struct Done {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailureDocument {
    sender_fault: bool,
    code: &'static str,
    message: String,
}

pub(super) fn send(call: &Call<'_>) -> Answer {
    let BatchDocument { queue_url, entries } = call.document::<BatchDocument<SendDocument>>()?;
    let queue = queue_url.queue(call)?;
    let entries = read(entries, |mut entry| Ok((mem::take(&mut entry.id), entry.read(call)?)))?;
    let reply = call.gateway.queues().send_batch(&queue, call.partition.account, entries)?;
    answer(call, reply, |reply| SentDocument::of(&reply))
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let BatchDocument { queue_url, entries } = call.document::<BatchDocument<ReceiptDocument>>()?;
    let queue = queue_url.queue(call)?;
    let entries = read(entries, |mut entry| Ok((mem::take(&mut entry.id), entry.delete()?)))?;
    let reply = call.gateway.queues().delete_batch(&queue, entries)?;
    answer(call, reply, |()| Done {})
}

pub(super) fn change_visibility(call: &Call<'_>) -> Answer {
    let BatchDocument { queue_url, entries } = call.document::<BatchDocument<ReceiptDocument>>()?;
    let queue = queue_url.queue(call)?;
    let entries = read(entries, |mut entry| Ok((mem::take(&mut entry.id), entry.change_visibility()?)))?;
    let reply = call.gateway.queues().change_visibility_batch(&queue, entries)?;
    answer(call, reply, |()| Done {})
}

fn read<E, R>(
    entries: Vec<E>,
    mut read: impl FnMut(E) -> Result<(String, R), RpcError>,
) -> Result<Vec<BatchEntry<R>>, RpcError> {
    let read = |entry| read(entry).map(|(id, request)| BatchEntry { id, request });
    entries.into_iter().map(read).collect()
}

fn answer<T, D: Serialize>(call: &Call<'_>, reply: BatchReply<T>, tell: impl Fn(T) -> D) -> Answer {
    let successful = reply.successful.into_iter().map(|(id, done)| Entry { id, told: tell(done) });
    let failed =
        reply.failed.into_iter().map(|(id, refusal)| Entry { id, told: FailureDocument::of(refusal) });
    call.answer(&BatchAnswer { successful: successful.collect(), failed: failed.collect() })
}

impl FailureDocument {
    fn of(Refusal { kind, message }: Refusal) -> Self {
        Self { sender_fault: true, code: kind.code(), message: message.into_owned() }
    }
}
