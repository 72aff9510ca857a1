//! Conditions under which an object is read or written.
//!
//! Source: RFC 9110, section 13; "Conditional requests" in the S3 user guide.

use std::sync::Arc;

use bytes::Bytes;

use hearth_model::time::Timestamp;

use super::{
    Checksum, Object, Refusal, Version,
    storage::{Wanted, Written},
};

/// Which object somebody means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Any that is there.
    Any,
    /// One with this ETag.
    ETag(String),
}

/// When an object is read.
#[derive(Clone, Debug, Default)]
pub struct ReadConditions {
    /// If it is this one.
    pub if_match: Option<Match>,
    /// If it is another one.
    pub if_none_match: Option<Match>,
    /// If it is newer.
    pub if_modified_since: Option<Timestamp>,
    /// If it is not newer.
    pub if_unmodified_since: Option<Timestamp>,
}

/// When an object is written or deleted.
#[derive(Clone, Debug, Default)]
pub struct WriteConditions {
    /// If this one is there.
    pub if_match: Option<Match>,
    /// If none is there.
    pub if_none_match: bool,
}

/// What a sender says of content. All of it must be so.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Its size.
    pub bytes: Option<u64>,
    /// Its MD5.
    pub md5: Option<[u8; 16]>,
    /// Its checksum.
    pub checksum: Option<Checksum>,
    /// The hash that a signature covers.
    pub sha256: Option<[u8; 32]>,
}

impl Match {
    fn is(&self, object: &Object) -> bool {
        match self {
            Self::Any => true,
            Self::ETag(etag) => object.etag.is(etag),
        }
    }
}

impl ReadConditions {
    /// Whether an object may be read.
    ///
    /// # Errors
    /// With what the reader is told instead of it.
    pub(super) fn check(&self, version: &Version, object: &Object) -> Result<(), Refusal> {
        match (&self.if_match, self.if_unmodified_since) {
            (Some(wanted), _) if !wanted.is(object) => {
                return Err(Refusal::PreconditionFailed { condition: "If-Match" });
            }
            (None, Some(since)) if is_newer(version, since) => {
                return Err(Refusal::PreconditionFailed { condition: "If-Unmodified-Since" });
            }
            _ => {}
        }
        let known = match (&self.if_none_match, self.if_modified_since) {
            (Some(known), _) => known.is(object),
            (None, Some(since)) => !is_newer(version, since),
            (None, None) => false,
        };
        if known {
            let (etag, last_modified) = (object.etag.to_string(), version.modified);
            return Err(Refusal::NotModified { etag, last_modified });
        }
        Ok(())
    }

    /// The same for the source of a copy, whose reader can't be told that it knows the object.
    pub(super) fn check_source(&self, version: &Version, object: &Object) -> Result<(), Refusal> {
        self.check(version, object).map_err(|refusal| match refusal {
            Refusal::PreconditionFailed { condition: "If-Match" } => {
                Refusal::PreconditionFailed { condition: "x-amz-copy-source-If-Match" }
            }
            Refusal::PreconditionFailed { .. } => {
                Refusal::PreconditionFailed { condition: "x-amz-copy-source-If-Unmodified-Since" }
            }
            _ if self.if_none_match.is_some() => {
                Refusal::PreconditionFailed { condition: "x-amz-copy-source-If-None-Match" }
            }
            _ => Refusal::PreconditionFailed { condition: "x-amz-copy-source-If-Modified-Since" },
        })
    }
}

impl WriteConditions {
    /// Whether something may take the place of `current`.
    pub(super) fn check(&self, key: &str, current: Option<&Arc<Object>>) -> Result<(), Refusal> {
        if self.if_none_match && current.is_some() {
            return Err(Refusal::PreconditionFailed { condition: "If-None-Match" });
        }
        match (&self.if_match, current) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(Refusal::NoSuchKey { key: key.to_owned(), delete_marker: None }),
            (Some(wanted), Some(current)) if wanted.is(current) => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::PreconditionFailed { condition: "If-Match" }),
        }
    }
}

impl Expected {
    /// Checks a document that came as a whole.
    ///
    /// # Errors
    /// If it is not what it must be.
    pub fn check_document(&self, document: &Bytes) -> Result<(), Refusal> {
        let checksum = self.checksum.as_ref().map(|checksum| checksum.algorithm);
        self.check(&Written::document(document, Wanted { checksum, sha256: self.sha256.is_some() }))
    }

    pub(super) fn check(&self, written: &Written) -> Result<(), Refusal> {
        if self.bytes.is_some_and(|bytes| bytes != written.bytes) {
            return Err(Refusal::IncompleteBody);
        }
        if let Some(expected) = self.md5.filter(|expected| *expected != written.md5) {
            let encode = |bytes: [u8; 16]| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
            return Err(Refusal::BadDigest { expected: encode(expected), calculated: encode(written.md5) });
        }
        if let Some(checksum) = &self.checksum
            && written.checksum.as_ref() != Some(checksum)
        {
            return Err(Refusal::BadChecksum { algorithm: checksum.algorithm.name() });
        }
        if let (Some(client), Some(server)) = (self.sha256, written.sha256)
            && client != server
        {
            let [client, server] =
                [client, server].map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect());
            return Err(Refusal::ContentSha256Mismatch { client, server });
        }
        Ok(())
    }
}

/// In whole seconds, as HTTP's dates have no more.
fn is_newer(version: &Version, since: Timestamp) -> bool {
    version.modified.as_unix_seconds() > since.as_unix_seconds()
}
