//! Copying objects.

use std::sync::Arc;

use hearth_model::bucket_notification::EventType;

use crate::s3::{
    Attributes, Buckets, Caller, ChecksumAlgorithm, ChecksumType, ETag, Encryption, GetObject, GotObject,
    Object, ObjectKey, ReadConditions, Refusal, StorageClass, Stored, Tags, VersionId, WriteConditions,
    storage::{Wanted, Written},
};

use super::MOST_PUT_BYTES;

/// What is copied.
#[derive(Clone, Debug, Default)]
pub struct CopySource {
    /// From which bucket.
    pub bucket: String,
    /// Which object.
    pub key: String,
    /// Which version; the current one if none is named.
    pub version: Option<VersionId>,
    /// When it is copied.
    pub conditions: ReadConditions,
}

/// What becomes of it.
#[derive(Clone, Debug, Default)]
pub struct CopyObject {
    /// What its owner says of the copy; what is said of the source if none is given.
    pub attributes: Option<Attributes>,
    /// The copy's tags; those of the source if none are given.
    pub tags: Option<Tags>,
    /// The copy's storage class.
    pub storage_class: StorageClass,
    /// The copy's encryption; that of the bucket if none is named.
    pub encryption: Option<Encryption>,
    /// Where a website shall send those who ask for the copy.
    pub website_redirect: Option<Box<str>>,
    /// Which checksum the copy shall have; that of the source if none is named.
    pub checksum: Option<ChecksumAlgorithm>,
    /// When the copy is made.
    pub conditions: WriteConditions,
}

impl Buckets {
    /// `CopyObject`. Returns the version that was copied, too, if its bucket has versions.
    ///
    /// # Errors
    /// If the source is not there or may not be copied, or a condition does not hold.
    pub async fn copy(
        &self,
        caller: &Caller,
        source: &CopySource,
        bucket: &str,
        key: &str,
        copy: CopyObject,
    ) -> Result<(Stored, Option<VersionId>), Refusal> {
        let got = self.source(source)?;
        if got.content.bytes() > MOST_PUT_BYTES {
            return Err(Refusal::InvalidRequest(
                format!(
                    "The specified copy source is larger than the maximum allowable size for a copy source: {MOST_PUT_BYTES}"
                )
                .into(),
            ));
        }
        let key = ObjectKey::parse(key)?;
        let in_place = source.bucket == bucket && source.key == key.as_str() && source.version.is_none();
        if in_place && !copy.changes(&got.object) {
            return Err(Refusal::InvalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes."
                    .into(),
            ));
        }
        let known = got.object.checksum.as_ref().map(|checksum| checksum.algorithm);
        let algorithm = copy.checksum.or(known).unwrap_or(ChecksumAlgorithm::Crc64Nvme);
        let written = self.digested(&got, algorithm).await?;
        let source_version = got.versioned.then(|| got.version.id.clone());
        let stored = self.change(caller, bucket, |state, now, effects| {
            copy.conditions.check(key.as_str(), state.current(&key))?;
            let attributes = copy.attributes.unwrap_or_else(|| got.object.attributes.clone());
            let object = Arc::new(Object {
                etag: ETag::whole(written.md5),
                content: written.content,
                checksum: written.checksum,
                parts: Arc::default(),
                attributes: Attributes {
                    storage_class: copy.storage_class,
                    website_redirect: copy.website_redirect,
                    encryption: copy.encryption.unwrap_or_else(|| state.configuration.encryption.clone()),
                    ..attributes
                },
            });
            let tags = copy.tags.unwrap_or(got.version.tags);
            let event = EventType::CreatedCopy;
            let version = state.put(key.clone(), Arc::clone(&object), tags, event, now, effects);
            Ok(Stored::new(state, &key, version, object, now))
        })?;
        Ok((stored, source_version))
    }

    /// What is to be copied.
    pub(super) fn source(&self, source: &CopySource) -> Result<GotObject, Refusal> {
        let get = GetObject { version: source.version.clone(), ..GetObject::default() };
        let got = self.get(&source.bucket, &source.key, &get).map_err(|refusal| match refusal {
            Refusal::IsDeleteMarker { .. } => Refusal::InvalidRequest(
                "The source of a copy request may not specifically refer to a delete marker by version id."
                    .into(),
            ),
            other => other,
        })?;
        source.conditions.check_source(&got.version, &got.object)?;
        Ok(got)
    }

    /// The digests of an object: those that are known, if they are the ones.
    pub(super) async fn digested(
        &self,
        got: &GotObject,
        algorithm: ChecksumAlgorithm,
    ) -> Result<Written, Refusal> {
        let checksum = got.object.checksum.as_ref().filter(|checksum| {
            checksum.algorithm == algorithm && checksum.kind() == ChecksumType::FullObject
        });
        if let (None, Some(checksum), Some(md5)) = (&got.range, checksum, got.object.etag.md5_of_content()) {
            let content = got.content.clone();
            return Ok(Written {
                bytes: content.bytes(),
                content,
                md5,
                checksum: Some(checksum.clone()),
                sha256: None,
            });
        }
        let wanted = Wanted { checksum: Some(algorithm), sha256: false };
        let digested = got.content.digest(self.work(), wanted).await;
        digested.map_err(|error| Refusal::storage(&error))
    }
}

impl CopyObject {
    /// Whether the copy differs from the object in anything but its age.
    fn changes(&self, source: &Object) -> bool {
        let attributes = &source.attributes;
        self.attributes.is_some()
            || self.checksum.is_some()
            || self.storage_class != attributes.storage_class
            || self.website_redirect != attributes.website_redirect
            || self.encryption.is_some()
    }
}
