//! The counters minute by minute, as CloudWatch has them.

use std::{collections::VecDeque, time::Duration};

use hearth_model::time::Timestamp;

use super::snapshot::MetricsSnapshot;

/// What a function did within one minute of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsPeriod {
    /// When the minute began.
    pub start: Timestamp,
    /// What was counted in it. The maxima are those of this minute alone.
    pub metrics: MetricsSnapshot,
    /// The shortest invocation that ended in it; zero if none did.
    pub min_duration: Duration,
    /// The longest invocation that ended in it; zero if none did.
    pub max_duration: Duration,
}

/// The minutes that are over, as far as something happened in them and they are not too long ago.
#[derive(Debug, Default)]
pub(super) struct History {
    /// When the current minute began.
    start: Timestamp,
    /// All that was counted before the current minute.
    before: MetricsSnapshot,
    over: VecDeque<MetricsPeriod>,
}

/// What cannot be told from counters at the beginning and the end of a minute.
#[derive(Clone, Copy)]
pub(super) struct Extremes {
    pub(super) max_concurrency: u32,
    pub(super) max_event_age: Duration,
    /// Meaningless if no invocation ended.
    pub(super) min_duration: Duration,
    pub(super) max_duration: Duration,
}

/// Minutes that are kept: of a function that is never idle, those of three hours.
const KEPT: usize = 180;

const MINUTE: Duration = Duration::from_mins(1);

impl History {
    /// The current minute is over, and that of `now` begins. Returns when that will be over.
    pub(super) fn begin(
        &mut self,
        now: Timestamp,
        metrics: &MetricsSnapshot,
        take_extremes: impl FnOnce() -> Extremes,
    ) -> Timestamp {
        if let Some(period) = self.period(metrics, take_extremes()) {
            if self.over.len() == KEPT {
                self.over.pop_front();
            }
            self.over.push_back(period);
        }
        let minute = i64::try_from(MINUTE.as_nanos()).expect("a minute is short");
        self.start = Timestamp::from_unix_nanos(now.as_unix_nanos().div_euclid(minute) * minute);
        self.before = *metrics;
        self.start + MINUTE
    }

    /// All minutes, the current one included.
    pub(super) fn periods(&self, metrics: &MetricsSnapshot, extremes: Extremes) -> Vec<MetricsPeriod> {
        self.over.iter().copied().chain(self.period(metrics, extremes)).collect()
    }

    /// The current minute; `None` if nothing happened in it.
    fn period(&self, metrics: &MetricsSnapshot, extremes: Extremes) -> Option<MetricsPeriod> {
        let counted = metrics.since(&self.before);
        if counted.is_zero() && extremes.max_concurrency == 0 {
            return None;
        }
        let max_event_age_us = u64::try_from(extremes.max_event_age.as_micros()).unwrap_or(u64::MAX);
        let metrics =
            MetricsSnapshot { max_concurrency: extremes.max_concurrency, max_event_age_us, ..counted };
        let min_duration = if counted.invocations == 0 { Duration::ZERO } else { extremes.min_duration };
        Some(MetricsPeriod { start: self.start, metrics, min_duration, max_duration: extremes.max_duration })
    }
}
