//! What everybody else asks.

use std::{fmt, sync::Arc, time::Duration};

use hearth_model::time::{Instant, Moment, Timestamp};

use super::{frozen::FrozenClock, machine::MachineClock, sleep::Sleep};

/// A clock; clones are the same clock.
#[derive(Clone)]
pub struct Clock {
    pub(super) source: Source,
}

#[derive(Clone)]
pub(super) enum Source {
    Machine(MachineClock),
    Frozen(Arc<FrozenClock>),
}

impl Clock {
    /// A clock that follows the machine's. Its origin is a month ago, so that what an earlier process has left has its place.
    #[must_use]
    pub fn real() -> Self {
        Self { source: Source::Machine(MachineClock::start()) }
    }

    /// A clock that stands still at a moment, until it is [advanced](Self::advance).
    #[must_use]
    pub fn frozen(at: Timestamp) -> Self {
        Self { source: Source::Frozen(Arc::new(FrozenClock::at(at))) }
    }

    /// Monotonic time, for durations and deadlines.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.source {
            Source::Machine(clock) => clock.now(),
            Source::Frozen(clock) => clock.now(),
        }
    }

    /// Wall time, for people and calendars.
    #[must_use]
    pub fn wall(&self) -> Timestamp {
        match &self.source {
            Source::Machine(clock) => clock.wall(),
            Source::Frozen(clock) => clock.wall(),
        }
    }

    /// Both times at once.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { instant: self.now(), wall: self.wall() }
    }

    /// A future that completes when the clock reaches `deadline`; at once if it has passed.
    ///
    /// Cheap until it is polled; cancel safe.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::new(self.clone(), deadline)
    }

    /// A future that completes after `duration`, counted from this call; see [`sleep_until`](Self::sleep_until).
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// Moves a frozen clock forward by `by`. Timers fire one by one in the order of their deadlines, each at its own
    /// moment, and the tasks of the caller's runtime run in between, so that what they arm on the way fires too.
    ///
    /// If the future is dropped, time stays where it got to.
    ///
    /// # Panics
    /// If the clock is a real one: nobody can move that.
    pub async fn advance(&self, by: Duration) {
        match &self.source {
            Source::Frozen(clock) => clock.advance(by).await,
            Source::Machine(_) => panic!("a real clock cannot be advanced"),
        }
    }

    /// The earliest deadline that somebody waits for; `None` if nobody waits, or if the clock is a real one.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        match &self.source {
            Source::Frozen(clock) => clock.next_deadline(),
            Source::Machine(_) => None,
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.source {
            Source::Machine(_) => "real",
            Source::Frozen(_) => "frozen",
        };
        f.debug_struct("Clock").field("kind", &kind).field("now", &self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use parking_lot::Mutex;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn frozen() -> Clock {
        Clock::frozen(Timestamp::from_unix_millis(1_000_000))
    }

    #[tokio::test]
    async fn a_frozen_clock_moves_only_when_advanced() {
        let clock = frozen();
        assert_eq!(clock.now(), Instant::ORIGIN);
        clock.advance(SECOND).await;
        assert_eq!(clock.now(), Instant::ORIGIN + SECOND);
        assert_eq!(clock.wall(), Timestamp::from_unix_millis(1_001_000));
    }

    #[tokio::test]
    async fn timers_fire_at_their_deadlines_in_order_and_those_armed_on_the_way_too() {
        let clock = frozen();
        let seen = Arc::new(Mutex::new(Vec::new()));
        for seconds in [3, 1, 2] {
            let (clock, seen) = (clock.clone(), Arc::clone(&seen));
            #[expect(clippy::disallowed_methods, reason = "the clock's tests stand below the work tracker")]
            tokio::spawn(async move {
                clock.sleep(SECOND * seconds).await;
                seen.lock().push((seconds, clock.now()));
                clock.sleep(SECOND * 10).await;
                seen.lock().push((seconds + 10, clock.now()));
            });
        }
        clock.advance(SECOND * 12).await;
        let at = |seconds: u32| (seconds, Instant::ORIGIN + SECOND * seconds);
        assert_eq!(*seen.lock(), [at(1), at(2), at(3), at(11), at(12)]);
        assert_eq!(clock.next_deadline(), Some(Instant::ORIGIN + SECOND * 13));
        assert_eq!(clock.now(), Instant::ORIGIN + SECOND * 12);
    }

    #[tokio::test]
    async fn a_deadline_that_has_passed_is_no_wait() {
        for clock in [frozen(), Clock::real()] {
            clock.sleep(Duration::ZERO).await;
            clock.sleep_until(Instant::ORIGIN).await;
        }
    }

    #[tokio::test]
    async fn a_dropped_sleep_disarms_its_timer() {
        let clock = frozen();
        let mut sleep = Box::pin(clock.sleep(SECOND));
        assert_eq!(clock.next_deadline(), None, "nothing is armed before the first poll");
        std::future::poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        assert_eq!(clock.next_deadline(), Some(Instant::ORIGIN + SECOND));
        drop(sleep);
        assert_eq!(clock.next_deadline(), None);
    }

    #[tokio::test]
    async fn a_real_sleep_takes_as_long_as_it_says() {
        let clock = Clock::real();
        let before = clock.now();
        clock.sleep(Duration::from_millis(2)).await;
        assert!(clock.now() - before >= Duration::from_millis(2));
    }

    #[tokio::test]
    async fn a_real_deadline_beyond_the_range_is_pending_for_ever() {
        let mut sleep = Box::pin(Clock::real().sleep_until(Instant::from_nanos(u64::MAX)));
        std::future::poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }

    #[test]
    fn a_sleep_can_move_between_threads() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Sleep>();
        check::<Clock>();
    }
}
