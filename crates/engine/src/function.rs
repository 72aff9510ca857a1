//! One deployed function: its code and configuration now, its environments, its log and its counters.

use std::{fmt, sync::Arc};

use hearth_model::{
    function::FunctionConfiguration,
    identity::{Partition, Version},
    pool::{AccountConcurrency, EnvironmentView, Generation, Pool, PoolPolicy, ReservationRefused},
    time::Instant,
};
use parking_lot::Mutex;

use crate::{
    log::{EnvironmentLog, FunctionLog},
    metrics::{FunctionMetrics, MetricsSnapshot},
    port::{Contract, Environment, FunctionSettings, Program},
};

/// A function. Made by [`Engine::deploy`](crate::Engine::deploy); gone when nobody holds it any more.
pub struct Function {
    name: Arc<str>,
    arn: Arc<str>,
    partition: Partition,
    log: FunctionLog,
    metrics: FunctionMetrics,
    account: Arc<Mutex<AccountConcurrency>>,
    state: Mutex<State>,
}

/// What changes together. Locked before the account, and never across an await.
pub(crate) struct State {
    pub(crate) pool: Pool<Sandboxed>,
    pub(crate) current: Arc<Deployed>,
}

/// One generation of a function: what its environments are made of.
pub(crate) struct Deployed {
    pub(crate) generation: Generation,
    pub(crate) configuration: FunctionConfiguration,
    pub(crate) program: Arc<dyn Program>,
    pub(crate) settings: Arc<FunctionSettings>,
}

/// An environment with all that goes with it; in the pool while it is idle, with an invocation while it is busy.
pub(crate) struct Sandboxed {
    pub(crate) environment: Box<dyn Environment>,
    pub(crate) log: Arc<EnvironmentLog>,
    pub(crate) deployed: Arc<Deployed>,
    /// Whether init is behind it; false after a reset, until the next invocation has run it again.
    pub(crate) initialised: bool,
}

impl Sandboxed {
    /// Throws away everything but `/tmp`.
    pub(crate) fn reset(&mut self) {
        self.environment.reset();
        self.initialised = false;
    }
}

impl Deployed {
    /// The version that every deployed function is, until versions can be published.
    pub(crate) const VERSION: Version = Version::Latest;
}

impl Function {
    pub(crate) fn new(
        partition: Partition,
        deployed: Deployed,
        policy: PoolPolicy,
        log: FunctionLog,
        account: Arc<Mutex<AccountConcurrency>>,
    ) -> Result<Self, ReservationRefused> {
        let name = &deployed.configuration.name;
        let mut pool = Pool::new(policy);
        pool.set_reserved(deployed.configuration.reserved_concurrency, &mut account.lock())?;
        Ok(Self {
            name: name.as_str().into(),
            arn: name.arn(&partition).into(),
            partition,
            log,
            metrics: FunctionMetrics::default(),
            account,
            state: Mutex::new(State { pool, current: Arc::new(deployed) }),
        })
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

    /// The current configuration.
    #[must_use]
    pub fn configuration(&self) -> FunctionConfiguration {
        self.current().configuration.clone()
    }

    /// How the current code is called.
    #[must_use]
    pub fn contract(&self) -> Contract {
        self.current().program.contract()
    }

    /// What is current; counted up by each update.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.current().generation
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> &FunctionLog {
        &self.log
    }

    /// Its counters now.
    #[must_use]
    pub fn metrics(&self) -> MetricsSnapshot {
        self.metrics.snapshot()
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

    pub(crate) fn longest_idle_since(&self) -> Option<Instant> {
        self.state.lock().pool.longest_idle_since()
    }

    pub(crate) fn counters(&self) -> &FunctionMetrics {
        &self.metrics
    }

    pub(crate) fn current(&self) -> Arc<Deployed> {
        Arc::clone(&self.state.lock().current)
    }

    /// The one way to the pool; whoever uses it drains the pool's outputs.
    pub(crate) fn with_state<R>(&self, action: impl FnOnce(&mut State, &mut AccountConcurrency) -> R) -> R {
        let mut state = self.state.lock();
        let mut account = self.account.lock();
        action(&mut state, &mut account)
    }
}

impl Drop for Function {
    /// Gives back what the function has reserved.
    fn drop(&mut self) {
        let released = self.state.get_mut().pool.set_reserved(None, &mut self.account.lock());
        debug_assert!(
            released.is_ok(),
            "a pool without provisioned concurrency may always give up its reservation"
        );
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("arn", &self.arn).finish_non_exhaustive()
    }
}
