//! What has changed, as entries.

use std::{mem, time::Duration};

use hearth_engine::journal::{Change, Journal};
use hearth_model::{bucket_notification::Sequencer, identity::Partition};

use super::{
    BUCKETS, NOTICES, OF_BUCKETS, PARTS, UPLOADS, VERSIONS,
    bucket::{BucketDocument, BucketV1},
    notice::{NoticeDocument, NoticeV1},
    object::{PartDocument, PartV1, UploadDocument, UploadV1, VersionDocument, VersionV1},
};
use crate::{
    kept::{prefix, write},
    s3::{
        BucketName, ObjectKey,
        bucket::{Bucket, State},
        notify::Notice,
    },
};

/// What has changed of a bucket, and is not recorded yet. What it is now is for the bucket to tell.
#[derive(Debug, Default)]
pub(in crate::s3) struct Unrecorded {
    subjects: Vec<Subject>,
    /// A sequencer that none is beyond as long as the journal hears of no other: a later process uses none again.
    pub(super) reserved: Sequencer,
}

/// Something that an entry is about.
#[derive(Debug)]
pub(in crate::s3) enum Subject {
    /// What is set.
    Bucket,
    /// The version of this place.
    Version(ObjectKey, Sequencer),
    /// The upload of this place.
    Upload(ObjectKey, Sequencer),
    /// The part of this number of an upload.
    Part(ObjectKey, Sequencer, u32),
}

/// So much time's sequencers are reserved at once, for which a bucket's own entry is written.
const RESERVED: Duration = Duration::from_secs(10);

impl Unrecorded {
    /// Nothing, of a bucket that begins with sequencers behind this one.
    pub(super) fn reserved(reserved: Sequencer) -> Self {
        Self { subjects: Vec::new(), reserved }
    }

    pub(in crate::s3) fn note(&mut self, subject: Subject) {
        self.subjects.push(subject);
    }
}

impl Bucket {
    /// Tells the journal what has changed, and of what targets will be told.
    pub(in crate::s3) fn record_changes(&self, state: &mut State, journal: &Journal, notices: &[Notice]) {
        let mut subjects = mem::take(&mut state.unrecorded.subjects);
        if subjects.is_empty() && notices.is_empty() && !state.deleted {
            return;
        }
        journal.record(|change| {
            let prefix = prefix(&self.partition);
            if state.last_sequencer > state.unrecorded.reserved {
                state.unrecorded.reserved = state.last_sequencer.after(RESERVED);
                subjects.push(Subject::Bucket);
            }
            for notice in notices {
                let document = NoticeDocument::V1(NoticeV1::of(notice));
                change.put(NOTICES, notice_key(&self.partition, notice), write(&document));
            }
            if state.deleted {
                change.remove(BUCKETS, [&*prefix, self.name.as_str().as_bytes()].concat());
                for stream in OF_BUCKETS {
                    change.remove_all(stream, key(&prefix, &self.name, &[]));
                }
            } else {
                let mut recorder = Recorder { bucket: self, state, prefix, change };
                subjects.iter().for_each(|subject| recorder.record(subject));
            }
        });
    }
}

impl Notice {
    /// Tells the journal that the target has recorded the event.
    pub(in crate::s3) fn record_told(&self, journal: &Journal, partition: &Partition) {
        journal.record(|change| change.remove(NOTICES, notice_key(partition, self)));
    }
}

struct Recorder<'a> {
    bucket: &'a Bucket,
    state: &'a State,
    prefix: Vec<u8>,
    change: &'a mut Change,
}

impl Recorder<'_> {
    fn record(&mut self, subject: &Subject) {
        let (stream, key, value) = match subject {
            Subject::Bucket => {
                let document = BucketDocument::V1(BucketV1::of(self.bucket, self.state));
                let key = [&*self.prefix, self.bucket.name.as_str().as_bytes()].concat();
                (BUCKETS, key, Some(write(&document)))
            }
            Subject::Version(object, order) => {
                let history = self.state.objects.get(object);
                let version =
                    history.and_then(|history| history.versions().find(|version| version.order == *order));
                let document = version.map(|version| VersionDocument::V1(VersionV1::of(version)));
                (VERSIONS, self.key(object, *order), document.map(|document| write(&document)))
            }
            Subject::Upload(object, order) => {
                let upload = self.state.upload_at(object, *order);
                let document = upload.map(|upload| UploadDocument::V1(UploadV1::of(upload)));
                (UPLOADS, self.key(object, *order), document.map(|document| write(&document)))
            }
            Subject::Part(object, order, number) => {
                let upload = self.state.upload_at(object, *order);
                let part = upload.and_then(|upload| upload.parts.get(number));
                let document = part.map(|part| PartDocument::V1(PartV1::of(part)));
                let key = [&*self.key(object, *order), &number.to_be_bytes()].concat();
                (PARTS, key, document.map(|document| write(&document)))
            }
        };
        match value {
            Some(value) => self.change.put(stream, key, value),
            None => self.change.remove(stream, key),
        }
    }

    fn key(&self, object: &ObjectKey, order: Sequencer) -> Vec<u8> {
        let rest = [object.as_str().as_bytes(), &order.number().to_be_bytes()].concat();
        key(&self.prefix, &self.bucket.name, &rest)
    }
}

/// The key of something in a bucket; the bucket's name has no slash.
fn key(prefix: &[u8], bucket: &BucketName, rest: &[u8]) -> Vec<u8> {
    [prefix, bucket.as_str().as_bytes(), b"/", rest].concat()
}

fn notice_key(partition: &Partition, notice: &Notice) -> Vec<u8> {
    let at = notice.at.as_unix_nanos().to_be_bytes();
    [&*prefix(partition), &at, &notice.id.to_be_bytes()].concat()
}
