//! From a manifest's declarations to deployed functions, at the start and whenever something changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use hearth_engine::{Function, package::Package};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{FunctionName, Partition},
};
use hearth_services::lambda::{Functions, package};
use parking_lot::Mutex;
use tokio::task::JoinSet;

use crate::{
    manifest::{CodePath, FunctionDeclaration, Manifest, ManifestError},
    terminal::Chain,
};

/// What a world has deployed, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct Deployments {
    partition: Partition,
    deployed: Mutex<BTreeMap<FunctionName, Deployment>>,
}

/// A function as it was deployed.
#[derive(Clone, PartialEq)]
struct Deployment {
    configuration: FunctionConfiguration,
    code: Arc<Package>,
    layers: Vec<Arc<Package>>,
}

/// What became of a function when a manifest was applied.
#[derive(Debug)]
pub enum Change {
    /// It is new.
    Deployed(Arc<Function>),
    /// Its code or configuration is another one.
    Updated(FunctionName),
    /// It is no longer declared.
    Removed(FunctionName),
    /// Its new code cannot be used. If it was deployed before, it still is.
    Failed {
        /// The function.
        name: FunctionName,
        /// Why.
        error: ManifestError,
    },
}

/// Code that cannot be used.
struct Unusable {
    path: CodePath,
    reason: String,
}

impl Deployments {
    pub(super) fn new(partition: Partition) -> Self {
        Self { partition, deployed: Mutex::default() }
    }

    pub(super) fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Deploys all functions at once.
    pub(super) async fn deploy_all(
        &self,
        functions: &Arc<Functions>,
        manifest: &Manifest,
    ) -> Result<(), ManifestError> {
        let mut tasks = JoinSet::new();
        for declaration in &manifest.functions {
            let (functions, partition) = (Arc::clone(functions), self.partition.clone());
            let declaration = declaration.clone();
            tasks.spawn(async move {
                let deployment = read(&declaration).await?;
                let Deployment { configuration, code, layers } = deployment.clone();
                match functions.deploy(&partition, configuration, code, layers).await {
                    Ok(_) => Ok(deployment),
                    Err(error) => Err(unusable(&declaration, &error)),
                }
            });
        }
        let mut unusable = Vec::new();
        for result in tasks.join_all().await {
            match result {
                Ok(deployment) => self.remember(deployment),
                Err(error) => unusable.push((error.path, error.reason)),
            }
        }
        if unusable.is_empty() { Ok(()) } else { Err(manifest.errors_at(unusable)) }
    }

    /// Deploys, updates and removes what differs, one after the other.
    pub(super) async fn apply(&self, functions: &Functions, manifest: &Manifest) -> Vec<Change> {
        let mut changes = Vec::new();
        for name in self.undeclared(manifest) {
            functions.remove(&self.partition, &name);
            self.deployed.lock().remove(&name);
            changes.push(Change::Removed(name));
        }
        for declaration in &manifest.functions {
            match self.apply_one(functions, declaration).await {
                Ok(change) => changes.extend(change),
                Err(Unusable { path, reason }) => changes.push(Change::Failed {
                    name: declaration.configuration.name.clone(),
                    error: manifest.errors_at([(path, reason)]),
                }),
            }
        }
        changes
    }

    async fn apply_one(
        &self,
        functions: &Functions,
        declaration: &FunctionDeclaration,
    ) -> Result<Option<Change>, Unusable> {
        let name = &declaration.configuration.name;
        let deployment = read(declaration).await?;
        let before = self.deployed.lock().get(name).cloned();
        if before.as_ref() == Some(&deployment) {
            return Ok(None);
        }
        let Deployment { configuration, code, layers } = deployment.clone();
        let change = if before.is_some() {
            let updated = functions.update(&self.partition, configuration, code, layers).await;
            updated.map(|()| Change::Updated(name.clone()))
        } else {
            let deployed = functions.deploy(&self.partition, configuration, code, layers).await;
            deployed.map(Change::Deployed)
        };
        let change = change.map_err(|error| unusable(declaration, &error))?;
        self.remember(deployment);
        Ok(Some(change))
    }

    fn undeclared(&self, manifest: &Manifest) -> Vec<FunctionName> {
        let declared: BTreeSet<_> =
            manifest.functions.iter().map(|declaration| &declaration.configuration.name).collect();
        self.deployed.lock().keys().filter(|name| !declared.contains(name)).cloned().collect()
    }

    fn remember(&self, deployment: Deployment) {
        self.deployed.lock().insert(deployment.configuration.name.clone(), deployment);
    }
}

/// Reads a function's code and layers, where blocking is allowed.
async fn read(declaration: &FunctionDeclaration) -> Result<Deployment, Unusable> {
    let declaration = declaration.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let read = |path: &CodePath| {
            package::read(&path.path)
                .map(Arc::new)
                .map_err(|error| Unusable { path: path.clone(), reason: describe(&declaration, &error) })
        };
        Ok(Deployment {
            code: read(&declaration.code)?,
            layers: declaration.layers.iter().map(read).collect::<Result<_, _>>()?,
            configuration: declaration.configuration.clone(),
        })
    });
    // A task that was not aborted can only fail by a panic, which is passed on.
    reading.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
}

fn unusable(declaration: &FunctionDeclaration, error: &dyn std::error::Error) -> Unusable {
    Unusable { path: declaration.code.clone(), reason: describe(declaration, error) }
}

fn describe(declaration: &FunctionDeclaration, error: &dyn std::error::Error) -> String {
    format!("function `{}`: {}", declaration.configuration.name, Chain(error))
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment").field("configuration", &self.configuration).finish_non_exhaustive()
    }
}
