//! Which attributes of a message a receiver wants.

use std::sync::Arc;

use hearth_model::sqs::{Delivery, QueueAddress};

use super::{
    Refusal,
    content::{Content, MessageAttribute},
};

/// Which attributes of a message a receiver wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// By position in [`SYSTEM_ATTRIBUTES`].
    system: [bool; SYSTEM_ATTRIBUTES.len()],
    sender: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    All,
    Prefix(String),
    Name(String),
}

/// The value of an attribute, if a message of a queue has it.
type ValueOf = fn(&QueueAddress, &Delivery<Arc<Content>>) -> Option<String>;

/// The attributes of the system, in the order of their names.
const SYSTEM_ATTRIBUTES: [(&str, ValueOf); 9] = [
    ("AWSTraceHeader", |_, delivery| delivery.content.trace_header.as_deref().map(str::to_owned)),
    ("ApproximateFirstReceiveTimestamp", |_, delivery| {
        Some(delivery.first_received_at.as_unix_millis().to_string())
    }),
    ("ApproximateReceiveCount", |_, delivery| Some(delivery.receive_count.to_string())),
    ("DeadLetterQueueSourceArn", |queue, delivery| {
        let name = delivery.dead_letter_source.clone()?;
        Some(QueueAddress { partition: queue.partition.clone(), name }.to_string())
    }),
    ("MessageDeduplicationId", |_, delivery| delivery.deduplication.as_deref().map(str::to_owned)),
    ("MessageGroupId", |_, delivery| delivery.group.as_deref().map(str::to_owned)),
    ("SenderId", |_, delivery| Some(delivery.content.sender.to_string())),
    ("SentTimestamp", |_, delivery| Some(delivery.sent_at.as_unix_millis().to_string())),
    ("SequenceNumber", |_, delivery| delivery.sequence.map(|sequence| sequence.to_string())),
];

impl Selection {
    pub(super) fn parse(system_names: &[String], names: Vec<String>) -> Result<Self, Refusal> {
        let mut system = [false; SYSTEM_ATTRIBUTES.len()];
        for name in system_names {
            if name == "All" {
                system = [true; SYSTEM_ATTRIBUTES.len()];
                continue;
            }
            let position = SYSTEM_ATTRIBUTES.iter().position(|(known, _)| known == name);
            system[position.ok_or_else(|| Refusal::unknown_attribute(name))?] = true;
        }
        Ok(Self { system, sender: names.into_iter().map(Pattern::parse).collect() })
    }

    pub(super) fn system_attributes(
        &self,
        queue: &QueueAddress,
        delivery: &Delivery<Arc<Content>>,
    ) -> impl Iterator<Item = (&'static str, String)> {
        let wanted = SYSTEM_ATTRIBUTES.iter().zip(self.system).filter(|(_, wanted)| *wanted);
        wanted.filter_map(|((name, value), _)| Some((*name, value(queue, delivery)?)))
    }

    pub(super) fn attributes<'a>(
        &'a self,
        content: &'a Content,
    ) -> impl Iterator<Item = &'a MessageAttribute> {
        let wanted = |attribute: &&MessageAttribute| {
            self.sender.iter().any(|pattern| pattern.matches(&attribute.name))
        };
        content.attributes.iter().filter(wanted)
    }
}

impl Pattern {
    fn parse(name: String) -> Self {
        if matches!(name.as_str(), "All" | "*" | ".*") {
            return Self::All;
        }
        match name.strip_suffix(".*").or_else(|| name.strip_suffix('*')) {
            Some(prefix) => Self::Prefix(prefix.to_owned()),
            None => Self::Name(name),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Name(wanted) => wanted == name,
        }
    }
}
