//! What tests of the engine and of whatever drives it have in common; only with the feature `testing`.

mod raw;
mod sandbox;
mod storage;
mod world;

pub use self::{
    raw::RawEntries,
    sandbox::{FakeSandbox, Handled},
    storage::MemoryStorage,
    world::{FakeWorld, NOW, empty_package},
};
