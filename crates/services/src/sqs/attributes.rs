//! The attributes of queues.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use hearth_model::sqs::{DeduplicationScope, Kind, QueueAddress, RedriveAllow, Settings, limits};
use serde_json::{Map, Value};

use super::{
    Refusal, RefusalKind,
    redrive::{RedriveAllowPolicy, RedrivePolicy},
};

/// Attributes as they are given and told: texts by their names.
pub type AttributeMap = BTreeMap<String, String>;

/// What an owner can choose about a queue.
///
/// Messages are not encrypted, since they never leave the process: which key should do it is kept and told, and has no other
/// effect. Policies decide nothing, as everywhere in Hearth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    visibility_timeout_s: u64,
    delay_s: u64,
    retention_s: u64,
    pub(super) maximum_message_bytes: usize,
    receive_wait_s: u64,
    pub(super) policy: Option<String>,
    redrive: Option<RedrivePolicy>,
    redrive_allow: Option<RedriveAllowPolicy>,
    /// What only FIFO queues have.
    fifo: Option<Fifo>,
    encryption: Encryption,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fifo {
    content_based_deduplication: bool,
    scope: DeduplicationScope,
    throughput_limit: ThroughputLimit,
}

/// To what the quota of a FIFO queue's throughput applies. Hearth has no such quota: the choice allows and forbids others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ThroughputLimit {
    #[default]
    PerQueue,
    PerMessageGroupId,
}

/// Which key would encrypt messages.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Encryption {
    kms_master_key_id: Option<String>,
    kms_data_key_reuse_period_s: u64,
    sqs_managed: bool,
}

impl Attributes {
    /// The defaults.
    fn new(fifo: bool) -> Self {
        Self {
            visibility_timeout_s: limits::DEFAULT_VISIBILITY_TIMEOUT.as_secs(),
            delay_s: 0,
            retention_s: limits::DEFAULT_RETENTION.as_secs(),
            maximum_message_bytes: *limits::MESSAGE_BYTES.end(),
            receive_wait_s: 0,
            policy: None,
            redrive: None,
            redrive_allow: None,
            fifo: fifo.then(Fifo::default),
            encryption: Encryption {
                kms_master_key_id: None,
                kms_data_key_reuse_period_s: 300,
                sqs_managed: true,
            },
        }
    }

    /// The attributes of a queue that is to be created with those that are given.
    pub(super) fn create(queue: &QueueAddress, given: &AttributeMap) -> Result<Self, Refusal> {
        let mut attributes = Self::new(queue.name.is_fifo());
        attributes.apply(queue, given)?;
        Ok(attributes)
    }

    /// Changes those that are given; leaves something unusable if they are refused.
    pub(super) fn apply(&mut self, queue: &QueueAddress, given: &AttributeMap) -> Result<(), Refusal> {
        for (name, value) in given {
            self.apply_one(queue, name, value)?;
        }
        self.check_encryption(given)?;
        let fifo = self.fifo.unwrap_or_default();
        if fifo.throughput_limit == ThroughputLimit::PerMessageGroupId
            && fifo.scope == DeduplicationScope::Queue
        {
            return Err(invalid_because(
                "FifoThroughputLimit",
                "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.",
            ));
        }
        Ok(())
    }

