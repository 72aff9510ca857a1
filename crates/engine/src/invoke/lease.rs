//! An invocation's hold on an environment.

use std::sync::Arc;

use hearth_model::{
    identity::EnvironmentId,
    pool::Released,
    time::{Instant, Timestamp},
};

use crate::{
    engine::Engine,
    function::{Function, Sandboxed},
    metrics::{Activity, Resource, Run},
};

/// An environment that was acquired and is to be released. If it is dropped instead, because the invocation was broken
/// off or panicked, the environment counts as lost, and its concurrency is free again.
pub(super) struct Lease {
    engine: Arc<Engine>,
    function: Arc<Function>,
    id: EnvironmentId,
    run: Run,
    /// Whether the invocation counts among those that run.
    running: bool,
    held: bool,
}

impl Lease {
    /// The invocation begins to run at `now`.
    pub(super) fn new(
        engine: Arc<Engine>,
        function: Arc<Function>,
        id: EnvironmentId,
        run: Run,
        now: Timestamp,
    ) -> Self {
        function.begin_run(&run, now);
        Self { engine, function, id, run, running: true, held: true }
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn function(&self) -> &Arc<Function> {
        &self.function
    }

    pub(super) fn id(&self) -> EnvironmentId {
        self.id
    }

    /// What of the function runs.
    pub(super) fn resource(&self) -> &Resource {
        &self.run.resource
    }

    /// The invocation has ended; counts what came of it.
    pub(super) fn count_end(&mut self, now: Timestamp, change: impl Fn(&mut Activity)) {
        self.running = false;
        self.function.end_run(&self.run, now, change);
    }

    /// The environment has been made; it initialises.
    pub(super) fn provisioned(&self, now: Instant) {
        self.engine.with_pool(&self.function, now, |state, _| state.pool.handle_provisioned(now, self.id));
    }

    /// Init is over; the invocation begins.
    pub(super) fn initialised(&self, now: Instant) {
        self.engine.with_pool(&self.function, now, |state, _| state.pool.handle_initialised(now, self.id));
    }

    /// Gives the environment back for the next invocation.
    pub(super) fn release(mut self, now: Instant, sandboxed: Sandboxed) {
        self.end(now, Released::Reusable(sandboxed));
    }

    /// Resets the environment and gives it back: globals are lost, `/tmp` is kept, and the next invocation runs init
    /// again.
    pub(super) fn reset(mut self, now: Instant, mut sandboxed: Sandboxed) {
        // Before the pool hears of it: if it panics, the environment is lost.
        sandboxed.reset();
        let id = self.id;
        self.held = false;
        self.engine.with_pool(&self.function, now, |state, account| {
            state.pool.handle_release(now, id, Released::Resetting, account);
            state.pool.handle_reset(now, id, sandboxed);
        });
    }

    /// Gives the environment up.
    pub(super) fn lose(mut self, now: Instant) {
        self.end(now, Released::Lost);
    }

    fn end(&mut self, now: Instant, released: Released<Sandboxed>) {
        self.held = false;
        let id = self.id;
        self.engine.with_pool(&self.function, now, |state, account| {
            state.pool.handle_release(now, id, released, account);
        });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.running {
            self.count_end(self.engine.clock().wall(), |_| {});
        }
        if self.held {
            self.end(self.engine.clock().now(), Released::Lost);
        }
    }
}
