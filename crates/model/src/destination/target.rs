//! Where records and dead letters go.

use std::fmt;

use thiserror::Error;

use crate::identity::{AccountId, Region};

/// A resource that takes records or events, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    arn: Box<str>,
    service: DestinationService,
    region: Option<Region>,
    account: Option<AccountId>,
    /// Where the resource begins in `arn`.
    resource: usize,
}

/// The services that can be destinations. Dead letters go to the first two only, records of successes to all but buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DestinationService {
    /// An SQS queue; the resource is its name.
    Sqs,
    /// An SNS topic; the resource is its name.
    Sns,
    /// A Lambda function; the resource is `function:`, its name, and perhaps a qualifier.
    Lambda,
    /// An event bus; the resource is `event-bus/` and its name.
    EventBridge,
    /// An S3 bucket; the resource is its name.
    S3,
}

/// Why a text names no destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidDestination {
    /// It does not have the form of an ARN.
    #[error("this is no ARN")]
    Malformed,
    /// It is the ARN of something that takes neither records nor events.
    #[error("nothing can be delivered to what has this ARN")]
    NoTarget,
}

impl Destination {
    /// Reads an ARN.
    ///
    /// # Errors
    /// If it is none, or that of something that is no destination.
    pub fn parse(arn: &str) -> Result<Self, InvalidDestination> {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = *parts else {
            return Err(InvalidDestination::Malformed);
        };
        if !(partition.starts_with("aws") && is_word(partition) && is_word(service)) {
            return Err(InvalidDestination::Malformed);
        }
        let region = optional(region, Region::parse).ok_or(InvalidDestination::Malformed)?;
        let account = optional(account, AccountId::parse).ok_or(InvalidDestination::Malformed)?;
        let service = match service {
            "sqs" => DestinationService::Sqs,
            "sns" => DestinationService::Sns,
            "lambda" => DestinationService::Lambda,
            "events" => DestinationService::EventBridge,
            "s3" => DestinationService::S3,
            _ => return Err(InvalidDestination::NoTarget),
        };
        if resource.is_empty() {
            return Err(InvalidDestination::NoTarget);
        }
        Ok(Self { arn: arn.into(), service, region, account, resource: arn.len() - resource.len() })
    }

    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The service of the resource.
    #[must_use]
    pub const fn service(&self) -> DestinationService {
        self.service
    }

    /// The region of the resource; buckets name none.
    #[must_use]
    pub const fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The account of the resource; buckets name none.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// The resource within service, region and account; see [`DestinationService`].
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.arn[self.resource..]
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// Nothing where nothing stands; the outer `None` where something else than `parse` reads stands.
fn optional<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parse(text).map(Some) }
}

/// `[a-zA-Z0-9-]+`.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_destinations_are_read() {
        use DestinationService::{EventBridge, Lambda, S3, Sns, Sqs};
        for (arn, service, resource) in [
            ("arn:aws:sqs:eu-west-1:123456789012:orders", Sqs, "orders"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:alarms", Sns, "alarms"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:hello:live", Lambda, "function:hello:live"),
            ("arn:aws:events:eu-west-1:123456789012:event-bus/default", EventBridge, "event-bus/default"),
            ("arn:aws:s3:::uploads", S3, "uploads"),
        ] {
            let destination = Destination::parse(arn).expect(arn);
            assert_eq!((destination.service(), destination.resource()), (service, resource));
            assert_eq!((destination.as_str(), destination.to_string().as_str()), (arn, arn));
            assert_eq!(destination.account(), AccountId::parse("123456789012").filter(|_| service != S3));
            assert_eq!(destination.region().is_some(), service != S3);
        }
    }

    #[test]
    fn anything_else_is_none() {
        let check = |arn: &str, expect| assert_eq!(Destination::parse(arn), Err(expect), "{arn}");
        for arn in [
            "",
            "orders",
            "arn:aws:sqs:eu-west-1:123456789012",
            "arn:other:sqs:eu-west-1:123456789012:orders",
            "arn:aws:sqs:eu west:123456789012:orders",
            "arn:aws:sqs:eu-west-1:1234:orders",
            "arn:aws:_-/!sqs:eu-west-1:123456789012:orders",
            "urn:aws:sqs:eu-west-1:123456789012:orders",
        ] {
            check(arn, InvalidDestination::Malformed);
        }
        check("arn:aws:iam::123456789012:role/x", InvalidDestination::NoTarget);
        check("arn:aws:sqs:eu-west-1:123456789012:", InvalidDestination::NoTarget);
    }
}
