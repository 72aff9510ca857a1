//! Drives the model on tokio: the clock, environments, the ways of invoking a function, the timeline.
//!
//! The engine owns the [port] behind which sandboxes stand, and names no service. Its tests run against a fake
//! sandbox under a frozen clock.

mod account;
pub mod activity;
pub mod asynchronous;
pub mod clock;
mod counting;
pub mod deadlines;
mod deploy;
mod deployed;
mod engine;
pub mod faults;
mod function;
mod invoke;
pub mod journal;
pub mod kept;
pub mod log;
pub mod metrics;
pub mod package;
pub mod port;
mod provisioned;
pub mod random;
mod recording;
mod ring;
pub mod settle;
pub mod shown;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timeline;
mod unloaded;
mod variables;
pub mod wire;
pub mod work;

pub use self::{
    deploy::{DeployError, KeptVersion, LoadedFunction, PublishError},
    engine::{AccountUsage, Engine, EngineOptions},
    function::{Function, FunctionId},
    invoke::{Event, InitReport, InvokeError, InvokeReply, InvokeRequest, Phases, Report, Running, Via},
    provisioned::{ProvisionError, ProvisionedConcurrency, ProvisioningFailure, ProvisioningStatus},
    recording::{Recording, ReplayError},
    ring::Followed,
};
