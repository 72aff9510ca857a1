//! Functions and their versions: how they come, change and go.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use hearth_model::{function::FunctionConfiguration, identity::Partition, pool::ReservationRefused};
use thiserror::Error;

use crate::{
    deployed::{Deployed, Versions},
    engine::Engine,
    function::{Function, FunctionId},
    package::Package,
    port::{Code, LoadError, Program},
    timeline::EventKind,
    unloaded::Unloaded,
    work::WorkKind,
};

/// Why a function cannot be deployed or updated.
#[derive(Debug, Error)]
pub enum DeployError {
    /// Its code cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its concurrency cannot be reserved.
    #[error("cannot reserve concurrency: {0}")]
    Reservation(#[from] ReservationRefused),
    /// It was deleted meanwhile.
    #[error("the function was deleted: deploy it anew")]
    Deleted,
}

/// What a version of a function was made of in an earlier process.
#[derive(Clone, Debug)]
pub struct KeptVersion {
    /// How it is configured.
    pub configuration: FunctionConfiguration,
    /// Its code.
    pub package: Arc<Package>,
    /// What is mounted at `/opt`, in order.
    pub layers: Vec<Arc<Package>>,
    /// Why part of that is not there any more; `None` if all of it is.
    pub lost: Option<Arc<str>>,
}

/// A function whose code is loaded, and that nobody can find yet.
pub struct LoadedFunction {
    id: FunctionId,
    partition: Partition,
    versions: Versions,
    load: Duration,
}

/// Why a version cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PublishError {
    /// Versions do not change.
    #[error("there is a version {number}: choose a number that no version has had")]
    Exists {
        /// Its number.
        number: u64,
    },
    /// The function was deleted meanwhile.
    #[error("the function was deleted: deploy it anew")]
    Deleted,
}

