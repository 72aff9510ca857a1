//! Lists of what is in a bucket.

use std::sync::Arc;

use hearth_model::time::Timestamp;

use crate::s3::{
    Buckets, ChecksumAlgorithm, ChecksumType, ListQuery, Listing, Object, ObjectKey, Refusal, StorageClass,
    Upload, UploadId, Version, history::History,
};

/// An object in a list.
#[derive(Clone, Debug)]
pub struct ListedObject {
    /// Its key.
    pub key: ObjectKey,
    /// The object.
    pub object: Arc<Object>,
    /// When it was written.
    pub modified: Timestamp,
}

/// A version in a list.
#[derive(Clone, Debug)]
pub struct ListedVersion {
    /// Its key.
    pub key: ObjectKey,
    /// The version.
    pub version: Version,
    /// Whether it is the current one.
    pub is_latest: bool,
}

/// An upload in a list.
#[derive(Clone, Debug)]
pub struct ListedUpload {
    /// The key of the object that it will be.
    pub key: ObjectKey,
    /// Its name.
    pub id: UploadId,
    /// When it began.
    pub initiated: Timestamp,
    /// How the object will be stored.
    pub storage_class: StorageClass,
    /// Which checksum the object shall have, if one was named.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
}

impl Buckets {
    /// `ListObjects`, `ListObjectsV2`.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn list_objects(&self, bucket: &str, query: &ListQuery) -> Result<Listing<ListedObject>, Refusal> {
        self.look(bucket, |_, state| {
            let current = |key: &ObjectKey, history: &History| {
                let current = history.current();
                let listed = current.object().map(|object| ListedObject {
                    key: key.clone(),
                    object: Arc::clone(object),
                    modified: current.modified,
                });
                listed.map(|listed| (None, listed)).into_iter()
            };
            Ok(Listing::take(&state.objects, query, History::is_live, current))
        })
    }

    /// `ListObjectVersions`: by key, then newest first.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn list_versions(&self, bucket: &str, query: &ListQuery) -> Result<Listing<ListedVersion>, Refusal> {
        self.look(bucket, |_, state| Ok(Listing::take(&state.objects, query, |_| true, versions)))
    }

    /// `ListMultipartUploads`: by key, then in the order in which they began.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn list_uploads(&self, bucket: &str, query: &ListQuery) -> Result<Listing<ListedUpload>, Refusal> {
        self.look(bucket, |_, state| Ok(Listing::take(&state.uploads, query, |_| true, uploads)))
    }
}

fn versions<'a>(
    key: &'a ObjectKey,
    history: &'a History,
) -> impl Iterator<Item = (Option<&'a str>, ListedVersion)> {
    history.versions().enumerate().map(|(position, version)| {
        let listed = ListedVersion { key: key.clone(), version: version.clone(), is_latest: position == 0 };
        (Some(version.id.as_str()), listed)
    })
}

#[expect(clippy::ptr_arg, reason = "the values of the map are vectors")]
fn uploads<'a>(
    key: &'a ObjectKey,
    uploads: &'a Vec<Upload>,
) -> impl Iterator<Item = (Option<&'a str>, ListedUpload)> {
    uploads.iter().map(|upload| {
        let listed = ListedUpload {
            key: key.clone(),
            id: upload.id.clone(),
            initiated: upload.initiated,
            storage_class: upload.attributes.storage_class,
            checksum: upload.checksum,
        };
        (Some(upload.id.as_str()), listed)
    })
}
