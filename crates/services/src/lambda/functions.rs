//! The functions that exist, and the ways to them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use hearth_engine::{
    DeployError, Engine, Function, InvokeError, InvokeReply, InvokeRequest, package::Package,
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{FunctionName, Partition, Region, Version},
    limits,
    pool::ThrottleReason,
    reference::{FunctionReference, InvalidReference, NameShape, Qualifier},
};
use parking_lot::RwLock;
use thiserror::Error;

use super::{InvalidEvent, check_event};

/// The functions of all accounts and regions.
pub struct Functions {
    engine: Arc<Engine>,
    by_partition: RwLock<HashMap<Partition, BTreeMap<FunctionName, Arc<Function>>>>,
}

/// Why a function cannot be deployed or updated. Messages that AWS has are AWS's.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// There is one of this name.
    #[error("Function already exist: {name}")]
    Exists {
        /// The name.
        name: FunctionName,
    },
    /// There is none of this name.
    #[error("Function not found: {arn}")]
    NotFound {
        /// Its ARN, if it existed.
        arn: String,
    },
    /// More code than Lambda allows, layers included.
    #[error(
        "Function code combined with layers exceeds the maximum allowed size of {} bytes. The actual size is {bytes} \
         bytes.",
        limits::PACKAGE_UNZIPPED_BYTES
    )]
    TooLarge {
        /// All of it, unzipped.
        bytes: u64,
    },
    /// The code cannot be loaded, or the concurrency not be reserved.
    #[error(transparent)]
    Engine(#[from] DeployError),
}

