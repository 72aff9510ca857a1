//! The only place that asks the machine for the time (docs/ARCHITECTURE.md, invariant 2).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use hearth_model::time::{Instant, Timestamp};

/// The machine's clocks, read relative to the moment at which this one was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct MachineClock {
    origin: std::time::Instant,
}

impl MachineClock {
    #[expect(clippy::disallowed_methods, reason = "this module is the clock that everybody else must ask")]
    pub(super) fn start() -> Self {
        Self { origin: std::time::Instant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "this module is the clock that everybody else must ask")]
    pub(super) fn now(self) -> Instant {
        Instant::ORIGIN + BEFORE + (std::time::Instant::now() - self.origin)
    }

    /// Asked anew each time rather than derived from [`now`](Self::now): a laptop that slept, or an operator who set
    /// the clock, moves wall time alone.
    #[expect(clippy::disallowed_methods, reason = "this module is the clock that everybody else must ask")]
    pub(super) fn wall(self) -> Timestamp {
        let nanos = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
        };
        Timestamp::from_unix_nanos(nanos)
    }

    /// Arms a timer; must be called within a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this module is the clock that everybody else must ask")]
    pub(super) fn arm(self, from_now: Duration) -> MachineTimer {
        // Adding to tokio's own clock, and not to `origin`, keeps a deadline beyond the machine's range from panicking.
        let now = tokio::time::Instant::now();
        let at = now.checked_add(from_now).unwrap_or(now + FAR_FUTURE);
        MachineTimer(Box::pin(tokio::time::sleep_until(at)))
    }
}

/// How much has happened before: what an earlier process has left may be as old, and has its place on this clock.
const BEFORE: std::time::Duration = std::time::Duration::from_hours(24 * 30);

/// Beyond every process's life, within every machine's range.
const FAR_FUTURE: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// A timer of tokio's; fires at its deadline or up to a millisecond later.
#[derive(Debug)]
pub(super) struct MachineTimer(Pin<Box<tokio::time::Sleep>>);

impl MachineTimer {
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}
