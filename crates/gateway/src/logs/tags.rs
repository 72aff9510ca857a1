//! Operations on tags, in their two generations.

use std::collections::BTreeMap;

use hearth_services::logs::Tagged;
use serde::{Deserialize, Serialize};

use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct TagRequest {
    resource_arn: String,
    tags: BTreeMap<String, String>,
    tag_keys: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupTagRequest {
    log_group_name: String,
    tags: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupUntagRequest {
    log_group_name: String,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct TagDocument {
    tags: BTreeMap<String, String>,
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let request: TagRequest = call.document()?;
    list_tags(call, Tagged::Arn(&request.resource_arn))
}

pub(super) fn tag(call: &Call<'_>) -> Answer {
    let request: TagRequest = call.document()?;
    call.gateway.logs().tag(&call.partition, Tagged::Arn(&request.resource_arn), request.tags)?;
    call.done()
}

pub(super) fn untag(call: &Call<'_>) -> Answer {
    let request: TagRequest = call.document()?;
    call.gateway.logs().untag(&call.partition, Tagged::Arn(&request.resource_arn), &request.tag_keys)?;
    call.done()
}

pub(super) fn list_of_group(call: &Call<'_>) -> Answer {
    let request: GroupTagRequest = call.document()?;
    list_tags(call, Tagged::Name(&request.log_group_name))
}

pub(super) fn tag_group(call: &Call<'_>) -> Answer {
    let request: GroupTagRequest = call.document()?;
    call.gateway.logs().tag(&call.partition, Tagged::Name(&request.log_group_name), request.tags)?;
    call.done()
}

pub(super) fn untag_group(call: &Call<'_>) -> Answer {
    let request: GroupUntagRequest = call.document()?;
    call.gateway.logs().untag(&call.partition, Tagged::Name(&request.log_group_name), &request.tags)?;
    call.done()
}

fn list_tags(call: &Call<'_>, tagged: Tagged<'_>) -> Answer {
    call.answer(&TagDocument { tags: call.gateway.logs().tags(&call.partition, tagged)? })
}
