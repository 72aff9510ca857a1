//! What causes name: pieces of work, such as an invocation, a message or the firing of a schedule.

use std::{fmt, num::NonZeroU64};

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::{identity::RequestId, sqs::MessageId, trace_header};

/// Names a piece of work that can be the cause of other work.
///
/// It is the second half of the work's own identifier, and what the `Parent` of an X-Ray trace header says while that work
/// goes on: SDKs send the header with the requests that a handler makes, and services keep it with messages and events. So
/// causes travel without anybody keeping account of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkId(NonZeroU64);

impl WorkId {
    /// Reads sixteen hexadecimal digits; `None` for anything else, and for zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let number = text.bytes().try_fold(0, |number, byte| Some(number << 4 | u64::from(digit(byte)?)));
        let number = number.filter(|_| text.len() == 16)?;
        NonZeroU64::new(number).map(Self)
    }

    /// The work that an X-Ray trace header names as the parent of what it comes with.
    #[must_use]
    pub fn of_trace_header(header: &str) -> Option<Self> {
        trace_header::parent(header).and_then(Self::parse)
    }

    /// What has this number; `None` for zero.
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).map(Self)
    }

    /// The number that the digits write.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0.get()
    }

    pub(crate) const fn of_uuid(id: Uuid) -> Self {
        let (_, low) = id.as_u64_pair();
        Self(NonZeroU64::new(low).expect("the second half of an identifier begins with its variant"))
    }
}

impl From<RequestId> for WorkId {
    fn from(id: RequestId) -> Self {
        id.work()
    }
}

impl From<MessageId> for WorkId {
    fn from(id: MessageId) -> Self {
        id.work()
    }
}

impl fmt::Display for WorkId {
    /// As trace headers have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for WorkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for WorkId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_second_half_of_an_identifier() {
        let id = RequestId::from_random(u128::MAX);
        let digits: String = id.to_string().split('-').skip(3).collect();
        assert_eq!(WorkId::from(id).to_string(), digits);
        assert_eq!(WorkId::parse(&digits), Some(WorkId::from(id)));
    }

    #[test]
    fn it_is_the_parent_in_a_trace_header() {
        let id = RequestId::from_random(7);
        let header =
            format!("Root=1-5759e988-bd862e3fe1be46a994272793; parent={};Sampled=1", WorkId::from(id));
        assert_eq!(WorkId::of_trace_header(&header), Some(id.into()));
        for other in ["", "Root=1-5759e988-bd862e3fe1be46a994272793", "Parent=", "Parent=0000000000000000"] {
            assert_eq!(WorkId::of_trace_header(other), None, "{other}");
        }
    }
}
