//! Bodies that are wrapped, wrong or cut.

use super::{error, with_bucket};

const STREAMING: (&str, &str) = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");

#[tokio::test]
async fn chunks_are_joined_and_their_checksum_is_checked() {
    let (_world, mut client) = with_bucket().await;
    let headers = |length: &'static str| {
        [
            STREAMING,
            ("content-encoding", "gzip,aws-chunked"),
            ("x-amz-decoded-content-length", length),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ]
    };
    let body = |checksum: &str| format!("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n");
    let put = client.call("PUT /uploads/key", &headers("5"), &body("NhCmhg==")).await;
    assert_eq!((put.status, put.header("x-amz-checksum-crc32")), (200, Some("NhCmhg==")), "{}", put.body);
    let got = client.get("/uploads/key").await;
    assert_eq!((got.body.as_str(), got.header("content-encoding")), ("hello", Some("gzip")));
    let wrong = client.call("PUT /uploads/other", &headers("5"), &body("AAAAAA==")).await;
    assert_eq!(
        error(&wrong),
        (400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.")
    );
    let short = client.call("PUT /uploads/other", &headers("6"), &body("NhCmhg==")).await;
    assert_eq!(error(&short).1, "IncompleteBody");
    let none = client.call("PUT /uploads/other", &headers("5"), "5\r\nhello\r\n0\r\n\r\n").await;
    assert_eq!(error(&none).1, "MalformedTrailerError");
    let broken = client.call("PUT /uploads/other", &headers("5"), "hello").await;
    assert_eq!(error(&broken).1, "IncompleteBody");
    assert_eq!(client.get("/uploads/other").await.status, 404);
}

#[tokio::test]
async fn signed_chunks_are_read_over() {
    let (_world, mut client) = with_bucket().await;
    let headers = [
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=ab",
        ),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("x-amz-decoded-content-length", "5"),
    ];
    let body = "5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\n\r\n";
    assert_eq!(client.call("PUT /uploads/key", &headers, body).await.status, 200);
    assert_eq!(client.get("/uploads/key").await.body, "hello");
}

#[tokio::test]
async fn digests_are_checked() {
    let (_world, mut client) = with_bucket().await;
    let check = async |client: &mut crate::client::Client, header: (&str, &str), expected: &str| {
        let refused = client.call("PUT /uploads/key", &[header], "hello").await;
        assert_eq!((refused.status, error(&refused).1), (400, expected), "{header:?}");
    };
    check(&mut client, ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="), "BadDigest").await;
    check(&mut client, ("content-md5", "nonsense"), "InvalidDigest").await;
    check(&mut client, ("x-amz-checksum-sha256", "nonsense"), "InvalidRequest").await;
    check(&mut client, ("x-amz-content-sha256", &"0".repeat(64)), "XAmzContentSHA256Mismatch").await;
    check(&mut client, ("x-amz-sdk-checksum-algorithm", "CRC32"), "InvalidRequest").await;
    let right = [("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="), ("x-amz-checksum-crc32", "NhCmhg==")];
    assert_eq!(client.call("PUT /uploads/key", &right, "hello").await.status, 200);
    // Documents, too.
    let tags = "<Tagging><TagSet/></Tagging>";
    let refused =
        client.call("PUT /uploads?tagging", &[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")], tags).await;
    assert_eq!(error(&refused).1, "BadDigest");
}

#[tokio::test]
async fn an_upload_that_is_cut_leaves_nothing() {
    let (world, mut client) = with_bucket().await;
    for length in [100, 1_000_000] {
        let mut cut = world.client().await;
        let head =
            format!("PUT /uploads/cut HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n");
        cut.send(&(head + &"x".repeat(length - 1))).await;
        drop(cut);
    }
    world.engine.work().idle().await;
    assert_eq!(client.get("/uploads/cut").await.status, 404);
}

#[tokio::test]
async fn content_comes_with_its_size() {
    let (_world, mut client) = with_bucket().await;
    client.send("PUT /uploads/key HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let refused = client.answer().await;
    assert_eq!((refused.status, error(&refused).1), (411, "MissingContentLength"));
    let chunked = "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    client.send(&format!("PUT /uploads/key HTTP/1.1\r\nhost: localhost\r\n{chunked}")).await;
    let refused = client.answer().await;
    assert_eq!((refused.status, error(&refused).1), (501, "NotImplemented"));
    assert_eq!(super::element(&refused, "Header"), Some("Transfer-Encoding"));
    let source =
        "x-amz-decoded-content-length: 5\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n";
    client.send(&format!("PUT /uploads/key HTTP/1.1\r\nhost: localhost\r\n{source}transfer-encoding: chunked\r\n\r\nf\r\n5\r\nhello\r\n0\r\n\r\n\r\n0\r\n\r\n")).await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(client.get("/uploads/key").await.body, "hello");
}

#[tokio::test]
async fn who_is_refused_is_heard_out() {
    let (_world, mut client) = with_bucket().await;
    let refused = client.call("PUT /missing/key", &[], &"x".repeat(3_000_000)).await;
    assert_eq!(error(&refused).1, "NoSuchBucket");
    assert_eq!(client.get("/uploads").await.status, 200, "the connection goes on");
    let waits = [("expect", "100-continue"), ("content-length", "5")];
    let waits = client.call("PUT /missing/key", &waits, "").await;
    assert_eq!(error(&waits).1, "NoSuchBucket");
}
