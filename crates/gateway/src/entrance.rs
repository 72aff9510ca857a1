//! Where requests come in, whichever gateway answers them.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::gateway::Gateway;

/// Leads requests to the gateway that there is now. Connections outlive gateways: a client that kept one open while everything
/// was [reset](crate::control::Reset) does not have to know.
#[derive(Debug)]
pub struct Entrance {
    gateway: RwLock<Arc<Gateway>>,
}

impl Entrance {
    /// An entrance to a gateway.
    #[must_use]
    pub fn to(gateway: Gateway) -> Arc<Self> {
        Arc::new(Self { gateway: RwLock::new(Arc::new(gateway)) })
    }

    /// Leads to another gateway from the next request on. What the one before still answers, it answers to the end.
    pub fn lead_to(&self, gateway: Gateway) {
        let before = std::mem::replace(&mut *self.gateway.write(), Arc::new(gateway));
        before.end();
    }

    /// Where it leads now.
    pub(crate) fn gateway(&self) -> Arc<Gateway> {
        Arc::clone(&self.gateway.read())
    }
}
