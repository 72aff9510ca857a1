//! One life of a world: everything in it, from a start or a reset to the next reset or the end.

use std::{sync::Arc, time::Duration};

use hearth_engine::{Engine, EngineOptions, clock::Clock, journal::NotLoaded, port::Sandbox};
use hearth_model::identity::Partition;
use hearth_services::Services;

use super::{
    Change, buckets::Buckets, change, deploy::Deployments, earlier, faults::Faults, http::Http,
    queues::Queues, schedules::Schedules, websocket::WebSocket,
};
use crate::manifest::{Manifest, ManifestError};

/// An engine, services, and what of a manifest is in them. Nothing of one life is in another but compiled code.
#[derive(Debug)]
pub(crate) struct Life {
    services: Arc<Services>,
    deployments: Deployments,
    queues: Queues,
    buckets: Buckets,
    schedules: Schedules,
    http: Http,
    websocket: WebSocket,
    faults: Faults,
}

impl Life {
    /// Begins, with what the journal has of an earlier process.
    pub(super) async fn begin(
        options: EngineOptions,
        sandbox: Arc<dyn Sandbox>,
        clock: Clock,
    ) -> Result<Self, NotLoaded> {
        let services = Services::new(Engine::new(options, sandbox, clock));
        services.restore().await?;
        let engine = services.engine();
        engine.note_shown(engine.clock().wall());
        Ok(Self::of(services))
    }

    /// Nothing of a manifest is there yet.
    fn of(services: Arc<Services>) -> Self {
        let partition = Partition::default;
        Self {
            services,
            deployments: Deployments::new(partition()),
            queues: Queues::new(partition()),
            buckets: Buckets::new(partition()),
            schedules: Schedules::new(partition()),
            http: Http::new(partition()),
            websocket: WebSocket::new(partition()),
            faults: Faults::default(),
        }
    }

    /// Takes away what an earlier process made of a manifest of this name, and this one does not declare any more, as
    /// [`apply`](Self::apply) does; what people have put into it stays.
    pub(super) fn take_over(&self, manifest: &Manifest) -> Result<Vec<Change>, NotLoaded> {
        let Some(earlier) = earlier::load(self.engine().journal(), manifest)? else { return Ok(Vec::new()) };
        // As that process was at its end.
        let before = Self::of(Arc::clone(&self.services));
        let Self { services, deployments, queues, buckets, schedules, http, websocket, faults: _ } = &before;
        queues.recall(services, &earlier);
        buckets.recall(&earlier);
        schedules.recall(&earlier);
        http.recall(&earlier);
        websocket.recall(&earlier);
        let mut changes = queues.unmap(services, manifest);
        changes.extend(schedules.unset(services, manifest));
        changes.extend(buckets.unrule(services, manifest));
        changes.extend(http.unmake(services, manifest));
        changes.extend(websocket.unmake(services, manifest));
        changes.extend(deployments.remove_earlier(services, &earlier, manifest));
        changes.extend(queues.unmake(services, manifest));
        changes.extend(buckets.unmake(services, manifest));
        Ok(changes)
    }

    /// Makes everything that a manifest declares, all functions at once, and goes on where an earlier process ended.
    pub(super) async fn make_all(&self, manifest: &Manifest) -> Result<(), ManifestError> {
        let Self { services, deployments, queues, buckets, schedules, http, websocket, faults } = self;
        change::succeeded(faults.set(services, manifest))?;
        queues.make_all(services, manifest)?;
        buckets.make_all(services, manifest)?;
        deployments.deploy_all(services, manifest).await?;
        queues.map_all(services, manifest)?;
        buckets.rule_all(services, manifest)?;
        schedules.set_all(services, manifest)?;
        http.make_all(services, manifest)?;
        websocket.make_all(services, manifest)?;
        earlier::record(self.engine().journal(), manifest);
        services.resume();
        Ok(())
    }

    /// Makes everything that of a manifest, as far as it differs.
    pub(super) async fn apply(&self, manifest: &Manifest) -> Vec<Change> {
        let Self { services, deployments, queues, buckets, schedules, http, websocket, faults } = self;
        let mut changes = faults.set(services, manifest);
        changes.extend(queues.unmap(services, manifest));
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
        earlier::record(self.engine().journal(), manifest);
        changes
    }

    /// Makes everything that an earlier life had of a manifest. The code is that which was deployed there, wherever it came from.
    pub(super) async fn make_again(&self, manifest: &Manifest, before: &Self) -> Vec<Change> {
        self.deployments.remember_code(&before.deployments);
        self.apply(manifest).await
    }

    /// Ends everything: invocations that run may finish within `grace`.
    pub(super) async fn end(&self, grace: Duration) {
        self.engine().shutdown(grace).await;
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        self.services.engine()
    }

    pub(super) fn services(&self) -> &Arc<Services> {
        &self.services
    }

    pub(super) fn partition(&self) -> &Partition {
        self.deployments.partition()
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    pub(super) fn websocket(&self) -> &WebSocket {
        &self.websocket
    }
}
