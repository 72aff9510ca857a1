//! Presigned URLs, as whoever has no SDK uses them.

use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{BUCKET, code, put, read, text, with_bucket};
use crate::hearth::Hearth;

fn for_a_minute() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_secs(60)).unwrap()
}

/// Sends what was signed.
async fn send(hearth: &Hearth, signed: &PresignedRequest, body: &str) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().method(signed.method()).uri(signed.uri());
    for (name, value) in signed.headers() {
        request = request.header(name, value);
    }
    let request = request.header("host", hearth.address().to_string());
    let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap();
    let stream = TokioIo::new(TcpStream::connect(hearth.address()).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    let mut connections = tokio::task::JoinSet::new();
    connections.spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_url_may_do_what_was_signed() {
    let (hearth, client) = with_bucket().await;
    let put_request =
        client.put_object().bucket(BUCKET).key("ä b/c").content_type("text/css").metadata("a", "1");
    let signed = put_request.presigned(for_a_minute()).await.unwrap();
    assert_eq!(send(&hearth, &signed, "hello").await.0, StatusCode::OK);
    assert_eq!(read(&client, "ä b/c").await, "hello");

    let get = client.get_object().bucket(BUCKET).key("ä b/c").response_content_disposition("attachment");
    let (status, headers, body) = send(&hearth, &get.presigned(for_a_minute()).await.unwrap(), "").await;
    assert_eq!((status, &*body), (StatusCode::OK, "hello"));
    assert_eq!(headers["content-disposition"], "attachment");
    assert_eq!(
        (&headers["content-type"], &headers["x-amz-meta-a"]),
        (&"text/css".parse().unwrap(), &"1".parse().unwrap())
    );

    let head = client.head_object().bucket(BUCKET).key("ä b/c").presigned(for_a_minute()).await.unwrap();
    assert_eq!(send(&hearth, &head, "").await.1["content-length"], "5");
    let delete = client.delete_object().bucket(BUCKET).key("ä b/c").presigned(for_a_minute()).await.unwrap();
    assert_eq!(send(&hearth, &delete, "").await.0, StatusCode::NO_CONTENT);
    assert_eq!(code(client.get_object().bucket(BUCKET).key("ä b/c").send().await), "NoSuchKey");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_uploaded_by_url() {
    let (hearth, client) = with_bucket().await;
    let created = client.create_multipart_upload().bucket(BUCKET).key("key").send().await.unwrap();
    let upload = created.upload_id.unwrap();
    let part = client.upload_part().bucket(BUCKET).key("key").upload_id(&upload).part_number(1);
    let (status, headers, _) = send(&hearth, &part.presigned(for_a_minute()).await.unwrap(), "hello").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["etag"], "\"5d41402abc4b2a76b9719d911017c592\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_expires() {
    let (hearth, client) = with_bucket().await;
    put(&client, "key", text("x")).await;
    let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let config = PresigningConfig::builder().start_time(long_ago).expires_in(Duration::from_secs(60));
    let signed =
        client.get_object().bucket(BUCKET).key("key").presigned(config.build().unwrap()).await.unwrap();
    let (status, _, body) = send(&hearth, &signed, "").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("<Message>Request has expired</Message>"), "{body}");
    assert!(body.contains("<Expires>2023-11-14T22:14:20Z</Expires>"), "{body}");
}
