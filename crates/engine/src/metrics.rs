//! What a function has done so far, in numbers.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use serde::Serialize;

/// The counters of one function; named after Lambda's CloudWatch metrics where those count the same.
///
/// Each is right by itself; together they may be a few invocations apart while invocations run.
#[derive(Debug, Default)]
pub struct FunctionMetrics {
    invocations: AtomicU64,
    errors: AtomicU64,
    platform_faults: AtomicU64,
    throttles: AtomicU64,
    cold_starts: AtomicU64,
    provisioned_invocations: AtomicU64,
    provisioned_spillovers: AtomicU64,
    events_accepted: AtomicU64,
    events_dropped: AtomicU64,
    event_attempts: AtomicU64,
    event_age_ns: AtomicU64,
    max_event_age_ns: AtomicU64,
    destination_failures: AtomicU64,
    dead_letter_failures: AtomicU64,
    duration_ns: AtomicU64,
    billed_ms: AtomicU64,
    max_concurrency: AtomicU32,
}

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

/// Who is to blame for how an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    Nobody,
    Function,
    Platform,
}

impl FunctionMetrics {
    /// The counters now.
    #[must_use]
    pub fn snapshot(&self) -> MetricsSnapshot {
        MetricsSnapshot {
            invocations: self.invocations.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            platform_faults: self.platform_faults.load(Ordering::Relaxed),
            throttles: self.throttles.load(Ordering::Relaxed),
            cold_starts: self.cold_starts.load(Ordering::Relaxed),
            provisioned_invocations: self.provisioned_invocations.load(Ordering::Relaxed),
            provisioned_spillovers: self.provisioned_spillovers.load(Ordering::Relaxed),
            events_accepted: self.events_accepted.load(Ordering::Relaxed),
            events_dropped: self.events_dropped.load(Ordering::Relaxed),
            event_attempts: self.event_attempts.load(Ordering::Relaxed),
            event_age_us: self.event_age_ns.load(Ordering::Relaxed) / 1_000,
            max_event_age_us: self.max_event_age_ns.load(Ordering::Relaxed) / 1_000,
            destination_failures: self.destination_failures.load(Ordering::Relaxed),
            dead_letter_failures: self.dead_letter_failures.load(Ordering::Relaxed),
            duration_us: self.duration_ns.load(Ordering::Relaxed) / 1_000,
            billed_ms: self.billed_ms.load(Ordering::Relaxed),
            max_concurrency: self.max_concurrency.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn count_throttle(&self) {
        self.throttles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_cold_start(&self) {
        self.cold_starts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_provisioned(&self) {
        self.provisioned_invocations.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_spillover(&self) {
        self.provisioned_spillovers.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_accepted(&self) {
        self.events_accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_dropped_event(&self) {
        self.events_dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an attempt to give an event to the function.
    pub(crate) fn note_event_age(&self, age: Duration) {
        let age_ns = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        self.event_attempts.fetch_add(1, Ordering::Relaxed);
        self.event_age_ns.fetch_add(age_ns, Ordering::Relaxed);
        self.max_event_age_ns.fetch_max(age_ns, Ordering::Relaxed);
    }

    pub(crate) fn count_failed_delivery(&self, dead_letter: bool) {
        let failures = if dead_letter { &self.dead_letter_failures } else { &self.destination_failures };
        failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes how many invocations run at once, with the one that begins.
    pub(crate) fn note_concurrency(&self, concurrency: u32) {
        // Mostly true, and a shared read is cheaper than a write.
        if self.max_concurrency.load(Ordering::Relaxed) < concurrency {
            self.max_concurrency.fetch_max(concurrency, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_invocation(&self, blame: Blame, duration: Duration, billed: Duration) {
        self.invocations.fetch_add(1, Ordering::Relaxed);
        match blame {
            Blame::Nobody => {}
            Blame::Function => {
                self.errors.fetch_add(1, Ordering::Relaxed);
            }
            Blame::Platform => {
                self.platform_faults.fetch_add(1, Ordering::Relaxed);
            }
        }
        let duration_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let billed_ms = u64::try_from(billed.as_millis()).unwrap_or(u64::MAX);
        self.duration_ns.fetch_add(duration_ns, Ordering::Relaxed);
        self.billed_ms.fetch_add(billed_ms, Ordering::Relaxed);
    }
}
