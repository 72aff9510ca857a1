//! Buckets' life.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership, Tag};

use super::{BUCKET, code, put, text, with_bucket};
use crate::hearth::Hearth;

#[tokio::test(flavor = "multi_thread")]
async fn from_create_to_delete() {
    let hearth = Hearth::start().await;
    let client = hearth.s3();
    let created = client.create_bucket().bucket(BUCKET).send().await.unwrap();
    assert_eq!(created.location(), Some("/uploads"));
    client.create_bucket().bucket(BUCKET).send().await.expect("in the oldest region it may be created again");
    let head = client.head_bucket().bucket(BUCKET).send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("us-east-1"));
    let location = client.get_bucket_location().bucket(BUCKET).send().await.unwrap();
    assert_eq!(location.location_constraint().map_or("", BucketLocationConstraint::as_str), "");

    put(&client, "key", text("x")).await;
    assert_eq!(code(client.delete_bucket().bucket(BUCKET).send().await), "BucketNotEmpty");
    client.delete_object().bucket(BUCKET).key("key").send().await.unwrap();
    client.delete_bucket().bucket(BUCKET).send().await.unwrap();
    let gone = client.head_bucket().bucket(BUCKET).send().await.unwrap_err();
    assert!(gone.into_service_error().is_not_found());
    assert_eq!(code(client.delete_bucket().bucket(BUCKET).send().await), "NoSuchBucket");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_lives_where_it_was_created() {
    let hearth = Hearth::start().await;
    let client = hearth.s3();
    let there = |constraint| CreateBucketConfiguration::builder().location_constraint(constraint).build();
    let ireland = there(BucketLocationConstraint::EuWest1);
    let create = |name: &str| client.create_bucket().bucket(name);
    create("in-ireland").create_bucket_configuration(ireland).send().await.unwrap();
    let location = client.get_bucket_location().bucket("in-ireland").send().await.unwrap();
    assert_eq!(location.location_constraint(), Some(&BucketLocationConstraint::EuWest1));
    let head = client.head_bucket().bucket("in-ireland").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("eu-west-1"));
    let again = there(BucketLocationConstraint::EuWest1);
    let again = create("in-ireland").create_bucket_configuration(again).send().await.unwrap_err();
    assert!(again.into_service_error().is_bucket_already_owned_by_you());
    let oldest = there(BucketLocationConstraint::from("us-east-1"));
    let oldest = create("other").create_bucket_configuration(oldest).send().await;
    assert_eq!(code(oldest), "InvalidLocationConstraint");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_has_the_tags_and_the_ownership_that_it_is_created_with() {
    let hearth = Hearth::start().await;
    let client = hearth.s3();
    let tag = Tag::builder().key("team").value("blue + green").build().unwrap();
    let configuration = CreateBucketConfiguration::builder().tags(tag.clone()).build();
    let create = client.create_bucket().bucket(BUCKET).create_bucket_configuration(configuration);
    create.object_ownership(ObjectOwnership::ObjectWriter).send().await.unwrap();
    let tags = client.get_bucket_tagging().bucket(BUCKET).send().await.unwrap();
    assert_eq!(tags.tag_set(), [tag]);
    let ownership = client.get_bucket_ownership_controls().bucket(BUCKET).send().await.unwrap();
    let rules = ownership.ownership_controls.unwrap().rules;
    assert_eq!(*rules[0].object_ownership(), ObjectOwnership::ObjectWriter);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_buckets_comes_in_pages() {
    let (_hearth, client) = with_bucket().await;
    for number in 0..5 {
        client.create_bucket().bucket(format!("more-{number}")).send().await.unwrap();
    }
    let mut pages = client.list_buckets().prefix("more-").into_paginator().page_size(2).send();
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await {
        let buckets = page.unwrap().buckets.unwrap();
        listed.push(buckets.into_iter().map(|bucket| bucket.name.unwrap()).collect::<Vec<_>>());
    }
    assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(listed.concat(), ["more-0", "more-1", "more-2", "more-3", "more-4"]);
    let all = client.list_buckets().send().await.unwrap();
    assert_eq!(all.buckets().len(), 6);
    assert!(all.owner().unwrap().id().is_some());
    assert!(all.buckets()[0].creation_date().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_no_bucket_can_have() {
    let hearth = Hearth::start().await;
    let client = hearth.s3();
    for name in ["In_Valid", "ab", "-a-", "192.168.1.1", "a..b"] {
        assert_eq!(code(client.create_bucket().bucket(name).send().await), "InvalidBucketName", "{name}");
    }
}
