//! A bounded record of what happened: the newest entries are kept, the oldest go first, and whoever follows is told
//! how many it missed.
//!
//! Followers read from the record itself, so that a slow one holds nobody up and costs no memory of its own, and
//! nobody pays for followers when there are none.

use std::{
    collections::VecDeque,
    future::poll_fn,
    mem,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use parking_lot::Mutex;

/// The part of a full record that goes at once to make room: one of so many. Entries that have not been looked at for so long
/// are in no processor's cache, and to fetch many of them in a row takes little longer than to fetch one.
const PARTS: usize = 256;

/// What a [`Ring`] can hold.
pub(crate) trait Entry: Clone {
    /// Called once, with the entry's number: 0 for the first ever, without gaps.
    fn set_sequence(&mut self, sequence: u64);

    /// What counts against the bound.
    fn weight(&self) -> usize;
}

/// The record. Cheap to write: one short lock.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    capacity: usize,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    entries: VecDeque<T>,
    weight: usize,
    /// The number of the oldest entry that is kept, which is also how many have gone.
    first: u64,
    /// Followers that have read everything, by their numbers.
    waiting: Vec<(u64, Waker)>,
    followers: u64,
}

impl<T: Entry> Ring<T> {
    /// A record that keeps entries of up to `capacity` together, and always the newest.
    pub(crate) fn new(capacity: usize) -> Self {
        let state =
            State { entries: VecDeque::new(), weight: 0, first: 0, waiting: Vec::new(), followers: 0 };
        Self { capacity, state: Mutex::new(state) }
    }

    /// Adds entries in order; no others come between them. Returns the number of the next one.
    pub(crate) fn extend(&self, entries: impl IntoIterator<Item = T>) -> u64 {
        let mut state = self.state.lock();
        for entry in entries {
            state.push(entry, self.capacity);
        }
        let (waiting, end) = (mem::take(&mut state.waiting), state.end());
        drop(state);
        for (_, waker) in waiting {
            waker.wake();
        }
        end
    }

    /// Gives the first entry another number than 0, as long as there is none.
    pub(crate) fn begin_at(&self, number: u64) {
        let mut state = self.state.lock();
        if state.entries.is_empty() {
            state.first = number;
        }
    }

    /// All that is kept, oldest first.
    pub(crate) fn snapshot(&self) -> Vec<T> {
        self.state.lock().entries.iter().cloned().collect()
    }

    /// What entries may count together.
    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// What all entries that are kept count against the bound.
    pub(crate) fn weight(&self) -> usize {
        self.state.lock().weight
    }

    /// Throws all entries away.
    pub(crate) fn clear(&self) {
        let mut state = self.state.lock();
        state.first = state.end();
        state.weight = 0;
        let entries = mem::take(&mut state.entries);
        drop(state);
        // Not while the lock is held.
        drop(entries);
    }

    /// How many entries have gone to make room.
    pub(crate) fn dropped(&self) -> u64 {
        self.state.lock().first
    }

    /// Follows the record from its oldest entry on.
    pub(crate) fn follow_from_start(self: &Arc<Self>) -> Follower<T> {
        self.follow_from(|_| 0)
    }

    /// Follows the record from the entry of a number on, or from the oldest after that.
    pub(crate) fn follow_from_number(self: &Arc<Self>, number: u64) -> Follower<T> {
        self.follow_from(|_| number)
    }

    /// Follows the record from the next entry on.
    pub(crate) fn follow(self: &Arc<Self>) -> Follower<T> {
        self.follow_from(State::end)
    }

    fn follow_from(self: &Arc<Self>, next: impl FnOnce(&State<T>) -> u64) -> Follower<T> {
        let mut state = self.state.lock();
        state.followers += 1;
        Follower { ring: Arc::clone(self), number: state.followers, next: next(&state) }
    }
}

impl<T: Entry> State<T> {
    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    fn push(&mut self, mut entry: T, capacity: usize) {
        if self.entries.capacity() == 0 {
            // All that it will ever need, which the system gives as it is used. A record that is full has then its newest
            // entry where the oldest was, in memory that a processor has just had at hand.
            self.entries.reserve_exact(capacity / size_of::<T>() + 1);
        }
        entry.set_sequence(self.end());
        let weight = entry.weight();
        if self.weight + weight > capacity {
            let room = weight.max(capacity / PARTS);
            while self.weight + room > capacity
                && let Some(oldest) = self.entries.pop_front()
            {
                self.weight -= oldest.weight();
                self.first += 1;
            }
        }
        self.weight += weight;
        self.entries.push_back(entry);
    }
}

