//! The engine's ports: for sandboxes, and for what surrounds asynchronous invocations.
//!
//! [`Sandbox`] and what follows from it is what the engine needs of whatever runs a function's code.
//! `hearth-sandbox` implements it on wasmtime; the engine's own tests implement it with a fake. Time limits are the
//! engine's business: it drops the future of a call that takes too long, and the implementation must stop the guest
//! wherever it is when that happens.

use std::{
    future::{Future, ready},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
};

use bytes::Bytes;
use hearth_model::{
    asynchronous::Condition,
    destination::{DeadLetterAttributes, Destination},
    function::{EphemeralStorage, MemorySize, PythonVersion, Runtime},
    identity::{EnvironmentId, Partition, RequestId, Version},
    network,
    outcome::{Failure, PlatformFault},
    reference::AliasName,
    time::Timestamp,
};
use http::{Request, Response};
use thiserror::Error;

use crate::{clock::Clock, function::Function, log::EnvironmentLog, package::Package, wire::Wire};

/// A boxed future, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes programs of code packages.
pub trait Sandbox: Send + Sync + 'static {
    /// Loads a package's WebAssembly, or that of the managed runtime that runs the package: maps the compiled artifact if the
    /// cache has it, compiles it otherwise.
    ///
    /// Takes milliseconds when cached and up to minutes when not; runs compilation off the caller's thread.
    ///
    /// # Errors
    /// If the package has no WebAssembly, or none that Hearth can run; if the managed runtime is not there, or can't run what the
    /// package has.
    fn load(&self, code: Code) -> BoxFuture<'_, Result<Arc<dyn Program>, LoadError>>;
}

/// Code as a function has it.
#[derive(Clone, Debug)]
pub struct Code {
    /// What runs it.
    pub runtime: Runtime,
    /// What was deployed.
    pub package: Arc<Package>,
    /// Layers in order.
    pub layers: Vec<Arc<Package>>,
}

impl Code {
    /// Whether what was loaded of one would do for the other.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.runtime == other.runtime
            && Arc::ptr_eq(&self.package, &other.package)
            && self.layers.len() == other.layers.len()
            && self.layers.iter().zip(&other.layers).all(|(one, other)| Arc::ptr_eq(one, other))
    }
}

/// WebAssembly that brings its own runtime.
impl From<Arc<Package>> for Code {
    fn from(package: Arc<Package>) -> Self {
        Self { runtime: Runtime::ProvidedAl2023, package, layers: Vec::new() }
    }
}

/// Loaded code, from which environments are made.
pub trait Program: Send + Sync + 'static {
    /// How the code wants to be called.
    fn contract(&self) -> Contract;

    /// Why there is nothing to make environments of; `None`, the default, for code that was loaded.
    fn unloaded(&self) -> Option<&Arc<str>> {
        None
    }

    /// Makes an environment: address space, empty `/tmp`; runs no guest code yet.
    ///
    /// # Errors
    /// [`Failure::Platform`] if the machine has no room for one more.
    fn provision(&self, settings: ProvisionSettings) -> Result<Box<dyn Environment>, Failure>;
}

/// How code is called (docs/ARCHITECTURE.md, "How a function looks").
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contract {
    /// A component that exports `hearth:lambda/handler`.
    Handler,
    /// A WASI command: the event on stdin, the answer on stdout, logs on stderr; a fresh instance per invocation.
    Command,
    /// A component that exports `wasi:http/incoming-handler`: it takes HTTP requests, or payloads that are events of payload
    /// format 2.0.
    Http,
}

/// One sandbox. It serves one call at a time; a call whose future was dropped must be followed by
/// [`reset`](Self::reset) or by dropping the environment.
pub trait Environment: Send {
    /// Runs the part of the code that runs once. Also after a reset.
    ///
    /// Cancel safe in the sense of this trait: dropping the future stops the guest.
    fn init(&mut self) -> BoxFuture<'_, Result<(), Failure>>;

