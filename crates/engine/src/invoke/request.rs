//! What goes in and what comes out.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_model::{
    cold_start::ModelledColdStart,
    function::MemorySize,
    identity::{EnvironmentId, RequestId, Version},
    outcome::Failure,
    pool::{ColdReason, ThrottleReason},
    reference::AliasName,
    work_id::WorkId,
};
use serde::Serialize;
use thiserror::Error;

/// A request to run a function's handler.
#[derive(Clone, Debug, Default)]
pub struct InvokeRequest<E = Bytes> {
    /// The version to run, `$LATEST` by default.
    pub version: Version,
    /// The event: JSON, or an HTTP request.
    pub event: E,
    /// The alias by which the function is called, if it is; the version is what that leads to.
    pub alias: Option<AliasName>,
    /// The ARN by which the function is called, with the qualifier if there is one; the function's own if none is given.
    pub invoked_function_arn: Option<Arc<str>>,
    /// The X-Ray trace header, if the caller sent one.
    pub trace_header: Option<String>,
    /// The client context as JSON, if the caller sent one.
    pub client_context: Option<String>,
    /// Whether the reply shall carry the end of the invocation's log.
    pub log_tail: bool,
    /// Which way it came.
    pub via: Via,
    /// What led to it, if that is known from elsewhere than the trace header.
    pub cause: Option<WorkId>,
}

impl<E> InvokeRequest<E> {
    /// A request that says nothing beside its event.
    #[must_use]
    pub fn new(event: E) -> Self {
        InvokeRequest::<()>::default().map(|()| event)
    }

    pub(super) fn map<T>(self, change: impl FnOnce(E) -> T) -> InvokeRequest<T> {
        InvokeRequest {
            version: self.version,
            event: change(self.event),
            alias: self.alias,
            invoked_function_arn: self.invoked_function_arn,
            trace_header: self.trace_header,
            client_context: self.client_context,
            log_tail: self.log_tail,
            via: self.via,
            cause: self.cause,
        }
    }
}

/// The ways on which functions are invoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The Lambda API, or a service of Hearth's that invokes as it does.
    #[default]
    Api,
    /// The function's URL.
    FunctionUrl,
    /// An HTTP API.
    HttpApi,
    /// A REST API.
    RestApi,
    /// A WebSocket API.
    WebSocketApi,
    /// An authorizer of an API.
    Authorizer,
    /// Somebody wanted it to be run again.
    Replay,
}

impl Via {
    pub(crate) fn is_api(&self) -> bool {
        *self == Self::Api
    }
}

/// What came of an invocation that was not turned away.
#[derive(Clone, Debug)]
pub struct InvokeReply<A = Bytes> {
    /// The invocation's id, as in its log.
    pub request_id: RequestId,
    /// The version that served it.
    pub version: Version,
    /// The handler's answer, JSON or an HTTP response, or why there is none.
    pub result: Result<A, Failure>,
    /// The last 4 KiB of the invocation's log, if they were asked for.
    pub log_tail: Option<Bytes>,
    /// The X-Ray trace header of the request, if it had one.
    pub trace_header: Option<String>,
    /// What it took.
    pub report: Report,
}

impl<A> InvokeReply<A> {
    pub(super) fn map<T>(self, answer: impl FnOnce(A) -> T) -> InvokeReply<T> {
        let Self { request_id, version, result, log_tail, trace_header, report } = self;
        InvokeReply { request_id, version, result: result.map(answer), log_tail, trace_header, report }
    }
}

/// Why a request was turned away.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvokeError {
    /// There is no concurrency left for it.
    #[error("{0}: try again later, or raise the limit")]
    Throttled(ThrottleReason),
    /// There is no such version, or no more: it was deleted, or the whole function was.
    #[error("the function has no version {version}: it was never published, or it was deleted")]
    NoSuchVersion {
        /// The version.
        version: Version,
    },
    /// An earlier process had its code, and it cannot be loaded any more.
    #[error("{reason}")]
    Unloaded {
        /// Why not.
        reason: Arc<str>,
    },
    /// Hearth ends.
    #[error("the engine is shutting down: no more invocations are accepted")]
    ShuttingDown,
}

/// What an invocation took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The environment that served it.
    pub environment: EnvironmentId,
    /// Why the environment was created for this invocation; none if it was reused.
    pub cold: Option<ColdReason>,
    /// What the invocation took, without the initialisation before it.
    pub duration: Duration,
    /// What is paid for: the duration and the initialisation before it, rounded up to a millisecond.
    pub billed: Duration,
    /// The function's memory.
    pub memory_size: MemorySize,
    /// The most memory that the environment has had, in bytes.
    pub peak_memory_bytes: u64,
    /// The initialisation before the invocation; none if there was none, or if it failed and was run again within the
    /// invocation.
    pub init: Option<InitReport>,
    /// What each phase really took.
    pub phases: Phases,
}

/// The initialisation before an invocation; both parts together are the Init Duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InitReport {
    /// What it really took.
    pub measured: Duration,
    /// What the cold-start model added to it.
    pub modelled: ModelledColdStart,
}

/// What each phase of an invocation really took; zero for those that it did not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Making the environment.
    pub provision: Duration,
    /// Initialising it, before the invocation or within it.
    pub init: Duration,
    /// Running the handler.
    pub handle: Duration,
}

impl InitReport {
    /// The Init Duration.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.measured + self.modelled.total()
    }
}
