//! An invocation's hold on an environment.

use std::sync::Arc;

use hearth_model::{identity::EnvironmentId, pool::Released, time::Instant};

use crate::{
    engine::Engine,
    function::{Function, Sandboxed},
};

/// An environment that was acquired and is to be released. If it is dropped instead, because the invocation was broken
/// off or panicked, the environment counts as lost, and its concurrency is free again.
pub(super) struct Lease {
    engine: Arc<Engine>,
    function: Arc<Function>,
    id: EnvironmentId,
    held: bool,
}

impl Lease {
    pub(super) fn new(engine: Arc<Engine>, function: Arc<Function>, id: EnvironmentId) -> Self {
        Self { engine, function, id, held: true }
    }

    pub(super) fn id(&self) -> EnvironmentId {
        self.id
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
        if self.held {
            self.end(self.engine.clock().now(), Released::Lost);
        }
    }
}
