//! Fields of `cron`: which values a clock may show.

use super::InvalidExpression;

/// What a field is called and what it may hold.
pub(super) struct Field {
    name: &'static str,
    least: i16,
    most: i16,
    /// Names of the values, from the least on.
    names: &'static [&'static str],
    /// How to tell of the names.
    hint: &'static str,
    /// Whether the least value follows the greatest.
    goes_round: bool,
}

pub(super) const MINUTES: Field = Field::of_numbers("minutes", 0, 59);
pub(super) const HOURS: Field = Field::of_numbers("hours", 0, 23);
pub(super) const DAYS_OF_MONTH: Field = Field::of_numbers("day of month", 1, 31);
pub(super) const MONTHS: Field = Field {
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    hint: ", or JAN to DEC",
    ..Field::of_numbers("month", 1, 12)
};
pub(super) const DAYS_OF_WEEK: Field = Field {
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    hint: ", or SUN to SAT",
    ..Field::of_numbers("day of week", 1, 7)
};
pub(super) const YEARS: Field = Field { goes_round: false, ..Field::of_numbers("year", 1970, 2199) };
/// What stands behind a `#`.
pub(super) const WEEKS: Field = Field::of_numbers("week of month", 1, 5);

impl Field {
    const fn of_numbers(name: &'static str, least: i16, most: i16) -> Self {
        Self { name, least, most, names: &[], hint: "", goes_round: true }
    }

    /// Reads a list of values, ranges and steps, in upper case.
    pub(super) fn values(&self, text: &str) -> Result<Values, InvalidExpression> {
        let mut values = Vec::new();
        for item in text.split(',') {
            self.add(item, &mut values)?;
        }
        values.sort_unstable();
        values.dedup();
        Ok(Values(values.into()))
    }

    /// Reads a single value, in upper case.
    pub(super) fn value(&self, text: &str) -> Result<i16, InvalidExpression> {
        let named = || Some(self.least + (0..).zip(self.names).find(|(_, name)| **name == text)?.0);
        number(text).filter(|value| (self.least..=self.most).contains(value)).or_else(named).ok_or_else(
            || {
                let (field, least, most, names) = (self.name, self.least, self.most, self.hint);
                InvalidExpression::Value { text: text.to_owned(), field, least, most, names }
            },
        )
    }

    fn add(&self, item: &str, values: &mut Vec<i16>) -> Result<(), InvalidExpression> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (item, None),
        };
        let (first, last) = if range == "*" {
            (self.least, self.most)
        } else if let Some((first, last)) = range.split_once('-') {
            (self.value(first)?, self.value(last)?)
        } else {
            let value = self.value(range)?;
            (value, if step.is_some() { self.most } else { value })
        };
        if first > last && !self.goes_round {
            return Err(InvalidExpression::Backwards { text: range.to_owned() });
        }
        let size = self.most - self.least + 1;
        let round = if first > last { size } else { 0 };
        let step = step.map_or(1, i16::unsigned_abs);
        let unrolled = (first..=last + round).step_by(step.into());
        values.extend(unrolled.map(|value| if value > self.most { value - size } else { value }));
        Ok(())
    }

    fn step(&self, text: &str) -> Result<i16, InvalidExpression> {
        let step = number(text).filter(|step| (1..=self.most).contains(step));
        step.ok_or_else(|| InvalidExpression::Step {
            text: text.to_owned(),
            field: self.name,
            most: self.most,
        })
    }
}

/// The values of a field, in order and at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values(Box<[i16]>);

impl Values {
    pub(super) fn first(&self) -> i16 {
        self.0[0]
    }

    pub(super) fn contains(&self, value: i16) -> bool {
        self.0.binary_search(&value).is_ok()
    }

    /// The first value that is not less than this.
    pub(super) fn next_from(&self, least: i16) -> Option<i16> {
        self.0.get(self.0.partition_point(|value| *value < least)).copied()
    }
}

/// A value that is not a year, as a calendar has it.
pub(super) fn small(value: i16) -> i8 {
    i8::try_from(value).expect("all fields but the year are below 60")
}

fn number(text: &str) -> Option<i16> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
