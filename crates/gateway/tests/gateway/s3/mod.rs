//! S3 over the wire.

mod bodies;
mod buckets;
mod cors;
mod errors;
mod form;
mod objects;
mod routing;
mod signatures;

use crate::{
    client::{Answer, Client},
    world::World,
};

/// A signature of the caller whom most tests are, for S3.
const S3_SCOPE: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=ab",
);

/// A world with the bucket `uploads`, and a connection to it.
async fn with_bucket() -> (World, Client) {
    let world = World::new().await;
    let mut client = world.client().await;
    let created = client.call("PUT /uploads", &[], "").await;
    assert_eq!((created.status, created.header("location")), (200, Some("/uploads")));
    (world, client)
}

/// The text of an element of an answer's document.
fn element<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let (_, rest) = answer.body.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// An answer's status, and the code and message of its document.
fn error(answer: &Answer) -> (u16, &str, &str) {
    (
        answer.status,
        element(answer, "Code").unwrap_or_default(),
        element(answer, "Message").unwrap_or_default(),
    )
}
