//! Invoking in this process.

use std::sync::Arc;

use bytes::Bytes;
use hearth_engine::InvokeRequest;
use hearth_model::identity::Partition;
use hearth_services::lambda::{Functions, InvocationError};

use super::{super::error::CommandError, outcome::Outcome};
use crate::world::World;

/// A function of a world.
#[derive(Clone)]
pub(super) struct Local {
    functions: Arc<Functions>,
    partition: Partition,
    name: String,
}

impl Local {
    pub(super) fn new(world: &World, name: String) -> Self {
        Self { functions: world.functions(), partition: world.partition(), name }
    }

    pub(super) async fn invoke(self, event: Bytes) -> Result<Outcome, CommandError> {
        let request = InvokeRequest { event, ..InvokeRequest::default() };
        match self.functions.invoke(&self.partition, &self.name, None, request).await {
            Ok(reply) => Ok(Outcome::of_reply(self.name, reply)),
            Err(InvocationError::Throttled(reason)) => Ok(Outcome::throttled(self.name, reason)),
            Err(error) => Err(error.into()),
        }
    }
}
