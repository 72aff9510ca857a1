//! One attempt to give an event to its function.

use std::sync::Arc;

use hearth_model::{
    asynchronous::Outcome,
    identity::{RequestId, Version},
    outcome::Failure,
    pool::ThrottleReason,
    reference::Qualifier,
};

use super::{AsynchronousRequest, events::Response};
use crate::{
    engine::Engine,
    function::Function,
    invoke::{InvokeError, InvokeReply, InvokeRequest},
};

/// An attempt that the queue waits for. If it is dropped before it is done, because it was broken off or panicked, that
/// is a fault of Hearth's own.
pub(super) struct Attempt {
    engine: Arc<Engine>,
    function: Arc<Function>,
    id: RequestId,
    request: Arc<AsynchronousRequest>,
    done: bool,
}

impl Attempt {
    pub(super) fn new(
        engine: Arc<Engine>,
        function: Arc<Function>,
        id: RequestId,
        request: Arc<AsynchronousRequest>,
    ) -> Self {
        Self { engine, function, id, request, done: false }
    }

    pub(super) async fn run(mut self) {
        let (outcome, response) = self.outcome().await;
        self.end(outcome, response);
    }

    async fn outcome(&self) -> (Outcome, Option<Response>) {
        if self.request.recursive {
            return (Outcome::RecursiveInvocation, None);
        }
        let Some(version) = self.version() else { return self.not_found() };
        let AsynchronousRequest { event, qualifier, trace_header, client_context, recursive: _, cause } =
            &*self.request;
        let arn = self.function.arn();
        let request = InvokeRequest {
            version,
            alias: qualifier.as_ref().and_then(Qualifier::alias).cloned(),
            event: event.clone(),
            invoked_function_arn: qualifier.as_ref().map(|qualifier| format!("{arn}:{qualifier}").into()),
            trace_header: trace_header.clone(),
            client_context: client_context.clone(),
            cause: *cause,
            ..InvokeRequest::default()
        };
        match self.engine.begin_as(&self.function, request, self.id) {
            Ok(running) => self.replied(running.await),
            Err(InvokeError::Throttled(reason)) => {
                let reserved = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
                if reason == reserved && self.function.is_turned_off() {
                    return (Outcome::ZeroReservedConcurrency, None);
                }
                (Outcome::Throttled, Some(refused(429, "Rate Exceeded.")))
            }
            Err(InvokeError::NoSuchVersion { .. }) => self.not_found(),
            // The event waits for other code.
            Err(error @ (InvokeError::Unloaded { .. } | InvokeError::ShuttingDown)) => {
                (Outcome::PlatformFault, Some(refused(500, &error.to_string())))
            }
        }
    }

    /// The version that is meant now.
    fn version(&self) -> Option<Version> {
        match &self.request.qualifier {
            None => Some(Version::Latest),
            Some(Qualifier::Version(version)) => Some(*version),
            Some(Qualifier::Alias(alias)) => {
                let connections = self.engine.connections().get()?;
                connections.aliases.upgrade()?.resolve(&self.function, alias)
            }
            Some(Qualifier::Nothing(_)) => None,
        }
    }

    fn replied(&self, reply: InvokeReply) -> (Outcome, Option<Response>) {
        let version = reply.version;
        match reply.result {
            Ok(payload) => {
                (Outcome::Success, Some(Response::Function { version, error_message: None, payload }))
            }
            Err(Failure::Platform(fault)) => (Outcome::PlatformFault, Some(refused(500, &fault.to_string()))),
            Err(failure) => {
                let document = failure.document(self.id);
                let payload = serde_json::to_vec(&document).expect("texts can always be written").into();
                let error_message = Some(document.error_message);
                (Outcome::FunctionError, Some(Response::Function { version, error_message, payload }))
            }
        }
    }

    /// What was there at the acceptance is gone. It may come back, but is not waited for longer than for a function that
    /// fails.
    fn not_found(&self) -> (Outcome, Option<Response>) {
        let qualifier = self.request.qualifier.as_ref().unwrap_or(&Qualifier::LATEST);
        let message = format!("Function not found: {}:{qualifier}", self.function.arn());
        (Outcome::FunctionError, Some(refused(404, &message)))
    }

    fn end(&mut self, outcome: Outcome, response: Option<Response>) {
        self.done = true;
        self.engine.end_attempt(&self.function, self.id, outcome, response);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.done {
            self.end(Outcome::PlatformFault, Some(refused(500, "the attempt was broken off")));
        }
    }
}

fn refused(status: u16, message: &str) -> Response {
    Response::Refused { status, message: message.to_owned() }
}
