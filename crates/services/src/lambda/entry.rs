//! One function in the registry: what runs, and what its owner knows of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hearth_engine::{Function, journal::Journal};
use hearth_model::{
    identity::{AccountId, Version},
    recursion::FunctionHash,
    reference::{AliasName, FunctionReference, Qualifier},
};
use parking_lot::{Mutex, MutexGuard};

use super::{
    Alias, AsynchronousConfiguration, DeployedVersion,
    kept::{forget_function, record_function},
    operations::{Policies, Provision, RecursiveLoop, RuntimeUpdate, Target, UrlConfiguration},
    policy::{Entrant, Policy},
    trace::Trace,
};

/// One function in the registry.
pub(super) struct Entry {
    /// What invocations need; found without a lock on the rest.
    pub(super) function: Arc<Function>,
    /// What stands for the function in the lineages of invocations.
    pub(super) hash: FunctionHash,
    /// Where what operations change is recorded.
    journal: Journal,
    /// Whether code or settings are being changed.
    changing: AtomicBool,
    state: Mutex<State>,
}

/// What operations read and change; never locked across an await.
pub(super) struct State {
    pub(super) latest: DeployedVersion,
    pub(super) published: Published,
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
    /// Whether the function is found under its name, and therefore recorded.
    pub(super) listed: bool,
}

/// The published versions.
#[derive(Default)]
pub(super) struct Published {
    versions: BTreeMap<u64, DeployedVersion>,
    /// The numbers of those that have changed since the function was recorded.
    unrecorded: BTreeSet<u64>,
}

/// What operations read and change, locked. If they have changed something, it is recorded before the lock is let go.
pub(super) struct StateGuard<'a> {
    entry: &'a Entry,
    state: MutexGuard<'a, State>,
    changed: bool,
}

/// Code or settings are being changed, and nobody else may begin to; until this is dropped.
pub(super) struct ChangeGuard<'a>(&'a Entry);

impl Entry {
    pub(super) fn new(function: Arc<Function>, state: State, journal: Journal) -> Self {
        let (changing, state) = (AtomicBool::new(false), Mutex::new(state));
        Self { hash: FunctionHash::of_arn(function.arn()), function, journal, changing, state }
    }

    pub(super) fn state(&self) -> StateGuard<'_> {
        StateGuard { entry: self, state: self.state.lock(), changed: false }
    }

    /// From now on, the function is found under its name. To be called under the lock of the directory.
    pub(super) fn list(&self) {
        self.state().listed = true;
    }

    /// From now on, the function is not found any more. To be called under the lock of the directory.
    pub(super) fn unlist(&self) {
        self.state.lock().listed = false;
        forget_function(&self.journal, &self.function);
    }

    /// Whether an invocation is not made because it is one of a loop.
    pub(super) fn refuses(&self, trace: &Trace) -> bool {
        trace.is_recursive() && self.state().recursive_loop == RecursiveLoop::Terminate
    }

    /// Whether a service may invoke what a reference names on behalf of a resource of an account. An entrant always asks for the
    /// same.
    pub(super) fn lets_in(
        &self,
        reference: &FunctionReference,
        service: &str,
        resource: impl Fn() -> String,
        account: AccountId,
        entrant: Option<Entrant<'_>>,
    ) -> bool {
        let qualifier = reference.qualifier.clone().filter(|qualifier| *qualifier != Qualifier::LATEST);
        let state = self.state();
        let Some(policy) = state.policies.get(&qualifier) else { return false };
        let asks = |policy: &Policy| policy.lets_in(service, resource, account);
        match entrant {
            Some(entrant) => entrant.enters(policy, asks),
            None => asks(policy),
        }
    }

    /// Begins a change of code or settings; `None` if one is under way.
    pub(super) fn begin_change(&self) -> Option<ChangeGuard<'_>> {
        let was_changing = self.changing.swap(true, Ordering::SeqCst);
        (!was_changing).then_some(ChangeGuard(self))
    }
}

impl State {
    /// A function that has nothing but `$LATEST`.
    pub(super) fn new(
        latest: DeployedVersion,
        reserved_concurrency: Option<u32>,
        tags: BTreeMap<String, String>,
    ) -> Self {
        Self {
            latest,
            published: Published::default(),
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
            listed: false,
        }
    }

    /// All versions, `$LATEST` first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &DeployedVersion> {
        [&self.latest].into_iter().chain(self.published.values())
    }

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
        self.0.changing.store(false, Ordering::SeqCst);
    }
}

impl Published {
    pub(super) fn insert(&mut self, number: u64, version: DeployedVersion) {
        self.unrecorded.insert(number);
        self.versions.insert(number, version);
    }

    /// Takes a version that is recorded.
    pub(super) fn restore(&mut self, number: u64, version: DeployedVersion) {
        self.versions.insert(number, version);
    }

    /// All that were [restored](Self::restore), to be completed.
    pub(super) fn restored(&mut self) -> impl Iterator<Item = &mut DeployedVersion> {
        self.versions.values_mut()
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut DeployedVersion> {
        let version = self.versions.get_mut(&number)?;
        self.unrecorded.insert(number);
        Some(version)
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<DeployedVersion> {
        self.unrecorded.insert(number);
        self.versions.remove(&number)
    }

    /// The numbers of those that have changed since this was called last, and may be gone.
    pub(super) fn take_unrecorded(&mut self) -> BTreeSet<u64> {
        mem::take(&mut self.unrecorded)
    }
}

impl Deref for Published {
    type Target = BTreeMap<u64, DeployedVersion>;

    fn deref(&self) -> &Self::Target {
        &self.versions
    }
}

impl Deref for StateGuard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.changed = true;
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        if self.changed && self.state.listed {
            record_function(&self.entry.journal, &self.entry.function, &mut self.state);
        }
    }
}
