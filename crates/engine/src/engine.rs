//! The engine: functions, the ways to invoke them, and what they share.

use std::{
    collections::HashMap,
    fmt,
    pin::pin,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hearth_model::{
    asynchronous::Queue,
    identity::{EnvironmentId, Partition},
    limits,
    pool::{Output, PoolPolicy},
    time::Instant,
};
use parking_lot::Mutex;

use crate::{
    account::{Account, AccountState},
    asynchronous::Connections,
    clock::Clock,
    deadlines::{Deadlines, Due},
    faults::Faults,
    function::{Function, State},
    invoke::Ahead,
    journal::Journal,
    log::{LogGroup, LogGroups},
    port::{NetworkPolicy, Sandbox},
    recording::Recordings,
    timeline::{EventKind, Subject, Timeline},
    work::{WorkKind, WorkTracker},
};

/// What holds for all functions of an engine; the default is AWS.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// How environments are reused, kept and created.
    pub pool: PoolPolicy,
    /// Concurrent executions of each account in each region.
    pub account_concurrency: u32,
    /// What guests may reach.
    pub network: NetworkPolicy,
    /// How many events of each function may wait or run at once.
    pub asynchronous_events: usize,
    /// How large these events may be together, in bytes; by default 256 MiB.
    pub asynchronous_bytes: usize,
    /// How much of each log group is kept, in bytes.
    pub log_bytes: usize,
    /// How much of the timeline is kept, in bytes.
    pub timeline_bytes: usize,
    /// Where what must survive the process is recorded; by default nothing is kept.
    pub journal: Journal,
    /// How much of each function's invocations is kept, to be run again, in bytes.
    pub recording_bytes: usize,
}

/// The concurrency that the functions of one account and region share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountUsage {
    /// Concurrent executions that there can be.
    pub limit: u32,
    /// What no function has reserved.
    pub unreserved: u32,
    /// What is in use now: executions, and what is provisioned.
    pub in_use: u32,
}

/// Runs functions.
pub struct Engine {
    /// Itself, for work that outlives a call.
    this: Weak<Self>,
    options: EngineOptions,
    sandbox: Arc<dyn Sandbox>,
    clock: Clock,
    timeline: Timeline,
    faults: Arc<Faults>,
    log_groups: Arc<LogGroups>,
    work: WorkTracker,
    deadlines: Arc<Deadlines>,
    connections: OnceLock<Connections>,
    accounts: Mutex<HashMap<Partition, Arc<Account>>>,
    functions: Mutex<Vec<Weak<Function>>>,
    last_environment: AtomicU64,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            pool: PoolPolicy::default(),
            account_concurrency: limits::ACCOUNT_CONCURRENCY,
            network: NetworkPolicy::default(),
            asynchronous_events: Queue::DEFAULT_CAPACITY,
            asynchronous_bytes: 256 * 1024 * 1024,
            log_bytes: LogGroup::DEFAULT_CAPACITY_BYTES,
            timeline_bytes: Timeline::DEFAULT_CAPACITY_BYTES,
            journal: Journal::default(),
            recording_bytes: Recordings::DEFAULT_CAPACITY_BYTES,
        }
    }
}

