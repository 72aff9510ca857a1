//! The names of what can happen.

use serde::{Deserialize, Serialize};

use super::EventKind;

/// The kinds of events, as [`EventKind`] without what it says of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is that of the same name")]
pub enum Kind {
    Deployed,
    Published,
    VersionDeleted,
    Deleted,
    Accepted,
    Attempt,
    Retrying,
    Delivered,
    DeliveryFailed,
    Dropped,
    Sent,
    Polled,
    DeadLettered,
    Redriven,
    Changed,
    Put,
    Fired,
    Undelivered,
    Received,
    Injected,
    Throttled,
    LoopStopped,
    ColdStart,
    Provisioned,
    Initialised,
    InitFailed,
    Ended,
    Reset,
    Retired,
}

impl EventKind {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Deployed { .. } => Kind::Deployed,
            Self::Published { .. } => Kind::Published,
            Self::VersionDeleted { .. } => Kind::VersionDeleted,
            Self::Deleted => Kind::Deleted,
            Self::Accepted { .. } => Kind::Accepted,
            Self::Attempt { .. } => Kind::Attempt,
            Self::Retrying { .. } => Kind::Retrying,
            Self::Delivered { .. } => Kind::Delivered,
            Self::DeliveryFailed { .. } => Kind::DeliveryFailed,
            Self::Dropped { .. } => Kind::Dropped,
            Self::Sent { .. } => Kind::Sent,
            Self::Polled { .. } => Kind::Polled,
            Self::DeadLettered { .. } => Kind::DeadLettered,
            Self::Redriven => Kind::Redriven,
            Self::Changed { .. } => Kind::Changed,
            Self::Put { .. } => Kind::Put,
            Self::Fired { .. } => Kind::Fired,
            Self::Undelivered(_) => Kind::Undelivered,
            Self::Received { .. } => Kind::Received,
            Self::Injected { .. } => Kind::Injected,
            Self::Throttled { .. } => Kind::Throttled,
            Self::LoopStopped => Kind::LoopStopped,
            Self::ColdStart(_) => Kind::ColdStart,
            Self::Provisioned(_) => Kind::Provisioned,
            Self::Initialised { .. } => Kind::Initialised,
            Self::InitFailed { .. } => Kind::InitFailed,
            Self::Ended { .. } => Kind::Ended,
            Self::Reset { .. } => Kind::Reset,
            Self::Retired { .. } => Kind::Retired,
        }
    }
}
