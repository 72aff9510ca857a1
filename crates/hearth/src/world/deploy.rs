//! From a manifest's declarations to deployed functions, at the start and whenever something changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use hearth_engine::package::Package;
use hearth_model::{
    destination::Destination,
    function::FunctionConfiguration,
    identity::{FunctionName, Partition},
};
use hearth_services::{
    Services,
    lambda::{AsynchronousChange, Declared, package},
};
use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::{Change, targets::Targets};
use crate::{
    manifest::{CodePath, FunctionDeclaration, Manifest, ManifestError, Place},
    terminal::Chain,
};

/// What a world has deployed, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct Deployments {
    partition: Partition,
    deployed: Mutex<BTreeMap<FunctionName, Deployment>>,
    /// What was set for their asynchronous invocations.
    configured: Mutex<BTreeMap<FunctionName, AsynchronousChange>>,
    /// Code that need not be read when a function is deployed for the first time.
    remembered: Mutex<BTreeMap<FunctionName, Loaded>>,
}

/// Code and layers of a function.
type Loaded = (Arc<Package>, Vec<Arc<Package>>);

/// A function as it was deployed.
#[derive(Clone, PartialEq)]
struct Deployment {
    configuration: FunctionConfiguration,
    code: Arc<Package>,
    layers: Vec<Arc<Package>>,
}

/// Something in a manifest that cannot be used.
pub(super) struct Unusable {
    pub(super) place: Place,
    pub(super) reason: String,
}

impl Deployments {
    pub(super) fn new(partition: Partition) -> Self {
        Self {
            partition,
            deployed: Mutex::default(),
            configured: Mutex::default(),
            remembered: Mutex::default(),
        }
    }

    /// Deploys the code that others have deployed, instead of reading it, the next time that each function is deployed.
    pub(super) fn remember_code(&self, others: &Self) {
        let deployed = others.deployed.lock();
        let code = deployed.iter().map(|(name, deployment)| {
            let Deployment { code, layers, .. } = deployment;
            (name.clone(), (Arc::clone(code), layers.clone()))
        });
        *self.remembered.lock() = code.collect();
    }

    pub(super) fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Deploys all functions: their code is loaded at once, and they come to be in their order.
    pub(super) async fn deploy_all(
        &self,
        services: &Services,
        manifest: &Manifest,
    ) -> Result<(), ManifestError> {
        let targets = self.targets(services, manifest);
        let mut tasks = JoinSet::new();
        for (number, declaration) in manifest.functions.iter().enumerate() {
            let (functions, partition) = (Arc::clone(services.functions()), self.partition.clone());
            let (declaration, dead_letter) = (declaration.clone(), targets.dead_letter(declaration));
            tasks.spawn(async move {
                let prepare = async {
                    let deployment = read(&declaration, dead_letter?).await?;
                    let Deployment { configuration, code, layers } = deployment.clone();
                    let prepared = functions.prepare(partition, configuration, code, layers).await;
                    Ok((deployment, prepared.map_err(|error| unusable(&declaration, &error))?))
                };
                (number, prepare.await)
            });
        }
        let mut prepared = tasks.join_all().await;
        prepared.sort_unstable_by_key(|(number, _)| *number);
        let mut unusable = Vec::new();
        for (declaration, (_, prepared)) in manifest.functions.iter().zip(prepared) {
            let deployed = match prepared {
                Ok((deployment, prepared)) => {
                    let declared = services.functions().declare_prepared(prepared).await;
                    declared.map(|_| deployment).map_err(|error| self::unusable(declaration, &error))
                }
                Err(unusable) => Err(unusable),
            };
            match deployed {
                Ok(deployment) => self.remember(deployment),
                Err(Unusable { place, reason }) => unusable.push((place, reason)),
            }
        }
        for (_, configured) in self.configure(targets) {
            unusable.extend(configured.err().map(|Unusable { place, reason }| (place, reason)));
        }
        if unusable.is_empty() { Ok(()) } else { Err(manifest.errors_at(unusable)) }
    }

    /// Removes functions that are no longer declared.
    pub(super) fn remove(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut changes = Vec::new();
        for name in self.undeclared(manifest) {
            self.deployed.lock().remove(&name);
            self.configured.lock().remove(&name);
            changes.extend(self.remove_one(services, name));
        }
        changes
    }

    /// Removes functions that an earlier manifest declares and this one does not.
    pub(super) fn remove_earlier(
        &self,
        services: &Services,
        earlier: &Manifest,
        manifest: &Manifest,
    ) -> Vec<Change> {
        let names = earlier.functions.iter().map(|function| &function.configuration.name);
        let gone = names.filter(|name| manifest.function(name.as_str()).is_none());
        gone.filter_map(|name| self.remove_one(services, name.clone())).collect()
    }

    /// One that is not there any more was deleted by somebody else.
    fn remove_one(&self, services: &Services, name: FunctionName) -> Option<Change> {
        services.functions().remove(&self.partition, &name).map(|_| Change::Removed(name))
    }

