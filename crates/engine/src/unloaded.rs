//! Code that an earlier process had, and that cannot be loaded any more.

use std::sync::Arc;

use hearth_model::outcome::{Failure, PlatformFault};

use crate::port::{Contract, Environment, Program, ProvisionSettings};

/// Stands for code that cannot be loaded: no environment is made of it.
pub(crate) struct Unloaded {
    /// Why not.
    pub(crate) reason: Arc<str>,
}

impl Program for Unloaded {
    fn contract(&self) -> Contract {
        Contract::Handler
    }

    fn unloaded(&self) -> Option<&Arc<str>> {
        Some(&self.reason)
    }

    fn provision(&self, _: ProvisionSettings) -> Result<Box<dyn Environment>, Failure> {
        Err(Failure::Platform(PlatformFault::Internal { reason: self.reason.to_string() }))
    }
}
