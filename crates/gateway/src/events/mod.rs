//! EventBridge on the wire: AWS JSON 1.1.
//!
//! Source: the API's published model (2015-10-07); recorded answers.

mod put_events;
mod rules;
mod tags;
mod targets;

use hearth_services::events::{PageRequest, Refusal};
use serde::Deserialize;

pub(crate) use self::{
    tags::{Tag, TagList, to_map},
    targets::{DeadLetterConfig, RetryPolicy, SqsParameters},
};
use crate::rpc::{Answer, Call, RpcError};

/// Answers a request for an operation.
pub(crate) fn answer(call: &Call<'_>, operation: &str) -> Answer {
    match operation {
        "DeleteRule" => rules::delete(call),
        "DescribeRule" => rules::describe(call),
        "DisableRule" => rules::enable(call, false),
        "EnableRule" => rules::enable(call, true),
        "ListRuleNamesByTarget" => targets::list_rule_names(call),
        "ListRules" => rules::list(call),
        "ListTagsForResource" => tags::list(call),
        "ListTargetsByRule" => targets::list(call),
        "PutEvents" => put_events::put(call),
        "PutRule" => rules::put(call),
        "PutTargets" => targets::put(call),
        "RemoveTargets" => targets::remove(call),
        "TagResource" => tags::tag(call),
        "TestEventPattern" => put_events::test_pattern(call),
        "UntagResource" => tags::untag(call),
        _ if ABSENT.contains(&operation) => Err(RpcError::not_implemented(format!(
            "Hearth has no {operation}: there is only the default event bus, with rules, targets and PutEvents"
        ))),
        _ => Err(RpcError::unknown_operation(operation)),
    }
}

/// The rest of the API.
const ABSENT: [&str; 42] = [
    "ActivateEventSource",
    "CancelReplay",
    "CreateApiDestination",
    "CreateArchive",
    "CreateConnection",
    "CreateEndpoint",
    "CreateEventBus",
    "CreatePartnerEventSource",
    "DeactivateEventSource",
    "DeauthorizeConnection",
    "DeleteApiDestination",
    "DeleteArchive",
    "DeleteConnection",
    "DeleteEndpoint",
    "DeleteEventBus",
    "DeletePartnerEventSource",
    "DescribeApiDestination",
    "DescribeArchive",
    "DescribeConnection",
    "DescribeEndpoint",
    "DescribeEventBus",
    "DescribeEventSource",
    "DescribePartnerEventSource",
    "DescribeReplay",
    "ListApiDestinations",
    "ListArchives",
    "ListConnections",
    "ListEndpoints",
    "ListEventBuses",
    "ListEventSources",
    "ListPartnerEventSourceAccounts",
    "ListPartnerEventSources",
    "ListReplays",
    "PutPartnerEvents",
    "PutPermission",
    "RemovePermission",
    "StartReplay",
    "UpdateApiDestination",
    "UpdateArchive",
    "UpdateConnection",
    "UpdateEndpoint",
    "UpdateEventBus",
];

/// Which part of a list.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Paging {
    next_token: Option<String>,
    limit: Option<i64>,
}

impl From<Paging> for PageRequest {
    fn from(paging: Paging) -> Self {
        Self { next_token: paging.next_token, most: paging.limit }
    }
}

impl From<Refusal> for RpcError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Validation(_) => "ValidationException",
            Refusal::NotFound(_) => "ResourceNotFoundException",
            Refusal::LimitExceeded => "LimitExceededException",
            Refusal::InvalidPattern(_) => "InvalidEventPatternException",
        };
        Self::new(code, refusal.to_string())
    }
}
