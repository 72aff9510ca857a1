//! The control plane: what the operations of the Lambda API do, a file for each family of them.

mod aliases;
mod asynchronous;
mod concurrency;
mod functions;
mod layers;
mod policy;
mod recursion;
mod runtime;
mod tags;
mod versions;

pub use self::{
    aliases::{Alias, AliasChange, AliasView},
    asynchronous::{AsynchronousChange, AsynchronousConfiguration, AsynchronousView},
    concurrency::{AccountSettings, ProvisionView},
    functions::{CodeChange, FunctionDescription, FunctionView, NewFunction},
    layers::{LayerFilter, LayerName, LayerNotes, LayerVersion},
    policy::{Permission, Policy, Principal, Statement},
    recursion::RecursiveLoop,
    runtime::{RuntimeManagement, RuntimeUpdate},
    versions::Publication,
};
pub(super) use self::{
    concurrency::{Provision, Target},
    layers::Layers,
    policy::Policies,
};
