//! Tags of objects, and what else is known of them.

use aws_sdk_s3::types::{
    BucketVersioningStatus, ChecksumType, ObjectAttributes, StorageClass, Tag, Tagging, TaggingDirective,
};

use super::{BUCKET, code, put, set_versioning, text, with_bucket};

fn tags<const N: usize>(pairs: [(&str, &str); N]) -> Vec<Tag> {
    pairs.map(|(key, value)| Tag::builder().key(key).value(value).build().unwrap()).to_vec()
}

fn tagging<const N: usize>(pairs: [(&str, &str); N]) -> Tagging {
    Tagging::builder().set_tag_set(Some(tags(pairs))).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_set_and_taken_away() {
    let (_hearth, client) = with_bucket().await;
    let request = client.put_object().bucket(BUCKET).key("key").body(text("x"));
    request.tagging("team=blue%20%2B&empty=").send().await.unwrap();
    let get = || client.get_object_tagging().bucket(BUCKET).key("key").send();
    assert_eq!(get().await.unwrap().tag_set(), tags([("team", "blue +"), ("empty", "")]));
    let got = client.get_object().bucket(BUCKET).key("key").send().await.unwrap();
    assert_eq!(got.tag_count(), Some(2));
    let set = |tagging| client.put_object_tagging().bucket(BUCKET).key("key").tagging(tagging).send();
    set(tagging([("größe", "2")])).await.unwrap();
    assert_eq!(get().await.unwrap().tag_set(), tags([("größe", "2")]));
    assert_eq!(code(set(tagging([("a", "1"), ("a", "2")])).await), "InvalidTag");
    assert_eq!(code(set(tagging([("aws:a", "1")])).await), "InvalidTag");

    let copied = client.copy_object().copy_source("uploads/key").bucket(BUCKET).key("copy");
    copied.send().await.unwrap();
    let replaced = client.copy_object().copy_source("uploads/key").bucket(BUCKET).key("replaced");
    replaced.tagging_directive(TaggingDirective::Replace).tagging("b=3").send().await.unwrap();
    for (key, expected) in [("copy", tags([("größe", "2")])), ("replaced", tags([("b", "3")]))] {
        let got = client.get_object_tagging().bucket(BUCKET).key(key).send().await.unwrap();
        assert_eq!(got.tag_set(), expected);
    }

    client.delete_object_tagging().bucket(BUCKET).key("key").send().await.unwrap();
    assert!(get().await.unwrap().tag_set().is_empty());
    let missing = client.get_object_tagging().bucket(BUCKET).key("missing").send().await;
    assert_eq!(code(missing), "NoSuchKey");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_has_tags_of_its_own() {
    let (_hearth, client) = with_bucket().await;
    set_versioning(&client, BucketVersioningStatus::Enabled).await;
    let first = put(&client, "key", text("1")).await.version_id.unwrap();
    put(&client, "key", text("2")).await;
    let set = client.put_object_tagging().bucket(BUCKET).key("key").version_id(&first);
    let set = set.tagging(tagging([("a", "1")])).send().await.unwrap();
    assert_eq!(set.version_id(), Some(&*first));
    let current = client.get_object_tagging().bucket(BUCKET).key("key").send().await.unwrap();
    assert!(current.tag_set().is_empty());
    let old = client.get_object_tagging().bucket(BUCKET).key("key").version_id(&first).send().await.unwrap();
    assert_eq!(old.tag_set(), tags([("a", "1")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_those_that_are_asked_for() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("hello")).await;
    let ask = client.get_object_attributes().bucket(BUCKET).key("key");
    let all = [
        ObjectAttributes::Etag,
        ObjectAttributes::Checksum,
        ObjectAttributes::ObjectParts,
        ObjectAttributes::ObjectSize,
        ObjectAttributes::StorageClass,
    ];
    let known = ask.clone().set_object_attributes(Some(all.to_vec())).send().await.unwrap();
    assert_eq!(known.e_tag(), Some("5d41402abc4b2a76b9719d911017c592"));
    assert_eq!((known.object_size(), known.storage_class()), (Some(5), Some(&StorageClass::Standard)));
    assert_eq!(known.object_parts(), None);
    let checksum = known.checksum().unwrap();
    assert_eq!(checksum.checksum_crc32(), Some("NhCmhg=="));
    assert_eq!(checksum.checksum_type(), Some(&ChecksumType::FullObject));
    let size = ask.object_attributes(ObjectAttributes::ObjectSize).send().await.unwrap();
    assert_eq!((size.object_size(), size.e_tag(), size.checksum()), (Some(5), None, None));
    let missing = client.get_object_attributes().bucket(BUCKET).key("missing");
    let missing = missing.object_attributes(ObjectAttributes::Etag).send().await.unwrap_err();
    assert!(missing.into_service_error().is_no_such_key());
}
