//! Operations on log groups.

use serde::{Deserialize, Serialize};

use crate::rpc::{Answer, Call};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupRequest {
    #[serde(default)]
    log_group_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupList {
    log_groups: Vec<GroupDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupDocument {
    log_group_name: String,
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let request: GroupRequest = call.document()?;
    call.gateway.logs().create_group(&call.partition, &request.log_group_name)?;
    call.done()
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let request: GroupRequest = call.document()?;
    call.gateway.logs().delete_group(&call.partition, &request.log_group_name)?;
    call.done()
}

pub(super) fn describe(call: &Call<'_>) -> Answer {
    let groups = call.gateway.logs().groups(&call.partition);
    let log_groups = groups.iter().map(|name| GroupDocument { log_group_name: name.to_string() }).collect();
    call.answer(&GroupList { log_groups })
}
