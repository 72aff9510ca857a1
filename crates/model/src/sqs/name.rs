//! How queues are named.

use std::{fmt, sync::Arc};

use thiserror::Error;

use crate::identity::{AccountId, Partition, Region};

/// A queue's name: 1 to 80 letters, digits, hyphens and underscores; that of a FIFO queue ends with `.fifo`, which counts.
///
/// Clones share their text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueName(Arc<str>);

/// Why a text is no queue name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")]
pub struct InvalidQueueName;

impl QueueName {
    /// Reads a name.
    ///
    /// # Errors
    /// If it is empty, too long or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, InvalidQueueName> {
        let stem = text.strip_suffix(FIFO_SUFFIX).unwrap_or(text);
        let fits = !stem.is_empty()
            && text.len() <= 80
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if fits { Ok(Self(text.into())) } else { Err(InvalidQueueName) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, as clones share it.
    #[must_use]
    pub fn shared(&self) -> &Arc<str> {
        &self.0
    }

    /// Whether it is the name of a FIFO queue.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.0.ends_with(FIFO_SUFFIX)
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

const FIFO_SUFFIX: &str = ".fifo";

/// A queue of an account in a region; shown as its ARN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueAddress {
    /// Where it lives.
    pub partition: Partition,
    /// Its name.
    pub name: QueueName,
}

impl QueueAddress {
    /// Reads an ARN; `None` if it is none of a queue.
    #[must_use]
    pub fn parse_arn(arn: &str) -> Option<Self> {
        let parts: Vec<_> = arn.split(':').collect();
        let ["arn", partition, "sqs", region, account, name] = *parts else { return None };
        let partition = partition
            .starts_with("aws")
            .then_some(Partition { account: AccountId::parse(account)?, region: Region::parse(region)? })?;
        Some(Self { partition, name: QueueName::parse(name).ok()? })
    }
}

impl fmt::Display for QueueAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition: Partition { account, region }, name } = self;
        write!(f, "arn:aws:sqs:{region}:{account}:{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_api() {
        for text in ["a", "Order_intake-2", "a.fifo", &"x".repeat(80)] {
            assert_eq!(QueueName::parse(text).expect(text).as_str(), text);
        }
        for text in [
            "",
            ".fifo",
            "a b",
            "a.b",
            "a/b",
            "ä",
            "a.fifo.fifo",
            &"x".repeat(81),
            &format!("{}.fifo", "x".repeat(76)),
        ] {
            assert!(QueueName::parse(text).is_err(), "{text}");
        }
        assert!(QueueName::parse("a.fifo").expect("a name").is_fifo());
    }

    #[test]
    fn an_address_is_an_arn() {
        let arn = "arn:aws:sqs:eu-west-1:123456789012:orders.fifo";
        let address = QueueAddress::parse_arn(arn).expect("an ARN");
        assert_eq!((address.to_string().as_str(), address.name.is_fifo()), (arn, true));
        for text in [
            "",
            "orders",
            "arn:aws:sns:eu-west-1:123456789012:orders",
            "arn:aws:sqs:eu-west-1:123456789012:a:b",
        ] {
            assert_eq!(QueueAddress::parse_arn(text), None, "{text}");
        }
    }
}
