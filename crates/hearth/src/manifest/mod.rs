//! `hearth.toml`: what a project consists of.
//!
//! Everything is checked while reading, and every error shows the line, marks the place and says how to mend it. Paths
//! in a manifest are relative to its folder.

mod asynchronous;
mod bucket;
mod events;
mod fault;
mod fields;
mod function;
mod http;
mod json;
mod logging;
mod problem;
mod queue;
mod read;
mod settings;
mod suggestion;

pub use self::{
    asynchronous::{AsynchronousDeclaration, Target},
    bucket::{BucketDeclaration, BucketSettings},
    events::{BucketEvents, HttpEvents, QueueEventSettings, QueueEvents, ScheduleEvents, SocketEvents},
    fault::FaultDeclaration,
    function::{CodePath, FunctionDeclaration},
    http::{AuthorizerDeclaration, AuthorizerSettings, HttpDeclaration},
    problem::{Diagnostics, ManifestError, Place},
    queue::{DeadLetter, QueueDeclaration, QueueSettings},
    read::{FILE_NAME, Manifest},
    settings::Settings,
};

#[cfg(test)]
mod tests;
