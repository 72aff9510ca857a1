//! Functions that answer requests and messages, and those that authorize.

use std::time::Duration;

use bytes::Bytes;
use hearth_engine::{InvokeRequest, Via};
use hearth_model::{identity::Partition, outcome::Failure};

use super::Apis;
use crate::{apigateway::FunctionUri, lambda::InvocationError};

/// A function, and what it shall do.
pub(super) struct Invocation<'a, S> {
    pub(super) function: &'a FunctionUri,
    /// On behalf of what: an ARN, which the function's policy must let in, if it asks. None if a role invokes it, which may do
    /// everything.
    pub(super) source: Option<S>,
    pub(super) event: Vec<u8>,
    /// What the invocation comes through.
    pub(super) via: Via,
    /// The X-Ray trace header.
    pub(super) trace: Option<String>,
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
    /// What a function returns. Cancel safe: a function that has begun runs on.
    pub(super) async fn invoke<S: Fn() -> String>(
        &self,
        partition: &Partition,
        invocation: Invocation<'_, S>,
    ) -> Result<Bytes, Fault> {
        const SERVICE: &str = "apigateway.amazonaws.com";
        let Invocation { function, source, event, via, trace, timeout } = invocation;
        let (functions, reference) = (self.functions(), function.reference());
        let callee = functions.callee(partition, reference)?;
        if let Some(source) = source
            && !callee.lets_in(SERVICE, &source, partition.account)
        {
            let (function, source) = (reference.name.as_str(), source());
            tracing::warn!(function, source, "the function's policy does not let the API invoke it");
            return Err(Fault::NotInvoked);
        }
        let request =
            InvokeRequest { event: event.into(), trace_header: trace, via, ..InvokeRequest::default() };
        let running = functions.begin_callee(&callee, request)?;
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
