//! Why an expression is refused.

use thiserror::Error;

/// Why a text is no schedule expression, and what to write instead. AWS says only that it is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidExpression {
    /// It is none of the expressions.
    #[error("'{text}' is no schedule: write {forms}, without spaces around it")]
    Form {
        /// What was written.
        text: String,
        /// What can be written.
        forms: &'static str,
    },
    /// There are spaces between a parenthesis and its content.
    #[error("'{text}' has spaces inside its parentheses, before or after what they enclose: remove them")]
    Padding {
        /// What was written.
        text: String,
    },
    /// A `cron` has too many fields or too few.
    #[error(
        "a cron has six fields, not {found}: minutes, hours, day of month, month, day of week and year, as in \
         cron(0 12 * * ? *)"
    )]
    Fields {
        /// How many there are.
        found: usize,
    },
    /// Both day fields of a `cron` say something.
    #[error("day of month and day of week cannot both say which days: write ? for one of them")]
    BothDays,
    /// Neither day field of a `cron` says anything.
    #[error("day of month and day of week cannot both be ?: write * for one of them")]
    NeitherDay,
    /// A value is none of its field.
    #[error("'{text}' is no value of the field {field}: write {least} to {most}{names}")]
    Value {
        /// What was written.
        text: String,
        /// The field.
        field: &'static str,
        /// The field's least value.
        least: i16,
        /// The field's greatest value.
        most: i16,
        /// Which names are allowed too.
        names: &'static str,
    },
    /// What stands behind a `/` is no step of its field.
    #[error("'{text}' is no step of the field {field}: write 1 to {most} behind the '/'")]
    Step {
        /// What was written.
        text: String,
        /// The field.
        field: &'static str,
        /// The greatest step.
        most: i16,
    },
    /// A range of years ends before it begins.
    #[error("the years '{text}' go backwards: write the earlier one first")]
    Backwards {
        /// What was written.
        text: String,
    },
    /// Something with `L` or `W` in the day of month that is not understood.
    #[error(
        "'{text}' is no day of month: write L, LW or a day with W, as in 15W, and nothing else beside it"
    )]
    DayOfMonth {
        /// What was written.
        text: String,
    },
    /// Something with `L` or `#` in the day of week that is not understood.
    #[error(
        "'{text}' is no day of week: write L, a day with L, as in 6L, or a day with # and 1 to 5, as in 6#3, and \
         nothing else beside it"
    )]
    DayOfWeek {
        /// What was written.
        text: String,
    },
    /// What stands in a `rate` is no interval.
    #[error(
        "'{text}' is no rate: write a number from 1 on and minutes, hours or days, as in rate(5 minutes)"
    )]
    Rate {
        /// What was written.
        text: String,
    },
    /// The unit of a `rate` does not fit its number.
    #[error("rate({number} {unit}) is not valid: write rate({number} {fitting})")]
    Unit {
        /// The number.
        number: u32,
        /// The unit that was written.
        unit: String,
        /// The unit as it should be.
        fitting: String,
    },
    /// What stands in an `at` is no time.
    #[error(
        "'{text}' is no time: write date and time without time zone, in the years 1970 to 2199, as in \
         at(2026-11-21T13:00:00)"
    )]
    At {
        /// What was written.
        text: String,
    },
}
