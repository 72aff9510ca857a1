//! The functions that exist, and the ways to them.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use hearth_engine::{
    Engine, Event, Function, InvokeError, InvokeReply, InvokeRequest, Running,
    asynchronous::{AcceptError, AsynchronousRequest},
    journal::Journal,
    package::Package,
    random::random_bits,
};
use hearth_model::{
    function::FunctionConfiguration,
    identity::{AccountId, FunctionName, Partition, RequestId, Version},
    limits,
    recursion::MOST_INVOCATIONS,
    reference::{FunctionReference, NameShape, Qualifier},
    time::Timestamp,
};
use parking_lot::RwLock;

use super::{
    Code, Content, DeployedVersion, DeploymentError, EventSourceMappings, InvocationError, MountedLayer,
    Settings, UrlOwner, check_asynchronous_event, check_event,
    directory::Directory,
    entry::{ChangeGuard, Entry},
    kept::CodeFiles,
    operations::{Layers, Urls},
    policy::Entrant,
    trace::{self, Trace},
};
use crate::sqs::Queues;

/// The functions of all accounts and regions.
pub struct Functions {
    engine: Arc<Engine>,
    /// Among them, those that get what asynchronous invocations tell.
    queues: Arc<Queues>,
    directory: Arc<Directory>,
    layers: RwLock<Layers>,
    urls: RwLock<Urls>,
    code_files: CodeFiles,
    /// Those that wait for functions to have code that can be loaded.
    mappings: OnceLock<Weak<EventSourceMappings>>,
    /// The engine's, if there are files for code; otherwise no function survives.
    journal: Journal,
}

/// A function that is about to be invoked, with the version that shall serve this one invocation.
pub(crate) struct Callee<'a> {
    reference: &'a FunctionReference,
    entry: Arc<Entry>,
    version: Version,
}

impl Functions {
    /// No functions yet; those to come run on `engine`.
    #[must_use]
    pub fn new(engine: Arc<Engine>, queues: Arc<Queues>) -> Self {
        let code_files = CodeFiles::of(engine.journal());
        let journal = if code_files.is_durable() { engine.journal().clone() } else { Journal::default() };
        let (layers, urls) = (RwLock::default(), RwLock::default());
        let (directory, mappings) = (Arc::default(), OnceLock::new());
        Self { engine, queues, directory, layers, urls, code_files, mappings, journal }
    }

    /// From now on, these are told when a function has got code.
    pub(super) fn connect(&self, mappings: Weak<EventSourceMappings>) {
        self.mappings.set(mappings).expect("functions have mappings once");
    }

    /// Deletes a function with all its versions: from now on it is not found, and its concurrency is free again.
    /// Invocations that run finish.
    pub fn remove(&self, partition: &Partition, name: &FunctionName) -> Option<Arc<Function>> {
        let entry = {
            let mut by_partition = self.directory.0.write();
            let entry = by_partition.get_mut(partition)?.remove(name)?;
            entry.unlist();
            entry
        };
        self.engine.delete(&entry.function);
        for alias in entry.state().urls.keys() {
            let (partition, function, alias) = (partition.clone(), name.clone(), alias.clone());
            self.urls.write().remove(&UrlOwner { partition, function, alias }.id());
        }
        self.sweep_code();
        Some(Arc::clone(&entry.function))
    }

    /// The function of a name.
    #[must_use]
    pub fn find(&self, partition: &Partition, name: &FunctionName) -> Option<Arc<Function>> {
        let by_partition = self.directory.0.read();
        Some(Arc::clone(&by_partition.get(partition)?.get(name)?.function))
    }

    /// The functions of an account and region in the order of their names.
    #[must_use]
    pub fn list(&self, partition: &Partition) -> Vec<Arc<Function>> {
        self.entries(partition).iter().map(|entry| Arc::clone(&entry.function)).collect()
    }

    /// How many functions there are in all accounts and regions.
    #[must_use]
    pub fn total(&self) -> usize {
        self.directory.0.read().values().map(BTreeMap::len).sum()
    }

    /// The X-Ray trace header of a request that begins a trace.
    #[must_use]
    pub fn begin_trace(&self) -> String {
        trace::begin(self.now())
    }

    /// Invokes a function and waits for its answer; see [`begin`](Self::begin).
    ///
    /// # Errors
    /// If the request is refused. What a handler does wrong is in the reply.
    pub async fn invoke(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        request: InvokeRequest,
    ) -> Result<InvokeReply, InvocationError> {
        Ok(self.begin(partition, name, qualifier, request)?.await)
    }

