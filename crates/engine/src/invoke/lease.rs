//! An invocation's hold on an environment.

use std::sync::Arc;

use hearth_model::{
    identity::EnvironmentId,
    pool::{AccountConcurrency, Pool, Released},
    time::Instant,
};

use super::invocation::Moment;
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
    /// How the invocation counts among those that run.
    run: Run,
    held: bool,
}

impl Lease {
    /// Holds what was acquired for a run that [has begun](State::begin_run).
    pub(super) fn new(engine: Arc<Engine>, function: Arc<Function>, id: EnvironmentId, run: Run) -> Self {
        Self { engine, function, id, run, held: true }
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

    /// The environment has been made; it initialises.
    pub(super) fn provisioned(&self, now: Instant) {
        self.engine.with_pool(&self.function, now, |state, _| state.pool.handle_provisioned(now, self.id));
    }

    /// Init is over; the invocation begins.
    pub(super) fn initialised(&self, now: Instant) {
        self.engine.with_pool(&self.function, now, |state, _| state.pool.handle_initialised(now, self.id));
    }

    /// Gives the environment back for the next invocation, as that of an invocation that has ended and counts as `counted`
    /// says.
    pub(super) fn release(mut self, now: Moment, counted: impl Fn(&mut Activity), sandboxed: Sandboxed) {
        self.end(now, counted, |pool, id, account| {
            pool.handle_release(now.instant, id, Released::Reusable(sandboxed), account);
        });
    }

    /// Resets the environment and gives it back: globals are lost, `/tmp` is kept, and the next invocation runs init
    /// again.
    pub(super) fn reset(mut self, now: Moment, counted: impl Fn(&mut Activity), mut sandboxed: Sandboxed) {
        // Before the pool hears of it: if it panics, the environment is lost.
        sandboxed.reset();
        self.end(now, counted, |pool, id, account| {
            pool.handle_release(now.instant, id, Released::Resetting, account);
            pool.handle_reset(now.instant, id, sandboxed);
        });
    }

    /// Gives the environment up.
    pub(super) fn lose(mut self, now: Moment, counted: impl Fn(&mut Activity)) {
        self.lose_held(now, counted);
    }

    fn lose_held(&mut self, now: Moment, counted: impl Fn(&mut Activity)) {
        self.end(now, counted, |pool, id, account| {
            pool.handle_release(now.instant, id, Released::Lost, account);
        });
    }

    fn end(
        &mut self,
        now: Moment,
        counted: impl Fn(&mut Activity),
        give_back: impl FnOnce(&mut Pool<Sandboxed>, EnvironmentId, &mut AccountConcurrency),
    ) {
        self.held = false;
        self.engine.with_pool(&self.function, now.instant, |state, account| {
            state.end_run(account, &self.run, now.wall, counted);
            give_back(&mut state.pool, self.id, &mut account.concurrency);
        });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.held {
            self.lose_held(self.engine.moment(), |_| {});
        }
    }
}
