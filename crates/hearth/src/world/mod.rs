//! A whole Hearth in this process: engine, sandbox, functions and, if wanted, a port.

mod buckets;
mod change;
mod deploy;
mod faults;
mod grants;
mod http;
mod queues;
mod schedules;
mod start;
mod targets;
mod websocket;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use hearth_engine::Engine;
use hearth_gateway::{Gateway, Listener};
use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{Services, lambda::Functions};

use self::{
    buckets::Buckets, deploy::Deployments, faults::Faults, http::Http, queues::Queues, schedules::Schedules,
    websocket::WebSocket,
};
pub use self::{
    change::{Change, EventSource, Verb},
    start::{StartError, WorldOptions},
};
use crate::manifest::Manifest;

/// What a manifest declares, running.
#[derive(Debug)]
pub struct World {
    services: Arc<Services>,
    deployments: Deployments,
    queues: Queues,
    buckets: Buckets,
    schedules: Schedules,
    http: Http,
    websocket: WebSocket,
    faults: Faults,
    listener: Option<Listener>,
    address: Option<SocketAddr>,
}

impl World {
    /// Takes the port, if one is wanted, and loads all functions at once. Connections wait until
    /// [`serve`](Self::serve) is called.
    ///
    /// While code is compiled, people are told on stderr.
    ///
    /// # Errors
    /// If the port cannot be had, the machine has no room, or any code cannot be loaded; all code that cannot is told at
    /// once.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start(manifest: &Manifest, options: WorldOptions) -> Result<Self, StartError> {
        start::start(manifest, options).await
    }

    /// The engine that runs everything.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        self.services.engine()
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// The functions.
    #[must_use]
    pub fn functions(&self) -> &Arc<Functions> {
        self.services.functions()
    }

    /// The routes of the manifest's HTTP API in the order of their keys, and the function of each.
    #[must_use]
    pub fn routes(&self) -> Vec<(String, FunctionName)> {
        self.http.routes()
    }

    /// The routes of the manifest's WebSocket API in the order of their keys, and the function of each.
    #[must_use]
    pub fn socket_routes(&self) -> Vec<(String, FunctionName)> {
        self.websocket.routes()
    }

    /// The account and region that the manifest's functions belong to, which is also that of unsigned requests.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        self.deployments.partition()
    }

    /// By which address programs on this machine reach the port; none if there is no port.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Takes what answers requests on the port; `None` if there is none, or it was taken before.
    ///
    /// The future answers requests until `stop` completes; then those that are under way may finish within `grace`.
    pub fn serve<S>(&mut self, stop: S, grace: Duration) -> Option<impl Future<Output = ()> + use<S>>
    where
        S: Future<Output = ()>,
    {
        let listener = self.listener.take()?;
        let gateway = Gateway::new(Arc::clone(&self.services));
        Some(listener.serve(gateway, stop, grace))
    }

    /// Makes functions, queues, buckets, schedules and what connects them those of another manifest: what changed is deployed, updated
    /// or removed. Invocations that run finish on the code they began with, and where the new code cannot be loaded, the old
    /// one stays. Queues keep their messages unless they are removed, and buckets are removed only if they are empty.
    ///
    /// The settings at the top of the manifest stay as they were at the start.
    pub async fn apply(&self, manifest: &Manifest) -> Vec<Change> {
        let Self { services, deployments, queues, buckets, schedules, http, websocket, faults, .. } = self;
        faults.set(services, manifest);
        let mut changes = queues.unmap(services, manifest);
        changes.extend(schedules.unset(services, manifest));
        changes.extend(queues.make(services, manifest));
        changes.extend(buckets.make(services, manifest));
        changes.extend(deployments.apply(services, manifest).await);
        changes.extend(queues.map(services, manifest));
        changes.extend(buckets.rule(services, manifest));
        changes.extend(schedules.set(services, manifest));
        changes.extend(http.make(services, manifest));
        changes.extend(websocket.make(services, manifest));
        changes.extend(queues.unmake(services, manifest));
        changes.extend(buckets.unmake(services, manifest));
        changes
    }

    /// Ends everything: invocations that run may finish within `grace`.
    pub async fn shutdown(&self, grace: Duration) {
        self.engine().shutdown(grace).await;
    }
}
