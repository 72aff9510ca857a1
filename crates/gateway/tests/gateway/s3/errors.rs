//! Requests that are wrong.

use super::{element, error, with_bucket};

#[tokio::test]
async fn errors_are_those_of_s3() {
    let (_world, mut client) = with_bucket().await;
    client.call("PUT /uploads/key", &[], "0123456789").await;
    for (line, body, status, code) in [
        ("GET /uploads/missing", "", 404, "NoSuchKey"),
        ("GET /uploads/key?versionId=missing", "", 404, "NoSuchVersion"),
        ("GET /uploads/key?versionId=", "", 400, "InvalidArgument"),
        ("GET /In_Valid/key", "", 400, "InvalidBucketName"),
        ("PUT /ab", "", 400, "InvalidBucketName"),
        ("GET /uploads/%FF", "", 400, "InvalidURI"),
        ("PUT /uploads?cors", "<CORSConfiguration>", 400, "MalformedXML"),
        ("PUT /uploads?cors", "", 400, "MissingRequestBodyError"),
        ("POST /uploads?delete", "nonsense", 400, "MalformedXML"),
        ("POST /uploads/key?uploadId=missing", "<CompleteMultipartUpload/>", 400, "MalformedXML"),
        ("DELETE /uploads/key?uploadId=missing", "", 404, "NoSuchUpload"),
        ("PUT /uploads/key?uploadId=missing&partNumber=1", "x", 404, "NoSuchUpload"),
        ("PUT /uploads/key?uploadId=missing&partNumber=0", "x", 400, "InvalidArgument"),
        ("GET /uploads/key?partNumber=2", "", 416, "InvalidPartNumber"),
        ("GET /uploads?list-type=2&continuation-token=*", "", 400, "InvalidArgument"),
        ("GET /uploads?max-keys=-1", "", 400, "InvalidArgument"),
        ("GET /uploads?encoding-type=x", "", 400, "InvalidArgument"),
        ("GET /uploads?inventory&id=x", "", 404, "NoSuchConfiguration"),
        ("PUT /uploads?inventory&id=x", "<InventoryConfiguration/>", 400, "MalformedXML"),
        ("PATCH /uploads/key", "", 405, "MethodNotAllowed"),
        ("POST /uploads", "x", 412, "PreconditionFailed"),
        ("DELETE /uploads?versioning", "", 405, "MethodNotAllowed"),
        ("DELETE /uploads?metadataConfiguration", "", 501, "NotImplemented"),
        ("PUT /uploads/key?encryption", "<x/>", 501, "NotImplemented"),
    ] {
        let answer = client.call(line, &[], body).await;
        assert_eq!((answer.status, error(&answer).1), (status, code), "{line}: {}", answer.body);
        assert!(!error(&answer).2.is_empty(), "{line} has a message");
        assert_eq!(element(&answer, "RequestId"), answer.header("x-amz-request-id"));
        assert_eq!(element(&answer, "HostId"), answer.header("x-amz-id-2"));
    }
    let beyond = client.call("GET /uploads/key", &[("range", "bytes=10-")], "").await;
    assert_eq!(error(&beyond), (416, "InvalidRange", "The requested range is not satisfiable"));
    assert_eq!(element(&beyond, "ActualObjectSize"), Some("10"));
    for odd in ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2"] {
        let whole = client.call("GET /uploads/key", &[("range", odd)], "").await;
        assert_eq!((whole.status, whole.body.as_str()), (200, "0123456789"), "{odd}");
    }
}

#[tokio::test]
async fn what_would_not_act_is_refused() {
    let (_world, mut client) = with_bucket().await;
    for (header, status, code) in [
        (("x-amz-storage-class", "GLACIER"), 501, "NotImplemented"),
        (("x-amz-storage-class", "NONSENSE"), 400, "InvalidStorageClass"),
        (("x-amz-acl", "public-read"), 400, "AccessControlListNotSupported"),
        (("x-amz-object-lock-mode", "GOVERNANCE"), 501, "NotImplemented"),
        (("x-amz-server-side-encryption-customer-algorithm", "AES256"), 501, "NotImplemented"),
        (("x-amz-server-side-encryption", "rot13"), 400, "InvalidArgument"),
        (("x-amz-expected-bucket-owner", "111111111111"), 403, "AccessDenied"),
        (("x-amz-tagging", "a=1&a=2"), 400, "InvalidArgument"),
    ] {
        let refused = client.call("PUT /uploads/key", &[header], "x").await;
        assert_eq!((refused.status, error(&refused).1), (status, code), "{header:?}: {}", refused.body);
    }
    assert_eq!(client.get("/uploads/key").await.status, 404);
}
