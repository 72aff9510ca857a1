//! An engine to test with.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::time::Timestamp;

use super::FakeSandbox;
use crate::{Engine, EngineOptions, clock::Clock, package::Package};

/// The moment at which the clock of a [`FakeWorld`] is frozen: 2024-03-04T17:22:38Z.
pub const NOW: Timestamp = Timestamp::from_unix_millis(1_709_572_958_000);

/// An engine on a fake sandbox, at a frozen moment.
pub struct FakeWorld {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Its clock.
    pub clock: Clock,
    /// Its sandbox.
    pub sandbox: FakeSandbox,
}

impl FakeWorld {
    /// A world in which nothing is yet.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn new(options: EngineOptions) -> Self {
        let (clock, sandbox) = (Clock::frozen(NOW), FakeSandbox::default());
        let engine = Engine::new(options, Arc::new(sandbox.clone()), clock.clone());
        Self { engine, clock, sandbox }
    }
}

/// Code with nothing in it, which is all that a [`FakeSandbox`] wants.
///
/// # Panics
/// Never: nothing is wrong with no files.
#[must_use]
pub fn empty_package() -> Arc<Package> {
    Arc::new(Package::new(BTreeMap::new()).expect("no files do not contradict each other"))
}
