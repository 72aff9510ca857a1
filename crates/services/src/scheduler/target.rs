//! The target of a schedule.

use hearth_model::{identity::Partition, schedule::RetryPolicy, sqs::QueueAddress, validation::Violation};
use serde::de::IgnoredAny;

use super::Refusal;
use crate::{
    checks::Checks,
    delivery::{Elsewhere, Retries, TargetAddress, dead_letter_queue},
};

/// A target as the schedule's owner gives it, and is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewScheduleTarget {
    /// `Arn`.
    pub arn: String,
    /// `RoleArn`: kept, and checked by nobody.
    pub role_arn: String,
    /// `Input`.
    pub input: Option<String>,
    /// `SqsParameters.MessageGroupId`, if there are parameters.
    pub queue: Option<Option<String>>,
    /// `DeadLetterConfig.Arn`.
    pub dead_letter_arn: Option<String>,
    /// `RetryPolicy`.
    pub retries: Retries,
}

/// A target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScheduleTarget {
    pub(super) address: TargetAddress,
    pub(super) policy: RetryPolicy,
    pub(super) dead_letter: Option<QueueAddress>,
}

/// How the API's model writes the names of roles.
const ROLE: &str = r"arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@\/-]+";
/// Source: `Target` in the API reference.
const INPUT_BYTES: usize = 256 * 1024;

impl NewScheduleTarget {
    pub(super) fn check_form(&self, checks: &mut Checks) {
        checks.length("target.arn", &self.arn, 1..=1_600);
        checks.length("target.roleArn", &self.role_arn, 1..=1_600);
        if !is_role(&self.role_arn) {
            checks.note(Violation::pattern("target.roleArn", &self.role_arn, ROLE));
        }
        if let Some(input) = &self.input {
            checks.length("target.input", input, 1..=INPUT_BYTES);
        }
        if let Some(group) = self.queue.iter().flatten().next() {
            checks.length("target.sqsParameters.messageGroupId", group, 1..=128);
        }
        if let Some(arn) = &self.dead_letter_arn {
            checks.length("target.deadLetterConfig.arn", arn, 1..=1_600);
        }
        self.retries.check_form(checks, "target.retryPolicy");
    }

    pub(super) fn read(&self, partition: &Partition) -> Result<ScheduleTarget, Refusal> {
        let address = TargetAddress::parse(&self.arn).map_err(|elsewhere| {
            let message = match elsewhere {
                Elsewhere::Malformed => elsewhere.to_string(),
                Elsewhere::Service { .. } if self.arn.starts_with("arn:aws:scheduler:::aws-sdk:") => {
                    "Hearth has no universal targets: name a Lambda function or an SQS queue.".to_owned()
                }
                Elsewhere::Service { service } => format!(
                    "{service} is not a supported service for a target: Hearth invokes Lambda functions and sends to SQS queues."
                ),
            };
            Refusal::invalid(message)
        })?;
        if self.arn.split(':').nth(3) != Some(partition.region.as_str()) {
            let region = &partition.region;
            let message = format!("The target ARN provided does not match the current region {region}.");
            return Err(Refusal::invalid(message));
        }
        let group = self.queue.iter().flatten().next();
        match (&address, &self.queue) {
            (TargetAddress::Function(_), Some(_)) => {
                return Err(Refusal::invalid("Parameters SqsParameters not supported for the target."));
            }
            (TargetAddress::Queue(queue), _) if queue.name.is_fifo() && group.is_none() => {
                return Err(Refusal::invalid("Parameters SqsParameters must be specified."));
            }
            (TargetAddress::Queue(queue), _) if !queue.name.is_fifo() && group.is_some() => {
                return Err(Refusal::invalid("Parameters MessageGroupId not valid for the target."));
            }
            (TargetAddress::Function(_) | TargetAddress::Queue(_), _) => {}
        }
        let is_function = matches!(address, TargetAddress::Function(_));
        let is_json = |input: &str| serde_json::from_str::<IgnoredAny>(input).is_ok();
        if is_function && self.input.as_deref().is_some_and(|input| !is_json(input)) {
            return Err(Refusal::invalid("JSON syntax error in input for the target."));
        }
        let dead_letter = self.dead_letter_arn.as_deref().map(dead_letter_queue).transpose();
        let dead_letter = dead_letter.map_err(Refusal::invalid)?;
        Ok(ScheduleTarget { address, policy: self.retries.policy(), dead_letter })
    }
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", aws, "iam", "", account, resource] = *parts else { return false };
    let name = resource.strip_prefix("role/").unwrap_or_default();
    aws.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || "_+=,.@/-".contains(c))
}
