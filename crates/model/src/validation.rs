//! What the API's front end says of a request that it refuses before any service looks at it: a `ValidationException`.
//!
//! Source: answers recorded from AWS; the constraints themselves are those of the API's published model.

use std::{borrow::Cow, fmt};

use thiserror::Error;

/// Everything in a request that does not satisfy the API's model; at least one thing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ValidationError(Vec<Violation>);

impl ValidationError {
    /// Fails if there is any violation.
    ///
    /// # Errors
    /// With all of them, in their order.
    pub fn check(violations: impl IntoIterator<Item = Violation>) -> Result<(), Self> {
        let violations: Vec<_> = violations.into_iter().collect();
        if violations.is_empty() { Ok(()) } else { Err(Self(violations)) }
    }
}

impl IntoIterator for ValidationError {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Violation> for ValidationError {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(f, "{} validation error{plural} detected: ", self.0.len())?;
        for (position, violation) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

/// Reads one of several names; `known` is in the order in which AWS lists them.
///
/// # Errors
/// If it is none of them.
pub fn one_of<T: Copy>(
    member: impl Into<Cow<'static, str>>,
    given: &str,
    known: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, Violation> {
    known.iter().copied().find(|known| name(*known) == given).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|known| name(*known)).collect();
        let names = names.join(", ");
        Violation::new(member, given, format_args!("Member must satisfy enum value set: [{names}]"))
    })
}

/// One member of a request that does not satisfy a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    member: Cow<'static, str>,
    /// None if there is none.
    value: Option<String>,
    constraint: String,
}

impl Violation {
    /// `value` at `member`, a path such as `routingConfig.additionalVersionWeights`, does not satisfy what AWS calls
    /// `constraint`.
    #[must_use]
    pub fn new(
        member: impl Into<Cow<'static, str>>,
        value: impl fmt::Display,
        constraint: impl fmt::Display,
    ) -> Self {
        Self { member: member.into(), value: Some(value.to_string()), constraint: constraint.to_string() }
    }

    /// What must be there is not.
    #[must_use]
    pub fn missing(member: impl Into<Cow<'static, str>>) -> Self {
        Self { member: member.into(), value: None, constraint: "Member must not be null".to_owned() }
    }

    /// The text is too short.
    #[must_use]
    pub fn length_at_least(member: impl Into<Cow<'static, str>>, value: &str, least: usize) -> Self {
        Self::new(member, value, format_args!("Member must have length greater than or equal to {least}"))
    }

    /// The text is too long.
    #[must_use]
    pub fn length_at_most(member: impl Into<Cow<'static, str>>, value: &str, most: usize) -> Self {
        Self::new(member, value, format_args!("Member must have length less than or equal to {most}"))
    }

    /// The text does not match a regular expression. AWS doubles the backslashes of expressions that it cites.
    #[must_use]
    pub fn pattern(member: impl Into<Cow<'static, str>>, value: &str, pattern: &str) -> Self {
        let cited = pattern.replace('\\', r"\\");
        Self::new(member, value, format_args!("Member must satisfy regular expression pattern: {cited}"))
    }

    /// The number is too small.
    #[must_use]
    pub fn value_at_least(member: impl Into<Cow<'static, str>>, value: i64, least: i64) -> Self {
        Self::new(member, value, format_args!("Member must have value greater than or equal to {least}"))
    }

    /// The number is too large.
    #[must_use]
    pub fn value_at_most(member: impl Into<Cow<'static, str>>, value: i64, most: i64) -> Self {
        Self::new(member, value, format_args!("Member must have value less than or equal to {most}"))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { member, value, constraint } = self;
        match value {
            Some(value) => write!(f, "Value '{value}'")?,
            None => f.write_str("Value null")?,
        }
        write!(f, " at '{member}' failed to satisfy constraint: {constraint}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_aws() {
        let destination = Violation::pattern(
            "destinationConfig.onFailure.destination",
            "arn:aws:_-/!",
            r"^$|arn:(\d{12})?:(.*)",
        );
        let expected = "Value 'arn:aws:_-/!' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: \
                        Member must satisfy regular expression pattern: ^$|arn:(\\\\d{12})?:(.*)";
        assert_eq!(destination.to_string(), expected);
        let one = ValidationError::from(destination.clone());
        assert_eq!(one.to_string(), format!("1 validation error detected: {expected}"));
        let age = Violation::value_at_least("maximumEventAgeInSeconds", 59, 60);
        let two = ValidationError::check([destination, age]).expect_err("two violations");
        let second = "Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value \
                      greater than or equal to 60";
        assert_eq!(two.to_string(), format!("2 validation errors detected: {expected}; {second}"));
        assert_eq!(ValidationError::check([]), Ok(()));
    }
}
