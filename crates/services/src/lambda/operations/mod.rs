//! The control plane: what the operations of the Lambda API do, a file for each family of them.

mod aliases;
mod asynchronous;
mod concurrency;
mod functions;
mod layer_permissions;
mod layers;
mod permissions;
mod recursion;
mod runtime;
mod urls;
mod versions;

pub use self::{
    aliases::{Alias, AliasChange, AliasView},
    asynchronous::{AsynchronousChange, AsynchronousConfiguration, AsynchronousView},
    concurrency::{AccountSettings, ProvisionView},
    functions::{CodeChange, FunctionDescription, FunctionView, NewFunction},
    layer_permissions::LayerPermission,
    layers::{LayerFilter, LayerName, LayerNotes, LayerVersion},
    permissions::PolicyView,
    recursion::RecursiveLoop,
    runtime::{RuntimeManagement, RuntimeUpdate},
    urls::{Cors, InvokeMode, UrlChange, UrlConfiguration, UrlOwner, UrlView},
    versions::Publication,
};
pub(super) use self::{
    concurrency::{Provision, Target},
    layer_permissions::LayerPolicy,
    layers::{Layer, Layers},
    permissions::Policies,
    urls::Urls,
};
