//! Invocations as a test looks back at them.

use std::time::Duration;

use hearth_engine::timeline::{Event, EventKind, Outcome};
use hearth_model::{identity::RequestId, time::Timestamp};

/// An invocation that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its id; that of all attempts at the same event.
    pub request_id: RequestId,
    /// When it ended.
    pub ended: Timestamp,
    /// What it took by the clock.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

impl Invocation {
    /// The invocation whose end an event is, if it is one's.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let EventKind::Ended { outcome, duration, .. } = event.kind else { return None };
        Some(Self { request_id: event.request_id()?, ended: event.wall, duration, outcome })
    }

    /// Whether the function did what it should.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success
    }
}
