//! Buckets, and what is set for them.

use super::{S3_SCOPE, element, error, with_bucket};

#[tokio::test]
async fn a_bucket_comes_and_goes() {
    let (_world, mut client) = with_bucket().await;
    let listed = client.call("GET /", &[S3_SCOPE], "").await;
    assert_eq!((listed.status, element(&listed, "Name")), (200, Some("uploads")));
    assert_eq!(element(&listed, "CreationDate"), Some("1970-01-01T00:00:00.000Z"));
    client.send(&crate::client::request("HEAD /uploads", &[], "")).await;
    let head = client.head().await;
    assert_eq!((head.status, head.header("x-amz-bucket-region")), (200, Some("us-east-1")));
    let location = client.get("/uploads?location").await;
    assert!(
        location.body.ends_with("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>")
            || location.body.ends_with("></LocationConstraint>"),
        "{}",
        location.body
    );
    client.call("PUT /uploads/key", &[], "x").await;
    let refused = client.call("DELETE /uploads", &[], "").await;
    assert_eq!(error(&refused), (409, "BucketNotEmpty", "The bucket you tried to delete is not empty"));
    assert_eq!(client.call("DELETE /uploads/key", &[], "").await.status, 204);
    assert_eq!(client.call("DELETE /uploads", &[], "").await.status, 204);
    let gone = client.get("/uploads").await;
    assert_eq!(error(&gone), (404, "NoSuchBucket", "The specified bucket does not exist"));
    assert_eq!(element(&gone, "BucketName"), Some("uploads"));
}

#[tokio::test]
async fn what_is_set_is_shown() {
    let (_world, mut client) = with_bucket().await;
    for (name, document) in [
        ("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
        ("tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"),
        (
            "cors",
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>\
             </CORSConfiguration>",
        ),
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><Expiration><Days>1</Days></Expiration><Filter><Prefix>a</Prefix></Filter>\
             <ID>x</ID><Status>Enabled</Status></Rule></LifecycleConfiguration>",
        ),
        (
            "ownershipControls",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
        ),
    ] {
        let set = client.call(&format!("PUT /uploads?{name}"), &[], document).await;
        assert!(matches!(set.status, 200 | 204), "{name}: {}", set.body);
        let shown = client
            .get(&format!("/uploads?{name}"))
            .await
            .body
            .replace(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"", "");
        assert!(shown.ends_with(document), "{name}: {shown}");
    }
    let nothing = client.get("/uploads?policy").await;
    assert_eq!(error(&nothing), (404, "NoSuchBucketPolicy", "The bucket policy does not exist"));
    let absent = client.call("PUT /uploads?website", &[], "<WebsiteConfiguration/>").await;
    assert_eq!(error(&absent).0, 501);
}
