//! What callers want to be set, read.

use std::sync::Arc;

use hearth_model::{
    asynchronous::{EventAge, RetryAttempts},
    destination::{Destination, InvalidDestination},
    time::Timestamp,
    validation::{ValidationError, Violation},
};

use super::AsynchronousConfiguration;
use crate::lambda::Refusal;

/// What is to be set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsynchronousChange {
    /// How often an event is tried again after an error of the function.
    pub maximum_retry_attempts: Option<i64>,
    /// How long an event is kept, in seconds.
    pub maximum_event_age_s: Option<i64>,
    /// The ARN of what gets a record of each success; an empty one means that nothing does.
    pub on_success: Option<String>,
    /// The ARN of what gets a record of each failure; an empty one means that nothing does.
    pub on_failure: Option<String>,
}

/// What is to be set, read.
pub(super) struct Change {
    maximum_retry_attempts: Option<RetryAttempts>,
    maximum_event_age: Option<EventAge>,
    on_success: DestinationChange,
    on_failure: DestinationChange,
}

/// The inner none takes a destination away.
type DestinationChange = Option<Option<Arc<Destination>>>;

impl AsynchronousChange {
    /// Reads everything. AWS's front end tells all that is wrong in one answer.
    pub(super) fn read(&self) -> Result<Change, Refusal> {
        let attempts = self.maximum_retry_attempts.map(RetryAttempts::new).transpose();
        let age = self.maximum_event_age_s.map(EventAge::from_seconds).transpose();
        let (on_success, on_failure) =
            (destination(self.on_success.as_ref()), destination(self.on_failure.as_ref()));
        let numbers = [attempts.as_ref().err(), age.as_ref().err()].into_iter().flatten().cloned().flatten();
        let success =
            violations("destinationConfig.onSuccess.destination", self.on_success.as_ref(), &on_success);
        let failure =
            violations("destinationConfig.onFailure.destination", self.on_failure.as_ref(), &on_failure);
        ValidationError::check(numbers.chain(success).chain(failure))?;
        let (Ok(on_success), Ok(on_failure)) = (on_success, on_failure) else {
            return Err(self.destinations_invalid());
        };
        Ok(Change { maximum_retry_attempts: attempts?, maximum_event_age: age?, on_success, on_failure })
    }

    /// In the words of AWS, which are those of its own code.
    fn destinations_invalid(&self) -> Refusal {
        let told = |kind: &str, arn: Option<&String>| {
            arn.map_or_else(|| "null".to_owned(), |arn| format!("{kind}(destination={arn})"))
        };
        let (success, failure) =
            (told("OnSuccess", self.on_success.as_ref()), told("OnFailure", self.on_failure.as_ref()));
        Refusal::invalid(format!(
            "The provided destination config DestinationConfig(onSuccess={success}, onFailure={failure}) is invalid."
        ))
    }
}

impl Change {
    /// What would get records, as far as that is changed.
    pub(super) fn destinations(&self) -> impl Iterator<Item = &Destination> {
        [&self.on_success, &self.on_failure].into_iter().flatten().flatten().map(Arc::as_ref)
    }

    /// What is set after this change of what was set before.
    pub(super) fn of(self, before: AsynchronousConfiguration, now: Timestamp) -> AsynchronousConfiguration {
        AsynchronousConfiguration {
            maximum_retry_attempts: self.maximum_retry_attempts.or(before.maximum_retry_attempts),
            maximum_event_age: self.maximum_event_age.or(before.maximum_event_age),
            on_success: self.on_success.unwrap_or(before.on_success),
            on_failure: self.on_failure.unwrap_or(before.on_failure),
            modified: now,
        }
    }
}

fn destination(arn: Option<&String>) -> Result<DestinationChange, InvalidDestination> {
    match arn.map(String::as_str) {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        // A form that the API's model allows, for event source mappings.
        Some(topic) if topic.starts_with("kafka://") => Err(InvalidDestination::NoTarget),
        Some(arn) => Destination::parse(arn).map(|destination| Some(Some(Arc::new(destination)))),
    }
}

