//! The counters as others read them.

use serde::Serialize;

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MetricsSnapshot {
    /// Invocations that have ended, whether well or not. Throttled ones are none.
    pub invocations: u64,
    /// Those that ended with an error of the function: reported by the handler, crashed, timed out, out of memory.
    pub errors: u64,
    /// Those that ended with a fault of Hearth's own.
    pub platform_faults: u64,
    /// Requests that were turned away.
    pub throttles: u64,
    /// Invocations that had to create an environment.
    pub cold_starts: u64,
    /// Invocations that provisioned environments served.
    pub provisioned_invocations: u64,
    /// Invocations of versions with provisioned concurrency that found all of it in use, or not ready yet, and ran on
    /// demand.
    pub provisioned_spillovers: u64,
    /// Events that were accepted for asynchronous invocation.
    pub events_accepted: u64,
    /// Events that ended without a success, whether somebody was told or not.
    pub events_dropped: u64,
    /// Of those, the ones whose chain had invoked the function too often.
    pub recursive_events_dropped: u64,
    /// Attempts to give events to the function.
    pub event_attempts: u64,
    /// How old the events were at all attempts together, in microseconds.
    pub event_age_us: u64,
    /// How old an event was at most at an attempt, in microseconds.
    pub max_event_age_us: u64,
    /// Records that a destination did not take.
    pub destination_failures: u64,
    /// Events that a dead-letter queue did not take.
    pub dead_letter_failures: u64,
    /// What all invocations took together, without initialisation, in microseconds.
    pub duration_us: u64,
    /// What all invocations together are billed for, in milliseconds.
    pub billed_ms: u64,
    /// The most invocations that ran at once.
    pub max_concurrency: u32,
}

impl MetricsSnapshot {
    /// What was counted since an earlier moment; the extremes are those of the time before too.
    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            invocations: self.invocations - before.invocations,
            errors: self.errors - before.errors,
            platform_faults: self.platform_faults - before.platform_faults,
            throttles: self.throttles - before.throttles,
            cold_starts: self.cold_starts - before.cold_starts,
            provisioned_invocations: self.provisioned_invocations - before.provisioned_invocations,
            provisioned_spillovers: self.provisioned_spillovers - before.provisioned_spillovers,
            events_accepted: self.events_accepted - before.events_accepted,
            events_dropped: self.events_dropped - before.events_dropped,
            recursive_events_dropped: self.recursive_events_dropped - before.recursive_events_dropped,
            event_attempts: self.event_attempts - before.event_attempts,
            event_age_us: self.event_age_us - before.event_age_us,
            destination_failures: self.destination_failures - before.destination_failures,
            dead_letter_failures: self.dead_letter_failures - before.dead_letter_failures,
            duration_us: self.duration_us - before.duration_us,
            billed_ms: self.billed_ms - before.billed_ms,
            max_event_age_us: self.max_event_age_us,
            max_concurrency: self.max_concurrency,
        }
    }

    /// Whether nothing was counted.
    pub(super) fn is_zero(&self) -> bool {
        let extremes = Self {
            max_event_age_us: self.max_event_age_us,
            max_concurrency: self.max_concurrency,
            ..Self::default()
        };
        *self == extremes
    }
}