impl<T> State<T> {
    fn forget(&mut self, follower: u64) {
        self.waiting.retain(|(number, _)| *number != follower);
    }
}

/// Entries as they come, with those that were missed counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed<T> {
    /// How many entries had gone before they could be read.
    pub missed: u64,
    /// The entries since the last time, oldest first; at least one.
    pub entries: Vec<T>,
}

/// Reads a record as it grows.
#[derive(Debug)]
pub(crate) struct Follower<T> {
    ring: Arc<Ring<T>>,
    number: u64,
    next: u64,
}

impl<T: Entry> Follower<T> {
    /// Waits for entries. Cancel safe.
    pub(crate) async fn next(&mut self) -> Followed<T> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// As [`next`](Self::next).
    pub(crate) fn poll_next(&mut self, context: &Context<'_>) -> Poll<Followed<T>> {
        let mut state = self.ring.state.lock();
        if self.next == state.end() {
            state.forget(self.number);
            state.waiting.push((self.number, context.waker().clone()));
            return Poll::Pending;
        }
        let missed = state.first.saturating_sub(self.next);
        let seen = usize::try_from(self.next.saturating_sub(state.first)).unwrap_or(usize::MAX);
        let entries = state.entries.iter().skip(seen).cloned().collect();
        self.next = state.end();
        Poll::Ready(Followed { missed, entries })
    }
}

impl<T> Drop for Follower<T> {
    fn drop(&mut self) {
        self.ring.state.lock().forget(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Weighed {
        sequence: u64,
        weight: usize,
    }

    impl Entry for Weighed {
        fn set_sequence(&mut self, sequence: u64) {
            self.sequence = sequence;
        }

        fn weight(&self) -> usize {
            self.weight
        }
    }

    fn entries(weights: &[usize]) -> Vec<Weighed> {
        weights.iter().map(|&weight| Weighed { sequence: 0, weight }).collect()
    }

    fn sequences(entries: &[Weighed]) -> Vec<u64> {
        entries.iter().map(|entry| entry.sequence).collect()
    }

    #[test]
    fn the_oldest_go_first() {
        let ring = Ring::new(10);
        ring.extend(entries(&[4, 4]));
        assert_eq!((sequences(&ring.snapshot()), ring.dropped()), (vec![0, 1], 0));
        ring.extend(entries(&[4]));
        assert_eq!((sequences(&ring.snapshot()), ring.dropped()), (vec![1, 2], 1));
        ring.extend(entries(&[100]));
        assert_eq!((sequences(&ring.snapshot()), ring.dropped()), (vec![3], 3), "the newest always stays");
        ring.extend(entries(&[1]));
        assert_eq!((sequences(&ring.snapshot()), ring.dropped(), ring.weight()), (vec![4], 4, 1));
        ring.clear();
        assert_eq!((sequences(&ring.snapshot()), ring.dropped(), ring.weight()), (vec![], 5, 0));
        ring.begin_at(20);
        assert_eq!(ring.extend(entries(&[1, 1])), 22);
        ring.begin_at(30);
        assert_eq!((sequences(&ring.snapshot()), ring.dropped()), (vec![20, 21], 20));
    }

    #[tokio::test]
    async fn a_follower_sees_what_comes_and_what_it_missed() {
        let ring = Arc::new(Ring::new(2));
        ring.extend(entries(&[1]));
        let mut follower = ring.follow();
        let writer = async {
            tokio::task::yield_now().await;
            ring.extend(entries(&[1]));
        };
        let (followed, ()) = tokio::join!(follower.next(), writer);
        assert_eq!((followed.missed, sequences(&followed.entries)), (0, vec![1]));

        ring.extend(entries(&[1, 1, 1]));
        let followed = follower.next().await;
        assert_eq!((followed.missed, sequences(&followed.entries)), (1, vec![3, 4]));

        let all = ring.follow_from_start().next().await;
        assert_eq!((all.missed, sequences(&all.entries)), (3, vec![3, 4]));
    }

    #[test]
    fn a_follower_that_is_gone_leaves_nothing_behind() {
        let ring = Arc::new(Ring::<Weighed>::new(2));
        let context = Context::from_waker(Waker::noop());
        let mut stays = ring.follow();
        for _ in 0..3 {
            assert!(ring.follow().poll_next(&context).is_pending());
            assert!(stays.poll_next(&context).is_pending());
        }
        assert_eq!(ring.state.lock().waiting.len(), 1);
    }
}
