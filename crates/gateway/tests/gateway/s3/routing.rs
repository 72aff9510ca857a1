//! How S3 is told from the other services.

use super::{S3_SCOPE, element, with_bucket};
use crate::client::Client;

const LAMBDA_SCOPE: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=ab",
);

#[tokio::test]
async fn hosts_name_buckets() {
    let (_world, mut client) = with_bucket().await;
    for host in ["uploads.localhost", "uploads.s3.localhost:4566", "uploads.s3.us-east-1.localhost:4566"] {
        let put = with_host(&mut client, host, "PUT /key%20x", "content-length: 1\r\n", "x").await;
        assert_eq!(put, 200, "{host}");
    }
    assert_eq!(client.get("/uploads/key%20x").await.body, "x");
    assert_eq!(with_host(&mut client, "s3.localhost", "GET /uploads/key%20x", "", "").await, 200);
}

#[tokio::test]
async fn a_scope_decides_first() {
    let (_world, mut client) = with_bucket().await;
    // A bucket may have the name of another service's path.
    assert_eq!(client.call("PUT /2015-03-31", &[S3_SCOPE], "").await.status, 200);
    assert_eq!(client.call("PUT /2015-03-31/functions", &[S3_SCOPE], "x").await.status, 200);
    assert_eq!(client.call("GET /2015-03-31/functions", &[S3_SCOPE], "").await.body, "x");
    assert!(
        client.call("GET /2015-03-31/functions", &[LAMBDA_SCOPE], "").await.body.contains("\"Functions\"")
    );
    assert!(client.get("/2015-03-31/functions").await.body.contains("\"Functions\""));
    assert_eq!(client.call("GET /uploads", &[LAMBDA_SCOPE], "").await.json()["Type"], "User");
    assert_eq!(client.call("GET /uploads", &[("authorization", "AWS test:ab")], "").await.status, 200);
    for nothing in ["/_hearth/nothing", "/", "/2015-03-31/nothing"] {
        assert_eq!(client.get(nothing).await.json()["Type"], "User", "{nothing}");
    }
}

#[tokio::test]
async fn accounts_have_buckets_of_their_own() {
    let (_world, mut client) = with_bucket().await;
    let other = (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=ab",
    );
    assert_eq!(element(&client.call("GET /", &[other], "").await, "Name"), None);
    let taken = client.call("PUT /uploads", &[other], "").await;
    assert_eq!((taken.status, element(&taken, "Code")), (409, Some("BucketAlreadyExists")));
}

/// Sends a request to a host of its own; the status of the answer.
async fn with_host(client: &mut Client, host: &str, line: &str, headers: &str, body: &str) -> u16 {
    client.send(&format!("{line} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n{body}")).await;
    client.answer().await.status
}