    /// Begins to invoke a function, as `RequestResponse` does. `name` and `qualifier` are what the caller named, see
    /// [`FunctionReference`]; `partition` is the caller's. The request's `version` and `invoked_function_arn` are set here,
    /// and its trace goes on.
    ///
    /// # Errors
    /// If the request is refused. What a handler does wrong is in the reply.
    pub fn begin(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        mut request: InvokeRequest,
    ) -> Result<Running, InvocationError> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let (entry, version) = self.find_referenced(partition, &reference)?;
        request.event = check_event(request.event)?;
        self.begin_version(&entry, version, &reference, request)
    }

    /// As [`begin`](Self::begin), with an event that is known to be one.
    pub(crate) fn begin_referenced(
        &self,
        partition: &Partition,
        reference: &FunctionReference,
        request: InvokeRequest,
    ) -> Result<Running, InvocationError> {
        self.begin_callee(&self.callee(partition, reference)?, request)
    }

    /// What an invocation by a reference would invoke.
    ///
    /// # Errors
    /// If it is not there.
    pub(crate) fn callee<'a>(
        &self,
        partition: &Partition,
        reference: &'a FunctionReference,
    ) -> Result<Callee<'a>, InvocationError> {
        let (entry, version) = self.find_referenced(partition, reference)?;
        Ok(Callee { reference, entry, version })
    }

    /// Begins to invoke what was found.
    pub(crate) fn begin_callee<E: Event>(
        &self,
        callee: &Callee<'_>,
        request: InvokeRequest<E>,
    ) -> Result<Running<E::Answer>, InvocationError> {
        self.begin_version(&callee.entry, callee.version, callee.reference, request)
    }

    /// Whether the version that a reference mainly names has code that could not be loaded: an invocation would be refused.
    pub(super) fn is_unloaded(&self, partition: &Partition, reference: &FunctionReference) -> bool {
        let Some(entry) = self.entry(partition, &reference.name) else { return false };
        let qualifier = reference.qualifier.as_ref().unwrap_or(&Qualifier::LATEST);
        entry.state().qualified(qualifier).is_some_and(|version| version.failure().is_some())
    }

    /// The versions that an earlier process had and whose code cannot be loaded any more, in the order of their names.
    #[must_use]
    pub fn unloaded(&self) -> Vec<(Partition, DeployedVersion)> {
        let by_partition = self.directory.0.read();
        let entries = by_partition.iter().flat_map(|(partition, functions)| {
            functions.values().map(move |entry| (partition.clone(), Arc::clone(entry)))
        });
        let mut unloaded = Vec::new();
        for (partition, entry) in entries {
            let state = entry.state();
            let failed = state.versions().filter(|version| version.failure().is_some());
            unloaded.extend(failed.map(|version| (partition.clone(), version.clone())));
        }
        unloaded.sort_by_cached_key(|(partition, version)| {
            (version.content.settings.configuration.name.clone(), version.version, partition.clone())
        });
        unloaded
    }

    /// How long the function may run that would serve an invocation; `None` if there is no such function.
    pub(super) fn timeout(&self, partition: &Partition, reference: &FunctionReference) -> Option<Duration> {
        let (entry, version) = self.find_referenced(partition, reference).ok()?;
        let state = entry.state();
        Some(state.version(version)?.content.settings.configuration.timeout.duration())
    }

    pub(super) fn begin_version<E: Event>(
        &self,
        entry: &Entry,
        version: Version,
        reference: &FunctionReference,
        mut request: InvokeRequest<E>,
    ) -> Result<Running<E::Answer>, InvocationError> {
        let function = &entry.function;
        let id = RequestId::from_random(random_bits());
        let trace = Trace::enter(request.trace_header.as_deref(), entry.hash, id, || self.now());
        if stops_loop(entry, &trace) {
            self.engine.loop_stopped(function, reference.qualifier.as_ref());
            return Err(InvocationError::Recursive);
        }
        request.cause = request.cause.or(trace.cause);
        request.trace_header = Some(trace.header);
        request.version = version;
        request.alias = reference.qualifier.as_ref().and_then(Qualifier::alias).cloned();
        request.invoked_function_arn =
            reference.qualifier.is_some().then(|| reference.arn(function.partition()).into());
        self.engine.begin_as(function, request, id).map_err(|error| match error {
            InvokeError::Throttled(reason) => InvocationError::Throttled(reason),
            InvokeError::NoSuchVersion { .. } => not_found(reference, function.partition()),
            InvokeError::Unloaded { reason } => InvocationError::Unloaded { reason },
            InvokeError::ShuttingDown => InvocationError::ShuttingDown,
        })
    }

    /// Accepts an event for a function, as `Event` does: it is given to the function later, and again if that does not end
    /// well. Every attempt has the request id that is returned.
    ///
    /// # Errors
    /// If the event is refused. Want of concurrency is no reason.
    pub fn accept(
        &self,
        partition: &Partition,
        name: &str,
        qualifier: Option<&str>,
        request: InvokeRequest,
    ) -> Result<RequestId, InvocationError> {
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        let (entry, _) = self.find_referenced(partition, &reference)?;
        let function = &entry.function;
        let InvokeRequest { event, trace_header, client_context, .. } = request;
        let id = RequestId::from_random(random_bits());
        let trace = Trace::enter(trace_header.as_deref(), entry.hash, id, || self.now());
        let asynchronous = AsynchronousRequest {
            event: check_asynchronous_event(event)?,
            qualifier: reference.qualifier.clone(),
            recursive: stops_loop(&entry, &trace),
            trace_header: Some(trace.header),
            client_context,
            cause: request.cause.or(trace.cause),
        };
        let accepted = self.engine.accept_as(function, asynchronous, id);
        accepted.map(|()| id).map_err(|error| match error {
            AcceptError::QueueFull(_) | AcceptError::TooManyBytes { .. } => {
                InvocationError::QueueFull { reason: error.to_string() }
            }
            AcceptError::Deleted => not_found(&reference, function.partition()),
            AcceptError::ShuttingDown => InvocationError::ShuttingDown,
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
        let reference = FunctionReference::parse(NameShape::Namespaced, name, qualifier)?;
        Ok(Arc::clone(&self.find_referenced(partition, &reference)?.0.function))
    }

    /// Gives a function that is [being changed](Entry::begin_change) other content; returns what its owner is told at
    /// that moment.
    pub(super) async fn replace(
        &self,
        entry: &Entry,
        content: Content,
        reserved: Option<u32>,
    ) -> Result<DeployedVersion, DeploymentError> {
        content.check()?;
        let _kept = self.keep_code(content.codes()).await?;
        let (configuration, package) = (content.configuration(reserved), Arc::clone(content.code.package()));
        self.engine.update(&entry.function, configuration, package, content.packages()).await?;
        let changed = DeployedVersion::updated(content, self.now());
        let mut state = entry.state();
        state.latest = changed.done();
        state.reserved_concurrency = reserved;
        self.apply_version(entry, &state, Version::Latest);
        drop(state);
        self.sweep_code();
        self.tell_mappings();
        Ok(changed)
    }

    /// Tells mappings that a function has got code.
    pub(super) fn tell_mappings(&self) {
        if let Some(mappings) = self.mappings.get().and_then(Weak::upgrade) {
            mappings.look_again();
        }
    }

    pub(super) const fn code_files(&self) -> &CodeFiles {
        &self.code_files
    }

    /// Where functions and layers are recorded.
    pub(super) const fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(super) fn entry(&self, partition: &Partition, name: &FunctionName) -> Option<Arc<Entry>> {
        self.directory.0.read().get(partition)?.get(name).cloned()
    }

    pub(super) fn entries(&self, partition: &Partition) -> Vec<Arc<Entry>> {
        self.directory.0.read().get(partition).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Begins to change a function.
    pub(super) fn begin_change<'a>(&self, entry: &'a Entry) -> Result<ChangeGuard<'a>, DeploymentError> {
        entry.begin_change().ok_or_else(|| DeploymentError::Busy { arn: entry.function.arn().to_string() })
    }

    /// Knows where aliases lead.
    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    pub(super) fn layers(&self) -> &RwLock<Layers> {
        &self.layers
    }

    pub(super) fn urls(&self) -> &RwLock<Urls> {
        &self.urls
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().wall()
    }

    /// Finds what a caller of `partition` means, and the version that shall serve this one invocation. An ARN may name
    /// another account: what is there is found.
    fn find_referenced(
        &self,
        partition: &Partition,
        reference: &FunctionReference,
    ) -> Result<(Arc<Entry>, Version), InvocationError> {
        if let Some(named) = reference.region.as_ref().filter(|named| **named != partition.region) {
            let own = partition.region.clone();
            return Err(InvocationError::OtherRegion { named: named.clone(), own });
        }
        let elsewhere = reference.account.filter(|account| *account != partition.account);
        let elsewhere = elsewhere.map(|account| Partition { account, region: partition.region.clone() });
        let partition = elsewhere.as_ref().unwrap_or(partition);
        let by_partition = self.directory.0.read();
        let entry = by_partition.get(partition).and_then(|functions| functions.get(&reference.name));
        let entry = entry.ok_or_else(|| not_found(reference, partition))?;
        let version = match &reference.qualifier {
            None => Version::Latest,
            Some(qualifier) => {
                let version = entry.state().choose(qualifier, || entry.function.draw());
                version.ok_or_else(|| not_found(reference, partition))?
            }
        };
        Ok((Arc::clone(entry), version))
    }
}

