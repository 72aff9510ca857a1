//! The operations on schedules.

use std::collections::BTreeMap;

use hearth_services::scheduler::{
    FlexibleWindow, NewSchedule, NewScheduleTarget, Retries, ScheduleEntry, ScheduleFilter,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{done, invalid, page, parameter};
use crate::{
    events::{DeadLetterConfig, RetryPolicy, SqsParameters},
    rpc::{Answer, Call, RpcError, WireTimestamp},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ScheduleRequest {
    group_name: Option<String>,
    schedule_expression: String,
    schedule_expression_timezone: Option<String>,
    start_date: Option<WireTimestamp>,
    end_date: Option<WireTimestamp>,
    description: Option<String>,
    state: Option<String>,
    kms_key_arn: Option<String>,
    target: TargetDocument,
    flexible_time_window: WindowDocument,
    action_after_completion: Option<String>,
    client_token: Option<String>,
}

/// A target, as it is given and as it is told.
#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct TargetDocument {
    arn: String,
    role_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sqs_parameters: Option<SqsParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
    retry_policy: RetryPolicy,
    /// What is for targets that Hearth does not have.
    #[serde(flatten, skip_serializing)]
    others: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct WindowDocument {
    mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_window_in_minutes: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ArnAnswer {
    schedule_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleDocument<'a> {
    action_after_completion: &'a str,
    arn: &'a str,
    creation_date: WireTimestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<WireTimestamp>,
    flexible_time_window: WindowDocument,
    group_name: &'a str,
    last_modification_date: WireTimestamp,
    name: &'a str,
    schedule_expression: &'a str,
    schedule_expression_timezone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<WireTimestamp>,
    state: &'static str,
    target: TargetDocument,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary<'a> {
    arn: &'a str,
    creation_date: WireTimestamp,
    group_name: &'a str,
    last_modification_date: WireTimestamp,
    name: &'a str,
    state: &'static str,
    target: TargetSummary<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TargetSummary<'a> {
    arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SummaryList<'a> {
    schedules: Vec<Summary<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, name: &str) -> Answer {
    let new = read(call, name)?;
    call.answer(&ArnAnswer { schedule_arn: call.gateway.schedules().create(&call.partition, new)? })
}

pub(super) fn update(call: &Call<'_>, name: &str) -> Answer {
    let new = read(call, name)?;
    call.answer(&ArnAnswer { schedule_arn: call.gateway.schedules().update(&call.partition, new)? })
}

pub(super) fn schedule(call: &Call<'_>, name: &str) -> Answer {
    let group = parameter(call, "groupName")?;
    let entry = call.gateway.schedules().schedule(&call.partition, group.as_deref(), name)?;
    call.answer(&ScheduleDocument::of(&entry))
}

pub(super) fn delete(call: &Call<'_>, name: &str) -> Answer {
    let group = parameter(call, "groupName")?;
    call.gateway.schedules().delete(&call.partition, group.as_deref(), name)?;
    done()
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let text = |name| Ok::<_, RpcError>(parameter(call, name)?.map(std::borrow::Cow::into_owned));
    let filter =
        ScheduleFilter { group: text("ScheduleGroup")?, prefix: text("NamePrefix")?, state: text("State")? };
    let page = call.gateway.schedules().list(&call.partition, &filter, &page(call)?)?;
    let schedules = page.items.iter().map(|entry| Summary::of(entry)).collect();
    call.answer(&SummaryList { schedules, next_token: page.next_token })
}

fn read(call: &Call<'_>, name: &str) -> Result<NewSchedule, RpcError> {
    let request: ScheduleRequest = call.document()?;
    if request.kms_key_arn.is_some() {
        return Err(invalid("KmsKeyArn: Hearth has no keys, and encrypts nothing.".to_owned()));
    }
    if let Some((name, _)) = request.target.others.iter().find(|(_, value)| !value.is_null()) {
        return Err(invalid(format!("Parameters {name} not supported for the target.")));
    }
    let target = request.target;
    Ok(NewSchedule {
        name: name.to_owned(),
        group: request.group_name,
        expression: request.schedule_expression,
        zone: request.schedule_expression_timezone,
        start: request.start_date.map(|WireTimestamp(at)| at),
        end: request.end_date.map(|WireTimestamp(at)| at),
        description: request.description,
        state: request.state,
        target: NewScheduleTarget {
            arn: target.arn,
            role_arn: target.role_arn,
            input: target.input,
            queue: target.sqs_parameters.map(|parameters| parameters.message_group_id),
            dead_letter_arn: target.dead_letter_config.and_then(|config| config.arn),
            retries: target.retry_policy.read(),
        },
        window: FlexibleWindow {
            mode: request.flexible_time_window.mode,
            minutes: request.flexible_time_window.maximum_window_in_minutes,
        },
        after_completion: request.action_after_completion,
        token: request.client_token,
    })
}

impl<'a> ScheduleDocument<'a> {
    /// With everything that nobody gave; recorded from AWS.
    fn of(entry: &'a ScheduleEntry) -> Self {
        let given = &entry.given;
        Self {
            action_after_completion: given.after_completion.as_deref().unwrap_or("NONE"),
            arn: &entry.arn,
            creation_date: WireTimestamp(entry.created),
            description: given.description.as_deref(),
            end_date: given.end.map(WireTimestamp),
            flexible_time_window: WindowDocument {
                mode: given.window.mode.clone(),
                maximum_window_in_minutes: given.window.minutes,
            },
            group_name: given.group(),
            last_modification_date: WireTimestamp(entry.modified),
            name: &given.name,
            schedule_expression: &given.expression,
            schedule_expression_timezone: given.zone(),
            start_date: given.start.map(WireTimestamp),
            state: state(entry),
            target: TargetDocument::of(&given.target),
        }
    }
}

impl<'a> Summary<'a> {
    fn of(entry: &'a ScheduleEntry) -> Self {
        Self {
            arn: &entry.arn,
            creation_date: WireTimestamp(entry.created),
            group_name: entry.given.group(),
            last_modification_date: WireTimestamp(entry.modified),
            name: &entry.given.name,
            state: state(entry),
            target: TargetSummary { arn: &entry.given.target.arn },
        }
    }
}

impl TargetDocument {
    fn of(target: &NewScheduleTarget) -> Self {
        let Retries { maximum_attempts, maximum_age_s } = target.retries;
        Self {
            arn: target.arn.clone(),
            role_arn: target.role_arn.clone(),
            input: target.input.clone(),
            sqs_parameters: target.queue.clone().map(|message_group_id| SqsParameters { message_group_id }),
            dead_letter_config: target.dead_letter_arn.clone().map(|arn| DeadLetterConfig { arn: Some(arn) }),
            retry_policy: RetryPolicy {
                maximum_retry_attempts: Some(maximum_attempts.unwrap_or(185)),
                maximum_event_age_in_seconds: Some(maximum_age_s.unwrap_or(86_400)),
            },
            others: BTreeMap::new(),
        }
    }
}

const fn state(entry: &ScheduleEntry) -> &'static str {
    if entry.enabled { "ENABLED" } else { "DISABLED" }
}