    /// Deploys, updates and removes what differs, one after the other.
    pub(super) async fn apply(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut changes = self.remove(services, manifest);
        let failed = |name: &FunctionName, Unusable { place, reason }: Unusable| Change::Failed {
            name: name.to_string(),
            error: manifest.errors_at([(place, reason)]),
        };
        let targets = self.targets(services, manifest);
        for declaration in &manifest.functions {
            match self.apply_one(targets, declaration).await {
                Ok(change) => changes.extend(change),
                Err(unusable) => changes.push(failed(&declaration.configuration.name, unusable)),
            }
        }
        for (name, configured) in self.configure(targets) {
            match configured {
                Ok(()) if changes.iter().any(|change| change.is_of(&name)) => {}
                Ok(()) => changes.push(Change::Updated(name)),
                Err(unusable) => changes.push(failed(&name, unusable)),
            }
        }
        changes
    }

    async fn apply_one(
        &self,
        targets: Targets<'_>,
        declaration: &FunctionDeclaration,
    ) -> Result<Option<Change>, Unusable> {
        let functions = targets.services.functions();
        let name = &declaration.configuration.name;
        let dead_letter = targets.dead_letter(declaration)?;
        let remembered = self.remembered.lock().remove(name);
        let deployment = match remembered {
            Some(loaded) => Deployment::of(declaration, dead_letter, loaded),
            None => read(declaration, dead_letter).await?,
        };
        let before = self.deployed.lock().get(name).cloned();
        if before.as_ref() == Some(&deployment) {
            return Ok(None);
        }
        let Deployment { configuration, code, layers } = deployment.clone();
        let declared = functions.declare(&self.partition, configuration, code, layers).await;
        let change = match declared.map_err(|error| unusable(declaration, &error))? {
            Declared::Created(function) => Some(Change::Deployed(function)),
            Declared::Updated => Some(Change::Updated(name.clone())),
            Declared::Unchanged => None,
        };
        self.remember(deployment);
        Ok(change)
    }

    /// Sets what is declared for the asynchronous invocations of the functions that are there, as far as it differs. All
    /// functions come first, because they may be each other's destinations.
    fn configure(&self, targets: Targets<'_>) -> Vec<(FunctionName, Result<(), Unusable>)> {
        let mut configured = Vec::new();
        for declaration in &targets.manifest.functions {
            let name = &declaration.configuration.name;
            if !self.deployed.lock().contains_key(name) {
                continue;
            }
            let before = self.configured.lock().get(name).cloned();
            let done = match targets.change(declaration) {
                Ok(change) if before.as_ref() == Some(&change) => continue,
                Ok(change) => self.configure_one(targets, declaration, change),
                Err(unusable) => Err(unusable),
            };
            configured.push((name.clone(), done));
        }
        configured
    }

    fn configure_one(
        &self,
        targets: Targets<'_>,
        declaration: &FunctionDeclaration,
        change: AsynchronousChange,
    ) -> Result<(), Unusable> {
        let (functions, name) = (targets.services.functions(), &declaration.configuration.name);
        let says_something = change != AsynchronousChange::default();
        if let Some(asynchronous) = declaration.asynchronous.as_ref().filter(|_| says_something) {
            let done = functions.configure_asynchronous(&self.partition, name.as_str(), None, &change);
            done.map_err(|refusal| Unusable {
                place: asynchronous.place.clone(),
                reason: describe(declaration, &refusal),
            })?;
        } else {
            // Perhaps nothing was set, or somebody else has done so before.
            let _gone = functions.forget_asynchronous(&self.partition, name.as_str(), None);
        }
        self.configured.lock().insert(name.clone(), change);
        Ok(())
    }

    fn targets<'a>(&'a self, services: &'a Services, manifest: &'a Manifest) -> Targets<'a> {
        Targets { services, partition: &self.partition, manifest }
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
async fn read(
    declaration: &FunctionDeclaration,
    dead_letter: Option<Arc<Destination>>,
) -> Result<Deployment, Unusable> {
    let declaration = declaration.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let read = |path: &CodePath| {
            package::read(&path.path).map(Arc::new).map_err(|error| Unusable {
                place: path.place.clone(),
                reason: describe(&declaration, &error),
            })
        };
        let layers = declaration.layers.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Deployment::of(&declaration, dead_letter, (read(&declaration.code)?, layers)))
    });
    // A task that was not aborted can only fail by a panic, which is passed on.
    reading.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
}

fn unusable(declaration: &FunctionDeclaration, error: &dyn std::error::Error) -> Unusable {
    Unusable { place: declaration.code.place.clone(), reason: describe(declaration, error) }
}

fn describe(declaration: &FunctionDeclaration, error: &dyn std::error::Error) -> String {
    format!("function `{}`: {}", declaration.configuration.name, Chain(error))
}

impl Deployment {
    fn of(
        declaration: &FunctionDeclaration,
        dead_letter: Option<Arc<Destination>>,
        (code, layers): Loaded,
    ) -> Self {
        let configuration = FunctionConfiguration { dead_letter, ..declaration.configuration.clone() };
        Self { configuration, code, layers }
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment").field("configuration", &self.configuration).finish_non_exhaustive()
    }
}
