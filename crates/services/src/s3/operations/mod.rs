//! What the owner of a bucket does with it, an operation of the S3 API each.

mod buckets;
mod copy;
mod listing;
mod multipart;
mod notification;
mod objects;
mod tagging;

pub use self::{
    buckets::{BucketList, BucketQuery, BucketView, NewBucket},
    copy::{CopyObject, CopySource},
    listing::{ListedObject, ListedUpload, ListedVersion},
    multipart::{NewUpload, PartList},
    notification::NewNotification,
    objects::{GetObject, GotObject, MOST_PUT_BYTES, PutObject, RangeRequest, Select, Stored},
};
