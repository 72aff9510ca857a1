//! `hearth.toml`: what a project consists of.
//!
//! Everything is checked while reading, and every error shows the line, marks the place and says how to mend it. Paths
//! in a manifest are relative to its folder.

mod asynchronous;
mod fields;
mod function;
mod logging;
mod problem;
mod read;
mod settings;
mod suggestion;

pub use self::{
    asynchronous::{AsynchronousDeclaration, Target},
    function::{CodePath, FunctionDeclaration},
    problem::{Diagnostics, ManifestError, Place},
    read::{FILE_NAME, Manifest},
    settings::Settings,
};

#[cfg(test)]
mod tests;
