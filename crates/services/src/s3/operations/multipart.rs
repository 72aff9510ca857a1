//! Uploading objects in parts.

use std::{ops::Range, sync::Arc};

use hearth_model::bucket_notification::EventType;

use crate::s3::{
    Attributes, Buckets, Caller, ChecksumAlgorithm, ChecksumType, Completion, CopySource, Draft, ETag,
    Encryption, Expected, ObjectKey, Part, RangeRequest, Refusal, Stored, Tags, Upload, UploadId, VersionId,
    WriteConditions, storage::Written,
};

use super::MOST_PUT_BYTES;

/// What is known of an object when its upload begins.
#[derive(Clone, Debug, Default)]
pub struct NewUpload {
    /// What its owner says of it.
    pub attributes: Attributes,
    /// Its encryption; that of the bucket if none is named.
    pub encryption: Option<Encryption>,
    /// Its tags.
    pub tags: Tags,
    /// Which checksum it shall have.
    pub checksum: Option<ChecksumAlgorithm>,
    /// Of what.
    pub checksum_type: Option<ChecksumType>,
}

/// Some parts of an upload.
#[derive(Clone, Debug)]
pub struct PartList {
    /// The upload, without its parts.
    pub upload: Upload,
    /// The parts by number.
    pub parts: Vec<(u32, Part)>,
    /// Whether there are more.
    pub more: bool,
}