fn violations(
    member: &'static str,
    arn: Option<&String>,
    read: &Result<DestinationChange, InvalidDestination>,
) -> impl Iterator<Item = Violation> {
    const MOST: usize = 350;
    const PATTERN: &str = r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";
    let malformed = matches!(read, Err(InvalidDestination::Malformed));
    let other = arn.filter(|_| malformed).map(|arn| Violation::pattern(member, arn, PATTERN));
    let long = arn.filter(|arn| arn.chars().count() > MOST);
    long.map(|arn| Violation::length_at_most(member, arn, MOST)).into_iter().chain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> AsynchronousChange {
        AsynchronousChange::default()
    }

    fn refusal(given: &AsynchronousChange) -> Refusal {
        given.read().err().expect("refused")
    }

    #[test]
    fn everything_that_is_malformed_is_told_at_once() {
        let given = AsynchronousChange {
            maximum_retry_attempts: Some(3),
            maximum_event_age_s: Some(59),
            on_failure: Some("arn:aws:_-/!lambda:us-east-1:000000000000:function:orders".to_owned()),
            ..given()
        };
        let expected = "3 validation errors detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member \
                        must have value less than or equal to 2; Value '59' at 'maximumEventAgeInSeconds' failed to satisfy \
                        constraint: Member must have value greater than or equal to 60; Value \
                        'arn:aws:_-/!lambda:us-east-1:000000000000:function:orders' at 'destinationConfig.onFailure.destination' \
                        failed to satisfy constraint: Member must satisfy regular expression pattern: \
                        $|kafka://([^.]([a-zA-Z0-9\\\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\\\d{1})?:(\\\\d{12})?:(.*)";
        assert_eq!(refusal(&given), Refusal::Validation(expected.into()));
        let long = format!("arn:aws:sqs:us-east-1:000000000000:{}", "q".repeat(350));
        let long = refusal(&AsynchronousChange { on_success: Some(long), ..self::given() }).to_string();
        assert!(long.ends_with("Member must have length less than or equal to 350"), "{long}");
    }

    #[test]
    fn what_is_no_destination_is_told_as_aws_has_it() {
        let check = |on_success: Option<&str>, on_failure: Option<&str>, told: &str| {
            let [on_success, on_failure] = [on_success, on_failure].map(|arn| arn.map(str::to_owned));
            let given = AsynchronousChange { on_success, on_failure, ..given() };
            let message = format!("The provided destination config DestinationConfig({told}) is invalid.");
            assert_eq!(refusal(&given), Refusal::invalid(message));
        };
        let role = "arn:aws:iam::000000000000:role/x";
        check(Some(role), None, &format!("onSuccess=OnSuccess(destination={role}), onFailure=null"));
        let topic = "kafka://orders";
        let both =
            format!("onSuccess=OnSuccess(destination={topic}), onFailure=OnFailure(destination={role})");
        check(Some(topic), Some(role), &both);
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_was() {
        let (queue, now) = ("arn:aws:sqs:us-east-1:000000000000:all", Timestamp::UNIX_EPOCH);
        let all = AsynchronousChange {
            maximum_retry_attempts: Some(0),
            maximum_event_age_s: Some(60),
            on_success: Some(queue.to_owned()),
            on_failure: Some(queue.to_owned()),
        };
        let change =
            |given: AsynchronousChange, before| given.read().expect("it is well-formed").of(before, now);
        let before = change(all, AsynchronousConfiguration::default());
        assert_eq!(change(given(), before.clone()), before);
        let after = change(AsynchronousChange { on_success: Some(String::new()), ..given() }, before.clone());
        assert_eq!(after, AsynchronousConfiguration { on_success: None, ..before });
    }
}