impl Engine {
    /// An engine without functions.
    ///
    /// # Panics
    /// Outside a tokio runtime: one task waits for what is due.
    #[must_use]
    pub fn new(options: EngineOptions, sandbox: Arc<dyn Sandbox>, clock: Clock) -> Arc<Self> {
        let timeline = Timeline::new(clock.clone(), options.timeline_bytes);
        let faults = Arc::new(Faults::new(timeline.clone(), options.journal.is_durable()));
        options.journal.obey(&faults);
        let engine = Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            faults,
            timeline,
            log_groups: Arc::new(LogGroups::new(clock.clone(), options.log_bytes)),
            options,
            sandbox,
            work: WorkTracker::new(clock.activity().clone()),
            clock,
            deadlines: Arc::default(),
            connections: OnceLock::new(),
            accounts: Mutex::default(),
            functions: Mutex::default(),
            last_environment: AtomicU64::new(0),
        });
        engine.work.spawn_watcher(Deadlines::run(Arc::downgrade(&engine)));
        engine
    }

    /// Ends everything: no more invocations are accepted, those that run may finish within `grace`, and what still runs
    /// then is broken off. The grace ends by the engine's clock, or in real time if that is sooner. What functions have logged is kept
    /// then, if logs are.
    pub async fn shutdown(&self, grace: Duration) {
        /// For breaking off, which takes a guest no longer than it takes to notice.
        const ABORT_GRACE: Duration = Duration::from_secs(1);
        self.work.close();
        if !self.drained_within(grace).await {
            self.work.abort();
            self.drained_within(ABORT_GRACE).await;
        }
        let now = self.clock.now();
        for function in self.functions() {
            self.with_pool(&function, now, |state, _| state.pool.handle_shutdown(now));
        }
        self.work.abort();
        self.log_groups.close();
    }

    /// The clock by which everything runs.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The record of what happens.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What is to go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What functions have written, and clients.
    #[must_use]
    pub fn log_groups(&self) -> &Arc<LogGroups> {
        &self.log_groups
    }

    /// Where what must survive the process is recorded.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.options.journal
    }

    /// The work that is under way. What a caller spawns on the engine's behalf belongs here too.
    #[must_use]
    pub fn work(&self) -> &WorkTracker {
        &self.work
    }

    /// All functions that somebody holds.
    #[must_use]
    pub fn functions(&self) -> Vec<Arc<Function>> {
        self.functions.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// The concurrency of an account in a region now.
    #[must_use]
    pub fn account_usage(&self, partition: &Partition) -> AccountUsage {
        let account = self.account(partition);
        let concurrency = &account.state.lock().concurrency;
        AccountUsage {
            limit: concurrency.limit(),
            unreserved: concurrency.unreserved(),
            in_use: concurrency.total_in_use(),
        }
    }

    /// What guests may reach.
    #[must_use]
    pub fn network(&self) -> &NetworkPolicy {
        &self.options.network
    }

    pub(crate) fn options(&self) -> &EngineOptions {
        &self.options
    }

    pub(crate) fn sandbox(&self) -> &Arc<dyn Sandbox> {
        &self.sandbox
    }

    pub(crate) fn connections(&self) -> &OnceLock<Connections> {
        &self.connections
    }

    /// The engine itself, unless it is about to go.
    pub(crate) fn arc(&self) -> Option<Arc<Self>> {
        self.this.upgrade()
    }

    pub(crate) fn next_environment(&self) -> EnvironmentId {
        EnvironmentId(self.last_environment.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The way to a function's pool: one short lock, and then, without it, what the pool wants done.
    pub(crate) fn with_pool<R>(
        &self,
        function: &Arc<Function>,
        now: Instant,
        action: impl FnOnce(&mut State, &mut AccountState) -> R,
    ) -> R {
        let (result, deadline) = self.with_pool_unnoted(function, now, action);
        self.deadlines.note(deadline);
        result
    }

    /// As [`with_pool`](Self::with_pool), but it is for the caller to wait for the pool's deadline.
    fn with_pool_unnoted<R>(
        &self,
        function: &Arc<Function>,
        now: Instant,
        action: impl FnOnce(&mut State, &mut AccountState) -> R,
    ) -> (R, Option<Instant>) {
        let mut outputs = Vec::new();
        let result = function.with_state(|state, account| {
            let result = action(state, account);
            while let Some(output) = state.pool.poll_output(now, || self.next_environment()) {
                let deployed = match &output {
                    Output::Provision { generation, .. } => {
                        state.versions.of_generation(*generation).cloned()
                    }
                    Output::Retired { .. } => None,
                };
                outputs.push((output, deployed));
            }
            (result, state.pool.poll_timeout())
        });
        for (output, deployed) in outputs {
            match output {
                Output::Retired { id, generation, environment, reason } => {
                    // Gone before anybody reads of it.
                    drop(environment);
                    let subject = Subject::function(function.name()).with_environment(Some(id));
                    self.timeline.record(subject, EventKind::Retired { generation, reason });
                }
                Output::Provision { id, .. } => {
                    let deployed = deployed.expect("a version that is deleted is not provisioned any more");
                    // An engine that is gone needs no environments.
                    if let Some(engine) = self.arc() {
                        let ahead = Ahead::new(engine, Arc::clone(function), deployed, id);
                        self.work.spawn(WorkKind::Provisioning, ahead.run());
                    }
                }
            }
        }
        result
    }

    /// Makes room on the machine: retires the environment, of any function, that has been idle longest. False if none is
    /// idle.
    pub(crate) fn evict_idle(&self) -> bool {
        let now = self.clock.now();
        loop {
            let functions = self.functions();
            let idle =
                functions.iter().filter_map(|function| Some((function.longest_idle_since()?, function)));
            let Some((_, function)) = idle.min_by_key(|(since, _)| *since) else { return false };
            // An invocation may have taken it meanwhile; then there may be another.
            if self.with_pool(function, now, |state, _| state.pool.handle_pressure(now)) {
                return true;
            }
        }
    }

    /// An account that somebody has asked for before.
    pub(crate) fn known_account(&self, partition: &Partition) -> Option<Arc<Account>> {
        self.accounts.lock().get(partition).cloned()
    }

    pub(crate) fn account(&self, partition: &Partition) -> Arc<Account> {
        let mut accounts = self.accounts.lock();
        if let Some(account) = accounts.get(partition) {
            return Arc::clone(account);
        }
        let account = Arc::new(Account::new(self.options.account_concurrency));
        accounts.insert(partition.clone(), Arc::clone(&account));
        account
    }

    /// Makes a function known to what goes through all functions.
    pub(crate) fn register(&self, function: &Arc<Function>) {
        let mut functions = self.functions.lock();
        functions.retain(|known| known.strong_count() > 0);
        functions.push(Arc::downgrade(function));
    }

    /// Records something about a function as a whole.
    pub(crate) fn record_about(&self, function: &Function, kind: EventKind) {
        self.timeline.record(Subject::function(function.name()), kind);
    }

    async fn drained_within(&self, grace: Duration) -> bool {
        let idle = pin!(self.work.idle());
        // Real time as well: a clock that stands shall not keep a process from ending.
        let machine = Clock::real();
        tokio::select! {
            biased;
            () = idle => true,
            () = self.clock.sleep(grace) => false,
            () = machine.sleep(grace) => false,
        }
    }
}

impl Due for Engine {
    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn deadlines(&self) -> &Arc<Deadlines> {
        &self.deadlines
    }

    /// An environment has been idle too long, an event is to be tried again.
    fn handle_due(&self) -> Option<Instant> {
        let now = self.clock.now();
        let handle = |function| {
            let retirement =
                self.with_pool_unnoted(function, now, |state, _| state.pool.handle_timeout(now)).1;
            retirement.into_iter().chain(self.attempt_due(function, now)).min()
        };
        self.functions().iter().filter_map(handle).min()
    }
}

impl Drop for Engine {
    /// Ends the watchers.
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.options)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
