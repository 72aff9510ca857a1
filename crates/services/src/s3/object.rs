//! What an object is.

use std::{collections::BTreeMap, fmt, sync::Arc};

use hearth_model::{bucket_notification::Sequencer, time::Timestamp};

use super::{Checksum, Content, Tags, VersionId, storage::md5};

/// A version of an object, or the marker that there is none any more.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its name.
    pub id: VersionId,
    /// When it came to be.
    pub modified: Timestamp,
    /// What it is.
    pub entry: Entry,
    /// What its owner tagged it with; the only part of a version that changes.
    pub tags: Tags,
    /// Which of all versions in its bucket: later ones have later ones.
    pub(super) order: Sequencer,
}

/// What a version is.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An object.
    Object(Arc<Object>),
    /// The object is deleted, and its older versions are still there.
    DeleteMarker,
}

/// Content, and what is known of it.
#[derive(Clone, Debug)]
pub struct Object {
    /// The bytes.
    pub content: Content,
    /// What tells them from others.
    pub etag: ETag,
    /// Their checksum.
    pub checksum: Option<Checksum>,
    /// The parts in which they were uploaded, in order; empty if they were not uploaded in parts.
    pub parts: Arc<[ObjectPart]>,
    /// What their owner says of them.
    pub attributes: Attributes,
}

/// A part in which an object was uploaded.
#[derive(Clone, Debug)]
pub struct ObjectPart {
    /// Its number.
    pub number: u32,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, if parts of this object have one.
    pub checksum: Option<Checksum>,
}

/// What an owner says of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `Cache-Control`.
    pub cache_control: Option<Box<str>>,
    /// `Content-Disposition`.
    pub content_disposition: Option<Box<str>>,
    /// `Content-Encoding`.
    pub content_encoding: Option<Box<str>>,
    /// `Content-Language`.
    pub content_language: Option<Box<str>>,
    /// `Content-Type`.
    pub content_type: Option<Box<str>>,
    /// `Expires`.
    pub expires: Option<Timestamp>,
    /// `x-amz-website-redirect-location`.
    pub website_redirect: Option<Box<str>>,
    /// `x-amz-meta-*`, without the prefix.
    pub metadata: BTreeMap<String, String>,
    /// How it is stored.
    pub storage_class: StorageClass,
    /// How it is encrypted.
    pub encryption: Encryption,
}

/// How an object is stored. Nothing depends on it but what is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StorageClass {
    /// What there is if nobody asks for another one.
    #[default]
    Standard,
    /// Stored less often.
    ReducedRedundancy,
    /// For rare access.
    StandardInfrequent,
    /// For rare access, in one place.
    OneZoneInfrequent,
    /// Moved to where it is cheapest.
    IntelligentTiering,
    /// For rare access, and at hand nevertheless.
    GlacierInstant,
}

/// How an object is encrypted. Nothing depends on it but what is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// With keys of S3.
    #[default]
    S3,
    /// With keys of KMS.
    Kms {
        /// Which one; none is the account's own for S3.
        key: Option<Box<str>>,
        /// In two layers.
        dual_layer: bool,
        /// With a key for the whole bucket.
        bucket_key: bool,
    },
}

/// What tells content from other content.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ETag {
    md5: [u8; 16],
    parts: u32,
}

impl Version {
    /// The object, unless this is a delete marker.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<Object>> {
        match &self.entry {
            Entry::Object(object) => Some(object),
            Entry::DeleteMarker => None,
        }
    }
}

impl StorageClass {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Standard,
        Self::ReducedRedundancy,
        Self::StandardInfrequent,
        Self::OneZoneInfrequent,
        Self::IntelligentTiering,
        Self::GlacierInstant,
    ];

    /// The name, as in `x-amz-storage-class`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::ReducedRedundancy => "REDUCED_REDUNDANCY",
            Self::StandardInfrequent => "STANDARD_IA",
            Self::OneZoneInfrequent => "ONEZONE_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierInstant => "GLACIER_IR",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == text)
    }
}

impl ETag {
    /// Of content that came in one piece.
    pub(super) const fn whole(md5: [u8; 16]) -> Self {
        Self { md5, parts: 0 }
    }

    /// Of content that came in parts.
    pub(super) fn of_parts<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut count = 0;
        let digests: Vec<u8> = parts.into_iter().inspect(|_| count += 1).flat_map(|part| part.md5).collect();
        Self { md5: md5(&digests), parts: count }
    }

    /// What it consists of: the MD5, and of how many parts' it is one; 0 if it is one of the content.
    pub(super) const fn to_raw(self) -> ([u8; 16], u32) {
        (self.md5, self.parts)
    }

    /// Of what it consists of.
    pub(super) const fn from_raw((md5, parts): ([u8; 16], u32)) -> Self {
        Self { md5, parts }
    }

    /// The MD5 of the content, which it is unless that came in parts.
    pub(super) fn md5_of_content(&self) -> Option<[u8; 16]> {
        (self.parts == 0).then_some(self.md5)
    }

    /// Whether a condition or a list of parts means this; quotes may be left out.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.to_string() == text.trim_matches('"')
    }
}

/// Without quotes.
impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.md5))?;
        if self.parts > 0 { write!(f, "-{}", self.parts) } else { Ok(()) }
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_those_of_aws() {
        let whole = ETag::whole(md5(b"hello"));
        assert_eq!(whole.to_string(), "5d41402abc4b2a76b9719d911017c592");
        assert!(
            whole.is("\"5d41402abc4b2a76b9719d911017c592\"") && whole.is("5d41402abc4b2a76b9719d911017c592")
        );
        assert_eq!(ETag::of_parts([&whole]).to_string(), "62109206880d38a4010a98e11243924a-1");
    }
}
