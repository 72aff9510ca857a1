//! What can happen in a bucket.

use std::fmt;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// It was put.
    CreatedPut,
    /// It was posted with a form.
    CreatedPost,
    /// It was copied.
    CreatedCopy,
    /// It was put together of parts.
    CreatedCompleteMultipartUpload,
    /// It was deleted for good.
    RemovedDelete,
    /// A marker says that it is deleted.
    RemovedDeleteMarkerCreated,
    /// It got tags.
    TaggingPut,
    /// Its tags were deleted.
    TaggingDelete,
    /// It got an access control list.
    AclPut,
    /// A lifecycle rule deleted it for good.
    ExpirationDelete,
    /// A lifecycle rule deleted it with a marker.
    ExpirationDeleteMarkerCreated,
    /// A lifecycle rule gave it another storage class.
    Transition,
}

/// The events that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventPattern {
    /// As it was given, such as `s3:ObjectCreated:*`.
    text: &'static str,
}

/// All patterns that AWS knows. Events that Hearth has no occasion for, such as restoring from an archive, are among them: they
/// never come, as on AWS for buckets without archives.
const PATTERNS: [&str; 31] = [
    "s3:IntelligentTiering",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:ObjectAcl:Put",
    "s3:ObjectAnnotation:*",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Put",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ObjectRestore:Post",
    "s3:ObjectRetention:Put",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Delete",
    "s3:ObjectTagging:Put",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationReplicatedAfterThreshold",
];

impl EventType {
    /// The name in a record, such as `ObjectCreated:Put`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreatedPut => "ObjectCreated:Put",
            Self::CreatedPost => "ObjectCreated:Post",
            Self::CreatedCopy => "ObjectCreated:Copy",
            Self::CreatedCompleteMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
            Self::RemovedDelete => "ObjectRemoved:Delete",
            Self::RemovedDeleteMarkerCreated => "ObjectRemoved:DeleteMarkerCreated",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::TaggingDelete => "ObjectTagging:Delete",
            Self::AclPut => "ObjectAcl:Put",
            Self::ExpirationDelete => "LifecycleExpiration:Delete",
            Self::ExpirationDeleteMarkerCreated => "LifecycleExpiration:DeleteMarkerCreated",
            Self::Transition => "LifecycleTransition",
        }
    }

    /// The version of the record's form. The newer events have a newer one; recorded from AWS for tags and lists.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::CreatedPut
            | Self::CreatedPost
            | Self::CreatedCopy
            | Self::CreatedCompleteMultipartUpload
            | Self::RemovedDelete
            | Self::RemovedDeleteMarkerCreated => "2.1",
            Self::TaggingPut
            | Self::TaggingDelete
            | Self::AclPut
            | Self::ExpirationDelete
            | Self::ExpirationDeleteMarkerCreated
            | Self::Transition => "2.3",
        }
    }
}

impl EventPattern {
    /// Reads a pattern; `None` if AWS knows none like it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|pattern| pattern.text == text)
    }

    /// All patterns that AWS knows.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        PATTERNS.into_iter().map(|text| Self { text })
    }

    /// As it was given.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.text
    }

    /// Whether this is one of the events.
    #[must_use]
    pub fn matches(self, event: EventType) -> bool {
        self.covers(event.name())
    }

    /// Whether there is an event that both are about.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.covers(other.name()) || other.covers(self.name())
    }

    fn covers(self, name: &str) -> bool {
        match self.name().strip_suffix('*') {
            Some(family) => name.starts_with(family),
            None => self.name() == name,
        }
    }

    fn name(self) -> &'static str {
        self.text.strip_prefix("s3:").unwrap_or(self.text)
    }
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> EventPattern {
        EventPattern::parse(text).expect(text)
    }

    #[test]
    fn patterns_match_events() {
        let check = |text: &str, event: EventType, expected: bool| {
            assert_eq!(pattern(text).matches(event), expected, "{text} {event:?}");
        };
        check("s3:ObjectCreated:*", EventType::CreatedPut, true);
        check("s3:ObjectCreated:*", EventType::CreatedCompleteMultipartUpload, true);
        check("s3:ObjectCreated:Put", EventType::CreatedPut, true);
        check("s3:ObjectCreated:Put", EventType::CreatedPost, false);
        check("s3:ObjectRemoved:Delete", EventType::RemovedDeleteMarkerCreated, false);
        check("s3:ObjectRemoved:*", EventType::RemovedDeleteMarkerCreated, true);
        check("s3:LifecycleTransition", EventType::Transition, true);
        check("s3:ObjectRemoved:*", EventType::ExpirationDelete, false);
    }

    #[test]
    fn what_aws_does_not_know_is_no_pattern() {
        for text in ["", "*", "s3:*", "ObjectCreated:*", "s3:ObjectCreated", "s3:ObjectCreated:put"] {
            assert_eq!(EventPattern::parse(text), None, "{text}");
        }
        assert!(PATTERNS.is_sorted());
    }

    #[test]
    fn patterns_overlap_if_an_event_matches_both() {
        let check = |left: &str, right: &str, expected: bool| {
            assert_eq!(pattern(left).overlaps(pattern(right)), expected, "{left} {right}");
            assert_eq!(pattern(right).overlaps(pattern(left)), expected, "{right} {left}");
        };
        check("s3:ObjectCreated:*", "s3:ObjectCreated:*", true);
        check("s3:ObjectCreated:*", "s3:ObjectCreated:Put", true);
        check("s3:ObjectCreated:Put", "s3:ObjectCreated:Post", false);
        check("s3:ObjectCreated:*", "s3:ObjectRemoved:*", false);
    }
}
