//! What of services a later process knows. Queues have tests of their own.

mod apis;
mod damage;
mod events;
mod gateway_v2;
mod logs;

use std::{sync::Arc, time::Duration};

use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::{Journal, Storage},
    testing::{FakeSandbox, MemoryStorage, NOW},
};
use hearth_model::time::Timestamp;
use hearth_services::Services;

use crate::world::World;

/// Worlds that come after each other, and keep what the one before has left.
struct Lasting {
    storage: MemoryStorage,
    options: EngineOptions,
}

impl Lasting {
    fn new() -> Self {
        Self { storage: MemoryStorage::default(), options: EngineOptions::default() }
    }

    async fn start(&self) -> World {
        self.start_at(NOW).await
    }

    async fn start_at(&self, now: Timestamp) -> World {
        let (clock, sandbox) = (Clock::frozen(now), FakeSandbox::default());
        let journal = Journal::on(Arc::new(self.storage.clone()));
        let options = EngineOptions { journal, ..self.options.clone() };
        let services = Services::new(Engine::new(options, Arc::new(sandbox.clone()), clock.clone()));
        services.restore().await.expect("it can be read");
        services.resume();
        World { services, clock, sandbox }
    }

    /// Another process finds what the last one has left at this moment, so much later.
    async fn restart(&mut self, world: &World, later: Duration) -> World {
        let fork = self.storage.fork();
        self.storage = match self.storage.folder() {
            Some(folder) => fork.with_folder(folder.to_owned()),
            None => fork,
        };
        self.start_at(world.clock.wall() + later).await
    }
}
