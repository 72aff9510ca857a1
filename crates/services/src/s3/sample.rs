//! Events of objects that never were.

use hearth_model::{
    bucket_notification::{EventType, ObjectFacts, Origin, Record, Sequencer, TestEvent},
    identity::Partition,
    time::Timestamp,
};

use super::{
    BucketName, ETag, ObjectKey, VersionId,
    notify::{Document, ETAG_OF_NOTHING, to_text},
    owner::{owner_principal, principal},
    storage::md5,
};

/// Something that never happened to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleEvent {
    /// The bucket.
    pub bucket: BucketName,
    /// The object.
    pub key: ObjectKey,
    /// What happened to it.
    pub change: SampleChange,
}

/// What can happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleChange {
    /// It was put.
    Put {
        /// Its size.
        bytes: u64,
    },
    /// It was posted with a form.
    Post {
        /// Its size.
        bytes: u64,
    },
    /// It was copied.
    Copy {
        /// Its size.
        bytes: u64,
    },
    /// It was put together of parts.
    CompleteMultipartUpload {
        /// Its size.
        bytes: u64,
    },
    /// It was deleted for good.
    Delete,
    /// A marker says that it is deleted.
    CreateDeleteMarker,
}

impl SampleEvent {
    /// The document that a target would get at `now` of a bucket in `partition`.
    #[must_use]
    pub fn document(&self, partition: &Partition, now: Timestamp) -> String {
        let Self { bucket, key, change } = self;
        let whole = ETag::whole(md5(key.as_str().as_bytes()));
        let (kind, bytes, etag) = match *change {
            SampleChange::Put { bytes } => (EventType::CreatedPut, Some(bytes), Some(whole.to_string())),
            SampleChange::Post { bytes } => (EventType::CreatedPost, Some(bytes), Some(whole.to_string())),
            SampleChange::Copy { bytes } => (EventType::CreatedCopy, Some(bytes), Some(whole.to_string())),
            SampleChange::CompleteMultipartUpload { bytes } => {
                let of_one_part = ETag::of_parts([&whole]).to_string();
                (EventType::CreatedCompleteMultipartUpload, Some(bytes), Some(of_one_part))
            }
            SampleChange::Delete => (EventType::RemovedDelete, None, None),
            SampleChange::CreateDeleteMarker => {
                (EventType::RemovedDeleteMarkerCreated, None, Some(ETAG_OF_NOTHING.to_owned()))
            }
        };
        // Only buckets with versions have markers.
        let version = (*change == SampleChange::CreateDeleteMarker).then(VersionId::draw);
        let facts = ObjectFacts {
            key: key.as_str(),
            bytes,
            etag: etag.as_deref(),
            version: version.as_ref().and_then(VersionId::named),
            sequencer: Some(Sequencer::default().next(now)),
        };
        let origin = Origin {
            region: &partition.region,
            bucket: bucket.as_str(),
            owner: &owner_principal(partition.account),
            principal: &principal(partition.account),
            source_ip: "127.0.0.1",
            request_id: REQUEST_ID,
            host_id: HOST_ID,
        };
        to_text(&Document { records: [Record::new(kind, now, "sample", &origin, &facts)] })
    }
}

/// The document that a queue would get at `now` when a rule for it is made.
#[must_use]
pub fn sample_test_event(bucket: &BucketName, now: Timestamp) -> String {
    to_text(&TestEvent::new(now, bucket.as_str(), REQUEST_ID, HOST_ID))
}

/// Ids as the sample events of AWS's documentation have them.
const REQUEST_ID: &str = "EXAMPLE123456789";
const HOST_ID: &str = "EXAMPLE123/5678abcdefghijklambdaisawesome/mnopqrstuvwxyzABCDEFGH";
