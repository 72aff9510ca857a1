//! Time as an argument.
//!
//! The model never asks what time it is: every input carries `now`. Two kinds of time exist and do not mix:
//! [`Instant`] measures durations and deadlines, [`Timestamp`] is what a calendar, a log line or a client shows.

use std::{
    ops::{Add, Sub},
    time::Duration,
};

use serde::Serializer;

/// A moment on the monotonic clock, in nanoseconds since that clock's origin (about 584 years fit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The moment at which the clock started.
    pub const ORIGIN: Self = Self(0);

    /// The moment `nanos` nanoseconds after the clock's origin.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the clock's origin.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time that passed since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates at the end of the clock's range: a deadline beyond it never comes.
    fn add(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Same as [`Instant::saturating_since`].
    fn sub(self, earlier: Self) -> Duration {
        self.saturating_since(earlier)
    }
}

/// A moment on the wall clock, in nanoseconds since the Unix epoch, UTC (years 1678 to 2262).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The moment `nanos` nanoseconds after the Unix epoch.
    #[must_use]
    pub const fn from_unix_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The moment `millis` milliseconds after the Unix epoch; saturates.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_nanos(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_unix_millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// As `2025-11-24T23:13:29Z`, rounded down.
    #[must_use]
    pub fn to_seconds_text(self) -> String {
        let at = jiff::Timestamp::from_second(self.as_unix_seconds());
        at.expect("the years 1678 to 2262 are within those of jiff").to_string()
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the beginning of the range.
    fn sub(self, duration: Duration) -> Self {
        let nanos = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(nanos))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the end of the range.
    fn add(self, duration: Duration) -> Self {
        let nanos = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

/// One look at both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// For durations and deadlines.
    pub instant: Instant,
    /// For people.
    pub wall: Timestamp,
}

impl Moment {
    /// When the wall will show this, unless somebody sets the clock; this very moment, if it has shown it.
    #[must_use]
    pub fn instant_at(&self, wall: Timestamp) -> Instant {
        let nanos = i128::from(wall.as_unix_nanos()) - i128::from(self.wall.as_unix_nanos());
        self.instant + Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

impl Moment {
    /// What the monotonic clock showed, or will show, when the wall shows this; its origin if that was before.
    #[must_use]
    pub fn instant_of(&self, wall: Timestamp) -> Instant {
        let nanos = i128::from(self.instant.as_nanos()) + i128::from(wall.as_unix_nanos())
            - i128::from(self.wall.as_unix_nanos());
        Instant::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }

    /// What the wall showed, or will show, when the monotonic clock shows this.
    #[must_use]
    pub fn wall_of(&self, instant: Instant) -> Timestamp {
        let nanos = i128::from(self.wall.as_unix_nanos()) + i128::from(instant.as_nanos())
            - i128::from(self.instant.as_nanos());
        let nanos = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Timestamp::from_unix_nanos(i64::try_from(nanos).expect("it was clamped"))
    }
}

/// Writes a moment into a document as `2025-11-24T23:13:29.123Z`.
pub(crate) fn rfc3339<S: Serializer>(timestamp: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    let timestamp = jiff::Timestamp::from_millisecond(timestamp.as_unix_millis())
        .expect("the years 1678 to 2262 are within those of jiff");
    serializer.collect_str(&format_args!("{timestamp:.3}"))
}

/// Writes a moment into a document as `2025-11-24T23:13:29Z`.
pub(crate) fn rfc3339_seconds<S: Serializer>(
    timestamp: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&timestamp.to_seconds_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_beyond_the_range_saturates() {
        assert_eq!(Instant::from_nanos(u64::MAX - 1) + Duration::from_secs(1), Instant::from_nanos(u64::MAX));
        assert_eq!(Timestamp::from_unix_millis(i64::MAX).as_unix_nanos(), i64::MAX);
    }

    #[test]
    fn an_earlier_moment_is_no_time_ago() {
        assert_eq!(Instant::ORIGIN - Instant::from_nanos(5), Duration::ZERO);
        assert_eq!(Instant::from_nanos(8) - Instant::from_nanos(5), Duration::from_nanos(3));
    }

    #[test]
    fn moments_before_the_epoch_round_down() {
        assert_eq!(Timestamp::from_unix_nanos(-1).as_unix_millis(), -1);
        assert_eq!(Timestamp::from_unix_nanos(-1).as_unix_seconds(), -1);
    }
}
