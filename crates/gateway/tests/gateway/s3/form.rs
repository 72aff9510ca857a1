//! Uploads by browsers.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{element, error, with_bucket};
use crate::client::{Answer, Client};

const TYPE: (&str, &str) = ("content-type", "multipart/form-data; boundary=xyz");

async fn post(client: &mut Client, fields: &[(&str, &str)], content: &str) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\r\n";
    client.call("POST /uploads", &[TYPE], &format!("{body}{content}\r\n--xyz--\r\n")).await
}

#[tokio::test]
async fn a_form_puts_an_object() {
    let (_world, mut client) = with_bucket().await;
    let fields = [("key", "user/${filename}"), ("Content-Type", "text/plain"), ("x-amz-meta-a", "b")];
    let posted = post(&mut client, &fields, "hello").await;
    assert_eq!((posted.status, posted.body.as_str()), (204, ""));
    assert_eq!(posted.header("location"), Some("http://localhost/uploads/user/a%20b.txt"));
    let got = client.get("/uploads/user/a%20b.txt").await;
    assert_eq!(
        (got.body.as_str(), got.header("content-type"), got.header("x-amz-meta-a")),
        ("hello", Some("text/plain"), Some("b"))
    );
    let created = post(&mut client, &[("key", "k"), ("success_action_status", "201")], "x").await;
    assert_eq!((created.status, element(&created, "Key")), (201, Some("k")));
    let redirect = [("key", "k"), ("success_action_redirect", "http://example.org/?a=b")];
    let redirected = post(&mut client, &redirect, "x").await;
    assert_eq!(redirected.status, 303);
    assert_eq!(
        redirected.header("location"),
        Some("http://example.org/?a=b&bucket=uploads&key=k&etag=%229dd4e461268c8034f5c8564e155c67a6%22")
    );
    let large = "x".repeat(2_000_000);
    post(&mut client, &[("key", "large")], &large).await;
    assert!(client.get("/uploads/large").await.body == large);
}

#[tokio::test]
async fn a_policy_decides() {
    let (world, mut client) = with_bucket().await;
    let policy = r#"{"expiration": "1970-01-01T00:01:00Z", "conditions": [{"bucket": "uploads"}, ["starts-with", "$key", "user/"],
                     ["content-length-range", 2, 4]]}"#;
    let policy = BASE64_STANDARD.encode(policy);
    let check = async |client: &mut Client, key: &str, content: &str, expected: (u16, &str)| {
        let posted = post(client, &[("key", key), ("policy", &policy)], content).await;
        assert_eq!((posted.status, error(&posted).1), expected, "{key} {content}: {}", posted.body);
    };
    check(&mut client, "user/a", "abc", (204, "")).await;
    check(&mut client, "other", "abc", (403, "AccessDenied")).await;
    check(&mut client, "user/b", "abcde", (400, "EntityTooLarge")).await;
    check(&mut client, "user/b", "a", (400, "EntityTooSmall")).await;
    world.engine.clock().advance(std::time::Duration::from_secs(61)).await;
    check(&mut client, "user/a", "abc", (403, "AccessDenied")).await;
    let listed = client.get("/uploads").await;
    assert_eq!(listed.body.matches("<Key>").count(), 1);
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let (_world, mut client) = with_bucket().await;
    let broken = client.call("POST /uploads", &[TYPE], "nonsense, and longer than a boundary").await;
    assert_eq!((broken.status, error(&broken).1), (400, "MalformedPOSTRequest"));
    let without_key = post(&mut client, &[("policy2", "x")], "x").await;
    assert_eq!(error(&without_key).1, "InvalidArgument");
    let cut = "--xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n\
               --xyz\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello";
    assert_eq!(error(&client.call("POST /uploads", &[TYPE], cut).await).1, "IncompleteBody");
    assert_eq!(client.get("/uploads/k").await.status, 404);
}
