//! Buckets that survive.

use std::{fs, ops::Deref, path::Path, sync::Arc};

use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::Journal,
    testing::{FakeSandbox, MemoryStorage, NOW},
};
use hearth_model::time::Timestamp;
use hearth_services::Services;
use tempfile::TempDir;

use super::support::S3World;
use crate::world::World;

/// A world that another one finds again.
pub(super) struct KeptWorld {
    world: S3World,
    pub(super) storage: MemoryStorage,
    folder: TempDir,
}

impl Deref for KeptWorld {
    type Target = S3World;

    fn deref(&self) -> &S3World {
        &self.world
    }
}

impl KeptWorld {
    /// One in which nothing is yet.
    pub(super) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        Self::start(MemoryStorage::default(), folder, NOW).expect("nothing is wrong with nothing")
    }

    /// One with a bucket.
    pub(super) fn with_bucket() -> Self {
        let world = Self::new();
        world.create_bucket();
        world
    }

    /// One that finds this, and has not gone on with anything yet.
    pub(super) fn start(storage: MemoryStorage, folder: TempDir, at: Timestamp) -> Result<Self, String> {
        let storage = storage.with_folder(folder.path().to_owned());
        let (clock, sandbox) = (Clock::frozen(at), FakeSandbox::default());
        let journal = Journal::on(Arc::new(storage.clone()));
        let options = EngineOptions { journal, ..EngineOptions::default() };
        let engine = Engine::new(options, Arc::new(sandbox.clone()), clock.clone());
        let services = Services::new(engine);
        let restored = services.queues().restore().and_then(|()| services.buckets().restore());
        restored.map_err(|error| error.to_string())?;
        let world = S3World(World { services, clock, sandbox });
        Ok(Self { world, storage, folder })
    }

    /// What a process finds that starts now, as if this one had been killed.
    pub(super) fn copy(&self) -> (MemoryStorage, TempDir) {
        let folder = TempDir::new().expect("a folder");
        copy(self.folder.path(), folder.path());
        (self.storage.fork(), folder)
    }

    /// Another process finds what this one has left.
    pub(super) fn try_restart(&self) -> Result<Self, String> {
        let (storage, folder) = self.copy();
        Self::start(storage, folder, self.clock.wall())
    }

    /// As [`try_restart`](Self::try_restart), and it goes on.
    pub(super) async fn restart(&self) -> Self {
        let next = self.try_restart().expect("it can be read");
        next.services.resume();
        next.services.engine().work().idle().await;
        next
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many files objects consist of.
    pub(super) fn files(&self) -> usize {
        let shelves = fs::read_dir(self.folder.path().join("objects")).expect("a folder");
        let count = |shelf: fs::DirEntry| fs::read_dir(shelf.path()).expect("a folder").count();
        shelves.map(|shelf| count(shelf.expect("an entry"))).sum()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir(&to).expect("a folder");
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file");
        }
    }
}
