//! Functions that answer requests and messages, and those that authorize.

use std::time::Duration;

use hearth_engine::{Event, InvokeRequest, Via};
use hearth_model::{identity::Partition, outcome::Failure};

use super::Apis;
use crate::{
    apigateway::FunctionUri,
    lambda::{Callee, Entrant, InvocationError},
};

/// What a function shall do.
pub(super) struct Invocation<E> {
    pub(super) event: E,
    /// What the invocation comes through.
    pub(super) via: Via,
    /// The X-Ray trace header.
    pub(super) trace: String,
    pub(super) timeout: Duration,
}

/// Why a function gives no result.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not there, its policy does not let the API in, or the event is nothing for it.
    NotInvoked,
    /// It has no concurrency left, or Hearth is about to end.
    Unavailable,
    /// It takes too long.
    Timeout,
    /// It failed.
    Failed(Failure),
}

impl Apis {
    /// Finds a function. `source` says on behalf of what it is to be invoked: an ARN, which the function's policy must let in, if
    /// it asks; none if a role invokes it, which may do everything. An entrant always comes from the same source.
    pub(super) fn callee<'a>(
        &self,
        partition: &Partition,
        function: &'a FunctionUri,
        source: Option<impl Fn() -> String>,
        entrant: Option<Entrant<'_>>,
    ) -> Result<Callee<'a>, Fault> {
        const SERVICE: &str = "apigateway.amazonaws.com";
        let reference = function.reference();
        let callee = self.functions().callee(partition, reference)?;
        if let Some(source) = source
            && !callee.lets_in(SERVICE, &source, partition.account, entrant)
        {
            let (function, source) = (reference.name.as_str(), source());
            tracing::warn!(function, source, "the function's policy does not let the API invoke it");
            return Err(Fault::NotInvoked);
        }
        Ok(callee)
    }

    /// What a function returns. Cancel safe: one that has begun runs on.
    pub(super) async fn invoke<E: Event>(
        &self,
        callee: &Callee<'_>,
        invocation: Invocation<E>,
    ) -> Result<E::Answer, Fault> {
        let Invocation { event, via, trace, timeout } = invocation;
        let request = InvokeRequest { trace_header: Some(trace), via, ..InvokeRequest::new(event) };
        let running = self.functions().begin_callee(callee, request)?;
        tokio::select! {
            biased;
            reply = running => reply.result.map_err(Fault::Failed),
            // What was begun runs to its end, as on Lambda. The timer is made only if the function waits for something.
            () = async { self.engine().clock().sleep(timeout).await } => Err(Fault::Timeout),
        }
    }
}

impl From<InvocationError> for Fault {
    fn from(error: InvocationError) -> Self {
        match error {
            InvocationError::Throttled(_) | InvocationError::ShuttingDown => Self::Unavailable,
            InvocationError::Reference(_)
            | InvocationError::OtherRegion { .. }
            | InvocationError::NotFound { .. }
            | InvocationError::Event(_)
            | InvocationError::Recursive
            | InvocationError::QueueFull { .. }
            | InvocationError::Unloaded { .. } => Self::NotInvoked,
        }
    }
}
