//! Objects.

use super::{element, error, with_bucket};
use crate::client::request;

#[tokio::test]
async fn an_object_is_put_and_read() {
    let (_world, mut client) = with_bucket().await;
    let headers = [("content-type", "text/plain"), ("x-amz-meta-a", "b"), ("x-amz-tagging", "t=1")];
    let put = client.call("PUT /uploads/a%20b/%C3%A4", &headers, "hello").await;
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    assert_eq!((put.status, put.header("etag")), (200, Some(etag)));
    assert_eq!(put.header("x-amz-server-side-encryption"), Some("AES256"));
    assert_eq!(put.header("x-amz-checksum-crc64nvme"), Some("M3eFcAZSQlc="));
    let got = client.get("/uploads/a%20b/%C3%A4").await;
    assert_eq!((got.status, got.body.as_str(), got.header("etag")), (200, "hello", Some(etag)));
    assert_eq!(got.header("last-modified"), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
    for (name, value) in [
        ("content-type", "text/plain"),
        ("x-amz-meta-a", "b"),
        ("x-amz-tagging-count", "1"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(got.header(name), Some(value));
    }
    assert!(got.header("x-amz-request-id").is_some() && got.header("x-amz-id-2").is_some());
    client.send(&request("HEAD /uploads/a%20b/%C3%A4", &[], "")).await;
    let head = client.head().await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("5")));

    let part = client.call("GET /uploads/a%20b/%C3%A4", &[("range", "bytes=1-3")], "").await;
    assert_eq!((part.status, part.body.as_str()), (206, "ell"));
    assert_eq!(part.header("content-range"), Some("bytes 1-3/5"));
    let known = client.call("GET /uploads/a%20b/%C3%A4", &[("if-none-match", etag)], "").await;
    assert_eq!((known.status, known.body.as_str(), known.header("etag")), (304, "", Some(etag)));
    let taken = client.call("PUT /uploads/a%20b/%C3%A4", &[("if-none-match", "*")], "x").await;
    assert_eq!(error(&taken).1, "PreconditionFailed");
    assert_eq!(element(&taken, "Condition"), Some("If-None-Match"));
}

#[tokio::test]
async fn large_objects_stream() {
    let (_world, mut client) = with_bucket().await;
    let content: String = ('a'..='w').cycle().take(3_000_000).collect();
    assert_eq!(client.call("PUT /uploads/large", &[], &content).await.status, 200);
    assert!(client.get("/uploads/large").await.body == content);
    let range = client.call("GET /uploads/large", &[("range", "bytes=100000-2900000")], "").await;
    assert!(range.body == content[100_000..=2_900_000]);
}

#[tokio::test]
async fn lists_are_folded_and_encoded() {
    let (_world, mut client) = with_bucket().await;
    for key in ["a", "b/1", "b/2", "c%20d", "%01"] {
        assert_eq!(client.call(&format!("PUT /uploads/{key}"), &[], "x").await.status, 200);
    }
    let listed = client.get("/uploads?list-type=2&delimiter=/&encoding-type=url").await;
    let keys: Vec<_> = listed.body.split("<Key>").skip(1).map(|rest| rest.split('<').next()).collect();
    assert_eq!(keys, [Some("%01"), Some("a"), Some("c+d")]);
    assert!(listed.body.contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"));
    assert_eq!((element(&listed, "KeyCount"), element(&listed, "IsTruncated")), (Some("4"), Some("false")));
    let page = client.get("/uploads?max-keys=2").await;
    assert_eq!(element(&page, "IsTruncated"), Some("true"));
}

#[tokio::test]
async fn attributes_name_no_quotes() {
    let (_world, mut client) = with_bucket().await;
    client.call("PUT /uploads/key", &[], "hello").await;
    let headers = [("x-amz-object-attributes", "ETag,ObjectSize")];
    let attributes = client.call("GET /uploads/key?attributes", &headers, "").await;
    assert_eq!(element(&attributes, "ETag"), Some("5d41402abc4b2a76b9719d911017c592"));
    assert_eq!((element(&attributes, "ObjectSize"), element(&attributes, "StorageClass")), (Some("5"), None));
}
