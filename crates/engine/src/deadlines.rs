//! Waits, for all functions together, until something is due: an environment has been idle too long, an event is to be
//! tried again.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use hearth_model::time::Instant;
use tokio::sync::Notify;

use crate::engine::Engine;

/// The earliest deadline of all pools and queues, waited for by one task.
#[derive(Debug)]
pub(crate) struct Deadlines {
    /// Until when the task waits at most, in nanoseconds of the clock; [`NEVER`] while it looks for what to wait for.
    waits_until: AtomicU64,
    earlier: Notify,
}

const NEVER: u64 = u64::MAX;

impl Default for Deadlines {
    fn default() -> Self {
        Self { waits_until: AtomicU64::new(NEVER), earlier: Notify::new() }
    }
}

impl Deadlines {
    /// Takes note of the deadline of a pool or queue, after each change of it.
    ///
    /// It costs one load almost always: the task waits for an earlier deadline, that of an environment that became idle
    /// before.
    pub(crate) fn note(&self, deadline: Option<Instant>) {
        if deadline.is_some_and(|deadline| deadline.as_nanos() < self.waits_until.load(Ordering::SeqCst)) {
            self.earlier.notify_one();
        }
    }

    /// Does what is due, as long as the engine lives.
    pub(crate) async fn run(engine: Weak<Engine>) {
        while let Some(alive) = engine.upgrade() {
            let (deadlines, clock) = (Arc::clone(alive.deadlines()), alive.clock().clone());
            // Before looking: whatever is noted from now on, and may have been looked at too early, wakes the task.
            deadlines.waits_until.store(NEVER, Ordering::SeqCst);
            let deadline = alive.handle_timeouts();
            drop(alive);
            let Some(deadline) = deadline else {
                deadlines.earlier.notified().await;
                continue;
            };
            deadlines.waits_until.store(deadline.as_nanos(), Ordering::SeqCst);
            tokio::select! {
                () = clock.sleep_until(deadline) => {}
                () = deadlines.earlier.notified() => {}
            }
        }
    }
}
