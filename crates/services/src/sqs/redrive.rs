//! The policies about dead letters, which come as JSON in attributes.

use hearth_model::{
    identity::Partition,
    sqs::{QueueAddress, QueueName, Redrive, RedriveAllow, limits},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Refusal, RefusalKind};

/// Where dead letters go: the attribute `RedrivePolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RedrivePolicy {
    target: QueueAddress,
    max_receive_count: u32,
}

impl RedrivePolicy {
    /// Reads the policy of the queue `source`. Whether the target exists is for others to check.
    pub(super) fn parse(text: &str, source: &QueueAddress) -> Result<Self, Refusal> {
        let invalid = |reason: &str| Refusal::parameter("RedrivePolicy", text, reason);
        let policy: Map<String, Value> = serde_json::from_str(text).map_err(|_| {
            let message = "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.";
            Refusal::new(RefusalKind::InvalidAttributeValue, message)
        })?;
        let missing =
            |name| invalid(&format!("Redrive policy does not contain mandatory attribute: {name}."));
        let count = policy.get("maxReceiveCount").ok_or_else(|| missing("maxReceiveCount"))?;
        let target = policy.get("deadLetterTargetArn").ok_or_else(|| missing("deadLetterTargetArn"))?;
        if policy.len() > 2 {
            return Err(invalid(
                "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].",
            ));
        }
        let count_text = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
        let max_receive_count =
            count_text.parse().ok().filter(|count| limits::MAX_RECEIVE_COUNT.contains(count));
        let max_receive_count = max_receive_count.ok_or_else(|| {
            invalid(&format!(
                "Invalid value for maxReceiveCount: {count_text}, valid values are from 1 to 1000 both inclusive."
            ))
        })?;
        let target = target.as_str().and_then(QueueAddress::parse_arn);
        let target =
            target.ok_or_else(|| invalid("Only SQS queues are valid resources for deadLetterTargetArn."))?;
        if target.name.is_fifo() != source.name.is_fifo() {
            return Err(invalid("Dead-letter queue must be same type of queue as the source.."));
        }
        if target.partition != source.partition {
            return Err(Self::no_target(text));
        }
        Ok(Self { target, max_receive_count })
    }

    /// The refusal of a policy whose target does not exist.
    pub(super) fn no_target(text: &str) -> Refusal {
        Refusal::parameter("RedrivePolicy", text, "Dead letter target does not exist.")
    }

    /// The refusal of a policy whose target does not take the dead letters.
    pub(super) fn denied(text: &str) -> Refusal {
        let reason = "The dead-letter queue's redrive allow policy does not permit this queue as a source.";
        Refusal::parameter("RedrivePolicy", text, reason)
    }

    pub(super) fn rule(&self) -> Redrive {
        Redrive { target: self.target.name.clone(), max_receive_count: self.max_receive_count }
    }

    pub(super) fn render(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document {
            dead_letter_target_arn: String,
            max_receive_count: u32,
        }
        let document = Document {
            dead_letter_target_arn: self.target.to_string(),
            max_receive_count: self.max_receive_count,
        };
        serde_json::to_string(&document).expect("texts and numbers can always be written")
    }
}

/// Whose dead letters a queue takes: the attribute `RedriveAllowPolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RedriveAllowPolicy {
    text: String,
    permission: Permission,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Permission {
    AllowAll,
    DenyAll,
    ByQueue(Vec<QueueAddress>),
}

impl RedriveAllowPolicy {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let unsupported = || {
            Refusal::new(
                RefusalKind::InvalidAttributeValue,
                "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow \
                 policy, as it’s in an unsupported format.",
            )
        };
        let invalid = |reason: &str| {
            let reason = format!("Amazon SQS can't create the redrive allow policy. {reason}");
            Refusal::parameter("RedriveAllowPolicy", text, &reason)
        };
        let policy: Map<String, Value> = serde_json::from_str(text).map_err(|_| unsupported())?;
        if policy.keys().any(|key| key != "redrivePermission" && key != "sourceQueueArns") {
            return Err(unsupported());
        }
        let sources = policy.get("sourceQueueArns").map(|sources| {
            let sources: Vec<String> = serde_json::from_value(sources.clone()).map_err(|_| unsupported())?;
            let addresses = sources.iter().map(|arn| QueueAddress::parse_arn(arn).ok_or_else(unsupported));
            addresses.collect::<Result<Vec<_>, _>>()
        });
        let sources = sources.transpose()?;
        let permission = match (policy.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Permission::AllowAll,
            (Some("denyAll"), None) => Permission::DenyAll,
            (Some("allowAll" | "denyAll"), Some(_)) => {
                let reason =
                    "To specify one or more source queue ARNs, you must set redrivePermission to byQueue.";
                return Err(invalid(reason));
            }
            (Some("byQueue"), None) => return Err(invalid(NO_SOURCES)),
            (Some("byQueue"), Some(sources)) if sources.is_empty() => return Err(invalid(NO_SOURCES)),
            (Some("byQueue"), Some(sources)) if sources.len() > limits::REDRIVE_SOURCES => {
                return Err(invalid("The maximum number of source queue ARNs you can specify is 10."));
            }
            (Some("byQueue"), Some(sources)) => Permission::ByQueue(sources),
            (Some(_) | None, _) => return Err(unsupported()),
        };
        Ok(Self { text: text.to_owned(), permission })
    }

    /// What it means for the queues of a partition.
    pub(super) fn rule(&self, partition: &Partition) -> RedriveAllow {
        match &self.permission {
            Permission::AllowAll => RedriveAllow::All,
            Permission::DenyAll => RedriveAllow::None,
            Permission::ByQueue(sources) => {
                let own = sources.iter().filter(|source| source.partition == *partition);
                RedriveAllow::Only(own.map(|source| QueueName::clone(&source.name)).collect())
            }
        }
    }

    pub(super) fn render(&self) -> String {
        self.text.clone()
    }
}

const NO_SOURCES: &str =
    "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.";