    /// Runs the handler on an event: JSON in, JSON out.
    ///
    /// Cancel safe in the sense of this trait: dropping the future stops the guest.
    fn invoke<'a>(
        &'a mut self,
        event: Bytes,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Bytes, Failure>>;

    /// Runs the handler on an HTTP request, where the contract is [`Contract::Http`]. Whoever calls found out that it is, so that it
    /// is a fault of Hearth's own where it is not any more.
    ///
    /// Cancel safe in the sense of this trait: dropping the future stops the guest.
    fn answer<'a>(
        &'a mut self,
        request: Box<Request<Bytes>>,
        context: &'a InvocationContext,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Failure>> {
        let _ = (request, context);
        let reason = "the function got other code just now, which takes events, not requests".to_owned();
        Box::pin(ready(Err(Failure::Platform(PlatformFault::Internal { reason }))))
    }

    /// Throws away everything but `/tmp`. The next call is [`init`](Self::init).
    fn reset(&mut self);

    /// The most linear memory that the guest has had at once since it was provisioned, in bytes.
    fn peak_memory_bytes(&self) -> u64;
}

/// What an environment is made with; shared parts are shared.
#[derive(Clone)]
pub struct ProvisionSettings {
    /// The environment's number.
    pub id: EnvironmentId,
    /// What the function's version determines.
    pub function: Arc<FunctionSettings>,
    /// The clock that the guest sees and sleeps by.
    pub clock: Clock,
    /// Where stdout and stderr go. Its stream name becomes `AWS_LAMBDA_LOG_STREAM_NAME`.
    pub log: Arc<EnvironmentLog>,
}

/// What all environments of one function version have in common.
#[derive(Clone, Debug)]
pub struct FunctionSettings {
    /// Passed to the handler's init.
    pub handler: String,
    /// Limit of the guest's linear memory.
    pub memory: MemorySize,
    /// Limit of `/tmp`.
    pub ephemeral_storage: EphemeralStorage,
    /// The complete environment but for what differs between environments, Lambda's variables included.
    pub variables: Vec<(String, String)>,
    /// The code, mounted read-only at `/var/task`.
    pub code: Arc<Package>,
    /// Layers in order, merged read-only at `/opt`; a later one hides files of an earlier one.
    pub layers: Vec<Arc<Package>>,
    /// What the guest may reach.
    pub network: NetworkPolicy,
}

/// What a guest may connect to.
#[derive(Clone, Debug, Default)]
pub struct NetworkPolicy {
    /// Hearth's own endpoint on loopback, if it listens.
    pub endpoint: Option<SocketAddr>,
    /// What else is open to guests; of names, only these are resolved. By default nothing.
    pub open: Arc<[network::Destination]>,
    /// The way to the endpoint.
    pub wire: Wire,
}

/// What the handler learns of its invocation.
#[derive(Clone, Debug)]
pub struct InvocationContext {
    /// The request's id.
    pub request_id: RequestId,
    /// The ARN by which the function was called.
    pub invoked_function_arn: Arc<str>,
    /// When the function's timeout will have passed.
    pub deadline: Timestamp,
    /// The X-Ray trace header, if the caller sent one.
    pub trace_header: Option<String>,
    /// The client context as JSON, if the caller sent one.
    pub client_context: Option<String>,
    /// The Cognito identity as JSON, if the caller has one.
    pub identity: Option<String>,
}

/// The aliases of functions, which the engine does not know.
pub trait Aliases: Send + Sync + 'static {
    /// The version that an invocation through an alias runs now; `None` if there is no such alias.
    fn resolve(&self, function: &Function, alias: &AliasName) -> Option<Version>;
}

/// Takes what asynchronous invocations tell at their end.
pub trait DestinationSink: Send + Sync + 'static {
    /// Delivers to a queue, a topic, a function or whatever the destination is.
    ///
    /// # Errors
    /// If the destination does not take it. It is not tried again.
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), DeliveryError>>;
}

