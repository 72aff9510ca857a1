//! The counters as others read them.

use std::time::Duration;

use serde::Serialize;

use super::activity::Activity;

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
    /// Invocations that were not made because the chain of events that led to them had invoked the function too often.
    pub recursive_invocations_dropped: u64,
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

impl From<&Activity> for MetricsSnapshot {
    fn from(activity: &Activity) -> Self {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Self {
            invocations: activity.invocations(),
            errors: activity.errors,
            platform_faults: activity.platform_faults,
            throttles: activity.throttles,
            cold_starts: activity.cold_starts,
            provisioned_invocations: activity.provisioned_invocations,
            provisioned_spillovers: activity.provisioned_spillovers,
            events_accepted: activity.events_accepted,
            events_dropped: activity.events_dropped,
            recursive_invocations_dropped: activity.recursive_invocations_dropped,
            event_attempts: activity.event_age.count(),
            event_age_us: micros(activity.event_age.sum()),
            max_event_age_us: micros(activity.event_age.max()),
            destination_failures: activity.destination_failures,
            dead_letter_failures: activity.dead_letter_failures,
            duration_us: micros(activity.duration.sum()),
            billed_ms: u64::try_from(activity.billed.as_millis()).unwrap_or(u64::MAX),
            max_concurrency: activity.concurrency.most,
        }
    }
}
