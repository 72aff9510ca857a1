//! What everybody else asks.

use std::{fmt, sync::Arc, time::Duration};

use hearth_model::time::{Instant, Moment, Timestamp};

use super::{machine::MachineClock, sleep::Sleep, steered::SteeredClock};
use crate::activity::Activity;

/// A clock; clones are the same clock.
#[derive(Clone)]
pub struct Clock {
    pub(super) source: Source,
    activity: Activity,
    /// By how much the wall is ahead of the source's, in nanoseconds.
    wall_ahead: i64,
}

#[derive(Clone)]
pub(super) enum Source {
    Machine(MachineClock),
    Steered(Arc<SteeredClock>),
}

impl Clock {
    /// A clock that follows the machine's, whatever happens. Its origin is a month ago, so that what an earlier process has left
    /// has its place.
    #[must_use]
    pub fn real() -> Self {
        Self { source: Source::Machine(MachineClock::start()), activity: Activity::default(), wall_ahead: 0 }
    }

    /// A clock that follows the machine's until it is [frozen](Self::freeze) or moved. Its origin is now.
    #[must_use]
    pub fn steered() -> Self {
        Self::of(SteeredClock::running)
    }

    /// A clock that stands still at a moment, until it is [advanced](Self::advance) or [resumed](Self::resume).
    #[must_use]
    pub fn frozen(at: Timestamp) -> Self {
        Self::of(|activity| SteeredClock::standing(at, activity))
    }

    fn of(clock: impl FnOnce(Activity) -> SteeredClock) -> Self {
        let activity = Activity::default();
        Self { source: Source::Steered(Arc::new(clock(activity.clone()))), activity, wall_ahead: 0 }
    }

    /// Another clock, which begins as this one did: it stands where this one first stood, or runs. Nobody waits for it yet. It
    /// must not overtake what this one must not.
    #[must_use]
    pub fn anew(&self) -> Self {
        let source = match &self.source {
            Source::Machine(_) => Source::Machine(MachineClock::start()),
            Source::Steered(clock) => Source::Steered(Arc::new(clock.anew())),
        };
        Self { source, activity: self.activity.clone(), wall_ahead: 0 }
    }

    /// This clock, with a wall of its own that shows `at` now.
    #[must_use]
    pub fn showing(&self, at: Timestamp) -> Self {
        let ahead = at.as_unix_nanos().saturating_sub(self.wall().as_unix_nanos());
        Self { wall_ahead: self.wall_ahead.saturating_add(ahead), ..self.clone() }
    }

