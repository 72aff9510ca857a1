//! Writing, reading and deleting objects.

use std::{ops::Range, sync::Arc};

use hearth_engine::timeline::{Resource, Subject};
use hearth_model::{bucket_notification::EventType, faults::Disk, time::Timestamp};

use crate::s3::{
    Attributes, Buckets, Caller, ChecksumAlgorithm, Content, Deleted, Draft, ETag, Encryption, Expected,
    Object, ObjectKey, ReadConditions, Refusal, Tags, Version, VersionId, Versioning, WriteConditions,
    bucket::State,
    storage::{Wanted, Written},
};

/// The most that comes in one piece: 5 GiB.
pub const MOST_PUT_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// What is known of an object when it is put.
#[derive(Clone, Debug, Default)]
pub struct PutObject {
    /// What its owner says of it.
    pub attributes: Attributes,
    /// Its encryption; that of the bucket if none is named.
    pub encryption: Option<Encryption>,
    /// Its tags.
    pub tags: Tags,
    /// When it is put.
    pub conditions: WriteConditions,
    /// What its content must be.
    pub expected: Expected,
    /// It comes with a form.
    pub form: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The object's version, if the bucket has versions.
    pub version: Option<VersionId>,
    /// The object.
    pub object: Arc<Object>,
    /// When it was written.
    pub modified: Timestamp,
    /// When and by which rule it will go.
    pub expiration: Option<(Timestamp, String)>,
}

/// What is read of an object.
#[derive(Clone, Debug, Default)]
pub struct GetObject {
    /// Which version; the current one if none is named.
    pub version: Option<VersionId>,
    /// When it is read.
    pub conditions: ReadConditions,
    /// Which part of it.
    pub select: Select,
}

/// Which part of an object.
#[derive(Clone, Debug, Default)]
pub enum Select {
    /// All of it.
    #[default]
    Whole,
    /// A range of bytes.
    Range(RangeRequest),
    /// One of the parts in which it was uploaded.
    Part(u32),
}

/// A range of bytes, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeRequest {
    /// From one byte to another, or to the end.
    From {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: Option<u64>,
    },
    /// The last bytes.
    Last(u64),
}

/// What was read.
#[derive(Clone, Debug)]
pub struct GotObject {
    /// The version.
    pub version: Version,
    /// Its object.
    pub object: Arc<Object>,
    /// Whether the bucket has versions, or had.
    pub versioned: bool,
    /// The part that was asked for.
    pub content: Content,
    /// Which part that is, if it is not all.
    pub range: Option<Range<u64>>,
    /// When and by which rule it will go.
    pub expiration: Option<(Timestamp, String)>,
}

impl Buckets {
    /// Begins to take the content of an object or part. S3's own checksum is computed if none is named.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn draft(
        &self,
        bucket: &str,
        checksum: Option<ChecksumAlgorithm>,
        sha256: bool,
    ) -> Result<Draft, Refusal> {
        self.bucket(bucket)?;
        let subject = || Subject::new(Resource::Bucket, bucket);
        let faults = self.engine().faults();
        let room = faults.check_space(bucket, subject).and_then(|()| faults.check_disk(Disk::Objects));
        room.map_err(|error| Refusal::storage(&error))?;
        let checksum = Some(checksum.unwrap_or(ChecksumAlgorithm::Crc64Nvme));
        self.storage().draft(Wanted { checksum, sha256 }).map_err(|error| Refusal::storage(&error))
    }

    /// `PutObject`.
    ///
    /// # Errors
    /// If the content is not what it must be, or a condition does not hold; nothing is changed then.
    pub async fn put(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        draft: Draft,
        put: PutObject,
    ) -> Result<Stored, Refusal> {
        let key = ObjectKey::parse(key)?;
        let written = self.finish(draft, &put.expected).await?;
        let kind = if put.form { EventType::CreatedPost } else { EventType::CreatedPut };
        self.change(caller, bucket, |state, now, effects| {
            put.conditions.check(key.as_str(), state.current(&key))?;
            let encryption = put.encryption.unwrap_or_else(|| state.configuration.encryption.clone());
            let object = Arc::new(Object {
                etag: ETag::whole(written.md5),
                content: written.content,
                checksum: written.checksum,
                parts: Arc::default(),
                attributes: Attributes { encryption, ..put.attributes },
            });
            let version = state.put(key.clone(), Arc::clone(&object), put.tags, kind, now, effects);
            Ok(Stored::new(state, &key, version, object, now))
        })
    }

    /// `GetObject`, `HeadObject`.
    ///
    /// # Errors
    /// If there is no such object, a condition does not hold, or it has no such part.
    pub fn get(&self, bucket: &str, key: &str, get: &GetObject) -> Result<GotObject, Refusal> {
        let key = ObjectKey::parse(key)?;
        self.look(bucket, |_, state| {
            let (version, object) = state.version(&key, get.version.as_ref())?;
            get.conditions.check(version, object)?;
            let range = get.select.range(object)?;
            Ok(GotObject {
                version: version.clone(),
                object: Arc::clone(object),
                versioned: state.configuration.versioning != Versioning::Off,
                content: match &range {
                    Some(range) => object.content.slice(range),
                    None => object.content.clone(),
                },
                range,
                expiration: state.expiration(&key, version, object),
            })
        })
    }

    /// `DeleteObject`. An object that is not there is deleted already.
    ///
    /// # Errors
    /// If there is no such bucket, or a condition does not hold.
    pub fn delete(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<&VersionId>,
        conditions: &WriteConditions,
    ) -> Result<Deleted, Refusal> {
        let key = ObjectKey::parse(key)?;
        self.change(caller, bucket, |state, now, effects| {
            conditions.check(key.as_str(), state.current(&key))?;
            Ok(state.delete(&key, version, false, now, effects))
        })
    }

    /// Ends a draft, if it is what it must be.
    pub(super) async fn finish(&self, draft: Draft, expected: &Expected) -> Result<Written, Refusal> {
        let written = draft.finish().await.map_err(|error| Refusal::storage(&error))?;
        expected.check(&written)?;
        Ok(written)
    }
}

