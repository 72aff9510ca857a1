//! What a user may choose about asynchronous invocation.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use crate::{
    destination::Destination,
    validation::{ValidationError, Violation},
};

/// What applies to the asynchronous invocations of one version or alias; the default is what applies without
/// configuration.
///
/// Source: `FunctionEventInvokeConfig` and `DeadLetterConfig` in the API's model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// How often an event is tried again after an error of the function.
    pub maximum_retry_attempts: RetryAttempts,
    /// How long an event is kept.
    pub maximum_event_age: EventAge,
    /// What gets a record of each success.
    pub on_success: Option<Arc<Destination>>,
    /// What gets a record of each failure.
    pub on_failure: Option<Arc<Destination>>,
    /// What gets the event of each failure: a queue or a topic. It belongs to the version's configuration; for an alias, that of
    /// the version to which it points.
    pub dead_letter: Option<Arc<Destination>>,
}

/// How often an event is tried again after an error of the function: up to 2 times, which is also the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetryAttempts(u32);

impl RetryAttempts {
    /// Reads `MaximumRetryAttempts`.
    ///
    /// # Errors
    /// If it is not from 0 to 2.
    pub fn new(attempts: i64) -> Result<Self, ValidationError> {
        within("maximumRetryAttempts", attempts, 0..=2).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for RetryAttempts {
    fn default() -> Self {
        Self(2)
    }
}

/// How long an event is kept, from its acceptance: 60 seconds to 6 hours, which is also the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventAge(u32);

impl EventAge {
    /// Reads `MaximumEventAgeInSeconds`.
    ///
    /// # Errors
    /// If it is not from 60 to 21,600.
    pub fn from_seconds(seconds: i64) -> Result<Self, ValidationError> {
        within("maximumEventAgeInSeconds", seconds, 60..=21_600).map(Self)
    }

    /// The age as a duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl Default for EventAge {
    fn default() -> Self {
        Self(21_600)
    }
}

fn within(member: &'static str, value: i64, range: RangeInclusive<u32>) -> Result<u32, ValidationError> {
    let (least, most) = (i64::from(*range.start()), i64::from(*range.end()));
    let small = (value < least).then(|| Violation::value_at_least(member, value, least));
    let large = (value > most).then(|| Violation::value_at_most(member, value, most));
    ValidationError::check(small.into_iter().chain(large))?;
    Ok(u32::try_from(value).expect("it is within a range of such numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_aws() {
        let configuration = Configuration::default();
        assert_eq!(configuration.maximum_retry_attempts.get(), 2);
        assert_eq!(configuration.maximum_event_age.duration(), Duration::from_hours(6));
    }

    #[test]
    fn numbers_out_of_range_are_refused_as_by_aws() {
        assert_eq!(RetryAttempts::new(0).map(RetryAttempts::get), Ok(0));
        assert_eq!(EventAge::from_seconds(60).map(EventAge::duration), Ok(Duration::from_mins(1)));
        let expected = "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member \
                        must have value less than or equal to 2";
        assert_eq!(RetryAttempts::new(3).expect_err("too many").to_string(), expected);
        assert!(
            RetryAttempts::new(-1).expect_err("too few").to_string().ends_with("greater than or equal to 0")
        );
        let short = EventAge::from_seconds(59).expect_err("too short").to_string();
        assert!(
            short.contains("at 'maximumEventAgeInSeconds'") && short.ends_with("greater than or equal to 60")
        );
        assert!(EventAge::from_seconds(21_601).is_err());
        assert!(EventAge::from_seconds(i64::MAX).is_err());
    }
}
