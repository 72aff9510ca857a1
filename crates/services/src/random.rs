//! Randomness that needs no secrecy: names that do not repeat, choices.

use std::hash::{BuildHasher, RandomState};

/// 64 random bits.
pub(crate) fn random_bits() -> u64 {
    // Every `RandomState` hashes with keys of its own.
    RandomState::new().hash_one(())
}
