//! The operations on targets.

use std::collections::BTreeMap;

use hearth_services::events::{InputTransformer, NewTarget, Retries};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Paging;
use crate::rpc::{Answer, Call, RpcError};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PutRequest {
    rule: String,
    event_bus_name: Option<String>,
    targets: Vec<TargetDocument>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RemoveRequest {
    rule: String,
    event_bus_name: Option<String>,
    ids: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ListRequest {
    rule: String,
    event_bus_name: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct NamesRequest {
    target_arn: String,
    event_bus_name: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

/// A target, as it is given and as it is told.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct TargetDocument {
    id: String,
    arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_transformer: Option<TransformerDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sqs_parameters: Option<SqsParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_policy: Option<RetryPolicy>,
    /// What is for targets that Hearth does not have.
    #[serde(flatten, skip_serializing)]
    others: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct TransformerDocument {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    input_paths_map: BTreeMap<String, String>,
    input_template: String,
}

/// `SqsParameters`, of rules and schedules.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SqsParameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_group_id: Option<String>,
}

/// `DeadLetterConfig`, of rules and schedules.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct DeadLetterConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arn: Option<String>,
}

/// `RetryPolicy`, of rules and schedules.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RetryPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_retry_attempts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_event_age_in_seconds: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TargetList {
    targets: Vec<TargetDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NameList {
    rule_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// All entries of a request are done, or none and the request is refused.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AllDone {
    failed_entry_count: u32,
    failed_entries: [(); 0],
}

const ALL_DONE: AllDone = AllDone { failed_entry_count: 0, failed_entries: [] };

pub(super) fn put(call: &Call<'_>) -> Answer {
    let PutRequest { rule, event_bus_name, targets } = call.document()?;
    let targets = targets.into_iter().map(TargetDocument::read).collect::<Result<_, _>>()?;
    call.gateway.rules().put_targets(&call.partition, event_bus_name.as_deref(), &rule, targets)?;
    call.answer(&ALL_DONE)
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let RemoveRequest { rule, event_bus_name, ids } = call.document()?;
    call.gateway.rules().remove_targets(&call.partition, event_bus_name.as_deref(), &rule, &ids)?;
    call.answer(&ALL_DONE)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let ListRequest { rule, event_bus_name, paging } = call.document()?;
    let bus = event_bus_name.as_deref();
    let page = call.gateway.rules().list_targets(&call.partition, bus, &rule, &paging.into())?;
    let targets = page.items.into_iter().map(TargetDocument::of).collect();
    call.answer(&TargetList { targets, next_token: page.next_token })
}

pub(super) fn list_rule_names(call: &Call<'_>) -> Answer {
    let NamesRequest { target_arn, event_bus_name, paging } = call.document()?;
    let bus = event_bus_name.as_deref();
    let page = call.gateway.rules().list_rule_names(&call.partition, bus, &target_arn, &paging.into())?;
    call.answer(&NameList { rule_names: page.items, next_token: page.next_token })
}

impl TargetDocument {
    fn read(self) -> Result<NewTarget, RpcError> {
        if let Some((name, _)) = self.others.into_iter().find(|(_, value)| !value.is_null()) {
            let message = format!(
                "Parameter(s) {name} not supported for target: {}. Hearth delivers to Lambda functions and SQS queues.",
                self.id
            );
            return Err(RpcError::new("ValidationException", message));
        }
        Ok(NewTarget {
            id: self.id,
            arn: self.arn,
            role_arn: self.role_arn,
            input: self.input,
            input_path: self.input_path,
            transformer: self.input_transformer.map(|transformer| InputTransformer {
                paths: transformer.input_paths_map,
                template: transformer.input_template,
            }),
            queue: self.sqs_parameters.map(|parameters| parameters.message_group_id),
            dead_letter_arn: self.dead_letter_config.and_then(|config| config.arn),
            retries: self.retry_policy.map(|policy| policy.read()),
        })
    }

    fn of(target: NewTarget) -> Self {
        Self {
            id: target.id,
            arn: target.arn,
            role_arn: target.role_arn,
            input: target.input,
            input_path: target.input_path,
            input_transformer: target.transformer.map(|transformer| TransformerDocument {
                input_paths_map: transformer.paths,
                input_template: transformer.template,
            }),
            sqs_parameters: target.queue.map(|message_group_id| SqsParameters { message_group_id }),
            dead_letter_config: target.dead_letter_arn.map(|arn| DeadLetterConfig { arn: Some(arn) }),
            retry_policy: target.retries.map(RetryPolicy::of),
            others: BTreeMap::new(),
        }
    }
}

impl RetryPolicy {
    pub(crate) fn read(&self) -> Retries {
        Retries {
            maximum_attempts: self.maximum_retry_attempts,
            maximum_age_s: self.maximum_event_age_in_seconds,
        }
    }

    fn of(retries: Retries) -> Self {
        Self {
            maximum_retry_attempts: retries.maximum_attempts,
            maximum_event_age_in_seconds: retries.maximum_age_s,
        }
    }
}
