//! How much there is of each kind, and of all kinds together.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::kind::WorkKind;

/// How many there are of each kind at a moment.
pub(crate) type ByKind = [usize; WorkKind::ALL.len()];

/// Counts what begins and ends, by kind. What is counted in all has its kind: so the kinds of something that is there can be told.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// How many there are in all, in the lower half; and how often the last one has ended, in the upper half: together, so that
    /// nobody takes an end that has been for one to come.
    all: AtomicU64,
    kinds: [AtomicUsize; WorkKind::ALL.len()],
}

/// What an end of the last one adds.
const REST: u64 = 1 << 32;

impl Counts {
    pub(crate) fn begin(&self, kind: WorkKind) {
        // In this order, and ended in the other: there are never fewer of the kinds than there are in all.
        self.kinds[kind as usize].fetch_add(1, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it was the last of all.
    pub(crate) fn end(&self, kind: WorkKind) -> bool {
        let without = |all| {
            let left = all - 1;
            Some(if Self::count(left) == 0 { left.wrapping_add(REST) } else { left })
        };
        let before = self.all.fetch_update(Ordering::SeqCst, Ordering::SeqCst, without);
        self.kinds[kind as usize].fetch_sub(1, Ordering::SeqCst);
        before.is_ok_and(|before| Self::count(before) == 1)
    }

    pub(crate) fn all(&self) -> usize {
        self.all_and_rests().0
    }

    /// How many there are in all, and how often there were none any more.
    pub(crate) fn all_and_rests(&self) -> (usize, u64) {
        let all = self.all.load(Ordering::SeqCst);
        (Self::count(all), all / REST)
    }

    fn count(all: u64) -> usize {
        usize::try_from(all % REST).expect("tasks fit in memory")
    }

    /// How many there are of each kind: no fewer in all than [`all`](Self::all) says at the end of this call. So where nothing is told,
    /// nothing is.
    pub(crate) fn by_kind(&self) -> ByKind {
        loop {
            let kinds = WorkKind::ALL.map(|kind| self.kinds[kind as usize].load(Ordering::SeqCst));
            // One that ended, and made another one begin that was looked at before, would be in neither.
            if kinds.iter().sum::<usize>() >= self.all() {
                return kinds;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    #[test]
    fn what_is_handed_from_kind_to_kind_is_always_told() {
        let counts = Arc::new(Counts::default());
        counts.begin(WorkKind::ALL[0]);
        let hands_on = thread::spawn({
            let counts = Arc::clone(&counts);
            move || {
                for round in 0..200_000 {
                    let [from, to] =
                        [round, round + 1].map(|place| WorkKind::ALL[place % WorkKind::ALL.len()]);
                    counts.begin(to);
                    assert!(!counts.end(from));
                }
            }
        });
        while !hands_on.is_finished() {
            assert_ne!(counts.by_kind().iter().sum::<usize>(), 0);
        }
        hands_on.join().expect("it was never the last");
        assert_eq!((counts.all(), counts.by_kind().iter().sum()), (1, 1));
    }
}
