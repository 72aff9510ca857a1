//! Buckets for tests.

use std::{net::Ipv4Addr, ops::Deref, sync::Arc};

use bytes::Bytes;
use hearth_services::s3::{
    Buckets, Caller, Deleted, Download, GetObject, ListQuery, NewBucket, PutObject, Refusal, Setting, Stored,
    VersionId, Versioning, WriteConditions,
};

use crate::world::{World, here};

pub(super) const BUCKET: &str = "uploads";

/// A world with a bucket.
pub(super) struct S3World(pub(super) World);

impl Deref for S3World {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

impl S3World {
    pub(super) fn buckets(&self) -> &Arc<Buckets> {
        self.services.buckets()
    }

    pub(super) fn with_bucket() -> Self {
        let world = Self(World::new());
        world.create_bucket();
        world
    }

    pub(super) fn create_bucket(&self) {
        self.buckets().create(&caller(), BUCKET, &NewBucket::default()).expect("a bucket");
    }

    pub(super) fn delete(&self, key: &str, version: Option<&VersionId>) -> Deleted {
        let deleted = self.buckets().delete(&caller(), BUCKET, key, version, &WriteConditions::default());
        deleted.expect("it is deleted")
    }

    pub(super) fn version(&self, versioning: Versioning) {
        let set = self.buckets().configure(&caller(), BUCKET, Setting::Versioning(versioning));
        set.expect("it is set");
    }

    pub(super) async fn put(&self, key: &str, content: &str) -> Stored {
        self.try_put(key, content, PutObject::default()).await.expect("it is put")
    }

    pub(super) async fn try_put(&self, key: &str, content: &str, put: PutObject) -> Result<Stored, Refusal> {
        self.put_pieces(key, [Bytes::copy_from_slice(content.as_bytes())], put).await
    }

    pub(super) async fn put_pieces(
        &self,
        key: &str,
        pieces: impl IntoIterator<Item = Bytes>,
        put: PutObject,
    ) -> Result<Stored, Refusal> {
        let mut draft = self.buckets().draft(BUCKET, None, put.expected.sha256.is_some())?;
        for piece in pieces {
            draft.write(piece).await.expect("the disk takes it");
        }
        self.buckets().put(&caller(), BUCKET, key, draft, put).await
    }

    /// The content of an object or version, or why there is none.
    pub(super) async fn read(&self, key: &str, version: Option<&VersionId>) -> Result<String, Refusal> {
        let get = GetObject { version: version.cloned(), ..GetObject::default() };
        let bytes = self.read_with(key, &get).await?;
        Ok(String::from_utf8(bytes).expect("text"))
    }

    pub(super) async fn read_with(&self, key: &str, get: &GetObject) -> Result<Vec<u8>, Refusal> {
        let got = self.buckets().get(BUCKET, key, get)?;
        let mut read = Vec::new();
        match got.content.open(self.buckets().work()).await.expect("it is read") {
            Download::Whole(bytes) => read.extend_from_slice(&bytes),
            Download::Stream(mut reader) => {
                while let Some(chunk) = std::future::poll_fn(|context| reader.poll_next(context)).await {
                    read.extend_from_slice(&chunk.expect("it is read"));
                }
                assert_eq!(reader.remaining(), 0);
            }
        }
        Ok(read)
    }

    pub(super) fn keys(&self) -> Vec<String> {
        let query = ListQuery { most: 1_000, ..ListQuery::default() };
        let listed = self.buckets().list_objects(BUCKET, &query).expect("a list");
        listed.entries.into_iter().map(|object| object.key.to_string()).collect()
    }
}

pub(super) fn caller() -> Caller {
    Caller {
        partition: here(),
        source_ip: Ipv4Addr::LOCALHOST.into(),
        request_id: "REQUEST".to_owned(),
        host_id: "HOST".to_owned(),
        trace_header: None,
    }
}
