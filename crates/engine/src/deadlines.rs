//! Waits, for many things together, until something in one of them is due.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use hearth_model::time::Instant;
use tokio::sync::Notify;

use crate::clock::Clock;

/// The earliest deadline of many things, waited for by one task: that of [`run`](Self::run).
#[derive(Debug)]
pub struct Deadlines {
    /// Until when the task waits at most, in nanoseconds of the clock; [`NEVER`] while it looks for what to wait for.
    waits_until: AtomicU64,
    earlier: Notify,
}

/// Something in which things become due.
pub trait Due {
    /// The clock by which they do.
    fn clock(&self) -> &Clock;

    /// Where changes of its deadlines are noted.
    fn deadlines(&self) -> &Arc<Deadlines>;

    /// Does what is due, and tells when there will be more to do.
    fn handle_due(&self) -> Option<Instant>;
}

const NEVER: u64 = u64::MAX;

impl Default for Deadlines {
    fn default() -> Self {
        Self { waits_until: AtomicU64::new(NEVER), earlier: Notify::new() }
    }
}

impl Deadlines {
    /// Takes note of a deadline, after each change of what it is one of.
    ///
    /// It costs one load almost always: the task waits for an earlier deadline.
    pub fn note(&self, deadline: Option<Instant>) {
        if deadline.is_some_and(|deadline| deadline.as_nanos() < self.waits_until.load(Ordering::SeqCst)) {
            self.earlier.notify_one();
        }
    }

    /// Does what is due, as long as its owner lives. To be run as one
    /// [watcher](crate::work::WorkTracker::spawn_watcher).
    pub async fn run<T: Due>(owner: Weak<T>) {
        while let Some(alive) = owner.upgrade() {
            let (deadlines, clock) = (Arc::clone(alive.deadlines()), alive.clock().clone());
            // Before looking: whatever is noted from now on, and may have been looked at too early, wakes the task.
            deadlines.waits_until.store(NEVER, Ordering::SeqCst);
            let deadline = alive.handle_due();
            drop(alive);
            let Some(deadline) = deadline else {
                deadlines.earlier.notified().await;
                continue;
            };
            deadlines.waits_until.store(deadline.as_nanos(), Ordering::SeqCst);
            tokio::select! {
                biased;
                () = clock.sleep_until(deadline) => {}
                () = deadlines.earlier.notified() => {}
            }
        }
    }
}
