//! Waits, for all functions together, until an environment has been idle too long.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use hearth_model::time::Instant;
use tokio::sync::Notify;

use crate::engine::Engine;

/// The earliest deadline of all pools, waited for by one task.
#[derive(Debug)]
pub(crate) struct Expiry {
    /// Until when the task waits at most, in nanoseconds of the clock; [`NEVER`] while it looks for what to wait for.
    waits_until: AtomicU64,
    earlier: Notify,
}

const NEVER: u64 = u64::MAX;

impl Default for Expiry {
    fn default() -> Self {
        Self { waits_until: AtomicU64::new(NEVER), earlier: Notify::new() }
    }
}

impl Expiry {
    /// Takes note of a pool's deadline, after each change of the pool.
    ///
    /// It costs one load almost always: the task waits for an earlier deadline, that of an environment that became idle
    /// before.
    pub(crate) fn note(&self, deadline: Option<Instant>) {
        if deadline.is_some_and(|deadline| deadline.as_nanos() < self.waits_until.load(Ordering::SeqCst)) {
            self.earlier.notify_one();
        }
    }

    /// Retires what has been idle too long, as long as the engine lives.
    pub(crate) async fn run(engine: Weak<Engine>) {
        while let Some(alive) = engine.upgrade() {
            let (expiry, clock) = (Arc::clone(alive.expiry()), alive.clock().clone());
            // Before looking: whatever is noted from now on, and may have been looked at too early, wakes the task.
            expiry.waits_until.store(NEVER, Ordering::SeqCst);
            let deadline = alive.retire_expired();
            drop(alive);
            let Some(deadline) = deadline else {
                expiry.earlier.notified().await;
                continue;
            };
            expiry.waits_until.store(deadline.as_nanos(), Ordering::SeqCst);
            tokio::select! {
                () = clock.sleep_until(deadline) => {}
                () = expiry.earlier.notified() => {}
            }
        }
    }
}
