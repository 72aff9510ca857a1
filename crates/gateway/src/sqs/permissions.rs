//! Statements of queues' policies.

use serde::Deserialize;

use super::{missing, url::QueueUrl};
use crate::rpc::{Answer, Call};

#[derive(Deserialize)]
struct PermissionDocument {
    #[serde(rename = "QueueUrl", default)]
    queue_url: QueueUrl,
    #[serde(rename = "Label")]
    label: Option<String>,
    #[serde(rename = "AWSAccountIds", alias = "AWSAccountId", default)]
    accounts: Vec<String>,
    #[serde(rename = "Actions", alias = "ActionName", default)]
    actions: Vec<String>,
}

pub(super) fn add(call: &Call<'_>) -> Answer {
    let PermissionDocument { queue_url, label, accounts, actions } = call.document()?;
    let (queue, label) = (queue_url.queue(call)?, label.ok_or_else(|| missing("Label"))?);
    call.gateway.queues().add_permission(&queue, &label, &accounts, &actions)?;
    call.done()
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let PermissionDocument { queue_url, label, .. } = call.document()?;
    let (queue, label) = (queue_url.queue(call)?, label.ok_or_else(|| missing("Label"))?);
    call.gateway.queues().remove_permission(&queue, &label)?;
    call.done()
}