impl Buckets {
    /// `CreateMultipartUpload`.
    ///
    /// # Errors
    /// If there is no such bucket, or no such checksum.
    pub fn create_upload(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        new: NewUpload,
    ) -> Result<Upload, Refusal> {
        let key = ObjectKey::parse(key)?;
        let checksum = match (new.checksum, new.checksum_type) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(Refusal::InvalidRequest(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.".into(),
                ));
            }
            (Some(algorithm), kind) => {
                let kind = kind.unwrap_or(algorithm.default_type());
                if !algorithm.has(kind) {
                    let (kind, name) = (kind.name(), algorithm.name().to_lowercase());
                    let message = format!(
                        "The {kind} checksum type cannot be used with the {name} checksum algorithm."
                    );
                    return Err(Refusal::InvalidRequest(message.into()));
                }
                Some((algorithm, kind))
            }
        };
        self.change(caller, bucket, |state, now, _| {
            let encryption = new.encryption.unwrap_or_else(|| state.configuration.encryption.clone());
            let upload = Upload {
                id: UploadId::draw(),
                initiated: now,
                attributes: Attributes { encryption, ..new.attributes },
                tags: new.tags,
                checksum,
                parts: Default::default(),
                order: state.next_sequencer(now),
            };
            state.add_upload(key, upload.clone());
            Ok(upload)
        })
    }

    /// Begins to take a part, which comes with a checksum of `checksum`.
    ///
    /// # Errors
    /// If there is no such upload, or it has another checksum.
    pub fn part_draft(
        &self,
        bucket: &str,
        key: &str,
        upload: &UploadId,
        checksum: Option<ChecksumAlgorithm>,
        sha256: bool,
    ) -> Result<Draft, Refusal> {
        let key = ObjectKey::parse(key)?;
        let algorithm = self.look(bucket, |_, state| state.upload(&key, upload)?.part_algorithm(checksum))?;
        self.draft(bucket, Some(algorithm), sha256)
    }

    /// `UploadPart`.
    ///
    /// # Errors
    /// If there is no such upload, or the content is not what it must be.
    pub async fn put_part(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        upload: &UploadId,
        number: u32,
        (draft, expected): (Draft, Expected),
    ) -> Result<Part, Refusal> {
        let written = self.finish(draft, &expected).await?;
        self.add_part(caller, bucket, key, (upload, number), written)
    }

    /// `UploadPartCopy`: the range of the source that is named, or all of it. Returns the version that was copied, too, if
    /// its bucket has versions.
    ///
    /// # Errors
    /// If there is no such upload or source, or nothing of it in the range.
    pub async fn copy_part(
        &self,
        caller: &Caller,
        source: &CopySource,
        range: Option<RangeRequest>,
        bucket: &str,
        key: &str,
        (upload, number): (&UploadId, u32),
    ) -> Result<(Part, Option<VersionId>), Refusal> {
        let target = ObjectKey::parse(key)?;
        let algorithm = self.look(bucket, |_, state| state.upload(&target, upload)?.part_algorithm(None))?;
        let mut got = self.source(source)?;
        if let Some(range) = range {
            let range = copied(range, got.content.bytes())?;
            got.content = got.content.slice(&range);
            got.range = Some(range);
        }
        let bytes = got.content.bytes();
        if bytes > MOST_PUT_BYTES {
            return Err(Refusal::EntityTooLarge { proposed: bytes, most: MOST_PUT_BYTES });
        }
        let written = self.digested(&got, algorithm).await?;
        let version = got.versioned.then_some(got.version.id);
        Ok((self.add_part(caller, bucket, key, (upload, number), written)?, version))
    }

    /// `CompleteMultipartUpload`.
    ///
    /// # Errors
    /// If there is no such upload, the parts are not those that came, or a condition does not hold. The upload goes on then.
    pub fn complete_upload(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        upload: &UploadId,
        completion: &Completion,
        conditions: &WriteConditions,
    ) -> Result<Stored, Refusal> {
        let key = ObjectKey::parse(key)?;
        self.change(caller, bucket, |state, now, effects| {
            let object = Arc::new(state.upload(&key, upload)?.complete(completion)?);
            conditions.check(key.as_str(), state.current(&key))?;
            let done = state.remove_upload(&key, upload, effects)?;
            let event = EventType::CreatedCompleteMultipartUpload;
            let version = state.put(key.clone(), Arc::clone(&object), done.tags, event, now, effects);
            Ok(Stored::new(state, &key, version, object, now))
        })
    }

    /// `AbortMultipartUpload`.
    ///
    /// # Errors
    /// If there is no such upload.
    pub fn abort_upload(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        upload: &UploadId,
    ) -> Result<(), Refusal> {
        let key = ObjectKey::parse(key)?;
        self.change(caller, bucket, |state, _, effects| state.remove_upload(&key, upload, effects)).map(drop)
    }

    /// `ListParts`: at most so many, behind a number.
    ///
    /// # Errors
    /// If there is no such upload.
    pub fn list_parts(
        &self,
        bucket: &str,
        key: &str,
        upload: &UploadId,
        after: u32,
        most: usize,
    ) -> Result<PartList, Refusal> {
        let key = ObjectKey::parse(key)?;
        self.look(bucket, |_, state| {
            let upload = state.upload(&key, upload)?;
            let mut behind = upload.parts.range(after.saturating_add(1)..);
            let listed = behind.by_ref().take(most).map(|(number, part)| (*number, part.clone()));
            let parts = listed.collect();
            let more = behind.next().is_some();
            let upload = Upload {
                id: upload.id.clone(),
                initiated: upload.initiated,
                attributes: upload.attributes.clone(),
                tags: upload.tags.clone(),
                checksum: upload.checksum,
                parts: Default::default(),
                order: upload.order,
            };
            Ok(PartList { upload, parts, more })
        })
    }

    fn add_part(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        (upload, number): (&UploadId, u32),
        written: Written,
    ) -> Result<Part, Refusal> {
        const MOST_PARTS: u32 = 10_000;
        if !(1..=MOST_PARTS).contains(&number) {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(Refusal::argument(message, "partNumber", number.to_string()));
        }
        let key = ObjectKey::parse(key)?;
        let checksum =
            written.checksum.ok_or_else(|| Refusal::Internal("a part has no checksum".to_owned()))?;
        self.change(caller, bucket, |state, now, effects| {
            let etag = ETag::whole(written.md5);
            let part = Part { content: written.content, etag, checksum, modified: now };
            state.add_part(&key, upload, number, part.clone(), effects)?;
            Ok(part)
        })
    }
}

/// The range of a source, all of which must be there.
fn copied(range: RangeRequest, bytes: u64) -> Result<Range<u64>, Refusal> {
    let invalid = |message: String| Refusal::argument(message, "x-amz-copy-source-range", range.to_string());
    match range {
        RangeRequest::From { first, last: Some(last) } if last < bytes => Ok(first..last + 1),
        RangeRequest::From { last: Some(_), .. } => {
            Err(invalid(format!("Range specified is not valid for source object of size: {bytes}")))
        }
        RangeRequest::From { last: None, .. } | RangeRequest::Last(_) => Err(invalid(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy"
                .to_owned(),
        )),
    }
}
