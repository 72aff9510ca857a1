//! The dead-letter queue of a function: `DeadLetterConfig`.
//!
//! Source: the API's published model; answers that others have reported.

use std::sync::Arc;

use hearth_model::{
    destination::{Destination, DestinationService, InvalidDestination},
    validation::Violation,
};

use crate::lambda::Refusal;

/// What is wrong with the form of an ARN.
pub(super) fn violation(arn: &str) -> Option<Violation> {
    let fits = arn.is_empty() || is_arn(arn);
    (!fits).then(|| {
        Violation::pattern("deadLetterConfig.targetArn", arn, "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()")
    })
}

/// Reads the ARN of a queue; an empty one means none.
pub(in crate::lambda) fn read(arn: &str) -> Result<Option<Arc<Destination>>, Refusal> {
    if arn.is_empty() {
        return Ok(None);
    }
    let queue = Destination::parse(arn).map_err(|error| match error {
        InvalidDestination::Malformed => invalid(&format!("{arn} does not name a queue.")),
        InvalidDestination::NoTarget => other_service(),
    })?;
    match queue.service() {
        DestinationService::Sqs if queue.resource().ends_with(".fifo") => {
            Err(invalid("FIFO SQS queue is not supported for dead letter configuration"))
        }
        DestinationService::Sqs => Ok(Some(Arc::new(queue))),
        DestinationService::Sns => Err(invalid("SNS is not part of Hearth: name an SQS queue.")),
        DestinationService::Lambda | DestinationService::EventBridge | DestinationService::S3 => {
            Err(other_service())
        }
    }
}

/// An ARN that no dead letter can be sent to.
pub(in crate::lambda) fn invalid(reason: &str) -> Refusal {
    Refusal::invalid(format!("Invalid dead letter queue ARN: {reason}"))
}

fn other_service() -> Refusal {
    invalid("The service specified by the TargetArn is not supported for dead letter configuration.")
}

/// `arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*`.
fn is_arn(text: &str) -> bool {
    let mut parts = text.splitn(4, ':');
    let [Some("arn"), Some(partition), Some(service), Some(_)] = std::array::from_fn(|_| parts.next()) else {
        return false;
    };
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let service_fits = !service.is_empty()
        && service
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
    (partition.is_empty() || partition.strip_prefix("aws").is_some_and(letters)) && service_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_named_by_its_arn() {
        let arn = "arn:aws:sqs:eu-west-1:123456789012:failed";
        assert_eq!(read(arn).expect("a queue").map(|queue| queue.to_string()), Some(arn.to_owned()));
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn what_is_no_dead_letter_queue_is_refused() {
        let check = |arn: &str, reason: &str| assert_eq!(read(arn), Err(invalid(reason)), "{arn}");
        let fifo = "FIFO SQS queue is not supported for dead letter configuration";
        check("arn:aws:sqs:eu-west-1:123456789012:failed.fifo", fifo);
        let service =
            "The service specified by the TargetArn is not supported for dead letter configuration.";
        check("arn:aws:lambda:eu-west-1:123456789012:function:failed", service);
        check("arn:aws:kinesis:eu-west-1:123456789012:stream/failed", service);
        check("arn:aws:sns:eu-west-1:123456789012:failed", "SNS is not part of Hearth: name an SQS queue.");
        check("arn:aws:sqs:failed", "arn:aws:sqs:failed does not name a queue.");
    }

    #[test]
    fn arns_have_awss_pattern() {
        for arn in ["", "arn:aws:sqs:", "arn:aws-cn:sqs:a", "arn::s.q-s1:a:b"] {
            assert_eq!(violation(arn), None, "{arn}");
        }
        for arn in ["failed", "arn:aws:sqs", "arn:aws:SQS:a", "arn:aws::a", "arn:eu:sqs:a", "urn:aws:sqs:a"] {
            assert!(violation(arn).is_some(), "{arn}");
        }
    }
}