impl Engine {
    /// Loads a package's code and makes a function of it. `layers` are merged at `/opt`, a later one hiding files of an
    /// earlier one.
    ///
    /// # Errors
    /// If the code cannot be loaded, or the configuration reserves more concurrency than there is.
    pub async fn deploy(
        &self,
        partition: Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<Arc<Function>, DeployError> {
        let loaded = self.load_function(partition, configuration, package, layers).await?;
        Ok(self.establish(loaded)?)
    }

    /// The part of [`deploy`](Self::deploy) that takes long: loads a package's code.
    ///
    /// # Errors
    /// If the code cannot be loaded.
    pub async fn load_function(
        &self,
        partition: Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<LoadedFunction, LoadError> {
        let began = self.clock().now();
        let latest = KeptVersion { configuration, package, layers, lost: None };
        let program = self.load(latest.code()).await?;
        let versions = Versions::new(self.deployed(&partition, latest, program));
        Ok(LoadedFunction { id: FunctionId::draw(), partition, versions, load: self.clock().now() - began })
    }

    /// Loads the code of a function that was there in an earlier process, with its published versions. Its events come with
    /// [`restore_events`](Self::restore_events).
    ///
    /// A version whose code is not there, or cannot be loaded any more, is there all the same: invocations of it are refused, events
    /// for it wait, and [`Function::unloaded`] says why, until the function has other code.
    pub async fn load_kept(
        &self,
        partition: Partition,
        id: FunctionId,
        latest: KeptVersion,
        published: BTreeMap<u64, KeptVersion>,
    ) -> LoadedFunction {
        let began = self.clock().now();
        let latest = self.made_of(&partition, latest, &[]).await;
        let mut versions = Versions::new(latest);
        // Versions of the same code share what is loaded.
        let mut loaded = vec![Arc::clone(versions.latest())];
        for (number, content) in published {
            let content = Arc::new(self.made_of(&partition, content, &loaded).await);
            versions.restore(&partition, number, &content);
            loaded.push(content);
        }
        LoadedFunction { id, partition, versions, load: self.clock().now() - began }
    }

    /// Makes a function of what was loaded: from now on it can be invoked.
    ///
    /// # Errors
    /// If the configuration reserves more concurrency than there is.
    pub fn establish(&self, loaded: LoadedFunction) -> Result<Arc<Function>, ReservationRefused> {
        let LoadedFunction { id, partition, versions, load } = loaded;
        let generation = versions.latest().generation;
        let account = self.account(&partition);
        let clock = self.clock().clone();
        let function = Arc::new(Function::new(id, partition, versions, self.options(), account, clock)?);
        self.register(&function);
        self.record_about(&function, EventKind::Deployed { generation, load });
        Ok(function)
    }

    /// Gives a function's `$LATEST` new code and a new configuration. Invocations that run finish on the old code; idle
    /// environments of the old code retire, and invocations from now on are served by new ones. Published versions stay
    /// as they are.
    ///
    /// The code of before is not loaded again.
    ///
    /// # Errors
    /// As [`deploy`](Self::deploy), or if the function was deleted; it stays as it was.
    pub async fn update(
        &self,
        function: &Arc<Function>,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<(), DeployError> {
        let began = self.clock().now();
        let current = function.latest();
        let code =
            Code { runtime: configuration.runtime, package: Arc::clone(&package), layers: layers.clone() };
        let is_loaded = current.program.unloaded().is_none() && current.code().is(&code);
        let program = if is_loaded { Arc::clone(&current.program) } else { self.load(code).await? };
        let now = self.clock().now();
        let reserved = configuration.reserved_concurrency;
        let (generation, partition) = (current.generation, function.partition());
        let deployed = Deployed::latest(self, generation, configuration, partition, program, package, layers);
        let (generation, old) = self.with_pool(function, now, |state, account| {
            if state.versions.is_deleted() {
                return Err(DeployError::Deleted);
            }
            state.pool.set_reserved(reserved, &mut account.concurrency)?;
            let old = state.versions.replace_latest(deployed);
            let generation = state.versions.latest().generation;
            state.pool.handle_generation_replaced(now, old.generation, generation);
            let forgotten = state.recordings.handle_replaced(old.generation);
            Ok((generation, (old, forgotten)))
        })?;
        // Unloads the old code, unless an invocation or a version still needs it, and not while the lock is held.
        drop((current, old));
        self.record_about(function, EventKind::Deployed { generation, load: now - began });
        Ok(())
    }

    /// Makes an immutable version of what `$LATEST` is now. It shares the loaded code, and has environments and log
    /// streams of its own.
    ///
    /// # Errors
    /// If there is a version of this number, or the function was deleted.
    pub fn publish(&self, function: &Arc<Function>, number: u64) -> Result<(), PublishError> {
        let now = self.clock().now();
        let generation = self.with_pool(function, now, |state, _| {
            if state.versions.is_deleted() {
                return Err(PublishError::Deleted);
            }
            state.versions.publish(function.partition(), number).ok_or(PublishError::Exists { number })
        })?;
        self.record_about(function, EventKind::Published { version: number, generation });
        Ok(())
    }

    /// Deletes a published version; false if there is none of this number. Invocations that run finish; its idle
    /// environments retire.
    pub fn remove_version(&self, function: &Arc<Function>, number: u64) -> bool {
        let now = self.clock().now();
        let removed = self.with_pool(function, now, |state, account| {
            state.remove_version(now, number, &mut account.concurrency)
        });
        // The last one of this code unloads it, and not while the lock is held.
        let existed = removed.is_some();
        if existed {
            self.record_about(function, EventKind::VersionDeleted { version: number });
        }
        existed
    }

    /// Deletes a function with all its versions: it can't be invoked any more, and what it has reserved is free again.
    /// Invocations that run finish; idle environments retire; events that wait are dropped.
    pub fn delete(&self, function: &Arc<Function>) {
        let now = self.clock().now();
        let deleted =
            self.with_pool(function, now, |state, account| state.delete(now, &mut account.concurrency));
        function.drop_events(|| self.forget_events(function));
        if !deleted.is_empty() {
            self.record_about(function, EventKind::Deleted);
        }
    }

    /// Reserves concurrency for a function and all its versions together, which is then also its limit; `Some(0)` turns
    /// it off. Nothing is loaded, and environments stay.
    ///
    /// # Errors
    /// If too little would be left for functions without reservation, or if more is provisioned.
    pub fn set_reserved(
        &self,
        function: &Arc<Function>,
        reserved: Option<u32>,
    ) -> Result<(), ReservationRefused> {
        let now = self.clock().now();
        self.with_pool(function, now, |state, account| {
            state.pool.set_reserved(reserved, &mut account.concurrency)
        })
    }

    /// Loads what a version is made of, unless one of these is made of the same.
    async fn made_of(
        &self,
        partition: &Partition,
        content: KeptVersion,
        loaded: &[Arc<Deployed>],
    ) -> Deployed {
        let code = content.code();
        let program: Arc<dyn Program> = if let Some(reason) = &content.lost {
            Arc::new(Unloaded { reason: Arc::clone(reason) })
        } else if let Some(same) = loaded.iter().find(|loaded| loaded.code().is(&code)) {
            Arc::clone(&same.program)
        } else {
            match self.load(code).await {
                Ok(program) => program,
                Err(error) => Arc::new(Unloaded { reason: error.to_string().into() }),
            }
        };
        self.deployed(partition, content, program)
    }

    fn deployed(&self, partition: &Partition, content: KeptVersion, program: Arc<dyn Program>) -> Deployed {
        let KeptVersion { configuration, package, layers, lost: _ } = content;
        let generation = Deployed::FIRST_GENERATION;
        Deployed::latest(self, generation, configuration, partition, program, package, layers)
    }

    /// Compilation happens on threads, where nobody sees that something goes on.
    async fn load(&self, code: Code) -> Result<Arc<dyn Program>, LoadError> {
        let _busy = self.work().busy(WorkKind::Loading);
        self.sandbox().load(code).await
    }
}

impl KeptVersion {
    fn code(&self) -> Code {
        let Self { configuration, package, layers, lost: _ } = self;
        Code { runtime: configuration.runtime, package: Arc::clone(package), layers: layers.clone() }
    }
}

impl LoadedFunction {
    /// Where it is to live.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }
}

impl fmt::Debug for LoadedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.versions.latest().configuration.name;
        f.debug_struct("LoadedFunction").field("name", name).finish_non_exhaustive()
    }
}
