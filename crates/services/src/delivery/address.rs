//! Where events of rules and schedules can go.

use std::fmt;

use hearth_model::{
    reference::{FunctionReference, NameShape},
    sqs::QueueAddress,
};
use thiserror::Error;

/// A target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetAddress {
    /// A function, or one of its versions or aliases: its ARN.
    Function(Box<str>),
    /// A queue.
    Queue(QueueAddress),
}

/// Why an ARN is no target.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Elsewhere {
    /// It is no ARN.
    #[error("Provided Arn is not in correct format.")]
    Malformed,
    /// It is one of a service that Hearth delivers nothing to.
    #[error("Hearth delivers to Lambda functions and SQS queues, and not to the service '{service}'.")]
    Service {
        /// The service.
        service: String,
    },
}

impl TargetAddress {
    /// Reads an ARN.
    pub(crate) fn parse(arn: &str) -> Result<Self, Elsewhere> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, _, _, resource] = *parts else { return Err(Elsewhere::Malformed) };
        match service {
            "lambda" => {
                let is_function = resource.starts_with("function:")
                    && FunctionReference::parse(NameShape::Namespaced, arn, None).is_ok();
                is_function.then(|| Self::Function(arn.into())).ok_or(Elsewhere::Malformed)
            }
            "sqs" => QueueAddress::parse_arn(arn).map(Self::Queue).ok_or(Elsewhere::Malformed),
            _ => Err(Elsewhere::Service { service: service.to_owned() }),
        }
    }

    /// Whether it is a FIFO queue.
    pub(crate) fn is_fifo(&self) -> bool {
        match self {
            Self::Function(_) => false,
            Self::Queue(queue) => queue.name.is_fifo(),
        }
    }
}

impl fmt::Display for TargetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(arn) => f.write_str(arn),
            Self::Queue(queue) => queue.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_queues_are_targets() {
        for arn in [
            "arn:aws:lambda:us-east-1:000000000000:function:hello",
            "arn:aws:lambda:us-east-1:000000000000:function:hello:live",
            "arn:aws:sqs:us-east-1:000000000000:orders.fifo",
        ] {
            let target = TargetAddress::parse(arn).expect(arn);
            assert_eq!((target.to_string().as_str(), target.is_fifo()), (arn, arn.ends_with(".fifo")));
        }
        for arn in [
            "",
            "hello",
            "arn:aws:sqs:us-east-1:000000000000",
            "arn:aws:sqs:us-east-1:1:orders",
            "arn:aws:lambda:us-east-1:000000000000:layer:a",
        ] {
            assert_eq!(TargetAddress::parse(arn), Err(Elsewhere::Malformed), "{arn}");
        }
        let sns = Elsewhere::Service { service: "sns".to_owned() };
        assert_eq!(TargetAddress::parse("arn:aws:sns:us-east-1:000000000000:alarms"), Err(sns));
    }
}
