//! Tags of rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rpc::{Answer, Call};

/// A tag as the APIs of EventBridge write it.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TagRequest {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tags: Vec<Tag>,
    tag_keys: Vec<String>,
}

/// All tags of something.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagList {
    tags: Vec<Tag>,
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let request: TagRequest = call.document()?;
    call.answer(&TagList::of(call.gateway.rules().tags(&call.partition, &request.resource_arn)?))
}

pub(super) fn tag(call: &Call<'_>) -> Answer {
    let request: TagRequest = call.document()?;
    call.gateway.rules().tag(&call.partition, &request.resource_arn, to_map(request.tags))?;
    call.done()
}

pub(super) fn untag(call: &Call<'_>) -> Answer {
    let request: TagRequest = call.document()?;
    call.gateway.rules().untag(&call.partition, &request.resource_arn, &request.tag_keys)?;
    call.done()
}

/// Tags by their keys; the last of several with the same key counts.
pub(crate) fn to_map(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|Tag { key, value }| (key, value)).collect()
}

impl TagList {
    pub(crate) fn of(tags: BTreeMap<String, String>) -> Self {
        Self { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() }
    }
}
