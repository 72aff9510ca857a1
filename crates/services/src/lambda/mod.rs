//! AWS Lambda: deployment packages, events, the functions themselves, and what their owners do with them.

mod declare;
mod deployment;
mod directory;
mod entry;
mod error;
mod event;
mod event_sources;
mod functions;
mod kept;
mod operations;
pub mod package;
mod page;
mod policy;
mod refusal;
mod replay;
mod revision;
mod tags;
mod trace;
mod url;

#[cfg(test)]
mod tests;

pub use self::{
    declare::{Declared, Prepared},
    deployment::{
        Architecture, Code, CodeDigest, Content, DeployedVersion, InvalidUpload, LoggingChange, MountedLayer,
        Phase, Settings, SettingsChange,
    },
    error::{CodeNotKept, DeploymentError, InvocationError},
    event::{InvalidEvent, check_asynchronous_event, check_event},
    event_sources::{
        EventSourceMappings, MappingChange, MappingFilter, MappingId, MappingState, MappingView, NewMapping,
        PollersChange, sample_queue_event,
    },
    functions::Functions,
    kept::inspect_code,
    operations::{
        AccountSettings, Alias, AliasChange, AliasView, AsynchronousChange, AsynchronousConfiguration,
        AsynchronousView, CodeChange, Cors, FunctionDescription, FunctionView, InvokeMode, LayerFilter,
        LayerName, LayerNotes, LayerPermission, LayerVersion, NewFunction, PolicyView, ProvisionView,
        Publication, RecursiveLoop, RuntimeManagement, RuntimeUpdate, UrlChange, UrlConfiguration, UrlOwner,
        UrlView,
    },
    page::{Page, PageRequest},
    policy::{Permission, Principal, Statement, UrlAuthorization},
    refusal::Refusal,
    replay::Replay,
    revision::RevisionId,
    tags::Tagged,
    url::Url,
};
pub(crate) use self::{
    functions::Callee,
    policy::{Admission, Entrant},
};
