//! One deployed function: its versions, its environments, its log and its counters.

use std::{fmt, sync::Arc};

use hearth_model::{
    function::FunctionConfiguration,
    identity::{Partition, RequestId, Version},
    pool::{AccountConcurrency, EnvironmentView, Generation, Pool, ReservationRefused},
    random::SplitMix64,
    time::{Instant, Timestamp},
};
use parking_lot::Mutex;

use crate::{
    account::{Account, AccountState},
    asynchronous::Events,
    clock::Clock,
    deployed::{Deployed, Versions},
    engine::EngineOptions,
    log::{EnvironmentLog, LogGroup},
    metrics::{Activity, FunctionMetrics, Level, Run},
    port::{Contract, Environment},
    provisioned::Provisioned,
    random::{random_bits, random_number},
    recording::{Found, Recordings},
};

/// Tells a function from all that there were before it, be it by the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId([u8; 16]);

/// A function. Made by [`Engine::deploy`](crate::Engine::deploy); gone when nobody holds it any more.
pub struct Function {
    id: FunctionId,
    name: Arc<str>,
    arn: Arc<str>,
    partition: Partition,
    account: Arc<Account>,
    state: Mutex<State>,
    /// None once the function is deleted.
    events: Mutex<Option<Events>>,
    clock: Clock,
    /// What was left to chance while the clock stood.
    chances: Mutex<SplitMix64>,
}

/// What changes together. Locked before the account, and never across an await.
pub(crate) struct State {
    pub(crate) pool: Pool<Sandboxed>,
    pub(crate) versions: Versions,
    pub(crate) provisioned: Provisioned,
    pub(crate) recordings: Recordings,
    pub(crate) metrics: FunctionMetrics,
}

/// An environment with all that goes with it; in the pool while it is idle, with an invocation while it is busy.
pub(crate) struct Sandboxed {
    pub(crate) environment: Box<dyn Environment>,
    pub(crate) log: Arc<EnvironmentLog>,
    pub(crate) deployed: Arc<Deployed>,
    /// Whether init is behind it; false after a reset, until the next invocation has run it again.
    pub(crate) initialised: bool,
}