    /// Monotonic time, for durations and deadlines.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.source {
            Source::Machine(clock) => clock.now(),
            Source::Steered(clock) => clock.now(),
        }
    }

    /// Wall time, for people and calendars.
    #[must_use]
    pub fn wall(&self) -> Timestamp {
        self.on_wall(match &self.source {
            Source::Machine(clock) => clock.wall(),
            Source::Steered(clock) => clock.wall(),
        })
    }

    /// Both times at once.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let moment = match &self.source {
            Source::Machine(clock) => Moment { instant: clock.now(), wall: clock.wall() },
            Source::Steered(clock) => clock.moment(),
        };
        Moment { wall: self.on_wall(moment.wall), ..moment }
    }

    /// What the wall shows when the source's shows this.
    fn on_wall(&self, wall: Timestamp) -> Timestamp {
        Timestamp::from_unix_nanos(wall.as_unix_nanos().saturating_add(self.wall_ahead))
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

    /// What is going on that the clock must not overtake. Whoever waits on this clock and is to be waited for is watched by it.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Whether it can be steered at all.
    #[must_use]
    pub fn is_steered(&self) -> bool {
        matches!(&self.source, Source::Steered(_))
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        matches!(&self.source, Source::Steered(clock) if clock.stands_at().is_some())
    }

    /// Stops the clock where it is; nothing changes if it stands.
    ///
    /// # Panics
    /// If the clock is a real one: nobody can steer that. So do the others that steer it.
    pub fn freeze(&self) {
        self.steering().freeze();
    }

    /// Lets the clock run on, from where it stands, as fast as the machine's; nothing changes if it runs.
    pub fn resume(&self) {
        self.steering().resume();
    }

    /// Moves the clock forward by `by`. Timers fire one by one in the order of their deadlines, each at its own moment, and
    /// after each the clock waits until nothing is [going on](Activity::quiet) any more. So what is armed on the way fires
    /// too, and nothing depends on how fast the machine is. A clock that runs stands meanwhile.
    ///
    /// If the future is dropped, time stays where it got to.
    pub async fn advance(&self, by: Duration) {
        let moving = Moving::begin(self).await;
        let target = self.now() + by;
        while moving.clock.fire_next(target) {
            self.settle().await;
        }
        moving.clock.reach(target);
    }

    /// Moves the clock to where the wall shows `to`: [forward](Self::advance), as time would pass, or back. Set back, only the
    /// wall moves: no duration becomes shorter or longer, and nothing that is due by the calendar happens twice.
    pub async fn set(&self, to: Timestamp) {
        let wall = self.wall();
        match u64::try_from(to.as_unix_nanos().saturating_sub(wall.as_unix_nanos())) {
            Ok(ahead) => self.advance(Duration::from_nanos(ahead)).await,
            Err(_behind) => Moving::begin(self).await.clock.set_wall(to),
        }
    }

    /// Waits until nothing is going on. Cancel safe.
    async fn settle(&self) {
        // Who shares the caller's thread without being watched gets a turn.
        tokio::task::yield_now().await;
        self.activity.quiet().await;
    }

    /// The earliest deadline that somebody waits for; `None` if nobody waits, or if the clock is a real one.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        match &self.source {
            Source::Steered(clock) => clock.next_deadline(),
            Source::Machine(_) => None,
        }
    }

    fn steering(&self) -> &Arc<SteeredClock> {
        match &self.source {
            Source::Steered(clock) => clock,
            Source::Machine(_) => panic!("a real clock cannot be steered"),
        }
    }
}

/// A clock on the move: it stands, and only one moves it.
struct Moving<'a> {
    clock: &'a SteeredClock,
    was_running: bool,
    _alone: tokio::sync::MutexGuard<'a, ()>,
}

impl<'a> Moving<'a> {
    async fn begin(clock: &'a Clock) -> Self {
        let steered = clock.steering();
        let alone = steered.moving.lock().await;
        let moving = Self { clock: steered, was_running: steered.stands_at().is_none(), _alone: alone };
        steered.freeze();
        // Whoever was already woken acts before time moves, and arms its timers relative to the old time.
        clock.settle().await;
        moving
    }
}

