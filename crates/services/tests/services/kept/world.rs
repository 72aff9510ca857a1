//! Processes one after the other.

use std::{fs, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::{
    Engine, EngineOptions,
    clock::Clock,
    journal::Journal,
    package::{Package, PackageFile, PackagePath},
    testing::{FakeSandbox, MemoryStorage, NOW},
};
use hearth_model::time::Timestamp;
use hearth_services::{
    Services,
    lambda::{Architecture, Code, NewFunction, SettingsChange},
};
use tempfile::TempDir;

use crate::world::{World, here};

/// What is kept, and the process that keeps it.
pub(super) struct Kept {
    pub(super) world: World,
    pub(super) storage: MemoryStorage,
    folder: TempDir,
}

impl Kept {
    /// The first process.
    pub(super) async fn new() -> Self {
        Self::begin(MemoryStorage::default(), TempDir::new().expect("a folder"), NOW).await
    }

    /// Another process finds what this one has left at this moment, and goes on.
    pub(super) async fn restart(&self) -> Self {
        self.restart_after(0).await
    }

    /// Another process finds it so many seconds later.
    pub(super) async fn restart_after(&self, seconds: u64) -> Self {
        self.fork(|_| ()).begin_after(self, seconds).await.expect("it can be read")
    }

    /// What another process finds, after something has been done to it.
    pub(super) fn fork(&self, change: impl FnOnce(&Path)) -> (MemoryStorage, TempDir) {
        let folder = TempDir::new().expect("a folder");
        let (from, to) = (self.folder.path().join("code"), folder.path().join("code"));
        if from.exists() {
            fs::create_dir(&to).expect("it is new");
            for entry in fs::read_dir(&from).expect("a folder") {
                let entry = entry.expect("an entry");
                fs::copy(entry.path(), to.join(entry.file_name())).expect("it is copied");
            }
        }
        change(&to);
        (self.storage.fork(), folder)
    }

    /// How many files of code there are.
    pub(super) fn files(&self) -> usize {
        fs::read_dir(self.folder.path().join("code")).map_or(0, Iterator::count)
    }

    /// Makes a function of code that says this.
    pub(super) async fn create(&self, name: &str, says: &'static str) {
        self.create_with(name, says, settings()).await;
    }

    pub(super) async fn create_with(&self, name: &str, says: &'static str, settings: SettingsChange) {
        let new = NewFunction {
            settings,
            architecture: Architecture::Arm64,
            code: code(says),
            tags: [("team".to_owned(), "a".to_owned())].into(),
            publish: false,
        };
        self.world.functions().create(&here(), name, new).await.expect("it is created");
    }

    async fn begin(storage: MemoryStorage, folder: TempDir, at: Timestamp) -> Self {
        Self::try_begin(storage, folder, at).await.expect("it can be read")
    }

    pub(super) async fn try_begin(
        storage: MemoryStorage,
        folder: TempDir,
        at: Timestamp,
    ) -> Result<Self, String> {
        const BEFORE: Duration = Duration::from_hours(24);
        // As a real clock, it knows of times before the process.
        let clock = Clock::frozen(at - BEFORE);
        clock.advance(BEFORE).await;
        let storage = storage.with_folder(folder.path().to_owned());
        let options =
            EngineOptions { journal: Journal::on(Arc::new(storage.clone())), ..EngineOptions::default() };
        let sandbox = FakeSandbox::default();
        let engine = Engine::new(options, Arc::new(sandbox.clone()), clock.clone());
        let services = Services::new(engine);
        services.restore().await.map_err(|error| error.to_string())?;
        services.resume();
        Ok(Self { world: World { services, clock, sandbox }, storage, folder })
    }
}

/// Begins a process with what was left.
pub(super) trait Begin {
    async fn begin_after(self, before: &Kept, seconds: u64) -> Result<Kept, String>;
}

impl Begin for (MemoryStorage, TempDir) {
    async fn begin_after(self, before: &Kept, seconds: u64) -> Result<Kept, String> {
        let at = before.world.clock.wall() + Duration::from_secs(seconds);
        Kept::try_begin(self.0, self.1, at).await
    }
}

pub(super) fn settings() -> SettingsChange {
    SettingsChange {
        runtime: Some("provided.al2023".to_owned()),
        handler: Some("bootstrap".to_owned()),
        role: Some("arn:aws:iam::123456789012:role/orders".to_owned()),
        ..SettingsChange::default()
    }
}

/// Code that differs from other code by what it says.
pub(super) fn code(says: &'static str) -> Code {
    let path = PackagePath::parse("bootstrap").expect("a path");
    let file = PackageFile { content: Bytes::from_static(says.as_bytes()) };
    Code::of(Arc::new(Package::new([(path, file)].into()).expect("a package")))
}
