//! The `hearth` program: its manifest, its commands, and the wiring of all other crates.
//!
//! [`World`] is the wiring; `up`, `invoke` and whatever else runs functions stand on it. There is no logic here that
//! the rules of the model, the engine or a service could have.

mod cache;
pub mod cli;
mod client;
mod demo;
mod exit;
mod logs;
pub mod manifest;
mod open_files;
mod progress;
mod runtime;
mod template;
mod terminal;
mod timeline;
mod watch;
mod world;

pub use self::{
    cache::default_cache_folder,
    exit::Exit,
    logs::{LogFormat, LogPrinter},
    runtime::folder as runtimes_folder,
    world::{Change, EventSource, KeptState, StartError, Verb, World, WorldOptions},
};