    /// The value of an attribute, if it is one that can be chosen and has been.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        Some(match name {
            "VisibilityTimeout" => self.visibility_timeout_s.to_string(),
            "DelaySeconds" => self.delay_s.to_string(),
            "MessageRetentionPeriod" => self.retention_s.to_string(),
            "MaximumMessageSize" => self.maximum_message_bytes.to_string(),
            "ReceiveMessageWaitTimeSeconds" => self.receive_wait_s.to_string(),
            "Policy" => self.policy.clone()?,
            "RedrivePolicy" => self.redrive.as_ref()?.render(),
            "RedriveAllowPolicy" => self.redrive_allow.as_ref()?.render(),
            "FifoQueue" => self.fifo.map(|_| true.to_string())?,
            "ContentBasedDeduplication" => self.fifo?.content_based_deduplication.to_string(),
            "DeduplicationScope" => match self.fifo?.scope {
                DeduplicationScope::Queue => "queue".to_owned(),
                DeduplicationScope::MessageGroup => "messageGroup".to_owned(),
            },
            "FifoThroughputLimit" => match self.fifo?.throughput_limit {
                ThroughputLimit::PerQueue => "perQueue".to_owned(),
                ThroughputLimit::PerMessageGroupId => "perMessageGroupId".to_owned(),
            },
            "KmsMasterKeyId" => self.encryption.kms_master_key_id.clone()?,
            "KmsDataKeyReusePeriodSeconds" => {
                self.encryption.kms_master_key_id.as_ref()?;
                self.encryption.kms_data_key_reuse_period_s.to_string()
            }
            "SqsManagedSseEnabled" => self.encryption.sqs_managed.to_string(),
            _ => return None,
        })
    }

    pub(super) const fn redrive(&self) -> Option<&RedrivePolicy> {
        self.redrive.as_ref()
    }

    pub(super) const fn receive_wait(&self) -> Duration {
        Duration::from_secs(self.receive_wait_s)
    }

    pub(super) const fn deduplicates_by_content(&self) -> bool {
        matches!(self.fifo, Some(Fifo { content_based_deduplication: true, .. }))
    }

    /// What the rules need to know of them.
    pub(super) fn settings(&self, queue: &QueueAddress) -> Settings {
        Settings {
            kind: self.fifo.map_or(Kind::Standard, |fifo| Kind::Fifo(fifo.scope)),
            visibility_timeout: Duration::from_secs(self.visibility_timeout_s),
            delay: Duration::from_secs(self.delay_s),
            retention: Duration::from_secs(self.retention_s),
            redrive: self.redrive.as_ref().map(RedrivePolicy::rule),
            redrive_allow: self
                .redrive_allow
                .as_ref()
                .map_or(RedriveAllow::All, |policy| policy.rule(&queue.partition)),
        }
    }

    fn apply_one(&mut self, queue: &QueueAddress, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "VisibilityTimeout" => {
                self.visibility_timeout_s = number(name, value, seconds(limits::VISIBILITY_TIMEOUT))?;
            }
            "DelaySeconds" => self.delay_s = number(name, value, seconds(limits::DELAY))?,
            "MessageRetentionPeriod" => self.retention_s = number(name, value, limits::RETENTION_S)?,
            "MaximumMessageSize" => self.maximum_message_bytes = number(name, value, limits::MESSAGE_BYTES)?,
            "ReceiveMessageWaitTimeSeconds" => {
                self.receive_wait_s = number(name, value, seconds(limits::WAIT))?;
            }
            "Policy" => {
                self.policy = optional(value, |value| check_policy(value).map(|()| value.to_owned()))?;
            }
            "RedrivePolicy" => self.redrive = optional(value, |value| RedrivePolicy::parse(value, queue))?,
            "RedriveAllowPolicy" => self.redrive_allow = optional(value, RedriveAllowPolicy::parse)?,
            "FifoQueue" => match (self.fifo, flag(name, value)?) {
                (Some(_), true) => {}
                (Some(_), false) => {
                    return Err(invalid_because(name, "Modifying queue type is not supported."));
                }
                (None, _) => return Err(Refusal::unknown_attribute(name)),
            },
            "ContentBasedDeduplication" => match &mut self.fifo {
                Some(fifo) => fifo.content_based_deduplication = flag(name, value)?,
                None => return Err(Refusal::unknown_attribute(name)),
            },
            "DeduplicationScope" => {
                self.fifo_only(name)?.scope = match value {
                    "queue" => DeduplicationScope::Queue,
                    "messageGroup" => DeduplicationScope::MessageGroup,
                    _ => return Err(invalid(name)),
                }
            }
            "FifoThroughputLimit" => {
                self.fifo_only(name)?.throughput_limit = match value {
                    "perQueue" => ThroughputLimit::PerQueue,
                    "perMessageGroupId" => ThroughputLimit::PerMessageGroupId,
                    _ => return Err(invalid(name)),
                }
            }
            "KmsMasterKeyId" => {
                self.encryption.kms_master_key_id = optional(value, |value| Ok(value.to_owned()))?;
                self.encryption.sqs_managed &= self.encryption.kms_master_key_id.is_none();
            }
            "KmsDataKeyReusePeriodSeconds" => {
                self.encryption.kms_data_key_reuse_period_s = number(name, value, 60..=86_400)?;
            }
            "SqsManagedSseEnabled" => {
                self.encryption.sqs_managed = flag(name, value)?;
                if self.encryption.sqs_managed {
                    self.encryption.kms_master_key_id = None;
                }
            }
            _ => return Err(Refusal::unknown_attribute(name)),
        }
        Ok(())
    }

    fn fifo_only(&mut self, name: &str) -> Result<&mut Fifo, Refusal> {
        self.fifo.as_mut().ok_or_else(|| {
            let message = format!("You can specify the {name} only when FifoQueue is set to true.");
            Refusal::new(RefusalKind::InvalidAttributeName, message)
        })
    }

    fn check_encryption(&self, given: &AttributeMap) -> Result<(), Refusal> {
        let kms = given.get("KmsMasterKeyId").is_some_and(|key| !key.is_empty());
        if !kms || given.get("SqsManagedSseEnabled").is_none_or(|enabled| enabled != "true") {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalKind::InvalidAttributeName,
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
        ))
    }
}

/// The attributes that can be chosen, in the order of their names.
pub(super) const CHOSEN: [&str; 15] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

fn invalid(name: &str) -> Refusal {
    Refusal::new(RefusalKind::InvalidAttributeValue, format!("Invalid value for the parameter {name}."))
}

fn invalid_because(name: &str, reason: &str) -> Refusal {
    let message = format!("Invalid value for the parameter {name}. Reason: {reason}");
    Refusal::new(RefusalKind::InvalidAttributeValue, message)
}

fn seconds(most: Duration) -> RangeInclusive<u64> {
    0..=most.as_secs()
}

fn number<T: std::str::FromStr + PartialOrd>(
    name: &str,
    value: &str,
    range: RangeInclusive<T>,
) -> Result<T, Refusal> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && range.contains(number));
    number.ok_or_else(|| invalid(name))
}

fn flag(name: &str, value: &str) -> Result<bool, Refusal> {
    value.to_ascii_lowercase().parse().map_err(|_| invalid(name))
}

/// Nothing for an empty text.
fn optional<T>(value: &str, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    if value.is_empty() { Ok(None) } else { parse(value).map(Some) }
}

fn check_policy(text: &str) -> Result<(), Refusal> {
    serde_json::from_str::<Map<String, Value>>(text).map(drop).map_err(|_| invalid("Policy"))
}
