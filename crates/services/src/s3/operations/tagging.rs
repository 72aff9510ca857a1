//! Tags of objects.

use crate::s3::{Buckets, Caller, ObjectKey, Refusal, Tags, VersionId, Versioning};

impl Buckets {
    /// `PutObjectTagging`, and, without tags, `DeleteObjectTagging`. Returns the version, if the bucket has versions.
    ///
    /// # Errors
    /// If there is no such object or version.
    pub fn tag(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<&VersionId>,
        tags: Tags,
    ) -> Result<Option<VersionId>, Refusal> {
        let key = ObjectKey::parse(key)?;
        self.change(caller, bucket, |state, now, effects| {
            let id = state.tag(&key, version, tags, now, effects)?;
            Ok((state.configuration.versioning != Versioning::Off).then_some(id))
        })
    }
}
