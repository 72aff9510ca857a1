//! Functions that answer, and those that authorize.

use std::time::Duration;

use bytes::Bytes;
use hearth_engine::{InvokeRequest, Via};
use hearth_model::outcome;

use super::{Exchange, Failure, Served};
use crate::{
    apigateway::v1::RestApis,
    lambda::{InvalidEvent, InvocationError},
};

/// By this name functions' policies know who invokes them.
const SERVICE: &str = "apigateway.amazonaws.com";

/// A function, and what it shall do.
pub(super) struct Invocation {
    /// The function's ARN.
    pub(super) function: String,
    /// Whether its policy does not matter.
    pub(super) in_role: bool,
    /// On behalf of what: an ARN.
    pub(super) source: String,
    pub(super) event: Vec<u8>,
    pub(super) via: Via,
    pub(super) timeout: Duration,
}

/// Why a function gives no result.
#[derive(Debug)]
pub(super) enum Fault {
    /// It cannot be invoked: it is not there, its policy does not allow it, or it has no concurrency left.
    NotInvoked(String),
    /// The event is larger than functions take.
    EventTooLarge,
    /// It takes too long.
    Timeout,
    /// It failed.
    Failed(outcome::Failure),
}

impl RestApis {
    /// What a function returns that answers a call.
    pub(super) async fn invoke(
        &self,
        served: &Served,
        invocation: Invocation,
        exchange: &mut Exchange<'_>,
    ) -> Result<Bytes, Failure> {
        let function = invocation.function.clone();
        self.try_invoke(served, invocation, exchange).await.map_err(|fault| match fault {
            Fault::NotInvoked(reason) => {
                tracing::warn!(api = served.api, function, reason, "a REST API answered 500");
                Failure::MISCONFIGURED
            }
            Fault::EventTooLarge => Failure::EVENT_TOO_LARGE,
            Fault::Timeout => Failure::TIMEOUT,
            Fault::Failed(_) => Failure::BAD_GATEWAY,
        })
    }

    /// What a function returns.
    pub(super) async fn try_invoke(
        &self,
        served: &Served,
        invocation: Invocation,
        exchange: &mut Exchange<'_>,
    ) -> Result<Bytes, Fault> {
        let Invocation { function, in_role, source, event, via, timeout } = invocation;
        let partition = &served.partition;
        if !in_role && !self.functions.lets_in(partition, &function, SERVICE, &source, partition.account) {
            return Err(Fault::NotInvoked(format!(
                "the function does not exist, or its policy does not let {SERVICE} invoke it on behalf of {source}"
            )));
        }
        let request = InvokeRequest {
            event: event.into(),
            trace_header: exchange.trace.clone(),
            via,
            ..InvokeRequest::default()
        };
        let invoked = self.functions.invoke(partition, &function, None, request);
        let reply = tokio::select! {
            biased;
            reply = Box::pin(invoked) => reply,
            () = self.engine.clock().sleep(timeout) => return Err(Fault::Timeout),
        };
        let reply = reply.map_err(|error| match error {
            InvocationError::Event(InvalidEvent::TooLarge { .. }) => Fault::EventTooLarge,
            error => Fault::NotInvoked(error.to_string()),
        })?;
        exchange.trace = reply.trace_header;
        reply.result.map_err(Fault::Failed)
    }
}
