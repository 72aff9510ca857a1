//! How much of a usage plan's quota is used: requests by day, in periods of days, weeks or months.
//!
//! Source: API Gateway developer guide, "Usage plans and API keys for REST APIs"; `QuotaSettings` in the API reference.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How often something may be called in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quota {
    /// How often.
    pub limit: u32,
    /// The day of the week or month on which a period begins, counted from 0; by day it is 0.
    #[serde(default)]
    pub offset: u32,
    /// The period.
    pub period: QuotaPeriod,
}

/// A period of a quota, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum QuotaPeriod {
    /// A day.
    Day,
    /// A week; without offset it begins on Sunday.
    Week,
    /// A month.
    Month,
}

/// Requests by day. Days that are more than a year gone are forgotten.
#[derive(Clone, Debug, Default)]
pub struct Usage(BTreeMap<Date, u32>);

impl Quota {
    /// The largest offset that a period has.
    #[must_use]
    pub const fn most_offset(period: QuotaPeriod) -> u32 {
        match period {
            QuotaPeriod::Day => 0,
            QuotaPeriod::Week => 6,
            QuotaPeriod::Month => 27,
        }
    }

    /// The first day of the period that a day is in.
    fn begin(self, day: Date) -> Date {
        let offset = i64::from(self.offset);
        let into = match self.period {
            QuotaPeriod::Day => 0,
            QuotaPeriod::Week => {
                let since_sunday = i64::from(day.weekday().since(Weekday::Sunday));
                (since_sunday - offset).rem_euclid(7)
            }
            QuotaPeriod::Month => {
                let since_first = i64::from(day.day()) - 1 - offset;
                if since_first >= 0 {
                    since_first
                } else {
                    since_first + i64::from(day.first_of_month().yesterday().map_or(31, Date::day))
                }
            }
        };
        (0..into).fold(day, |day, _| day.yesterday().unwrap_or(day))
    }
}

impl Usage {
    /// Counts a request, unless the quota is used up.
    pub fn try_take(&mut self, now: Timestamp, quota: Option<Quota>) -> bool {
        let today = day(now);
        if quota.is_some_and(|quota| self.used(today, quota) >= quota.limit) {
            return false;
        }
        let count = self.0.entry(today).or_default();
        *count = count.saturating_add(1);
        while self.0.len() > 366 {
            self.0.pop_first();
        }
        true
    }

    /// What was used on each day from one to another, and what was left then; nothing if these are no days such as
    /// `2026-11-21`.
    #[must_use]
    pub fn between(&self, first: &str, last: &str, quota: Option<Quota>) -> Option<Vec<[u32; 2]>> {
        let (first, last): (Date, Date) = (first.parse().ok()?, last.parse().ok()?);
        let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
        let of = |day: Date| {
            let left = quota.map_or(0, |quota| quota.limit.saturating_sub(self.used(day, quota)));
            [self.0.get(&day).copied().unwrap_or_default(), left]
        };
        Some(days.take(366).map(of).collect())
    }

    /// What was used until the end of a day, in the period that it is in.
    fn used(&self, day: Date, quota: Quota) -> u32 {
        self.0.range(quota.begin(day)..=day).fold(0, |used, (_, count)| used.saturating_add(*count))
    }
}

fn day(at: Timestamp) -> Date {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis())
        .expect("the years 1678 to 2262 are within those of jiff");
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().expect("a moment");
        Timestamp::from_unix_millis(at.as_millisecond())
    }

    const fn quota(limit: u32, period: QuotaPeriod, offset: u32) -> Quota {
        Quota { limit, offset, period }
    }

    #[test]
    fn periods_begin_on_their_days() {
        let check = |day: &str, period, offset, expected: &str| {
            let day: Date = day.parse().expect("a day");
            let begin = quota(1, period, offset).begin(day).to_string();
            assert_eq!(begin, expected, "{day} {period:?} {offset}");
        };
        check("2026-11-21", QuotaPeriod::Day, 0, "2026-11-21");
        // A Saturday.
        check("2026-11-21", QuotaPeriod::Week, 0, "2026-11-15");
        check("2026-11-21", QuotaPeriod::Week, 6, "2026-11-21");
        check("2026-11-20", QuotaPeriod::Week, 6, "2026-11-14");
        check("2026-11-22", QuotaPeriod::Week, 0, "2026-11-22");
        check("2026-11-21", QuotaPeriod::Month, 0, "2026-11-01");
        check("2026-11-21", QuotaPeriod::Month, 20, "2026-11-21");
        check("2026-11-20", QuotaPeriod::Month, 20, "2026-10-21");
        check("2026-03-01", QuotaPeriod::Month, 27, "2026-02-28");
    }

    #[test]
    fn a_quota_is_full_again_with_the_next_period() {
        let mut usage = Usage::default();
        let daily = Some(quota(2, QuotaPeriod::Day, 0));
        let taken =
            ["2026-11-21T00:00:00Z", "2026-11-21T12:00:00Z", "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"];
        assert_eq!(taken.map(|moment| usage.try_take(at(moment), daily)), [true, true, false, true]);
        assert_eq!(usage.between("2026-11-20", "2026-11-22", daily), Some(vec![[0, 2], [2, 0], [1, 1]]));
        // In the month, all three count.
        let monthly = Some(quota(3, QuotaPeriod::Month, 0));
        assert!(!usage.try_take(at("2026-11-30T00:00:00Z"), monthly));
        assert!(usage.try_take(at("2026-12-01T00:00:00Z"), monthly));
        assert!(usage.try_take(at("2026-12-01T00:00:00Z"), None));
        assert_eq!(usage.between("yesterday", "2026-11-22", None), None);
    }
}
