//! Refusals, as the SDK's types.

use aws_sdk_s3::{error::ProvideErrorMetadata, operation::RequestId, types::StorageClass};

use super::{BUCKET, code, put, text, with_bucket};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_has_its_type() {
    let (_hearth, client) = with_bucket().await;
    let object = client.get_object().bucket(BUCKET).key("missing").send().await.unwrap_err();
    assert_eq!(object.message(), Some("The specified key does not exist."));
    assert!(object.request_id().is_some());
    assert!(object.into_service_error().is_no_such_key());
    let head = client.head_object().bucket(BUCKET).key("missing").send().await.unwrap_err();
    assert!(head.into_service_error().is_not_found());
    let bucket = client.list_objects_v2().bucket("missing").send().await.unwrap_err();
    assert_eq!(bucket.message(), Some("The specified bucket does not exist"));
    assert!(bucket.into_service_error().is_no_such_bucket());
    assert_eq!(code(client.get_object().bucket("missing").key("key").send().await), "NoSuchBucket");
    let version = client.get_object().bucket(BUCKET).key("missing").version_id("x").send().await;
    assert_eq!(code(version), "NoSuchVersion");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused() {
    let (_hearth, client) = with_bucket().await;
    let long = client.put_object().bucket(BUCKET).key("x".repeat(1_025)).body(text("x")).send().await;
    assert_eq!(code(long), "KeyTooLongError");
    put(&client, &"x".repeat(1_024), text("x")).await;
    let class =
        client.put_object().bucket(BUCKET).key("key").storage_class(StorageClass::from("FOO")).send().await;
    assert_eq!(code(class), "InvalidStorageClass");
    let archive =
        client.put_object().bucket(BUCKET).key("key").storage_class(StorageClass::Glacier).send().await;
    assert_eq!(code(archive), "NotImplemented");
    let list = client.list_objects_v2().bucket(BUCKET).max_keys(-1).send().await;
    assert_eq!(code(list), "InvalidArgument");
    let owner = client.list_objects_v2().bucket(BUCKET).expected_bucket_owner("111111111111").send().await;
    assert_eq!(code(owner), "AccessDenied");
    let source = client.copy_object().copy_source("uploads/key").bucket(BUCKET).key("copy");
    let source = source.expected_source_bucket_owner("111111111111").send().await;
    assert_eq!(code(source), "AccessDenied");
    let part = client.get_object().bucket(BUCKET).key("x".repeat(1_024)).part_number(2).send().await;
    assert_eq!(code(part), "InvalidPartNumber");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_that_hearth_does_not_have_are_refused_and_change_nothing() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("kept")).await;
    let renamed = client.rename_object().bucket(BUCKET).key("new").rename_source("/uploads/key").send().await;
    assert_eq!(code(renamed), "NotImplemented");
    let annotation =
        client.delete_object_annotation().bucket(BUCKET).key("key").annotation_name("x").send().await;
    assert_eq!(code(annotation), "NotImplemented");
    let metadata = client.delete_bucket_metadata_configuration().bucket(BUCKET).send().await;
    assert_eq!(code(metadata), "NotImplemented");
    assert_eq!(code(client.get_bucket_abac().bucket(BUCKET).send().await), "NotImplemented");
    let session = client.create_session().bucket(BUCKET).send().await;
    assert_eq!(code(session), "NotImplemented");
    assert_eq!(super::read(&client, "key").await, "kept");
}
