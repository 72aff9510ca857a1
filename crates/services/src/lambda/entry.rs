//! One function in the registry: what runs, and what its owner knows of it.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::Function;
use hearth_model::{
    identity::{AccountId, Version},
    recursion::FunctionHash,
    reference::{AliasName, FunctionReference, Qualifier},
};
use parking_lot::{Mutex, MutexGuard};

use super::{
    Alias, AsynchronousConfiguration, DeployedVersion,
    operations::{Policies, Provision, RecursiveLoop, RuntimeUpdate, Target, UrlConfiguration},
    trace::Trace,
};

/// One function in the registry.
pub(super) struct Entry {
    /// What invocations need; found without a lock on the rest.
    pub(super) function: Arc<Function>,
    /// What stands for the function in the lineages of invocations.
    pub(super) hash: FunctionHash,
    state: Mutex<State>,
}

/// What operations read and change; never locked across an await.
pub(super) struct State {
    pub(super) latest: DeployedVersion,
    pub(super) published: BTreeMap<u64, DeployedVersion>,
    /// The number of the version that was published last, and that no other one gets even if it was deleted.
    pub(super) last_published: u64,
    pub(super) aliases: BTreeMap<AliasName, Alias>,
    /// Only of versions and aliases that exist.
    pub(super) asynchronous: BTreeMap<Qualifier, AsynchronousConfiguration>,
    pub(super) reserved_concurrency: Option<u32>,
    pub(super) provisions: BTreeMap<Target, Provision>,
    pub(super) policies: Policies,
    /// The function's own URL, and those of its aliases, even of deleted ones.
    pub(super) urls: BTreeMap<Option<AliasName>, Arc<UrlConfiguration>>,
    pub(super) recursive_loop: RecursiveLoop,
    /// Of those versions that were asked about; the others have the default.
    pub(super) runtime_updates: BTreeMap<Version, RuntimeUpdate>,
    pub(super) tags: BTreeMap<String, String>,
    changing: bool,
}

/// Code or settings are being changed, and nobody else may begin to; until this is dropped.
pub(super) struct ChangeGuard<'a>(&'a Entry);

impl Entry {
    pub(super) fn new(
        function: Arc<Function>,
        latest: DeployedVersion,
        reserved_concurrency: Option<u32>,
        tags: BTreeMap<String, String>,
    ) -> Self {
        let state = State {
            latest,
            published: BTreeMap::new(),
            last_published: 0,
            aliases: BTreeMap::new(),
            asynchronous: BTreeMap::new(),
            reserved_concurrency,
            provisions: BTreeMap::new(),
            policies: Policies::new(),
            urls: BTreeMap::new(),
            recursive_loop: RecursiveLoop::default(),
            runtime_updates: BTreeMap::new(),
            tags,
            changing: false,
        };
        Self { hash: FunctionHash::of_arn(function.arn()), function, state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Whether an invocation is not made because it is one of a loop.
    pub(super) fn refuses(&self, trace: &Trace) -> bool {
        trace.is_recursive() && self.state().recursive_loop == RecursiveLoop::Terminate
    }

    /// Whether a service may invoke what a reference names on behalf of a resource of an account.
    pub(super) fn lets_in(
        &self,
        reference: &FunctionReference,
        service: &str,
        resource: impl Fn() -> String,
        account: AccountId,
    ) -> bool {
        let qualifier = reference.qualifier.clone().filter(|qualifier| *qualifier != Qualifier::LATEST);
        let state = self.state();
        let policy = state.policies.get(&qualifier);
        policy.is_some_and(|policy| policy.lets_in(service, resource, account))
    }

    /// Begins a change of code or settings; `None` if one is under way.
    pub(super) fn begin_change(&self) -> Option<ChangeGuard<'_>> {
        let mut state = self.state();
        if state.changing {
            return None;
        }
        state.changing = true;
        Some(ChangeGuard(self))
    }
}

impl State {
    /// A version that exists.
    pub(super) fn version(&self, version: Version) -> Option<&DeployedVersion> {
        match version {
            Version::Latest => Some(&self.latest),
            Version::Published(number) => self.published.get(&number),
        }
    }

    /// The version that a qualifier names: the one that an alias mainly points to.
    pub(super) fn qualified(&self, qualifier: &Qualifier) -> Option<&DeployedVersion> {
        match qualifier {
            Qualifier::Version(version) => self.version(*version),
            Qualifier::Alias(name) => self.version(self.aliases.get(name)?.routing.primary()),
            Qualifier::Nothing(_) => None,
        }
    }

    /// The version that shall serve one invocation; `draw` gives random bits.
    pub(super) fn choose(&self, qualifier: &Qualifier, draw: impl FnOnce() -> u64) -> Option<Version> {
        match qualifier {
            Qualifier::Version(version) => Some(*version),
            Qualifier::Alias(name) => Some(self.aliases.get(name)?.routing.choose(draw())),
            Qualifier::Nothing(_) => None,
        }
    }
}

impl Drop for ChangeGuard<'_> {
    fn drop(&mut self) {
        self.0.state().changing = false;
    }
}
