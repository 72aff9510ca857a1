//! A whole Hearth in this process: engine, sandbox, functions and, if wanted, a port.

mod buckets;
mod change;
mod deploy;
mod earlier;
mod export;
mod faults;
mod grants;
mod http;
mod life;
mod lives;
mod queues;
mod schedules;
mod start;
mod targets;
mod websocket;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use hearth_engine::Engine;
use hearth_gateway::{
    Listener,
    control::{NotReset, Reset},
};
use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{Services, lambda::Functions};
use tokio::sync::watch;

use self::lives::Lives;
pub use self::{
    change::{Change, EventSource, Verb},
    start::{KeptState, StartError, WorldOptions},
};
pub(crate) use self::{life::Life, start::DATA_FOLDER};
use crate::manifest::Manifest;

/// What a manifest declares, running.
#[derive(Debug)]
pub struct World {
    lives: Arc<Lives>,
    listener: Option<Listener>,
    address: Option<SocketAddr>,
    kept: Option<KeptState>,
    taken_away: Vec<Change>,
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

    /// The engine that runs everything. After a [reset](Self::reset) it is another one.
    #[must_use]
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(self.lives.now().engine())
    }

    /// The services. After a [reset](Self::reset) they are others.
    #[must_use]
    pub fn services(&self) -> Arc<Services> {
        Arc::clone(self.lives.now().services())
    }

    /// The functions. After a [reset](Self::reset) they are others.
    #[must_use]
    pub fn functions(&self) -> Arc<Functions> {
        Arc::clone(self.lives.now().services().functions())
    }

    /// The routes of the manifest's HTTP API in the order of their keys, and the function of each.
    #[must_use]
    pub fn routes(&self) -> Vec<(String, FunctionName)> {
        self.lives.now().http().routes()
    }

    /// The routes of the manifest's WebSocket API in the order of their keys, and the function of each.
    #[must_use]
    pub fn socket_routes(&self) -> Vec<(String, FunctionName)> {
        self.lives.now().websocket().routes()
    }

    /// The account and region that the manifest's functions belong to, which is also that of unsigned requests.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.lives.now().partition().clone()
    }

    /// By which address programs on this machine reach the port; none if there is no port.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where state survives, and what of it was there at the start; `None` if it ends with the process.
    #[must_use]
    pub fn kept(&self) -> Option<&KeptState> {
        self.kept.as_ref()
    }

    /// What the manifest declared before the start and no longer does: what became of it.
    #[must_use]
    pub fn taken_away(&self) -> &[Change] {
        &self.taken_away
    }

    /// Takes what answers requests on the port; `None` if there is none, or it was taken before.
    ///
    /// The future answers requests until `stop` completes; then those that are under way may finish within `grace`.
    pub fn serve<S>(&mut self, stop: S, grace: Duration) -> Option<impl Future<Output = ()> + use<S>>
    where
        S: Future<Output = ()>,
    {
        let (listener, entrance) = (self.listener.take()?, self.lives.entrance()?);
        Some(listener.serve(Arc::clone(entrance), stop, grace))
    }

    /// Makes functions, queues, buckets, schedules and what connects them those of another manifest: what changed is deployed, updated
    /// or removed. Invocations that run finish on the code they began with, and where the new code cannot be loaded, the old
    /// one stays. Queues and buckets are removed only if they are empty.
    ///
    /// The settings at the top of the manifest stay as they were at the start.
    pub async fn apply(&self, manifest: &Manifest) -> Vec<Change> {
        self.lives.apply(manifest).await
    }

    /// Ends everything that there is, as the end of the process would, and begins as at the start, with the manifest that was
    /// [applied](Self::apply) last and the code that it had then. The clock is again as it was at first. What is kept on the disk
    /// goes too. Connections stay open, and compiled code is shared with what was before.
    ///
    /// If the future is dropped, it happens all the same.
    ///
    /// # Errors
    /// If something that the manifest declares could not be made again, or the disk does not do its part. The world goes on
    /// without that.
    pub async fn reset(&self) -> Result<(), NotReset> {
        self.lives.reset().await.map(drop)
    }

    /// Tells what there is now, and what there is after each reset.
    pub(crate) fn follow(&self) -> watch::Receiver<Arc<Life>> {
        self.lives.follow()
    }

    /// Ends everything: invocations that run may finish within `grace`.
    pub async fn shutdown(&self, grace: Duration) {
        self.lives.end(grace).await;
    }
}
