//! What owners of rules and schedules may say of deliveries that fail.

use std::time::Duration;

use hearth_model::{schedule::RetryPolicy, sqs::QueueAddress};

use super::{Elsewhere, TargetAddress};
use crate::checks::Checks;

/// `RetryPolicy`, of rules and of EventBridge Scheduler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retries {
    /// `MaximumRetryAttempts`.
    pub maximum_attempts: Option<i64>,
    /// `MaximumEventAgeInSeconds`.
    pub maximum_age_s: Option<i64>,
}

impl Retries {
    /// Checks the numbers, as what the API calls `member`.
    pub(crate) fn check_form(self, checks: &mut Checks, member: &str) {
        let Self { maximum_attempts, maximum_age_s } = self;
        checks.number(format!("{member}.maximumRetryAttempts"), maximum_attempts, RetryPolicy::ATTEMPTS);
        checks.number(format!("{member}.maximumEventAgeInSeconds"), maximum_age_s, RetryPolicy::AGE_S);
    }

    /// What the numbers mean, if their form is right.
    pub(crate) fn policy(self) -> RetryPolicy {
        let default = RetryPolicy::default();
        let attempts = self.maximum_attempts.and_then(|attempts| u32::try_from(attempts).ok());
        let age = self.maximum_age_s.and_then(|seconds| u64::try_from(seconds).ok());
        RetryPolicy {
            maximum_attempts: attempts.unwrap_or(default.maximum_attempts),
            maximum_age: age.map_or(default.maximum_age, Duration::from_secs),
        }
    }
}

/// Reads the ARN of a dead-letter queue, or says why it is none.
pub(crate) fn dead_letter_queue(arn: &str) -> Result<QueueAddress, String> {
    match TargetAddress::parse(arn) {
        Ok(TargetAddress::Queue(queue)) if queue.name.is_fifo() => {
            Err("SQS FIFO is not supported by Dead Letter Queues.".to_owned())
        }
        Ok(TargetAddress::Queue(queue)) => Ok(queue),
        Ok(TargetAddress::Function(_)) => Err(no_queue("lambda")),
        Err(Elsewhere::Service { service }) => Err(no_queue(&service)),
        Err(error @ Elsewhere::Malformed) => Err(error.to_string()),
    }
}

fn no_queue(service: &str) -> String {
    format!("{service} is not supported as a dead letter resource.")
}
