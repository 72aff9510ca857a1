//! What tests of the engine and of whatever drives it have in common; only with the feature `testing`.

mod sandbox;
mod world;

pub use self::{
    sandbox::{FakeSandbox, Handled},
    world::{FakeWorld, NOW, empty_package},
};
