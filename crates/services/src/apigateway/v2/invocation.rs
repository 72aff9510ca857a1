//! Functions that answer requests and messages, and those that authorize.

use std::time::Duration;

use bytes::Bytes;
use hearth_engine::{InvokeRequest, Via};
use hearth_model::{identity::Partition, outcome::Failure};

use super::Apis;
use crate::{apigateway::FunctionUri, lambda::InvocationError};

/// A function, and what it shall do.
pub(super) struct Invocation<'a> {
    pub(super) function: &'a FunctionUri,
    /// On behalf of what: an ARN, which the function's policy must let in. None if a role invokes it, which may do everything.
    pub(super) source: Option<String>,
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
    pub(super) async fn invoke(
        &self,
        partition: &Partition,
        invocation: Invocation<'_>,
    ) -> Result<Bytes, Fault> {
        const SERVICE: &str = "apigateway.amazonaws.com";
        let Invocation { function, source, event, via, trace, timeout } = invocation;
        let (functions, reference) = (self.functions(), function.reference());
        if let Some(source) = source
            && !functions.lets_in_to(partition, reference, SERVICE, &source, partition.account)
        {
            let function = reference.name.as_str();
            tracing::warn!(function, source, "the function's policy does not let the API invoke it");
            return Err(Fault::NotInvoked);
        }
        let request =
            InvokeRequest { event: event.into(), trace_header: trace, via, ..InvokeRequest::default() };
        let running =
            functions.begin_referenced(partition, reference, request).map_err(|error| match error {
                InvocationError::Throttled(_) | InvocationError::ShuttingDown => Fault::Unavailable,
                InvocationError::Reference(_)
                | InvocationError::OtherRegion { .. }
                | InvocationError::NotFound { .. }
                | InvocationError::Event(_)
                | InvocationError::Recursive
                | InvocationError::QueueFull { .. } => Fault::NotInvoked,
            })?;
        tokio::select! {
            biased;
            reply = running => reply.result.map_err(Fault::Failed),
            // What was begun runs to its end, as on Lambda.
            () = self.engine().clock().sleep(timeout) => Err(Fault::Timeout),
        }
    }
}
