//! CloudWatch Logs on the wire: AWS JSON 1.1.
//!
//! Source: the API's published model (2014-03-28).

mod events;
mod groups;
mod streams;
mod tags;

use hearth_services::logs::{GroupSelector, PageRequest, Refusal};
use serde::Deserialize;

use crate::rpc::{Answer, Call, RpcError};

/// Answers a request for an operation.
pub(crate) fn answer(call: &Call<'_>, operation: &str) -> Answer {
    match operation {
        "CreateLogGroup" => groups::create(call),
        "DeleteLogGroup" => groups::delete(call),
        "DescribeLogGroups" => groups::describe(call),
        "ListLogGroups" => groups::list(call),
        "PutRetentionPolicy" => groups::put_retention(call),
        "DeleteRetentionPolicy" => groups::delete_retention(call),
        "CreateLogStream" => streams::create(call),
        "DeleteLogStream" => streams::delete(call),
        "DescribeLogStreams" => streams::describe(call),
        "PutLogEvents" => events::put(call),
        "GetLogEvents" => events::get(call),
        "FilterLogEvents" => events::filter(call),
        "ListTagsForResource" => tags::list(call),
        "TagResource" => tags::tag(call),
        "UntagResource" => tags::untag(call),
        "ListTagsLogGroup" => tags::list_of_group(call),
        "TagLogGroup" => tags::tag_group(call),
        "UntagLogGroup" => tags::untag_group(call),
        "StartLiveTail" => Err(RpcError::not_implemented(
            "Hearth has no StartLiveTail: follow a log group with FilterLogEvents, as `aws logs tail --follow` does",
        )),
        _ => Err(RpcError::unknown_operation(operation)),
    }
}

/// By what newer operations name a log group.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
}

/// Which part of a list.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paging {
    next_token: Option<String>,
    limit: Option<i64>,
}

impl From<Group> for GroupSelector {
    fn from(group: Group) -> Self {
        Self { name: group.log_group_name, identifier: group.log_group_identifier }
    }
}

impl From<Paging> for PageRequest {
    fn from(paging: Paging) -> Self {
        Self { token: paging.next_token, limit: paging.limit }
    }
}

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::InvalidParameter(message) => ("InvalidParameterException", message),
            Refusal::Validation(message) => ("ValidationException", message),
            Refusal::NotFound(message) => ("ResourceNotFoundException", message),
            Refusal::AlreadyExists(message) => ("ResourceAlreadyExistsException", message),
            Refusal::TooManyTags(message) => ("TooManyTagsException", message),
        };
        Self::new(code, message)
    }
}

/// Refuses a parameter that AWS acts on and Hearth does not.
fn not_there(parameter: &str, hint: &str) -> RpcError {
    Refusal::InvalidParameter(format!("Hearth does not support `{parameter}`: {hint}").into()).into()
}
