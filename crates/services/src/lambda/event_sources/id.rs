//! How mappings are named.

use std::fmt;

use hearth_model::identity::Partition;
use uuid::Uuid;

use crate::lambda::revision::draw_uuid;

/// The identifier of an event source mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MappingId(Uuid);

impl MappingId {
    /// A new one.
    pub(super) fn draw() -> Self {
        Self(draw_uuid())
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written.
    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its bytes.
    pub(super) const fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// Reads an identifier; `None` if it can be none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// Reads the ARN of a mapping of a partition; `None` if it is none.
    pub(in crate::lambda) fn parse_arn(partition: &Partition, arn: &str) -> Option<Self> {
        let id = Self::parse(arn.rsplit_once(':')?.1)?;
        (id.arn(partition) == arn).then_some(id)
    }

    /// The ARN of a mapping of a partition.
    #[must_use]
    pub fn arn(self, partition: &Partition) -> String {
        format!("arn:aws:lambda:{}:{}:event-source-mapping:{self}", partition.region, partition.account)
    }
}

impl fmt::Display for MappingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