impl FunctionId {
    /// One that no other function has.
    pub(crate) fn draw() -> Self {
        Self(random_bits().to_ne_bytes())
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl Sandboxed {
    /// Throws away everything but `/tmp`.
    pub(crate) fn reset(&mut self) {
        self.environment.reset();
        self.initialised = false;
    }
}

impl State {
    /// An invocation begins to run.
    pub(crate) fn begin_run(&mut self, account: &mut AccountState, run: &Run, now: Timestamp) {
        self.metrics.begin(run, now);
        account.level(run, now, Level::rise);
    }

    /// An invocation runs no more; counts what came of it.
    pub(crate) fn end_run(
        &mut self,
        account: &mut AccountState,
        run: &Run,
        now: Timestamp,
        change: impl Fn(&mut Activity),
    ) {
        self.metrics.end(run, now, change);
        account.level(run, now, Level::fall);
    }

    /// Forgets a published version and retires its environments. What is returned is to be dropped without the lock.
    pub(crate) fn remove_version(
        &mut self,
        now: Instant,
        number: u64,
        account: &mut AccountConcurrency,
    ) -> Option<Arc<Deployed>> {
        let removed = self.versions.remove(number)?;
        self.provisioned.remove(number);
        self.retire(now, &removed, account);
        Some(removed)
    }

    /// Forgets all versions, retires their environments and gives back all concurrency. What is returned is to be
    /// dropped without the lock.
    pub(crate) fn delete(&mut self, now: Instant, account: &mut AccountConcurrency) -> Vec<Arc<Deployed>> {
        let deleted = self.versions.delete();
        self.provisioned.clear();
        for deployed in &deleted {
            self.retire(now, deployed, account);
        }
        let released = self.pool.set_reserved(None, account);
        debug_assert!(
            released.is_ok(),
            "a pool without provisioned concurrency may always give up its reservation"
        );
        deleted
    }

    fn retire(&mut self, now: Instant, deployed: &Deployed, account: &mut AccountConcurrency) {
        // In this order: provisioned environments retire as deleted, not as no longer provisioned.
        self.pool.handle_generation_deleted(now, deployed.generation);
        self.unprovision(now, deployed, account);
    }
}

impl Function {
    pub(crate) fn new(
        id: FunctionId,
        partition: Partition,
        versions: Versions,
        options: &EngineOptions,
        account: Arc<Account>,
        clock: Clock,
    ) -> Result<Self, ReservationRefused> {
        let configuration = &versions.latest().configuration;
        let mut pool = Pool::new(options.pool);
        let reserved = configuration.reserved_concurrency;
        pool.set_reserved(reserved, &mut account.state.lock().concurrency)?;
        Ok(Self {
            id,
            name: configuration.name.as_str().into(),
            arn: configuration.name.arn(&partition).into(),
            partition,
            account,
            state: Mutex::new(State {
                pool,
                versions,
                provisioned: Provisioned::default(),
                recordings: Recordings::new(options.recording_bytes),
                metrics: FunctionMetrics::default(),
            }),
            events: Mutex::new(Some(Events::new(options.asynchronous_events, options.asynchronous_bytes))),
            clock,
            chances: Mutex::new(SplitMix64::new(0)),
        })
    }

    /// What tells it from all functions that there were before.
    #[must_use]
    pub fn id(&self) -> FunctionId {
        self.id
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The function's ARN, without qualifier.
    #[must_use]
    pub fn arn(&self) -> &Arc<str> {
        &self.arn
    }

    /// Where it lives.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The configuration of `$LATEST`, with the concurrency that is reserved now.
    #[must_use]
    pub fn configuration(&self) -> FunctionConfiguration {
        let state = self.state.lock();
        let configuration = state.versions.latest().configuration.clone();
        FunctionConfiguration { reserved_concurrency: state.pool.reserved(), ..configuration }
    }

    /// How the code of `$LATEST` is called.
    #[must_use]
    pub fn contract(&self) -> Contract {
        self.latest().program.contract()
    }

    /// Why a version that an earlier process had cannot be invoked: its code cannot be loaded any more. `None` if it can be, or is
    /// not there.
    #[must_use]
    pub fn unloaded(&self, version: Version) -> Option<Arc<str>> {
        self.state.lock().versions.find(version)?.program.unloaded().cloned()
    }

    /// Whether a version, if it is there, takes HTTP requests as they are.
    #[must_use]
    pub fn takes_requests(&self, version: Version) -> bool {
        let state = self.state.lock();
        state.versions.find(version).is_some_and(|deployed| deployed.program.contract() == Contract::Http)
    }

    /// 64 bits by which something is chosen that is left to chance: random ones, or, while the clock stands, the same ones in each
    /// run.
    #[must_use]
    pub fn draw(&self) -> u64 {
        if !self.clock.is_frozen() {
            return random_number();
        }
        self.chances.lock().draw()
    }

    /// What `$LATEST` is; another one after each update.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.latest().generation
    }

    /// The numbers of the published versions, in order.
    #[must_use]
    pub fn published(&self) -> Vec<u64> {
        self.state.lock().versions.published().collect()
    }

    /// The log group to which `$LATEST` writes. Others may write to it too: versions, and functions that name the same.
    #[must_use]
    pub fn log(&self) -> Arc<LogGroup> {
        Arc::clone(&self.latest().log_group)
    }

    /// Its environments now, in the order of their creation.
    #[must_use]
    pub fn environments(&self) -> Vec<EnvironmentView> {
        let mut environments: Vec<_> = self.state.lock().pool.environments().collect();
        environments.sort_unstable_by_key(|environment| environment.id);
        environments
    }

    /// Invocations that run now.
    #[must_use]
    pub fn concurrency(&self) -> u32 {
        self.state.lock().pool.concurrency()
    }

    /// Events that were accepted and have not ended.
    #[must_use]
    pub fn pending_events(&self) -> usize {
        self.with_events(|events| events.len()).unwrap_or_default()
    }

    /// Whether its reserved concurrency is 0.
    pub(crate) fn is_turned_off(&self) -> bool {
        self.state.lock().pool.reserved() == Some(0)
    }

    /// The one way to the events; whoever uses it does what follows. `None` if the function was deleted.
    pub(crate) fn with_events<R>(&self, action: impl FnOnce(&mut Events) -> R) -> Option<R> {
        self.events.lock().as_mut().map(action)
    }

    /// An invocation that ran, if it is known.
    pub(crate) fn find_recording(&self, id: RequestId) -> Option<Found> {
        self.state.lock().recordings.find(id)
    }

    /// Forgets all events, and accepts no more; `record` records that before anybody else learns of it.
    pub(crate) fn drop_events(&self, record: impl FnOnce()) {
        let mut events = self.events.lock();
        let dropped = events.take();
        record();
        drop(events);
        // Not while the lock is held.
        drop(dropped);
    }

    pub(crate) fn longest_idle_since(&self) -> Option<Instant> {
        self.state.lock().pool.longest_idle_since()
    }

    /// The one way to the counters alone.
    pub(crate) fn with_metrics<R>(&self, action: impl FnOnce(&mut FunctionMetrics) -> R) -> R {
        action(&mut self.state.lock().metrics)
    }

    pub(crate) fn latest(&self) -> Arc<Deployed> {
        Arc::clone(self.state.lock().versions.latest())
    }

    /// The one way to the pool; whoever uses it drains the pool's outputs.
    pub(crate) fn with_state<R>(&self, action: impl FnOnce(&mut State, &mut AccountState) -> R) -> R {
        let mut state = self.state.lock();
        let mut account = self.account.state.lock();
        action(&mut state, &mut account)
    }
}

impl Drop for Function {
    /// Gives back what the function has of its account.
    fn drop(&mut self) {
        let deleted =
            self.state.get_mut().delete(Instant::ORIGIN, &mut self.account.state.lock().concurrency);
        // Not while the account is locked.
        drop(deleted);
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("arn", &self.arn).finish_non_exhaustive()
    }
}
