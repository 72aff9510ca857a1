//! What changes whenever a function or an alias does.

use std::fmt;

use hearth_engine::random::random_bits;
use uuid::{Builder, Uuid};

/// A revision's identifier; no two are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionId(Uuid);

impl RevisionId {
    /// A new one.
    #[must_use]
    pub fn draw() -> Self {
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

    /// Whether a caller means this revision; one that names none means any.
    #[must_use]
    pub fn is_meant_by(self, given: Option<&str>) -> bool {
        given.is_none_or(|text| text.is_empty() || Uuid::try_parse(text) == Ok(self.0))
    }
}

/// A version 4 identifier that nothing else has.
pub(super) fn draw_uuid() -> Uuid {
    Builder::from_random_bytes(random_bits().to_ne_bytes()).into_uuid()
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_meant_by_its_own_name_and_by_none() {
        let revision = RevisionId::draw();
        assert!(revision.is_meant_by(None) && revision.is_meant_by(Some("")));
        assert!(revision.is_meant_by(Some(&revision.to_string())));
        assert!(!revision.is_meant_by(Some(&RevisionId::draw().to_string())));
        assert!(!revision.is_meant_by(Some("yesterday's")));
    }
}
