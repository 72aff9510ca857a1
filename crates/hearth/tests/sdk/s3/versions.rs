//! Versions and delete markers.

use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier};

use super::{BUCKET, code, content, put, read, set_versioning, text, with_bucket};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_stays() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("before")).await;
    set_versioning(&client, BucketVersioningStatus::Enabled).await;
    let first = put(&client, "key", text("first")).await.version_id.unwrap();
    let second = put(&client, "key", text("second")).await.version_id.unwrap();
    let get = |version: &str| client.get_object().bucket(BUCKET).key("key").version_id(version).send();
    for (version, expected) in [("null", "before"), (&first, "first"), (&second, "second")] {
        let got = get(version).await.unwrap();
        assert_eq!(got.version_id(), Some(version));
        assert_eq!(content(got).await, expected.as_bytes());
    }

    let deleted = client.delete_object().bucket(BUCKET).key("key").send().await.unwrap();
    let marker = deleted.version_id().unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let gone = client.get_object().bucket(BUCKET).key("key").send().await.unwrap_err();
    assert_eq!(gone.raw_response().unwrap().headers().get("x-amz-delete-marker"), Some("true"));
    assert_eq!(gone.raw_response().unwrap().headers().get("x-amz-version-id"), Some(marker));
    assert!(gone.into_service_error().is_no_such_key());
    assert_eq!(code(get(marker).await), "MethodNotAllowed");
    assert_eq!(client.list_objects_v2().bucket(BUCKET).send().await.unwrap().key_count(), Some(0));

    let copy = client.copy_object().copy_source(format!("uploads/key?versionId={first}"));
    let copied = copy.bucket(BUCKET).key("copy").send().await.unwrap();
    assert_eq!(copied.copy_source_version_id(), Some(&*first));
    assert_eq!(read(&client, "copy").await, "first");

    let versions = client.list_object_versions().bucket(BUCKET).prefix("key").send().await.unwrap();
    let listed: Vec<_> = versions.versions().iter().map(|version| version.version_id().unwrap()).collect();
    assert_eq!(listed, [&*second, &*first, "null"]);
    assert!(versions.versions().iter().all(|version| version.is_latest() == Some(false)));
    let [listed] = versions.delete_markers() else { panic!("one marker: {versions:?}") };
    assert_eq!((listed.version_id(), listed.is_latest()), (Some(marker), Some(true)));

    let restore = client.delete_object().bucket(BUCKET).key("key").version_id(marker).send().await.unwrap();
    assert_eq!((restore.delete_marker(), restore.version_id()), (Some(true), Some(marker)));
    assert_eq!(read(&client, "key").await, "second");
    client.delete_object().bucket(BUCKET).key("key").version_id(&second).send().await.unwrap();
    assert_eq!(read(&client, "key").await, "first");
    assert_eq!(code(get(&second).await), "NoSuchVersion");
    assert_eq!(code(client.delete_bucket().bucket(BUCKET).send().await), "BucketNotEmpty");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_versions_comes_in_pages() {
    let (_hearth, client) = with_bucket().await;
    set_versioning(&client, BucketVersioningStatus::Enabled).await;
    let mut put_order = Vec::new();
    for number in 0..5 {
        put_order.push(put(&client, "key", text(&number.to_string())).await.version_id.unwrap());
    }
    let (mut key, mut version, mut listed) = (None, None, Vec::new());
    loop {
        let page = client.list_object_versions().bucket(BUCKET).max_keys(2);
        let page = page.set_key_marker(key).set_version_id_marker(version).send().await.unwrap();
        listed.extend(page.versions().iter().map(|version| version.version_id().unwrap().to_owned()));
        if page.is_truncated() != Some(true) {
            break;
        }
        (key, version) = (page.next_key_marker, page.next_version_id_marker);
    }
    put_order.reverse();
    assert_eq!(listed, put_order);
    let alone = client.list_object_versions().bucket(BUCKET).version_id_marker(&listed[0]).send().await;
    assert_eq!(code(alone), "InvalidArgument");
}

#[tokio::test(flavor = "multi_thread")]
async fn suspended_versioning_replaces_the_null_version() {
    let (_hearth, client) = with_bucket().await;
    set_versioning(&client, BucketVersioningStatus::Enabled).await;
    let kept = put(&client, "key", text("kept")).await.version_id.unwrap();
    set_versioning(&client, BucketVersioningStatus::Suspended).await;
    put(&client, "key", text("one")).await;
    put(&client, "key", text("two")).await;
    let deleted = client.delete_object().bucket(BUCKET).key("key").send().await.unwrap();
    assert_eq!((deleted.delete_marker(), deleted.version_id()), (Some(true), Some("null")));
    let versions = client.list_object_versions().bucket(BUCKET).send().await.unwrap();
    assert_eq!((versions.versions().len(), versions.delete_markers().len()), (1, 1));
    assert_eq!(versions.versions()[0].version_id(), Some(&*kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_delete_versions() {
    let (_hearth, client) = with_bucket().await;
    set_versioning(&client, BucketVersioningStatus::Enabled).await;
    let version = put(&client, "key", text("x")).await.version_id.unwrap();
    put(&client, "other", text("x")).await;
    let exact = ObjectIdentifier::builder().key("key").version_id(&version).build().unwrap();
    let other = ObjectIdentifier::builder().key("other").build().unwrap();
    let batch = Delete::builder().objects(exact).objects(other).build().unwrap();
    let deleted = client.delete_objects().bucket(BUCKET).delete(batch).send().await.unwrap();
    let [exact, other] = deleted.deleted() else { panic!("two: {deleted:?}") };
    assert_eq!((exact.version_id(), exact.delete_marker()), (Some(&*version), None));
    assert_eq!(other.delete_marker(), Some(true));
    let marker = other.delete_marker_version_id().unwrap();
    let removed = client.delete_object().bucket(BUCKET).key("other").version_id(marker).send().await.unwrap();
    assert_eq!(removed.delete_marker(), Some(true));
    assert_eq!(read(&client, "other").await, "x");
}
