//! The operations on rules.

use hearth_services::events::{NewRule, Rule};
use serde::{Deserialize, Serialize};

use super::{
    Paging,
    tags::{Tag, to_map},
};
use crate::rpc::{Answer, Call};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PutRequest {
    name: String,
    event_bus_name: Option<String>,
    schedule_expression: Option<String>,
    event_pattern: Option<String>,
    state: Option<String>,
    description: Option<String>,
    role_arn: Option<String>,
    tags: Vec<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleRequest {
    name: String,
    event_bus_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListRequest {
    name_prefix: Option<String>,
    event_bus_name: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutAnswer {
    rule_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuleDocument<'a> {
    name: &'a str,
    arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_pattern: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_expression: Option<&'a str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<&'a str>,
    event_bus_name: &'static str,
    /// Lists do not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuleList<'a> {
    rules: Vec<RuleDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn put(call: &Call<'_>) -> Answer {
    let request: PutRequest = call.document()?;
    let new = NewRule {
        name: request.name,
        bus: request.event_bus_name,
        schedule: request.schedule_expression,
        pattern: request.event_pattern,
        state: request.state,
        description: request.description,
        role_arn: request.role_arn,
        tags: to_map(request.tags),
    };
    call.answer(&PutAnswer { rule_arn: call.gateway.rules().put_rule(&call.partition, new)? })
}

pub(super) fn describe(call: &Call<'_>) -> Answer {
    let RuleRequest { name, event_bus_name } = call.document()?;
    let rule = call.gateway.rules().rule(&call.partition, event_bus_name.as_deref(), &name)?;
    let created_by = Some(call.partition.account.to_string());
    call.answer(&RuleDocument { created_by, ..RuleDocument::of(&rule) })
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let ListRequest { name_prefix, event_bus_name, paging } = call.document()?;
    let (bus, prefix) = (event_bus_name.as_deref(), name_prefix.as_deref());
    let page = call.gateway.rules().list_rules(&call.partition, bus, prefix, &paging.into())?;
    let rules = page.items.iter().map(|rule| RuleDocument::of(rule)).collect();
    call.answer(&RuleList { rules, next_token: page.next_token })
}

pub(super) fn enable(call: &Call<'_>, enabled: bool) -> Answer {
    let RuleRequest { name, event_bus_name } = call.document()?;
    call.gateway.rules().enable_rule(&call.partition, event_bus_name.as_deref(), &name, enabled)?;
    call.done()
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let RuleRequest { name, event_bus_name } = call.document()?;
    call.gateway.rules().delete_rule(&call.partition, event_bus_name.as_deref(), &name)?;
    call.done()
}

impl<'a> RuleDocument<'a> {
    fn of(rule: &'a Rule) -> Self {
        Self {
            name: &rule.name,
            arn: &rule.arn,
            event_pattern: rule.pattern_text.as_deref(),
            schedule_expression: rule.schedule_text.as_deref(),
            state: if rule.enabled { "ENABLED" } else { "DISABLED" },
            description: rule.description.as_deref(),
            role_arn: rule.role_arn.as_deref(),
            event_bus_name: "default",
            created_by: None,
        }
    }
}
