//! What the rules need to know of a queue's attributes.

use std::time::Duration;

use super::{QueueName, limits};

/// The settings of a queue; those of a standard queue by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In which order messages go to whom. It cannot change.
    pub kind: Kind,
    /// How long a message that was received is invisible, if the receiver says nothing.
    pub visibility_timeout: Duration,
    /// How long nobody gets a message that was sent, if its sender says nothing.
    pub delay: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// What happens to messages that are received too often.
    pub redrive: Option<Redrive>,
    /// Whose dead letters it takes.
    pub redrive_allow: RedriveAllow,
}

/// The two kinds of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any order.
    Standard,
    /// The order of sending within each message group, and nothing twice.
    Fifo(DeduplicationScope),
}

impl Kind {
    /// Whether it is that of a FIFO queue.
    #[must_use]
    pub const fn is_fifo(self) -> bool {
        matches!(self, Self::Fifo(_))
    }
}

/// Among which messages duplicates are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeduplicationScope {
    /// Those of the queue.
    #[default]
    Queue,
    /// Those of the message's group.
    MessageGroup,
}

/// Where dead letters go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue; in the same account and region.
    pub target: QueueName,
    /// How often a message can be received before it goes there.
    pub max_receive_count: u32,
}

/// Whose dead letters a queue takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RedriveAllow {
    /// Everybody's.
    #[default]
    All,
    /// Nobody's.
    None,
    /// Those of these queues.
    Only(Vec<QueueName>),
}

impl Settings {
    /// Settings that are AWS's defaults.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            visibility_timeout: limits::DEFAULT_VISIBILITY_TIMEOUT,
            delay: Duration::ZERO,
            retention: limits::DEFAULT_RETENTION,
            redrive: None,
            redrive_allow: RedriveAllow::All,
        }
    }

    /// How many messages can be in flight.
    #[must_use]
    pub const fn in_flight_limit(&self) -> usize {
        match self.kind {
            Kind::Standard => limits::STANDARD_IN_FLIGHT,
            Kind::Fifo(_) => limits::FIFO_IN_FLIGHT,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Kind::Standard)
    }
}

impl RedriveAllow {
    /// Whether it takes the dead letters of a queue.
    #[must_use]
    pub fn allows(&self, source: &QueueName) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(sources) => sources.contains(source),
        }
    }
}
