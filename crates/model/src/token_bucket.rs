//! How often something may happen: a burst at once, then a steady rate.

use std::time::Duration;

use crate::time::Instant;

/// A bucket of permissions, refilled continuously up to its size; what it cannot hold is lost.
///
/// All arithmetic is exact: the level is counted in `1 / interval` of a permission, of which `burst` arrive every nanosecond.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    burst: u32,
    /// Nanoseconds; what one permission costs.
    interval: u128,
    level: u128,
    /// When `level` was right.
    at: Instant,
}

impl TokenBucket {
    /// A full bucket that an `interval` fills from empty; nothing comes out of one whose `burst` is zero.
    #[must_use]
    pub fn new(burst: u32, interval: Duration) -> Self {
        let interval = interval.as_nanos();
        Self { burst, interval, level: interval.saturating_mul(burst.into()), at: Instant::ORIGIN }
    }

    /// A full bucket that gets `rate` permissions a second. A rate that is not positive gives none at all.
    #[must_use]
    pub fn per_second(rate: f64, burst: u32) -> Self {
        let interval = Duration::try_from_secs_f64(f64::from(burst) / rate).unwrap_or(Duration::MAX);
        Self::new(if rate > 0.0 { burst } else { 0 }, interval)
    }

    /// Takes one permission if there is one. A `now` that is before an earlier one counts as that.
    pub fn try_take(&mut self, now: Instant) -> bool {
        self.refill(now);
        let granted = self.burst > 0 && self.level >= self.interval;
        if granted {
            self.level -= self.interval;
        }
        granted
    }

    /// When there will be a permission; `None` if never. In the past if there is one already.
    #[must_use]
    pub fn available_at(&self) -> Option<Instant> {
        let missing = self.interval.saturating_sub(self.level);
        let nanos = missing.div_ceil(u128::from(self.burst).max(1));
        (self.burst > 0).then(|| self.at + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    fn refill(&mut self, now: Instant) {
        let now = now.max(self.at);
        let gained = (now - self.at).as_nanos() * u128::from(self.burst);
        let full = self.interval.saturating_mul(self.burst.into());
        self.level = self.level.saturating_add(gained).min(full);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    fn take_all(rate: &mut TokenBucket, now: Instant) -> u32 {
        let mut taken = 0;
        while rate.try_take(now) {
            taken += 1;
        }
        taken
    }

    #[test]
    fn a_burst_then_a_steady_rate_and_no_more_than_a_burst_saved() {
        let mut rate = TokenBucket::new(1_000, Duration::from_secs(10));
        let steps = [(0, 1_000), (0, 0), (9, 0), (10, 1), (15, 0), (20, 1), (1_020, 100), (3_600_000, 1_000)];
        for (millis, expected) in steps {
            assert_eq!(take_all(&mut rate, at(millis)), expected, "at {millis} ms");
        }
    }

    #[test]
    fn nothing_is_lost_to_rounding() {
        // Three per ten nanoseconds: asked at every nanosecond, exactly three more come every ten.
        let mut rate = TokenBucket::new(3, Duration::from_nanos(10));
        let taken: u32 = (0..=1_000).map(|nanos| take_all(&mut rate, Instant::from_nanos(nanos))).sum();
        assert_eq!(taken, 3 + 300);
    }

    #[test]
    fn it_tells_exactly_when_the_next_one_is_allowed() {
        for (burst, interval) in [(1_000, 10_000_000_000), (3, 10), (7, 1_000_000_007), (1, 1)] {
            let mut rate = TokenBucket::new(burst, Duration::from_nanos(interval));
            take_all(&mut rate, at(5));
            let next = rate.available_at().expect("it refills");
            assert!(!rate.try_take(Instant::from_nanos(next.as_nanos() - 1)), "{burst} per {interval}");
            assert!(rate.try_take(next), "{burst} per {interval}");
        }
    }

    #[test]
    fn extremes() {
        let mut none = TokenBucket::new(0, Duration::from_secs(1));
        assert!(!none.try_take(at(1_000_000)));
        assert_eq!(none.available_at(), None);
        let mut unlimited = TokenBucket::new(1, Duration::ZERO);
        assert!((0..10_000).all(|_| unlimited.try_take(at(0))));
        let mut once = TokenBucket::new(u32::MAX, Duration::MAX);
        assert!(once.try_take(at(0)));
    }

    #[test]
    fn a_rate_a_second() {
        let mut rate = TokenBucket::per_second(0.5, 2);
        for (millis, expected) in [(0, 2), (1_999, 0), (2_000, 1), (3_000, 0), (60_000, 2)] {
            assert_eq!(take_all(&mut rate, at(millis)), expected, "at {millis} ms");
        }
        for never in [
            TokenBucket::per_second(0.0, 5),
            TokenBucket::per_second(5.0, 0),
            TokenBucket::per_second(f64::NAN, 1),
        ] {
            assert!(!never.clone().try_take(at(0)) && never.available_at().is_none(), "{never:?}");
        }
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let mut rate = TokenBucket::new(1, Duration::from_secs(1));
        assert!(rate.try_take(at(5_000)));
        assert!(!rate.try_take(at(0)) && !rate.try_take(at(5_999)) && rate.try_take(at(6_000)));
    }
}
