//! Scripts of other origins.

use super::{error, with_bucket};

#[tokio::test]
async fn browsers_are_told_what_scripts_may() {
    let (_world, mut client) = with_bucket().await;
    let ask = [
        ("origin", "https://a.example.org"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "Content-Type, X-Amz-Date"),
    ];
    let none = client.call("OPTIONS /uploads/key", &ask, "").await;
    assert_eq!(error(&none), (403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."));
    let rules = "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.org</AllowedOrigin><AllowedMethod>PUT\
                 </AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>9\
                 </MaxAgeSeconds></CORSRule></CORSConfiguration>";
    assert_eq!(client.call("PUT /uploads?cors", &[], rules).await.status, 200);
    let allowed = client.call("OPTIONS /uploads/key", &ask, "").await;
    assert_eq!(allowed.status, 200);
    for (name, value) in [
        ("access-control-allow-origin", "https://a.example.org"),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "content-type, x-amz-date"),
        ("access-control-max-age", "9"),
    ] {
        assert_eq!(allowed.header(name), Some(value));
    }
    let put = client.call("PUT /uploads/key", &ask[..1], "x").await;
    assert_eq!(put.header("access-control-expose-headers"), Some("ETag"));
    let other = client.call("PUT /uploads/key", &[("origin", "https://evil.org")], "x").await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
    assert_eq!(client.call("OPTIONS /uploads/key", &[], "").await.status, 400);
}
