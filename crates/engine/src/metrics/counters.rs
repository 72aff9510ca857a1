//! The counters themselves.

use std::{
    sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use hearth_model::time::Timestamp;
use parking_lot::Mutex;

use super::{
    history::{Extremes, History, MetricsPeriod},
    snapshot::MetricsSnapshot,
};

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
    recursive_events_dropped: AtomicU64,
    event_attempts: AtomicU64,
    event_age_ns: AtomicU64,
    max_event_age_ns: AtomicU64,
    destination_failures: AtomicU64,
    dead_letter_failures: AtomicU64,
    duration_ns: AtomicU64,
    billed_ms: AtomicU64,
    max_concurrency: AtomicU32,
    /// When the current minute is over, in nanoseconds of the wall clock.
    period_ends: AtomicI64,
    /// The extremes of the current minute alone.
    period: PeriodExtremes,
    history: Mutex<History>,
}

#[derive(Debug)]
struct PeriodExtremes {
    max_concurrency: AtomicU32,
    max_event_age_ns: AtomicU64,
    min_duration_ns: AtomicU64,
    max_duration_ns: AtomicU64,
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
            recursive_events_dropped: self.recursive_events_dropped.load(Ordering::Relaxed),
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

    /// The minutes in which something happened, oldest first, the current one included; those of a bounded past.
    pub(crate) fn history(&self, now: Timestamp) -> Vec<MetricsPeriod> {
        self.begin_period(now);
        self.history.lock().periods(&self.snapshot(), self.period.read())
    }

    /// What happens from now on happens at `now`: a minute that is over is written down.
    pub(crate) fn at(&self, now: Timestamp) -> &Self {
        if now.as_unix_nanos() >= self.period_ends.load(Ordering::Relaxed) {
            self.begin_period(now);
        }
        self
    }

    fn begin_period(&self, now: Timestamp) {
        let mut history = self.history.lock();
        // Somebody else may have been quicker.
        if now.as_unix_nanos() >= self.period_ends.load(Ordering::Relaxed) {
            let ends = history.begin(now, &self.snapshot(), || self.period.take());
            self.period_ends.store(ends.as_unix_nanos(), Ordering::Relaxed);
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

    pub(crate) fn count_dropped_event(&self, recursive: bool) {
        self.events_dropped.fetch_add(1, Ordering::Relaxed);
        if recursive {
            self.recursive_events_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts an attempt to give an event to the function.
    pub(crate) fn note_event_age(&self, age: Duration) {
        let age_ns = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        self.event_attempts.fetch_add(1, Ordering::Relaxed);
        self.event_age_ns.fetch_add(age_ns, Ordering::Relaxed);
        self.max_event_age_ns.fetch_max(age_ns, Ordering::Relaxed);
        self.period.max_event_age_ns.fetch_max(age_ns, Ordering::Relaxed);
    }

    pub(crate) fn count_failed_delivery(&self, dead_letter: bool) {
        let failures = if dead_letter { &self.dead_letter_failures } else { &self.destination_failures };
        failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes how many invocations run at once, with the one that begins.
    pub(crate) fn note_concurrency(&self, concurrency: u32) {
        // Mostly true, and a shared read is cheaper than a write.
        if self.period.max_concurrency.load(Ordering::Relaxed) < concurrency {
            self.period.max_concurrency.fetch_max(concurrency, Ordering::Relaxed);
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
        self.period.note_duration(duration_ns);
    }
}

impl PeriodExtremes {
    fn note_duration(&self, duration_ns: u64) {
        // As in `note_concurrency`.
        if self.max_duration_ns.load(Ordering::Relaxed) < duration_ns {
            self.max_duration_ns.fetch_max(duration_ns, Ordering::Relaxed);
        }
        if self.min_duration_ns.load(Ordering::Relaxed) > duration_ns {
            self.min_duration_ns.fetch_min(duration_ns, Ordering::Relaxed);
        }
    }

    fn read(&self) -> Extremes {
        Extremes {
            max_concurrency: self.max_concurrency.load(Ordering::Relaxed),
            max_event_age: Duration::from_nanos(self.max_event_age_ns.load(Ordering::Relaxed)),
            min_duration: Duration::from_nanos(self.min_duration_ns.load(Ordering::Relaxed)),
            max_duration: Duration::from_nanos(self.max_duration_ns.load(Ordering::Relaxed)),
        }
    }

    /// Reads and begins anew.
    fn take(&self) -> Extremes {
        let Self { max_concurrency, max_event_age_ns, min_duration_ns, max_duration_ns } = Self::default();
        let swap = |cell: &AtomicU64, fresh: AtomicU64| {
            Duration::from_nanos(cell.swap(fresh.into_inner(), Ordering::Relaxed))
        };
        Extremes {
            max_concurrency: self.max_concurrency.swap(max_concurrency.into_inner(), Ordering::Relaxed),
            max_event_age: swap(&self.max_event_age_ns, max_event_age_ns),
            min_duration: swap(&self.min_duration_ns, min_duration_ns),
            max_duration: swap(&self.max_duration_ns, max_duration_ns),
        }
    }
}

impl Default for PeriodExtremes {
    fn default() -> Self {
        Self {
            max_concurrency: AtomicU32::new(0),
            max_event_age_ns: AtomicU64::new(0),
            min_duration_ns: AtomicU64::new(u64::MAX),
            max_duration_ns: AtomicU64::new(0),
        }
    }
}
