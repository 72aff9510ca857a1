//! When schedules fire.

use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

use super::{Expression, Rate};
use crate::time::Timestamp;

/// An expression, and where and when it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// When it fires.
    pub expression: Expression,
    /// Whose clocks `cron` and `at` mean; UTC for rules.
    pub zone: TimeZone,
    /// When it begins, which is also what a rate counts from: the start date, or when it was made.
    pub start: Timestamp,
    /// When it ends, if it does: the end date.
    pub end: Option<Timestamp>,
}

impl Schedule {
    /// The next firing after a moment, from the start to the end, both included; `None` if there is none any more.
    ///
    /// As on AWS, start and end do not matter to what happens once. A rate fires at its start, for who asks about a moment
    /// before that.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let next = match &self.expression {
            Expression::At(at) => return moment(*at, &self.zone).map(from_jiff).filter(|at| *at > after),
            Expression::Cron(cron) => {
                let before_start = Timestamp::from_unix_nanos(self.start.as_unix_nanos().saturating_sub(1));
                cron.next_after(to_jiff(after.max(before_start)), &self.zone).map(from_jiff)
            }
            Expression::Rate(rate) => next_of_rate(*rate, self.start, after),
        };
        next.filter(|next| self.end.is_none_or(|end| *next <= end))
    }
}

/// When clocks in the zone show this: the first time, if they do so twice; `None` if they skip it.
pub(super) fn moment(shown: DateTime, zone: &TimeZone) -> Option<jiff::Timestamp> {
    let moment = zone.to_ambiguous_timestamp(shown);
    match moment.offset() {
        AmbiguousOffset::Gap { .. } => None,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => moment.earlier().ok(),
    }
}

fn next_of_rate(rate: Rate, start: Timestamp, after: Timestamp) -> Option<Timestamp> {
    if after < start {
        return Some(start);
    }
    let since_start = i128::from(after.as_unix_nanos()) - i128::from(start.as_unix_nanos());
    let interval = i128::try_from(rate.interval().as_nanos()).expect("it is at most 2³² days");
    let next = i128::from(start.as_unix_nanos()) + (since_start / interval + 1) * interval;
    i64::try_from(next).ok().map(Timestamp::from_unix_nanos)
}

fn to_jiff(timestamp: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(timestamp.as_unix_nanos().into())
        .expect("the years 1678 to 2262 are within those of jiff")
}

fn from_jiff(timestamp: jiff::Timestamp) -> Timestamp {
    let nanos = i64::try_from(timestamp.as_nanosecond()).expect("schedules end with the year 2199");
    Timestamp::from_unix_nanos(nanos)
}
