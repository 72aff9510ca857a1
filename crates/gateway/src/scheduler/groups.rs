//! The operations on groups of schedules.

use hearth_services::scheduler::GroupView;
use serde::{Deserialize, Serialize};

use super::{done, page, parameter};
use crate::{
    events::{Tag, to_map},
    rpc::{Answer, Call, WireTimestamp},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct CreateRequest {
    tags: Vec<Tag>,
    client_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ArnAnswer {
    schedule_group_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupDocument {
    arn: String,
    creation_date: WireTimestamp,
    last_modification_date: WireTimestamp,
    name: String,
    state: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupList {
    schedule_groups: Vec<GroupDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, name: &str) -> Answer {
    let CreateRequest { tags, client_token } = call.document()?;
    let schedules = call.gateway.schedules();
    let created = schedules.create_group(&call.partition, name, to_map(tags), client_token)?;
    call.answer(&ArnAnswer { schedule_group_arn: created })
}

pub(super) fn group(call: &Call<'_>, name: &str) -> Answer {
    call.answer(&GroupDocument::of(call.gateway.schedules().group(&call.partition, name)?))
}

pub(super) fn delete(call: &Call<'_>, name: &str) -> Answer {
    call.gateway.schedules().delete_group(&call.partition, name)?;
    done()
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let prefix = parameter(call, "NamePrefix")?;
    let page = call.gateway.schedules().list_groups(&call.partition, prefix.as_deref(), &page(call)?)?;
    let schedule_groups = page.items.into_iter().map(GroupDocument::of).collect();
    call.answer(&GroupList { schedule_groups, next_token: page.next_token })
}

impl GroupDocument {
    fn of(group: GroupView) -> Self {
        Self {
            arn: group.arn,
            creation_date: WireTimestamp(group.created),
            last_modification_date: WireTimestamp(group.modified),
            name: group.name,
            // One that is deleted is gone at once.
            state: "ACTIVE",
        }
    }
}
