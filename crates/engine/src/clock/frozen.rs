//! A clock that stands still until it is advanced.

use std::{collections::BTreeMap, sync::Arc, task::Waker, time::Duration};

use hearth_model::time::{Instant, Timestamp};
use parking_lot::Mutex;

/// Virtual time and the timers that wait for it.
#[derive(Debug)]
pub(super) struct FrozenClock {
    /// What the wall shows at the origin.
    epoch: Timestamp,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Instant,
    /// In the order in which they fire: by deadline, then by when they were armed.
    timers: BTreeMap<TimerKey, Waker>,
    armed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TimerKey {
    deadline: Instant,
    number: u64,
}

impl FrozenClock {
    pub(super) fn at(epoch: Timestamp) -> Self {
        Self { epoch, state: Mutex::default() }
    }

    pub(super) fn now(&self) -> Instant {
        self.state.lock().now
    }

    pub(super) fn wall(&self) -> Timestamp {
        self.epoch + (self.now() - Instant::ORIGIN)
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.state.lock().timers.first_key_value().map(|(key, _)| key.deadline)
    }

    /// Moves time forward by `by`, firing every timer on the way at its own deadline.
    pub(super) async fn advance(&self, by: Duration) {
        // Whoever was already woken acts before time moves, and arms its timers relative to the old time.
        yield_to_others().await;
        let target = self.now() + by;
        while self.fire_next(target) {
            yield_to_others().await;
        }
        let mut state = self.state.lock();
        state.now = state.now.max(target);
    }

    /// Moves to the earliest deadline up to `target` and wakes its timer; false if there is none.
    fn fire_next(&self, target: Instant) -> bool {
        let mut state = self.state.lock();
        let Some(entry) = state.timers.first_entry().filter(|entry| entry.key().deadline <= target) else {
            return false;
        };
        let (key, waker) = entry.remove_entry();
        state.now = state.now.max(key.deadline);
        drop(state);
        waker.wake();
        true
    }
}

/// Lets the tasks that are ready run, and those that they wake.
///
/// A task that hands over to another takes one turn per hop; this many turns are more than any chain in Hearth has.
/// What happens on other threads is not waited for.
async fn yield_to_others() {
    const TURNS: usize = 16;
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// One armed timer; disarmed when dropped.
#[derive(Debug)]
pub(super) struct FrozenTimer {
    clock: Arc<FrozenClock>,
    key: TimerKey,
}

impl FrozenTimer {
    /// Arms a timer, or returns `None` if its deadline has passed.
    pub(super) fn arm(clock: &Arc<FrozenClock>, deadline: Instant, waker: &Waker) -> Option<Self> {
        let mut state = clock.state.lock();
        if deadline <= state.now {
            return None;
        }
        state.armed += 1;
        let key = TimerKey { deadline, number: state.armed };
        state.timers.insert(key, waker.clone());
        Some(Self { clock: Arc::clone(clock), key })
    }

    /// Replaces the waker; false if the timer has fired.
    pub(super) fn rearm(&self, waker: &Waker) -> bool {
        match self.clock.state.lock().timers.get_mut(&self.key) {
            Some(armed) => {
                armed.clone_from(waker);
                true
            }
            None => false,
        }
    }
}

impl Drop for FrozenTimer {
    fn drop(&mut self) {
        let waker = self.clock.state.lock().timers.remove(&self.key);
        // Outside the lock: dropping a waker may drop a task that owns timers of this clock.
        drop(waker);
    }
}
