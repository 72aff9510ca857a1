//! The two day fields of `cron`: which days of a month are meant.

use jiff::civil::{Date, Weekday};

use super::{
    InvalidExpression,
    field::{DAYS_OF_MONTH, DAYS_OF_WEEK, Values, WEEKS, small},
};

/// Which days of a month are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Days {
    OfMonth(Values),
    Last,
    /// The last from Monday to Friday.
    LastWeekday,
    /// The one from Monday to Friday that is nearest to this day, within the month.
    NearestWeekday(i8),
    /// 1 is Sunday.
    OfWeek(Values),
    /// The last one of these in the month.
    LastOfWeek(Weekday),
    /// The first, second, … one of these in the month.
    NthOfWeek(Weekday, i8),
}

impl Days {
    /// Reads both fields, in upper case.
    pub(super) fn parse(day_of_month: &str, day_of_week: &str) -> Result<Self, InvalidExpression> {
        match (day_of_month, day_of_week) {
            ("?", "?") => Err(InvalidExpression::NeitherDay),
            ("?", day_of_week) => Self::of_week(day_of_week),
            (day_of_month, "?") => Self::of_month(day_of_month),
            _ => Err(InvalidExpression::BothDays),
        }
    }

    fn of_month(text: &str) -> Result<Self, InvalidExpression> {
        match text {
            "L" => Ok(Self::Last),
            "LW" => Ok(Self::LastWeekday),
            _ if text.contains(['L', 'W']) => {
                let day = text.strip_suffix('W').and_then(|day| DAYS_OF_MONTH.value(day).ok());
                let refusal = || InvalidExpression::DayOfMonth { text: text.to_owned() };
                day.map(|day| Self::NearestWeekday(small(day))).ok_or_else(refusal)
            }
            _ => DAYS_OF_MONTH.values(text).map(Self::OfMonth),
        }
    }

    fn of_week(text: &str) -> Result<Self, InvalidExpression> {
        if text == "L" {
            return DAYS_OF_WEEK.values("SAT").map(Self::OfWeek);
        }
        if !text.contains(['L', '#']) {
            return DAYS_OF_WEEK.values(text).map(Self::OfWeek);
        }
        let last = || Some(Self::LastOfWeek(weekday(text.strip_suffix('L')?)?));
        let nth = || {
            let (day, nth) = text.split_once('#')?;
            Some(Self::NthOfWeek(weekday(day)?, small(WEEKS.value(nth).ok()?)))
        };
        last().or_else(nth).ok_or_else(|| InvalidExpression::DayOfWeek { text: text.to_owned() })
    }

    /// The first day that is meant, from this one to the end of its month.
    pub(super) fn next_in_month(&self, from: Date) -> Option<Date> {
        let most = from.days_in_month();
        let day = match self {
            Self::OfMonth(days) => small(days.next_from(from.day().into())?),
            Self::Last => most,
            Self::LastWeekday => nearest_weekday(from, most),
            Self::NearestWeekday(day) if *day > most => return None,
            Self::NearestWeekday(day) => nearest_weekday(from, *day),
            Self::OfWeek(days) => {
                let weekday = i16::from(from.weekday().to_sunday_one_offset());
                let next = days.next_from(weekday).unwrap_or_else(|| days.first() + 7);
                from.day() + small(next - weekday)
            }
            Self::LastOfWeek(weekday) => most - at(from, most).weekday().since(*weekday),
            Self::NthOfWeek(weekday, nth) => 1 + weekday.since(at(from, 1).weekday()) + 7 * (nth - 1),
        };
        (from.day()..=most).contains(&day).then(|| at(from, day))
    }
}

/// The day from Monday to Friday that is nearest to this one, within the month.
fn nearest_weekday(month: Date, day: i8) -> i8 {
    match at(month, day).weekday() {
        Weekday::Saturday if day == 1 => 3,
        Weekday::Saturday => day - 1,
        Weekday::Sunday if day == month.days_in_month() => day - 2,
        Weekday::Sunday => day + 1,
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Friday => day,
    }
}

/// A day of the month.
fn at(month: Date, day: i8) -> Date {
    Date::new(month.year(), month.month(), day).expect("the day is within the month")
}

fn weekday(text: &str) -> Option<Weekday> {
    let value = DAYS_OF_WEEK.value(text).ok()?;
    Weekday::from_sunday_one_offset(small(value)).ok()
}
