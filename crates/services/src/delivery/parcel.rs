//! Something on its way from a rule or a schedule to a target.

use std::collections::BTreeMap;

use hearth_engine::timeline::{Resource, Subject};
use hearth_model::{
    identity::{Partition, RequestId},
    schedule::{Exhausted, RetryPolicy},
    sqs::QueueAddress,
    time::{Instant, Timestamp},
};

use super::{Failure, TargetAddress};
use crate::{cloudwatch::Metric, sqs::SendRequest};

/// What is delivered, and how.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    /// On whose behalf.
    pub(crate) sender: Sender,
    /// Where that is.
    pub(crate) partition: Partition,
    /// Where it goes.
    pub(crate) target: TargetAddress,
    /// The group of messages that it belongs to in a queue.
    pub(crate) group: Option<String>,
    /// What the target gets, but for what differs from attempt to attempt.
    pub(crate) content: String,
    /// The X-Ray trace that it belongs to.
    pub(crate) trace_header: Option<String>,
    /// The firing that led to it.
    pub(crate) firing: RequestId,
    /// When to give up.
    pub(crate) policy: RetryPolicy,
    /// Where it goes then.
    pub(crate) dead_letter: Option<QueueAddress>,
    /// When it was tried for the first time.
    pub(crate) first_tried: Instant,
    /// How often it was tried again.
    pub(crate) retries: u32,
}

/// Who sends something.
#[derive(Clone, Debug)]
pub(crate) enum Sender {
    /// A rule: its ARN, and its name.
    Rule { arn: String, name: String },
    /// A schedule of EventBridge Scheduler.
    Schedule {
        /// Its ARN.
        arn: String,
        /// Its group's name.
        group: String,
        /// Its own.
        name: String,
        /// The time that it names.
        scheduled: Timestamp,
        /// What tells this invocation from others.
        execution: String,
    },
}

/// What metrics count.
#[derive(Clone, Copy)]
pub(super) enum Counted {
    /// An attempt.
    Attempt,
    /// One that came to nothing.
    Error,
    /// There will be no other.
    Dropped,
}

impl Sender {
    /// What it is, as the timeline has it.
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Self::Rule { name, .. } => Subject::new(Resource::Rule, name.as_str()),
            Self::Schedule { group, name, .. } => Subject::new(Resource::Schedule, format!("{group}/{name}")),
        }
    }

    /// What it is.
    pub(super) fn arn(&self) -> &str {
        match self {
            Self::Rule { arn, .. } | Self::Schedule { arn, .. } => arn,
        }
    }

    /// What counts it. Sources: "Monitoring Amazon EventBridge" and "Monitoring EventBridge Scheduler" in the user guides.
    pub(super) fn metric(&self, counted: Counted) -> Option<Metric> {
        let (namespace, name, (dimension, value)) = match (self, counted) {
            (Self::Rule { name, .. }, Counted::Attempt) => ("AWS/Events", "Invocations", ("RuleName", name)),
            (Self::Rule { .. }, Counted::Error) => return None,
            (Self::Rule { name, .. }, Counted::Dropped) => {
                ("AWS/Events", "FailedInvocations", ("RuleName", name))
            }
            (Self::Schedule { group, .. }, counted) => {
                let name = match counted {
                    Counted::Attempt => "InvocationAttemptCount",
                    Counted::Error => "TargetErrorCount",
                    Counted::Dropped => "InvocationDroppedCount",
                };
                ("AWS/Scheduler", name, ("ScheduleGroup", group))
            }
        };
        let dimensions = BTreeMap::from([(dimension.to_owned(), value.clone())]);
        Some(Metric { namespace: namespace.to_owned(), name: name.to_owned(), dimensions })
    }
}

impl Parcel {
    /// What the target gets at this attempt.
    pub(super) fn rendered(&self) -> String {
        match &self.sender {
            Sender::Rule { .. } => self.content.clone(),
            Sender::Schedule { arn, scheduled, execution, .. } => {
                let mut content = self.content.clone();
                for (name, value) in [
                    ("<aws.scheduler.schedule-arn>", arn.clone()),
                    ("<aws.scheduler.scheduled-time>", scheduled.to_seconds_text()),
                    ("<aws.scheduler.execution-id>", execution.clone()),
                    ("<aws.scheduler.attempt-number>", (self.retries + 1).to_string()),
                ] {
                    if content.contains(name) {
                        content = content.replace(name, &value);
                    }
                }
                content
            }
        }
    }

    /// The message that tells of a delivery that came to nothing: what the target should have got, and why it did not.
    ///
    /// Sources: EventBridge user guide, "Using dead-letter queues"; EventBridge Scheduler user guide, "Configuring a
    /// dead-letter queue".
    pub(super) fn dead_letter(&self, failure: &Failure, exhausted: Option<Exhausted>) -> SendRequest {
        let text = |message: SendRequest, (name, value): (&str, String)| {
            // An attribute can't be empty.
            if value.is_empty() { message } else { message.with_attribute(name, "String", value) }
        };
        let shared = [
            ("TARGET_ARN", self.target.to_string()),
            ("ERROR_MESSAGE", failure.message.clone()),
            ("RETRY_ATTEMPTS", self.retries.to_string()),
            ("EXHAUSTED_RETRY_CONDITION", exhausted.map(Exhausted::as_str).unwrap_or_default().to_owned()),
        ];
        let letter = SendRequest { cause: Some(self.firing.work()), ..SendRequest::text(self.rendered()) };
        let message = shared.into_iter().fold(letter, text);
        match &self.sender {
            Sender::Rule { arn, .. } => {
                let own = [("RULE_ARN", arn.clone()), ("ERROR_CODE", failure.kind.rule_code().to_owned())];
                own.into_iter().fold(message, text)
            }
            Sender::Schedule { arn, scheduled, execution, .. } => {
                let own = [
                    ("SCHEDULE_ARN", arn.clone()),
                    ("SCHEDULED_TIME", scheduled.to_seconds_text()),
                    ("EXECUTION_ID", execution.clone()),
                    ("ERROR_CODE", failure.code.to_owned()),
                    ("IS_PAYLOAD_TRUNCATED", "false".to_owned()),
                ];
                own.into_iter().fold(message, text)
            }
        }
    }
}
