//! How functions come to be that the manifest declares, or that clients create.

use std::{
    collections::{BTreeMap, btree_map},
    fmt,
    sync::Arc,
};

use hearth_engine::{DeployError, Function, LoadedFunction, package::Package};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{FunctionName, Partition, Version},
};

use super::{
    Content, DeployedVersion, DeploymentError, Functions,
    entry::{Entry, State},
    functions::content_of,
    kept::Pin,
};

/// What became of a function that was declared.
#[derive(Clone, Debug)]
pub enum Declared {
    /// It is new.
    Created(Arc<Function>),
    /// It has other code, or another configuration.
    Updated,
    /// It was like that.
    Unchanged,
}

/// A function that is to be [declared](Functions::declare), as far as that can be done while others are prepared as well.
pub struct Prepared(Preparation);

enum Preparation {
    /// There was none of this name, and its code is loaded.
    New(Box<NewEntry>),
    /// There was one.
    Known {
        partition: Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    },
}

/// A function that is about to be there.
struct NewEntry {
    name: FunctionName,
    loaded: LoadedFunction,
    content: Content,
    reserved: Option<u32>,
    tags: BTreeMap<String, String>,
    _kept: Pin,
}

impl Functions {
    /// Loads code and makes a function of it.
    ///
    /// # Errors
    /// If there is one of this name, or the code cannot be loaded.
    pub async fn deploy(
        &self,
        partition: &Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<Arc<Function>, DeploymentError> {
        let name = configuration.name.clone();
        let reserved = configuration.reserved_concurrency;
        let content = content_of(configuration, package, layers);
        self.insert(partition, content, reserved, BTreeMap::new()).await?;
        self.find(partition, &name).ok_or_else(|| DeploymentError::NotFound { arn: name.arn(partition) })
    }

    /// Makes a function what it is declared to be: [`deploy`](Self::deploy)s it if there is none of this name, and gives one that
    /// has other code or another configuration these. Versions, aliases and all else that belongs to it stay; invocations
    /// that run finish on the old code.
    ///
    /// # Errors
    /// If the code cannot be loaded, or the function is being changed by somebody else; it stays as it was.
    pub async fn declare(
        &self,
        partition: &Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<Declared, DeploymentError> {
        let prepared = self.prepare(partition.clone(), configuration, package, layers).await?;
        self.declare_prepared(prepared).await
    }

    /// The part of [`declare`](Self::declare) that takes long. It can be done for many functions at once, while it decides about their
    /// order who is declared first.
    ///
    /// # Errors
    /// If the code cannot be loaded.
    pub async fn prepare(
        &self,
        partition: Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<Prepared, DeploymentError> {
        if self.entry(&partition, &configuration.name).is_some() {
            return Ok(Prepared(Preparation::Known { partition, configuration, package, layers }));
        }
        let reserved = configuration.reserved_concurrency;
        let content = content_of(configuration, package, layers);
        let new = self.prepare_content(&partition, content, reserved, BTreeMap::new()).await?;
        Ok(Prepared(Preparation::New(Box::new(new))))
    }

    /// The rest of [`declare`](Self::declare).
    ///
    /// # Errors
    /// As `declare`.
    pub async fn declare_prepared(&self, prepared: Prepared) -> Result<Declared, DeploymentError> {
        let (partition, configuration, package, layers) = match prepared.0 {
            Preparation::Known { partition, configuration, package, layers } => {
                (partition, configuration, package, layers)
            }
            Preparation::New(new) => {
                let (name, partition) = (new.name.clone(), new.loaded.partition().clone());
                self.insert_prepared(*new)?;
                let function = self.find(&partition, &name);
                let arn = || name.arn(&partition);
                return function
                    .map(Declared::Created)
                    .ok_or_else(|| DeploymentError::NotFound { arn: arn() });
            }
        };
        let arn = || configuration.name.arn(&partition);
        let entry = self.entry(&partition, &configuration.name);
        let entry = entry.ok_or_else(|| DeploymentError::NotFound { arn: arn() })?;
        let _change = self.begin_change(&entry)?;
        let reserved = configuration.reserved_concurrency;
        let content = content_of(configuration, package, layers);
        // Where hashing may block.
        let _kept = self.keep_code(content.codes()).await?;
        let unchanged = {
            let state = entry.state();
            content.is_as(&state.latest.content)
                && reserved == state.reserved_concurrency
                && state.latest.failure().is_none()
        };
        if unchanged {
            return Ok(Declared::Unchanged);
        }
        self.replace(&entry, content, reserved).await?;
        Ok(Declared::Updated)
    }

    /// Loads code and makes a function of it; returns what its owner is told at that moment.
    pub(super) async fn insert(
        &self,
        partition: &Partition,
        content: Content,
        reserved: Option<u32>,
        tags: BTreeMap<String, String>,
    ) -> Result<DeployedVersion, DeploymentError> {
        let prepared = self.prepare_content(partition, content, reserved, tags).await?;
        self.insert_prepared(prepared)
    }

    async fn prepare_content(
        &self,
        partition: &Partition,
        content: Content,
        reserved: Option<u32>,
        tags: BTreeMap<String, String>,
    ) -> Result<NewEntry, DeploymentError> {
        let name = content.settings.configuration.name.clone();
        if self.entry(partition, &name).is_some() {
            return Err(DeploymentError::Exists { name });
        }
        content.check()?;
        let kept = self.keep_code(content.codes()).await?;
        let (configuration, package) = (content.configuration(reserved), Arc::clone(content.code.package()));
        let loading =
            self.engine().load_function(partition.clone(), configuration, package, content.packages());
        let loaded = loading.await.map_err(DeployError::from)?;
        Ok(NewEntry { name, loaded, content, reserved, tags, _kept: kept })
    }

    fn insert_prepared(&self, new: NewEntry) -> Result<DeployedVersion, DeploymentError> {
        let NewEntry { name, loaded, content, reserved, tags, _kept } = new;
        let function = self.engine().establish(loaded).map_err(DeployError::from)?;
        let partition = function.partition().clone();
        let created = DeployedVersion::created(content, self.now());
        let state = State::new(created.done(), reserved, tags);
        let entry = Arc::new(Entry::new(function, state, self.journal().clone()));
        self.apply_version(&entry, &entry.state(), Version::Latest);
        // Loading takes time, in which somebody else may have been quicker.
        match self.directory().0.write().entry(partition).or_default().entry(name) {
            btree_map::Entry::Occupied(taken) => {
                return Err(DeploymentError::Exists { name: taken.key().clone() });
            }
            btree_map::Entry::Vacant(free) => {
                entry.list();
                free.insert(entry);
            }
        }
        self.tell_mappings();
        Ok(created)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Preparation::New(new) => &new.name,
            Preparation::Known { configuration, .. } => &configuration.name,
        };
        f.debug_tuple("Prepared").field(name).finish()
    }
}