impl Drop for Moving<'_> {
    fn drop(&mut self) {
        if self.was_running {
            self.clock.resume();
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.source {
            Source::Machine(_) => "real",
            Source::Steered(_) if self.is_frozen() => "frozen",
            Source::Steered(_) => "running",
        };
        f.debug_struct("Clock").field("kind", &kind).field("now", &self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use parking_lot::Mutex;

    use super::*;
    use crate::work::WorkKind;

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

    #[tokio::test]
    async fn a_running_clock_can_be_stopped_moved_and_resumed() {
        let clock = Clock::steered();
        let before = clock.now();
        clock.sleep(Duration::from_millis(2)).await;
        assert!(clock.now() - before >= Duration::from_millis(2) && !clock.is_frozen());

        // What waits for the machine waits for the frozen clock from now on.
        let mut sleep = Box::pin(clock.sleep(SECOND * 3_600));
        std::future::poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        clock.freeze();
        let (stands, wall) = (clock.now(), clock.wall());
        clock.freeze();
        assert_eq!((clock.now(), clock.wall(), clock.is_frozen()), (stands, wall, true));
        tokio::join!(sleep, clock.advance(SECOND * 3_600));
        assert_eq!(clock.moment(), Moment { instant: stands + SECOND * 3_600, wall: wall + SECOND * 3_600 });

        clock.resume();
        clock.resume();
        assert!(!clock.is_frozen() && clock.now() - stands < SECOND * 3_700);
        clock.sleep(Duration::from_millis(1)).await;
        assert!(clock.now() > stands + SECOND * 3_600 && clock.wall() > wall + SECOND * 3_600);
    }

    #[tokio::test]
    async fn a_clock_that_begins_anew_does_so_as_the_first_one_did() {
        let clock = frozen();
        let began = clock.moment();
        clock.advance(SECOND).await;
        clock.resume();
        let anew = clock.anew();
        assert!(anew.is_frozen() && !clock.is_frozen());
        assert_eq!(anew.moment(), began);
        anew.advance(SECOND).await;
        assert_eq!(anew.anew().moment(), began);

        let running = Clock::steered();
        running.freeze();
        assert!(!running.anew().is_frozen());
        let _busy = running.anew().activity().begin(WorkKind::Content);
        assert_eq!(running.activity().busy(), 1, "they are busy together");
    }

    #[tokio::test]
    async fn a_clock_with_a_wall_of_its_own_is_the_same_clock() {
        let clock = frozen();
        let of_then = clock.showing(Timestamp::UNIX_EPOCH);
        let sleep = of_then.sleep(SECOND);
        tokio::join!(sleep, clock.advance(SECOND));
        assert_eq!(of_then.moment(), Moment { instant: clock.now(), wall: Timestamp::UNIX_EPOCH + SECOND });
        assert_eq!(of_then.showing(clock.wall()).moment(), clock.moment());
    }

    #[tokio::test]
    async fn a_clock_that_runs_is_moved_too() {
        let clock = Clock::steered();
        let before = clock.moment();
        clock.advance(SECOND * 60).await;
        assert!(!clock.is_frozen());
        assert!(clock.now() - before.instant >= SECOND * 60 && clock.wall() >= before.wall + SECOND * 60);
    }

    #[tokio::test]
    async fn a_clock_that_is_set_moves_forward_with_all_timers_and_back_without_any() {
        let clock = frozen();
        let sleep = clock.sleep(SECOND);
        tokio::join!(sleep, clock.set(Timestamp::from_unix_millis(1_002_000)));
        assert_eq!(clock.now(), Instant::ORIGIN + SECOND * 2);
        clock.set(Timestamp::UNIX_EPOCH).await;
        let moment = Moment { instant: Instant::ORIGIN + SECOND * 2, wall: Timestamp::UNIX_EPOCH };
        assert_eq!(clock.moment(), moment);
        clock.advance(SECOND).await;
        assert_eq!(clock.wall(), Timestamp::UNIX_EPOCH + SECOND);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn the_clock_waits_for_what_goes_on_elsewhere() {
        let clock = frozen();
        let last = Arc::new(Mutex::new(Instant::ORIGIN));
        for seconds in 1..=100 {
            let (activity, last) = (clock.activity().clone(), Arc::clone(&last));
            let clock = clock.clone();
            let waits = async move {
                clock.sleep(SECOND * seconds).await;
                for _ in 0..seconds {
                    crate::activity::yield_now().await;
                }
                // Nobody has moved the clock meanwhile, and everything earlier is done.
                let now = Instant::ORIGIN + SECOND * seconds;
                assert_eq!((clock.now(), *last.lock()), (now, Instant::ORIGIN + SECOND * (seconds - 1)));
                *last.lock() = now;
            };
            #[expect(clippy::disallowed_methods, reason = "the clock's tests stand below the work tracker")]
            tokio::spawn(activity.watch(WorkKind::Watcher, waits));
        }
        clock.advance(SECOND * 100).await;
        assert_eq!(*last.lock(), Instant::ORIGIN + SECOND * 100);
    }

    #[test]
    fn a_sleep_can_move_between_threads() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Sleep>();
        check::<Clock>();
    }
}
