//! How much there is of each kind, and of all kinds together.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::kind::WorkKind;

/// How many there are of each kind at a moment.
pub(crate) type ByKind = [usize; WorkKind::ALL.len()];

/// Counts what begins and ends, by kind. What is counted in all has its kind: so the kinds of something that is there can be told.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    all: AtomicUsize,
    kinds: [AtomicUsize; WorkKind::ALL.len()],
}

impl Counts {
    pub(crate) fn begin(&self, kind: WorkKind) {
        // In this order, and ended in the other: there are never fewer of the kinds than there are in all.
        self.kinds[kind as usize].fetch_add(1, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it was the last of all.
    pub(crate) fn end(&self, kind: WorkKind) -> bool {
        let was_last = self.all.fetch_sub(1, Ordering::SeqCst) == 1;
        self.kinds[kind as usize].fetch_sub(1, Ordering::SeqCst);
        was_last
    }

    pub(crate) fn all(&self) -> usize {
        self.all.load(Ordering::SeqCst)
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
