//! Tags of queues.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::url::QueueUrl;
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TagDocument {
    queue_url: QueueUrl,
    #[serde(alias = "Tag")]
    tags: BTreeMap<String, String>,
    #[serde(alias = "TagKey")]
    tag_keys: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TagsDocument {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let TagDocument { queue_url, .. } = call.document()?;
    call.answer(&TagsDocument { tags: call.gateway.queues().tags(&queue_url.queue(call)?)? })
}

pub(super) fn tag(call: &Call<'_>) -> Answer {
    let TagDocument { queue_url, tags, .. } = call.document()?;
    call.gateway.queues().tag(&queue_url.queue(call)?, tags)?;
    call.done()
}

pub(super) fn untag(call: &Call<'_>) -> Answer {
    let TagDocument { queue_url, tag_keys, .. } = call.document()?;
    call.gateway.queues().untag(&queue_url.queue(call)?, &tag_keys)?;
    call.done()
}