impl Stored {
    pub(super) fn new(
        state: &State,
        key: &ObjectKey,
        version: VersionId,
        object: Arc<Object>,
        modified: Timestamp,
    ) -> Self {
        let versioned = state.configuration.versioning == Versioning::Enabled;
        let expiration = state.version(key, Some(&version)).ok();
        let expiration = expiration.and_then(|(version, object)| state.expiration(key, version, object));
        Self { version: versioned.then_some(version), object, modified, expiration }
    }
}

impl Select {
    fn range(&self, object: &Object) -> Result<Option<Range<u64>>, Refusal> {
        let bytes = object.content.bytes();
        match self {
            Self::Whole => Ok(None),
            Self::Range(range) => range.within(bytes).map(Some),
            Self::Part(1) if object.parts.is_empty() => Ok(Some(0..bytes)),
            Self::Part(number) => {
                let actual = u32::try_from(object.parts.len().max(1)).unwrap_or(u32::MAX);
                let position = usize::try_from(*number).unwrap_or(usize::MAX).wrapping_sub(1);
                let part = object.parts.get(position);
                let part = part.ok_or(Refusal::InvalidPartNumber { requested: *number, actual })?;
                let start: u64 = object.parts[..position].iter().map(|part| part.bytes).sum();
                Ok(Some(start..start + part.bytes))
            }
        }
    }
}

impl RangeRequest {
    /// Reads `bytes=…`. `None` if it is anything else, or more than one range: then all is meant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        match (first, last) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => number(first).map(|first| Self::From { first, last: None }),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From { first, last: Some(last) })
            }
        }
    }

    /// What that is of so many bytes.
    pub(super) fn within(self, bytes: u64) -> Result<Range<u64>, Refusal> {
        let range = match self {
            Self::From { first, last } => first..last.map_or(bytes, |last| last.saturating_add(1).min(bytes)),
            Self::Last(count) => bytes.saturating_sub(count)..bytes,
        };
        if range.is_empty() {
            Err(Refusal::InvalidRange { range: self.to_string(), bytes })
        } else {
            Ok(range)
        }
    }
}

impl std::fmt::Display for RangeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::From { first, last: Some(last) } => write!(f, "bytes={first}-{last}"),
            Self::From { first, last: None } => write!(f, "bytes={first}-"),
            Self::Last(count) => write!(f, "bytes=-{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_has_them() {
        let check = |text: &str, bytes: u64, expected: Option<Range<u64>>| {
            let range = RangeRequest::parse(text).expect(text);
            assert_eq!(range.to_string(), text);
            assert_eq!(range.within(bytes).ok(), expected, "{text} of {bytes}");
        };
        check("bytes=0-4", 10, Some(0..5));
        check("bytes=5-", 10, Some(5..10));
        check("bytes=5-99", 10, Some(5..10));
        check("bytes=-3", 10, Some(7..10));
        check("bytes=-99", 10, Some(0..10));
        check("bytes=10-", 10, None);
        check("bytes=-0", 10, None);
        check("bytes=0-", 0, None);
        for text in ["", "bytes", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "bytes=+1-2", "items=0-1"] {
            assert_eq!(RangeRequest::parse(text), None, "{text}");
        }
    }
}
