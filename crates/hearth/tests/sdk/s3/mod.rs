//! S3.

mod buckets;
mod checksums;
mod configuration;
mod errors;
mod listings;
mod multipart;
mod notifications;
mod objects;
mod presigned;
mod tags_and_attributes;
mod versions;

use aws_sdk_s3::{
    Client,
    error::ProvideErrorMetadata,
    operation::{get_object::GetObjectOutput, put_object::PutObjectOutput},
    primitives::ByteStream,
    types::{BucketVersioningStatus, VersioningConfiguration},
};

use crate::hearth::Hearth;

const BUCKET: &str = "uploads";

/// A world with a bucket, and a client for it.
async fn with_bucket() -> (Hearth, Client) {
    let hearth = Hearth::start().await;
    let client = hearth.s3();
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    (hearth, client)
}

async fn put(client: &Client, key: &str, content: impl Into<ByteStream>) -> PutObjectOutput {
    client.put_object().bucket(BUCKET).key(key).body(content.into()).send().await.unwrap()
}

fn text(content: &str) -> ByteStream {
    ByteStream::from(content.as_bytes().to_vec())
}

async fn content(got: GetObjectOutput) -> Vec<u8> {
    got.body.collect().await.unwrap().to_vec()
}

/// What is in an object, as text.
async fn read(client: &Client, key: &str) -> String {
    let got = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    String::from_utf8(content(got).await).unwrap()
}

async fn set_versioning(client: &Client, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let request = client.put_bucket_versioning().bucket(BUCKET);
    request.versioning_configuration(configuration).send().await.unwrap();
}

/// The code by which something is refused.
fn code<T>(result: Result<T, impl ProvideErrorMetadata>) -> String {
    let refused = result.err().expect("it is refused");
    refused.code().unwrap_or("no code").to_owned()
}
