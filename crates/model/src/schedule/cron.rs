//! `cron`: the minutes that clocks show.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::{
    InvalidExpression,
    days::Days,
    field::{HOURS, MINUTES, MONTHS, Values, YEARS, small},
    firing::moment,
};

/// Which minutes are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: Values,
    hours: Values,
    days: Days,
    months: Values,
    years: Values,
}

impl Cron {
    /// Reads minutes, hours, day of month, month, day of week and year, in upper case.
    pub(super) fn parse(fields: [&str; 6]) -> Result<Self, InvalidExpression> {
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields;
        Ok(Self {
            minutes: MINUTES.values(minutes)?,
            hours: HOURS.values(hours)?,
            days: Days::parse(day_of_month, day_of_week)?,
            months: MONTHS.values(month)?,
            years: YEARS.values(year)?,
        })
    }

    /// The next moment at which clocks in the zone come to show a minute that is meant.
    pub(super) fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut shown = zone.to_datetime(after);
        // Mostly one round. What is skipped or comes for the second time, where clocks are changed, takes one each.
        loop {
            shown = self.next_shown(shown)?;
            if let Some(next) = moment(shown, zone).filter(|next| *next > after) {
                return Some(next);
            }
        }
    }

    /// The next minute that is meant, on a clock that nobody changes.
    fn next_shown(&self, after: DateTime) -> Option<DateTime> {
        let minute = after.date().at(after.hour(), after.minute(), 0, 0);
        let from = minute.checked_add(SignedDuration::from_mins(1)).ok()?;
        let date = self.next_date(from.date())?;
        if date == from.date()
            && let Some(time) = self.next_time(from.time())
        {
            return Some(date.to_datetime(time));
        }
        let date = if date == from.date() { self.next_date(date.tomorrow().ok()?)? } else { date };
        Some(date.to_datetime(self.next_time(Time::midnight())?))
    }

    /// The first date that is meant, from this one on.
    fn next_date(&self, mut from: Date) -> Option<Date> {
        loop {
            let year = self.years.next_from(from.year())?;
            if year > from.year() {
                from = first_of(year, 1);
            }
            let Some(month) = self.months.next_from(from.month().into()) else {
                from = first_of(year + 1, 1);
                continue;
            };
            if month > from.month().into() {
                from = first_of(year, month);
            }
            match self.days.next_in_month(from) {
                Some(date) => return Some(date),
                None => from = from.last_of_month().tomorrow().ok()?,
            }
        }
    }

    /// The first time of a day that is meant, from this one on.
    fn next_time(&self, from: Time) -> Option<Time> {
        let hour = from.hour().into();
        let within_hour = self.minutes.next_from(from.minute().into()).filter(|_| self.hours.contains(hour));
        let (hour, minute) = match within_hour {
            Some(minute) => (hour, minute),
            None => (self.hours.next_from(hour + 1)?, self.minutes.first()),
        };
        Some(Time::constant(small(hour), small(minute), 0, 0))
    }
}

fn first_of(year: i16, month: i16) -> Date {
    Date::constant(year, small(month), 1)
}
