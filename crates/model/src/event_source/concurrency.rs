//! How many batches may run at once.

use std::time::Duration;

use super::Scaling;
use crate::time::Instant;

/// Batches that run while there are few messages.
const INITIAL: u32 = 5;
/// Batches that run however many of them fail.
const LEAST: u32 = 2;
/// Batches that run at most.
const MOST: u32 = 1_250;
/// 300 a minute.
const STEP: Duration = Duration::from_millis(200);
/// Batches of one provisioned poller.
const PER_POLLER: u32 = 10;
/// 1,000 a minute.
const PROVISIONED_STEP: Duration = Duration::from_millis(60);

/// A limit that follows the load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Concurrency {
    range: Range,
    limit: u32,
    /// Whether there are messages that no batch has room for.
    backlog: bool,
    /// From when the next step counts.
    since: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    least: u32,
    initial: u32,
    most: u32,
    step: Duration,
}

impl Concurrency {
    pub(super) fn new(scaling: Scaling, account: u32) -> Self {
        let range = Range::new(scaling, account);
        Self { range, limit: range.initial, backlog: false, since: Instant::ORIGIN }
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn has_backlog(&self) -> bool {
        self.backlog
    }

    pub(super) fn configure(&mut self, scaling: Scaling, account: u32) {
        let range = Range::new(scaling, account);
        if range != self.range {
            self.range = range;
            self.limit = self.limit.clamp(range.least, range.most).max(range.initial);
        }
    }

    pub(super) fn set_backlog(&mut self, now: Instant, backlog: bool) {
        if backlog != self.backlog {
            self.advance(now);
            (self.backlog, self.since) = (backlog, now);
        }
    }

    /// Takes the steps that are due.
    pub(super) fn advance(&mut self, now: Instant) {
        let Range { initial, most, step, .. } = self.range;
        let steps = (now - self.since).as_nanos() / step.as_nanos();
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        if steps == 0 {
            return;
        }
        if self.backlog {
            self.limit = self.limit.saturating_add(steps).min(most);
        } else if self.limit > initial {
            self.limit = self.limit.saturating_sub(steps).max(initial);
        }
        // What is left of the last step counts for the next, unless there are more than can be counted.
        self.since = now.min(self.since + step.saturating_mul(steps));
    }

    /// When the limit will be higher.
    pub(super) fn next_step(&self) -> Option<Instant> {
        (self.backlog && self.limit < self.range.most).then(|| self.since + self.range.step)
    }

    /// An invocation succeeded.
    pub(super) fn restore(&mut self) {
        if self.limit < self.range.initial {
            self.limit += 1;
        }
    }

    /// An invocation failed, or was not run.
    pub(super) fn reduce(&mut self) {
        self.limit = (self.limit - 1).max(self.range.least);
    }
}

impl Range {
    fn new(scaling: Scaling, account: u32) -> Self {
        let account = account.max(1);
        let (least, initial, most, step) = match scaling {
            Scaling::Standard => (LEAST, INITIAL, MOST, STEP),
            Scaling::MaximumConcurrency(maximum) => (LEAST, INITIAL, maximum.get(), STEP),
            Scaling::Provisioned(pollers) => {
                let minimum = pollers.minimum() * PER_POLLER;
                (minimum, minimum, pollers.maximum() * PER_POLLER, PROVISIONED_STEP)
            }
        };
        let most = most.min(account);
        Self { least: least.min(most), initial: initial.min(most), most, step }
    }
}
