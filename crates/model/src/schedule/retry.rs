//! How often, and for how long, something is tried that a schedule or a rule wants done.

use std::time::Duration;

/// When to give up.
///
/// Rules and EventBridge Scheduler have the same one, and the same default: a day, and 185 retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often to try again after the first time.
    pub maximum_attempts: u32,
    /// For how long to try, from the first time on.
    pub maximum_age: Duration,
}

/// What follows from an attempt that came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another one, so much later.
    RetryAfter(Duration),
    /// Nothing.
    GiveUp(Exhausted),
}

/// Why there is no other attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// There have been enough.
    Attempts,
    /// It has taken too long.
    Age,
}

/// AWS tells no numbers but "exponential backoff". With these, the retries of the default fit just into its day.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_mins(8);

impl RetryPolicy {
    /// The fewest and the most retries that can be asked for.
    pub const ATTEMPTS: std::ops::RangeInclusive<i64> = 0..=185;
    /// The shortest and the longest time that can be asked for, in seconds.
    pub const AGE_S: std::ops::RangeInclusive<i64> = 60..=86_400;

    /// What follows when there have been `retries` after the first attempt, which was `age` ago.
    #[must_use]
    pub fn after_failure(&self, retries: u32, age: Duration) -> Next {
        if retries >= self.maximum_attempts {
            return Next::GiveUp(Exhausted::Attempts);
        }
        let doubled = 1_u32.checked_shl(retries).unwrap_or(u32::MAX);
        let backoff = FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF);
        if age + backoff > self.maximum_age {
            return Next::GiveUp(Exhausted::Age);
        }
        Next::RetryAfter(backoff)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { maximum_attempts: 185, maximum_age: Duration::from_hours(24) }
    }
}

impl Exhausted {
    /// As dead letters name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempts => "MaximumRetryAttempts",
            Self::Age => "MaximumEventAgeInSeconds",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long each attempt waits, and why there is no other one.
    fn run(policy: RetryPolicy) -> (Vec<u64>, Exhausted) {
        let (mut waits, mut age) = (Vec::new(), Duration::ZERO);
        loop {
            match policy.after_failure(u32::try_from(waits.len()).expect("few"), age) {
                Next::RetryAfter(backoff) => {
                    waits.push(backoff.as_secs());
                    age += backoff;
                }
                Next::GiveUp(why) => return (waits, why),
            }
        }
    }

    #[test]
    fn waits_double_up_to_a_bound() {
        let policy = RetryPolicy { maximum_attempts: 12, ..RetryPolicy::default() };
        let expected = vec![1, 2, 4, 8, 16, 32, 64, 128, 256, 480, 480, 480];
        assert_eq!(run(policy), (expected, Exhausted::Attempts));
    }

    #[test]
    fn no_attempt_is_later_than_the_age_allows() {
        let policy = RetryPolicy { maximum_age: Duration::from_mins(1), ..RetryPolicy::default() };
        assert_eq!(run(policy), (vec![1, 2, 4, 8, 16], Exhausted::Age));
    }

    #[test]
    fn the_default_uses_its_day_and_its_attempts() {
        let (waits, why) = run(RetryPolicy::default());
        assert_eq!((waits.len(), why), (185, Exhausted::Attempts));
        assert!((80_000..86_400).contains(&waits.iter().sum::<u64>()));
    }

    #[test]
    fn none_is_none() {
        let policy = RetryPolicy { maximum_attempts: 0, ..RetryPolicy::default() };
        assert_eq!(run(policy), (vec![], Exhausted::Attempts));
    }
}
