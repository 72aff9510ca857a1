//! Lists of objects.

use aws_sdk_s3::{
    Client,
    types::{EncodingType, OptionalObjectAttributes},
};

use super::{BUCKET, code, put, text, with_bucket};

async fn with_tree() -> (crate::hearth::Hearth, Client) {
    let (hearth, client) = with_bucket().await;
    for key in ["a.txt", "dir/1", "dir/2", "dir/sub/3", "other/4", "z", "ä"] {
        put(&client, key, text("x")).await;
    }
    (hearth, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_version_comes_in_pages() {
    let (_hearth, client) = with_tree().await;
    let mut pages = client.list_objects_v2().bucket(BUCKET).into_paginator().page_size(3).send();
    let (mut keys, mut sizes) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.key_count().unwrap());
        assert_eq!((page.name(), page.max_keys()), (Some(BUCKET), Some(3)));
        assert_eq!(page.is_truncated(), page.next_continuation_token().map(|_| true).or(Some(false)));
        keys.extend(page.contents.unwrap().into_iter().map(|object| object.key.unwrap()));
    }
    assert_eq!(sizes, [3, 3, 1]);
    assert_eq!(keys, ["a.txt", "dir/1", "dir/2", "dir/sub/3", "other/4", "z", "ä"]);
    let behind = client.list_objects_v2().bucket(BUCKET).start_after("other/4").fetch_owner(true);
    let behind = behind.send().await.unwrap();
    let keys: Vec<_> = behind.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!((keys, behind.start_after()), (vec!["z", "ä"], Some("other/4")));
    let z = &behind.contents()[0];
    assert!(z.owner().is_some() && z.last_modified().is_some());
    assert_eq!((z.size(), z.e_tag()), (Some(1), Some("\"9dd4e461268c8034f5c8564e155c67a6\"")));
    let bad = client.list_objects_v2().bucket(BUCKET).continuation_token("*").send().await;
    assert_eq!(code(bad), "InvalidArgument");
}

#[tokio::test(flavor = "multi_thread")]
async fn delimiters_fold() {
    let (_hearth, client) = with_tree().await;
    let list = async |prefix: &str| {
        let listed =
            client.list_objects_v2().bucket(BUCKET).prefix(prefix).delimiter("/").send().await.unwrap();
        let keys = listed.contents().iter().map(|object| object.key().unwrap().to_owned());
        let folders = listed.common_prefixes().iter().map(|folder| folder.prefix().unwrap().to_owned());
        (keys.collect::<Vec<_>>(), folders.collect::<Vec<_>>())
    };
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(list("").await, (owned(&["a.txt", "z", "ä"]), owned(&["dir/", "other/"])));
    assert_eq!(list("dir/").await, (owned(&["dir/1", "dir/2"]), owned(&["dir/sub/"])));
    assert_eq!(list("d").await, (owned(&[]), owned(&["dir/"])));
    assert_eq!(list("none").await, (owned(&[]), owned(&[])));

    // Folders count, and no page has one of them twice.
    let mut pages =
        client.list_objects_v2().bucket(BUCKET).delimiter("/").into_paginator().page_size(2).send();
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.key_count().unwrap() <= 2);
        seen.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        seen.extend(page.common_prefixes().iter().map(|folder| folder.prefix().unwrap().to_owned()));
    }
    seen.sort_unstable();
    assert_eq!(seen, ["a.txt", "dir/", "other/", "z", "ä"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_version_goes_on_behind_a_marker() {
    let (_hearth, client) = with_tree().await;
    let list =
        |marker: &str| client.list_objects().bucket(BUCKET).max_keys(2).delimiter("/").marker(marker).send();
    let (mut marker, mut seen) = (String::new(), Vec::new());
    loop {
        let page = list(&marker).await.unwrap();
        seen.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        seen.extend(page.common_prefixes().iter().map(|folder| folder.prefix().unwrap().to_owned()));
        assert_eq!(page.marker(), Some(&*marker));
        let Some(next) = page.next_marker else { break };
        marker = next;
    }
    seen.sort_unstable();
    assert_eq!(seen, ["a.txt", "dir/", "other/", "z", "ä"]);
    let flat = client.list_objects().bucket(BUCKET).max_keys(2).send().await.unwrap();
    assert_eq!((flat.is_truncated(), flat.next_marker()), (Some(true), None));
    assert!(flat.contents()[0].owner().is_some());
    let none = client.list_objects().bucket(BUCKET).max_keys(0).send().await.unwrap();
    assert_eq!((none.contents().len(), none.is_truncated()), (0, Some(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_encoded_for_who_asks() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "a b+ä/\u{1}\u{8}", text("x")).await;
    let listed = client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url);
    let listed =
        listed.optional_object_attributes(OptionalObjectAttributes::RestoreStatus).send().await.unwrap();
    assert_eq!(listed.contents()[0].key(), Some("a+b%2B%C3%A4/%01%08"));
    assert_eq!(listed.encoding_type(), Some(&EncodingType::Url));
}
