//! Randomness for identifiers that never repeat, and for choices. No secret hangs on it: it is not made for that.

/// 128 random bits: an identifier.
#[must_use]
pub fn random_bits() -> u128 {
    fastrand::u128(..)
}

/// 64 random bits.
#[must_use]
pub fn random_number() -> u64 {
    fastrand::u64(..)
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
