//! Presigned URLs.

use std::time::Duration;

use super::{element, error, with_bucket};

/// Signed when the world began, valid for a minute.
const SIGNED: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F19700101%2Fus-east-1%2Fs3%2Faws4_request&\
                      X-Amz-Date=19700101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=ab";

#[tokio::test]
async fn presigned_urls_work_until_they_expire_by_hearths_clock() {
    let (world, mut client) = with_bucket().await;
    let put = format!("PUT /uploads/key?{SIGNED}&x-amz-meta-a=b");
    assert_eq!(client.call(&put, &[], "hello").await.status, 200);
    let got = client.get(&format!("/uploads/key?{SIGNED}&response-content-type=text%2Fcss")).await;
    assert_eq!((got.body.as_str(), got.header("content-type")), ("hello", Some("text/css")));
    assert_eq!(got.header("x-amz-meta-a"), Some("b"));
    let second = "/uploads/key?AWSAccessKeyId=test&Signature=ab&Expires=60";
    assert_eq!(client.get(second).await.status, 200);

    world.engine.clock().advance(Duration::from_secs(61)).await;
    let expired = client.get(&format!("/uploads/key?{SIGNED}")).await;
    assert_eq!(error(&expired), (403, "AccessDenied", "Request has expired"));
    assert_eq!(element(&expired, "Expires"), Some("1970-01-01T00:01:00Z"));
    assert_eq!(element(&expired, "ServerTime"), Some("1970-01-01T00:01:01Z"));
    assert_eq!(error(&client.get(second).await).1, "AccessDenied");
}