/// Why an invocation is refused. Messages that AWS has are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvocationError {
    /// What names the function is malformed.
    #[error(transparent)]
    Reference(#[from] InvalidReference),
    /// The ARN is one of another region than the request's.
    #[error("Functions from '{named}' are not reachable in this region ('{own}')")]
    OtherRegion {
        /// The region of the ARN.
        named: Region,
        /// The region of the request.
        own: Region,
    },
    /// There is no such function, version or alias.
    #[error("Function not found: {arn}")]
    NotFound {
        /// Its ARN, if it existed.
        arn: String,
    },
    /// The event is too large or not JSON.
    #[error(transparent)]
    Event(#[from] InvalidEvent),
    /// There is no concurrency left for it.
    #[error("Rate Exceeded.")]
    Throttled(ThrottleReason),
    /// Hearth is about to end.
    #[error("Hearth is shutting down and accepts no more invocations")]
    ShuttingDown,
}

impl Functions {
    /// No functions yet; those to come run on `engine`.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, by_partition: RwLock::default() }
    }

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
        if self.find(partition, &name).is_some() {
            return Err(DeploymentError::Exists { name });
        }
        check_size(&package, &layers)?;
        let function = self.engine.deploy(partition.clone(), configuration, package, layers).await?;
        let mut by_partition = self.by_partition.write();
        let functions = by_partition.entry(partition.clone()).or_default();
        // Loading takes time, in which somebody else may have been quicker.
        if functions.contains_key(&name) {
            return Err(DeploymentError::Exists { name });
        }
        functions.insert(name, Arc::clone(&function));
        Ok(function)
    }

    /// Gives the function that `configuration` names new code and this configuration. Invocations that run finish on the
    /// old code.
    ///
    /// # Errors
    /// If there is no such function, or the code cannot be loaded; the function stays as it was.
    pub async fn update(
        &self,
        partition: &Partition,
        configuration: FunctionConfiguration,
        package: Arc<Package>,
        layers: Vec<Arc<Package>>,
    ) -> Result<(), DeploymentError> {
        let name = &configuration.name;
        let Some(function) = self.find(partition, name) else {
            return Err(DeploymentError::NotFound { arn: name.arn(partition) });
        };
        check_size(&package, &layers)?;
        Ok(self.engine.update(&function, configuration, package, layers).await?)
    }

    /// Forgets a function: from now on it is not found. Invocations that run finish, and its environments end when
    /// nobody holds the function any more.
    pub fn remove(&self, partition: &Partition, name: &FunctionName) -> Option<Arc<Function>> {
        self.by_partition.write().get_mut(partition)?.remove(name)
    }

    /// The function of a name.
    #[must_use]
    pub fn find(&self, partition: &Partition, name: &FunctionName) -> Option<Arc<Function>> {
        self.by_partition.read().get(partition)?.get(name).cloned()
    }

    /// The functions of an account and region in the order of their names.
    #[must_use]
    pub fn list(&self, partition: &Partition) -> Vec<Arc<Function>> {
        self.by_partition.read().get(partition).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Invokes a function and waits for its answer, as `RequestResponse` does. `name` and `qualifier` are what the
    /// caller named, see [`FunctionReference`]; `partition` is the caller's. The request's
    /// `invoked_function_arn` is set here.
    ///
    /// Cancel safe: dropping the future breaks the invocation off.
    ///
    /// # Errors
    /// If the request is refused. What a handler does wrong is in the reply.
    pub async fn invoke(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        mut request: InvokeRequest,
    ) -> Result<InvokeReply, InvocationError> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let function = self.find_referenced(partition, &reference)?;
        request.event = check_event(request.event)?;
        request.invoked_function_arn =
            reference.qualifier.is_some().then(|| reference.arn(function.partition()).into());
        self.engine.invoke(&function, request).await.map_err(|error| match error {
            InvokeError::Throttled(reason) => InvocationError::Throttled(reason),
            InvokeError::NoSuchVersion { .. } => not_found(&reference, function.partition()),
            InvokeError::ShuttingDown => InvocationError::ShuttingDown,
        })
    }

    /// Finds what [`invoke`](Self::invoke) would invoke.
    ///
    /// # Errors
    /// As `invoke`, as far as the function is concerned.
    pub fn resolve(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Arc<Function>, InvocationError> {
        self.find_referenced(partition, &FunctionReference::parse(NameShape::Namespaced, name, qualifier)?)
    }

    /// Finds what a caller of `partition` means. An ARN may name another account: what is there is found.
    fn find_referenced(
        &self,
        partition: &Partition,
        reference: &FunctionReference,
    ) -> Result<Arc<Function>, InvocationError> {
        if let Some(named) = reference.region.as_ref().filter(|named| **named != partition.region) {
            let own = partition.region.clone();
            return Err(InvocationError::OtherRegion { named: named.clone(), own });
        }
        let found = match reference.account.filter(|account| *account != partition.account) {
            Some(account) => {
                let elsewhere = Partition { account, region: partition.region.clone() };
                self.find(&elsewhere, &reference.name).ok_or(elsewhere)
            }
            None => self.find(partition, &reference.name).ok_or_else(|| partition.clone()),
        };
        let version = reference.qualifier.as_ref().map_or(Some(Version::Latest), Qualifier::version);
        match found {
            Ok(function) if version == Some(Version::Latest) => Ok(function),
            Ok(function) => Err(not_found(reference, function.partition())),
            Err(partition) => Err(not_found(reference, &partition)),
        }
    }
}

/// AWS names the version that it looked for, even if the caller did not; recorded in November 2025.
fn not_found(reference: &FunctionReference, partition: &Partition) -> InvocationError {
    InvocationError::NotFound { arn: reference.qualified_arn(partition) }
}

fn check_size(package: &Package, layers: &[Arc<Package>]) -> Result<(), DeploymentError> {
    let layer_bytes: u64 = layers.iter().map(|layer| layer.unzipped_bytes()).sum();
    let bytes = package.unzipped_bytes() + layer_bytes;
    if bytes > limits::PACKAGE_UNZIPPED_BYTES {
        return Err(DeploymentError::TooLarge { bytes });
    }
    Ok(())
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_partition = self.by_partition.read();
        let functions = by_partition.values().flat_map(BTreeMap::values);
        f.debug_list().entries(functions.map(|function| function.arn())).finish()
    }
}
