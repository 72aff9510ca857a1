//! Amazon S3: buckets, objects and what follows from them.
//!
//! | module | what |
//! | --- | --- |
//! | `storage` | content: files that are written once |
//! | `bucket`, `history`, `multipart` | what is in a bucket, and every way in which that changes |
//! | `listing` | ordered lists in pages |
//! | `operations` | what owners do, an operation of the API each |
//! | `notify`, `lifecycle` | what happens by itself |
//! | `kept` | what survives the process |
//!
//! An operation changes a bucket under its lock, in one step; that tells which events follow.

mod bucket;
mod buckets;
mod checksum;
mod conditions;
mod configuration;
mod cors;
mod history;
mod kept;
mod lifecycle;
mod listing;
mod multipart;
mod names;
mod notify;
mod object;
mod operations;
mod owner;
mod refusal;
mod sample;
mod storage;
mod tags;

pub use self::{
    bucket::Deleted,
    buckets::Buckets,
    checksum::{Checksum, ChecksumAlgorithm, ChecksumType},
    conditions::{Expected, Match, ReadConditions, WriteConditions},
    configuration::{Configuration, Ownership, PublicAccessBlock, Setting},
    cors::{Cors, CorsQuestion, CorsRule},
    history::Versioning,
    kept::inspect_objects,
    lifecycle::{
        Expiration, Lifecycle, LifecycleFilter, LifecycleRule, NoncurrentExpiration, Transition,
        TransitionMinimum, When,
    },
    listing::{ListQuery, Listing, Position},
    multipart::{Completion, NamedPart, Part, Upload},
    names::{BucketName, ObjectKey, UploadId, VersionId},
    object::{Attributes, ETag, Encryption, Entry, Object, ObjectPart, StorageClass, Version},
    operations::{
        BucketList, BucketQuery, BucketView, CopyObject, CopySource, GetObject, GotObject, ListedObject,
        ListedUpload, ListedVersion, MOST_PUT_BYTES, NewBucket, NewNotification, NewUpload, PartList,
        PutObject, RangeRequest, Select, Stored,
    },
    owner::{Caller, canonical_id},
    refusal::{Argument, Missing, Refusal},
    sample::{SampleChange, SampleEvent, sample_test_event},
    storage::{Content, ContentReader, Download, Draft},
    tags::{Tagged, Tags},
};