impl Callee<'_> {
    /// Whether a service may invoke it on behalf of a resource of an account. An entrant always asks for the same.
    pub(crate) fn lets_in(
        &self,
        service: &str,
        resource: impl Fn() -> String,
        account: AccountId,
        entrant: Option<Entrant<'_>>,
    ) -> bool {
        self.entry.lets_in(self.reference, service, resource, account, entrant)
    }

    /// Whether it takes requests as they are, and not as events.
    pub(crate) fn takes_requests(&self) -> bool {
        self.entry.function.takes_requests(self.version)
    }
}

/// Whether an invocation is not made because it is one of a loop; Hearth then says so, as AWS does in a notification.
fn stops_loop(entry: &Entry, trace: &Trace) -> bool {
    let stops = entry.refuses(trace);
    if stops {
        let function = entry.function.name();
        tracing::warn!(
            "a recursive loop is stopped: the events of one chain have invoked function `{function}` {MOST_INVOCATIONS} times; \
             if that is meant, allow it: aws lambda put-function-recursion-config --function-name {function} \
             --recursive-loop Allow"
        );
    }
    stops
}

/// Content that does not come from a client. Its layers are deployed with their function, and have no life of their own.
pub(super) fn content_of(
    configuration: FunctionConfiguration,
    package: Arc<Package>,
    layers: Vec<Arc<Package>>,
) -> Content {
    let code = |package| Arc::new(Code::of(package));
    let mounted = |layer| MountedLayer { arn: None, code: code(layer) };
    let layers = layers.into_iter().map(mounted).collect();
    Content { settings: Settings::of(configuration), code: code(package), layers }
}

