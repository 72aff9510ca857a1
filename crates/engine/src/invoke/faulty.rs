//! Guests' calls with the faults that somebody asked for.

use std::future::ready;

use hearth_model::{
    faults::{Fault, Point},
    outcome::Failure,
};

use super::call::Event;
use crate::{
    clock::Clock,
    engine::Engine,
    faults::{failed, killed, kills},
    function::Sandboxed,
    port::{BoxFuture, Environment, InvocationContext},
    timeline::Subject,
};

/// Runs a function's handler, unless a fault is before it.
pub(super) async fn call<E: Event>(
    faults: &[Fault],
    clock: &Clock,
    environment: &mut dyn Environment,
    event: E,
    context: &InvocationContext,
) -> Result<E::Answer, Failure> {
    for fault in faults {
        match fault {
            Fault::Delay(delay) => clock.sleep(*delay).await,
            Fault::Fail { error_type, error_message } => return Err(failed(error_type, error_message)),
            Fault::KillBeforeHandler => return Err(killed()),
            Fault::KillAfterHandler
            | Fault::Throttle
            | Fault::KillDuringInit
            | Fault::FailInit { .. }
            | Fault::DropResponse
            | Fault::DuplicateMessage
            | Fault::ReorderMessage
            | Fault::DuplicateEvent
            | Fault::NoSpace
            | Fault::DiskFull => {}
        }
    }
    let answer = event.call(environment, context).await;
    if faults.iter().any(kills) { Err(killed()) } else { answer }
}

/// Initialises an environment, unless a fault is before it.
pub(super) fn init<'a>(
    engine: &Engine,
    sandboxed: &'a mut Sandboxed,
    subject: impl Fn() -> Subject,
) -> BoxFuture<'a, Result<(), Failure>> {
    let name = sandboxed.deployed.configuration.name.as_str();
    let failure =
        engine.faults().call(Point::Init, name, subject).into_iter().find_map(|fault| match fault {
            Fault::KillDuringInit => Some(killed()),
            Fault::FailInit { error_type, error_message } => Some(failed(&error_type, &error_message)),
            Fault::Throttle
            | Fault::Delay(_)
            | Fault::Fail { .. }
            | Fault::KillBeforeHandler
            | Fault::KillAfterHandler
            | Fault::DropResponse
            | Fault::DuplicateMessage
            | Fault::ReorderMessage
            | Fault::DuplicateEvent
            | Fault::NoSpace
            | Fault::DiskFull => None,
        });
    match failure {
        Some(failure) => Box::pin(ready(Err(failure))),
        None => sandboxed.environment.init(),
    }
}
