//! What tests of the engine and of whatever drives it have in common; only with the feature `testing`.

mod sandbox;

pub use self::sandbox::{FakeSandbox, Handled};