/// AWS names the version that it looked for, even if the caller did not; recorded in November 2025.
pub(super) fn not_found(reference: &FunctionReference, partition: &Partition) -> InvocationError {
    InvocationError::NotFound { arn: reference.qualified_arn(partition) }
}

impl Content {
    pub(super) fn configuration(&self, reserved_concurrency: Option<u32>) -> FunctionConfiguration {
        FunctionConfiguration { reserved_concurrency, ..self.settings.configuration.clone() }
    }

    /// The layers, as the engine mounts them.
    pub(super) fn packages(&self) -> Vec<Arc<Package>> {
        self.layers.iter().map(|layer| Arc::clone(layer.code.package())).collect()
    }

    /// All code, that of layers included.
    pub(super) fn codes(&self) -> Vec<Arc<Code>> {
        let layers = self.layers.iter().map(|layer| &layer.code);
        [&self.code].into_iter().chain(layers).cloned().collect()
    }

    /// Whether all of it is there, and not too much.
    pub(super) fn check(&self) -> Result<(), DeploymentError> {
        if let Some(reason) = self.codes().iter().find_map(|code| code.loss()) {
            return Err(DeploymentError::CodeLost { reason: Arc::clone(reason) });
        }
        let layers = self.layers.iter().map(|layer| layer.code.package().unzipped_bytes());
        let bytes = self.code.package().unzipped_bytes() + layers.sum::<u64>();
        if bytes > limits::PACKAGE_UNZIPPED_BYTES {
            return Err(DeploymentError::TooLarge { bytes });
        }
        Ok(())
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_partition = self.directory.0.read();
        let functions = by_partition.values().flat_map(BTreeMap::values);
        f.debug_list().entries(functions.map(|entry| entry.function.arn())).finish()
    }
}
