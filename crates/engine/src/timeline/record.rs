//! The record itself.

use std::sync::Arc;

use hearth_model::time::{Instant, Timestamp};

use super::{Event, EventKind, Subject};
use crate::{
    clock::Clock,
    ring::{Followed, Follower, Ring},
};

/// The bounded record of an engine's events; clones are the same record.
#[derive(Clone, Debug)]
pub struct Timeline {
    clock: Clock,
    events: Arc<Ring<Event>>,
}

impl Timeline {
    /// How many bytes of events are kept unless told otherwise: some sixteen thousand.
    pub const DEFAULT_CAPACITY_BYTES: usize = 2 * 1024 * 1024;

    /// A record that keeps up to `capacity_bytes` of events, counted as they lie in memory.
    #[must_use]
    pub fn new(clock: Clock, capacity_bytes: usize) -> Self {
        Self { clock, events: Arc::new(Ring::new(capacity_bytes)) }
    }

    /// All events that are kept, oldest first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Event> {
        self.events.snapshot()
    }

    /// How many events have gone to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.events.dropped()
    }

    /// Follows the timeline: only what happens from now on.
    #[must_use]
    pub fn follow(&self) -> TimelineFollower {
        TimelineFollower(self.events.follow())
    }

    /// Follows the timeline, beginning with the events that are kept.
    #[must_use]
    pub fn follow_from_start(&self) -> TimelineFollower {
        TimelineFollower(self.events.follow_from_start())
    }

    /// Records something that happens now.
    pub fn record(&self, subject: Subject, kind: EventKind) {
        self.record_at(self.clock.now(), self.clock.wall(), subject, kind);
    }

    /// Records something that happens at a moment that the caller has just read.
    pub(crate) fn record_at(&self, at: Instant, wall: Timestamp, subject: Subject, kind: EventKind) {
        self.events.extend([Event { sequence: 0, at, wall, subject, kind }]);
    }
}

/// Reads a timeline as it grows.
#[derive(Debug)]
pub struct TimelineFollower(Follower<Event>);

impl TimelineFollower {
    /// Waits for events. Cancel safe. A follower that is too slow misses events and learns how many.
    pub async fn next(&mut self) -> Followed<Event> {
        self.0.next().await
    }
}
