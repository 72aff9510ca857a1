//! Randomness for identifiers that never repeat, and for choices. No secret hangs on it: it is not made for that.

use std::{
    cell::RefCell,
    hash::{BuildHasher, RandomState},
};

use fastrand::Rng;

thread_local! {
    static GENERATOR: RefCell<Generator> = RefCell::new(Generator::new());
}

/// Two generators of 64 bits each, as one could come to where another one was, in this process or in an earlier one whose identifiers
/// are kept. The operating system draws where they begin; left to itself, `fastrand` begins with the time since the machine's start.
struct Generator {
    high: Rng,
    low: Rng,
}

/// 128 random bits: an identifier.
#[must_use]
pub fn random_bits() -> u128 {
    GENERATOR
        .with_borrow_mut(|Generator { high, low }| u128::from(high.u64(..)) << 64 | u128::from(low.u64(..)))
}

/// 64 random bits.
#[must_use]
pub fn random_number() -> u64 {
    GENERATOR.with_borrow_mut(|generator| generator.low.u64(..))
}

impl Generator {
    fn new() -> Self {
        let keys = RandomState::new();
        Self { high: Rng::with_seed(keys.hash_one(0)), low: Rng::with_seed(keys.hash_one(1)) }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[test]
    fn identifiers_do_not_repeat_within_and_across_threads() {
        let draw = || (0..1_000).map(|_| random_bits()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(draw)).collect();
        let drawn: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().expect("it draws")).collect();
        assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len());
    }
}
