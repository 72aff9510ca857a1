//! Operations on log groups.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;
use hearth_services::logs::{GroupView, GroupsRequest, NewGroup, Page, group_arn};
use serde::{Deserialize, Serialize};

use super::{Paging, not_there};
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CreateRequest {
    log_group_name: String,
    kms_key_id: Option<String>,
    tags: BTreeMap<String, String>,
    log_group_class: Option<String>,
    deletion_protection_enabled: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupRequest {
    log_group_name: String,
    retention_in_days: i64,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeRequest {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    log_group_class: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ListRequest {
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupList<T> {
    log_groups: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupDocument {
    log_group_name: String,
    creation_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_in_days: Option<u32>,
    metric_filter_count: u32,
    arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<usize>,
    log_group_class: &'static str,
    log_group_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_protection_enabled: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupSummary {
    log_group_name: String,
    log_group_arn: String,
    log_group_class: &'static str,
}

/// The class of all groups.
const CLASS: &str = "STANDARD";

pub(super) fn create(call: &Call<'_>) -> Answer {
    let request: CreateRequest = call.document()?;
    if request.kms_key_id.is_some() {
        return Err(not_there("kmsKeyId", "logs lie in memory, and are not encrypted"));
    }
    if request.deletion_protection_enabled {
        return Err(not_there("deletionProtectionEnabled", "whoever reaches Hearth may delete log groups"));
    }
    let CreateRequest { log_group_name: name, tags, log_group_class: class, .. } = request;
    call.gateway.logs().create_group(&call.partition, NewGroup { name, tags, class })?;
    call.done()
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let request: GroupRequest = call.document()?;
    call.gateway.logs().delete_group(&call.partition, &request.log_group_name)?;
    call.done()
}

pub(super) fn describe(call: &Call<'_>) -> Answer {
    let request: DescribeRequest = call.document()?;
    let by_pattern = request.log_group_name_pattern.is_some();
    let request = GroupsRequest {
        prefix: request.log_group_name_prefix,
        pattern: request.log_group_name_pattern,
        identifiers: request.log_group_identifiers,
        class: request.log_group_class,
        page: request.page.into(),
    };
    let page = call.gateway.logs().describe_groups(&call.partition, &request)?;
    let document = |view: &GroupView, partition: &Partition| {
        let arn = group_arn(partition, &view.name);
        GroupDocument {
            log_group_name: view.name.to_string(),
            creation_time: view.created_at.as_unix_millis(),
            retention_in_days: view.retention_days,
            metric_filter_count: 0,
            arn: format!("{arn}:*"),
            // As on AWS, where those who search by pattern are told less.
            stored_bytes: (!by_pattern).then_some(view.stored_bytes),
            log_group_class: CLASS,
            log_group_arn: arn,
            deletion_protection_enabled: (!by_pattern).then_some(false),
        }
    };
    answer_page(call, page, document)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let request: ListRequest = call.document()?;
    let (pattern, class) = (request.log_group_name_pattern.as_deref(), request.log_group_class.as_deref());
    let page = call.gateway.logs().list_groups(&call.partition, pattern, class, &request.page.into())?;
    answer_page(call, page, |view, partition| GroupSummary {
        log_group_name: view.name.to_string(),
        log_group_arn: group_arn(partition, &view.name),
        log_group_class: CLASS,
    })
}

pub(super) fn put_retention(call: &Call<'_>) -> Answer {
    let request: GroupRequest = call.document()?;
    let days = Some(request.retention_in_days);
    call.gateway.logs().retain(&call.partition, &request.log_group_name, days)?;
    call.done()
}

pub(super) fn delete_retention(call: &Call<'_>) -> Answer {
    let request: GroupRequest = call.document()?;
    call.gateway.logs().retain(&call.partition, &request.log_group_name, None)?;
    call.done()
}

fn answer_page<T: Serialize>(
    call: &Call<'_>,
    page: Page<GroupView>,
    document: impl Fn(&GroupView, &Partition) -> T,
) -> Answer {
    let log_groups = page.items.iter().map(|view| document(view, &call.partition)).collect();
    call.answer(&GroupList { log_groups, next_token: page.next_token })
}