/// Something to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub destination: Arc<Destination>,
    /// Where the function lives on whose behalf it is delivered.
    pub partition: Partition,
    /// Why the event ended of which it tells.
    pub condition: Condition,
    /// What.
    pub content: DeliveryContent,
    /// The X-Ray trace header of the invocation, if it had one: what follows from the delivery belongs to its chain.
    pub trace_header: Option<String>,
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryContent {
    /// The record of an invocation, as JSON.
    Record(Bytes),
    /// An event that failed, as it came.
    DeadLetter {
        /// The event.
        event: Bytes,
        /// What is told beside it.
        attributes: DeadLetterAttributes,
    },
}

/// Why a destination did not take what was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct DeliveryError {
    /// What is wrong, and what to do about it.
    pub reason: String,
}

/// Why code cannot be loaded. Every message says what is wrong and how to mend it.
#[derive(Debug, Error)]
pub enum LoadError {
    /// No file in the package is WebAssembly by its name.
    #[error(
        "the package has no WebAssembly: expected a file `bootstrap`, `bootstrap.wasm`, or exactly one `*.wasm` at its top, found {found}"
    )]
    NoWebAssembly {
        /// What is there.
        found: String,
    },
    /// More than one candidate.
    #[error(
        "the package has several WebAssembly files at its top ({found}): name one of them `bootstrap.wasm`"
    )]
    AmbiguousWebAssembly {
        /// The candidates.
        found: String,
    },
    /// A native program, a script, or something else.
    #[error("`{file}` is {kind}, not WebAssembly: build it for `wasm32-wasip2` or `wasm32-wasip1`")]
    NotWebAssembly {
        /// The file's path in the package.
        file: String,
        /// What it looks like.
        kind: String,
    },
    /// WebAssembly that does not validate, or is cut short.
    #[error("`{file}` is damaged or uses a feature that Hearth does not support: {reason}")]
    Invalid {
        /// The file's path in the package.
        file: String,
        /// The validator's words.
        reason: String,
    },
    /// A component or module that exports nothing Hearth can call.
    #[error(
        "`{file}` exports none of `hearth:lambda/handler`, `wasi:cli/run`, `wasi:http/incoming-handler` and `_start`; it exports {exports}"
    )]
    NoEntryPoint {
        /// The file's path in the package.
        file: String,
        /// What it exports.
        exports: String,
    },
    /// An export whose type is not that of the contract.
    #[error("`{file}` exports `{export}`, but with another type than expected: {reason}")]
    WrongType {
        /// The file's path in the package.
        file: String,
        /// The export.
        export: String,
        /// What differs.
        reason: String,
    },
    /// An import that the sandbox does not have.
    #[error("`{file}` imports `{import}`, which Hearth does not offer: {reason}")]
    UnknownImport {
        /// The file's path in the package.
        file: String,
        /// The import.
        import: String,
        /// What is offered, or what differs.
        reason: String,
    },
    /// Managed runtimes are built or fetched by their users.
    #[error("the managed runtime `python{available}` is not installed: run `hearth runtime install python{available}`", available = PythonVersion::AVAILABLE)]
    RuntimeNotInstalled,
    /// A managed runtime that is there, but not whole.
    #[error("the managed runtime at `{}` is damaged ({reason}): run `hearth runtime install --force python{}`", folder.display(), PythonVersion::AVAILABLE)]
    RuntimeDamaged {
        /// Where it lies.
        folder: std::path::PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Functions must name the version that runs them, and this one does not.
    #[error(
        "`{runtime}` would run on Python {}: name `python{0}`, or allow it (without `strict_runtimes`)",
        PythonVersion::AVAILABLE
    )]
    OtherRuntimeVersion {
        /// What the function names.
        runtime: Runtime,
    },
    /// Machine code for a Python that is not in a sandbox.
    #[error(
        "the package has native extension modules, which cannot run in WebAssembly: {files}; use versions of these libraries that are pure Python (`pip install --no-binary`, or an older release)"
    )]
    NativeExtensions {
        /// Their paths.
        files: String,
    },
    /// Something that should not happen did.
    #[error("cannot load `{file}`: {reason}")]
    Internal {
        /// The file's path in the package.
        file: String,
        /// What.
        reason: String,
    },
}
