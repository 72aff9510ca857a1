//! Randomness for identifiers that never repeat, and for choices. Nobody can guess it, but no secret hangs on it.

use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
};

thread_local! {
    static GENERATOR: Generator = Generator { keys: RandomState::new(), drawn: Cell::new(0) };
}

/// SipHash of a counter, under keys that the operating system drew for this thread.
struct Generator {
    keys: RandomState,
    drawn: Cell<u64>,
}

/// 128 random bits: an identifier.
#[must_use]
pub fn random_bits() -> u128 {
    let (high, low) = (random_number(), random_number());
    u128::from(high) << 64 | u128::from(low)
}

/// 64 random bits, at the price of a hash rather than of a system call.
#[must_use]
pub fn random_number() -> u64 {
    GENERATOR.with(Generator::draw)
}

impl Generator {
    fn draw(&self) -> u64 {
        let number = self.drawn.get();
        self.drawn.set(number.wrapping_add(1));
        self.keys.hash_one(number)
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
