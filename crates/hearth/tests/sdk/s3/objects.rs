//! Writing, reading, copying and deleting.

use std::collections::HashMap;

use aws_sdk_s3::{
    Client,
    error::ProvideErrorMetadata,
    primitives::DateTime,
    types::{Delete, MetadataDirective, ObjectIdentifier, StorageClass},
};

use super::{BUCKET, code, content, put, read, text, with_bucket};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_what_was_put() {
    let (_hearth, client) = with_bucket().await;
    let request = client.put_object().bucket(BUCKET).key("a b/ä+c.txt").body(text("hello"));
    let request = request.content_type("text/plain").cache_control("max-age=60").content_language("de");
    let request = request.content_disposition("inline").content_encoding("identity");
    let request = request.expires(DateTime::from_secs(1_800_000_000)).metadata("colour", "dark blue");
    let stored = request.storage_class(StorageClass::StandardIa).send().await.unwrap();
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    assert_eq!((stored.e_tag(), stored.version_id()), (Some(etag), None));

    let got = client.get_object().bucket(BUCKET).key("a b/ä+c.txt").send().await.unwrap();
    assert_eq!((got.e_tag(), got.content_length()), (Some(etag), Some(5)));
    assert_eq!((got.content_type(), got.cache_control()), (Some("text/plain"), Some("max-age=60")));
    assert_eq!((got.content_language(), got.content_encoding()), (Some("de"), Some("identity")));
    assert_eq!(got.content_disposition(), Some("inline"));
    assert_eq!(got.expires_string(), Some("Fri, 15 Jan 2027 08:00:00 GMT"));
    assert_eq!(got.storage_class(), Some(&StorageClass::StandardIa));
    assert_eq!(got.metadata(), Some(&HashMap::from([("colour".to_owned(), "dark blue".to_owned())])));
    assert!(got.last_modified().is_some() && got.accept_ranges() == Some("bytes"));
    assert_eq!(content(got).await, b"hello");

    let head = client.head_object().bucket(BUCKET).key("a b/ä+c.txt").send().await.unwrap();
    assert_eq!((head.e_tag(), head.content_length()), (Some(etag), Some(5)));
    assert_eq!(head.storage_class(), Some(&StorageClass::StandardIa));
    let other = client.get_object().bucket(BUCKET).key("a b/ä+c.txt").response_content_type("text/css");
    assert_eq!(other.send().await.unwrap().content_type(), Some("text/css"));
    put(&client, "empty", text("")).await;
    let empty = client.get_object().bucket(BUCKET).key("empty").send().await.unwrap();
    assert_eq!((empty.content_length(), empty.storage_class()), (Some(0), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_data() {
    let (_hearth, client) = with_bucket().await;
    let keys = [
        "..",
        ".",
        "/",
        "//x",
        "../../etc/passwd",
        "a//b",
        "a/./b",
        "a/../b",
        "a?b&c=d#e",
        "100%",
        "%2e%2e",
        "+",
        "a b",
        "ä\u{301}\u{1f600}",
        "'\"<>&",
        "~*!()",
        "back\\slash",
        "con",
        "\u{7f}\u{1}",
    ];
    for key in keys {
        put(&client, key, text(key)).await;
    }
    for key in keys {
        assert_eq!(read(&client, key).await, key);
    }
    let listed = client.list_objects_v2().bucket(BUCKET);
    let listed = listed.encoding_type(aws_sdk_s3::types::EncodingType::Url).send().await.unwrap();
    assert_eq!(listed.contents().len(), keys.len());
    for key in keys {
        client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    }
    client.delete_bucket().bucket(BUCKET).send().await.expect("nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_with_unicode_come_back_encoded() {
    let (_hearth, client) = with_bucket().await;
    let put = async |key: &str, value: &str| {
        client.put_object().bucket(BUCKET).key(key).metadata("name", value).send().await.unwrap();
        let head = client.head_object().bucket(BUCKET).key(key).send().await.unwrap();
        head.metadata().unwrap()["name"].clone()
    };
    assert_eq!(put("encoded", "=?UTF-8?B?w6TDtsO8?=").await, "=?UTF-8?B?w6TDtsO8?=");
    assert_eq!(put("quoted", "=?UTF-8?Q?=C3=A4_b?=").await, "=?UTF-8?B?w6QgYg==?=");
    // Whoever does not encode them has them read byte by byte.
    assert_eq!(put("plain", "ä").await, "=?UTF-8?B?w4PCpA==?=");
    let long =
        client.put_object().bucket(BUCKET).key("long").metadata("name", "x".repeat(2_045)).send().await;
    assert_eq!(code(long), "MetadataTooLarge");
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("0123456789")).await;
    for (range, expected, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let got = client.get_object().bucket(BUCKET).key("key").range(range).send().await.unwrap();
        assert_eq!(got.content_range(), Some(content_range));
        assert_eq!(content(got).await, expected.as_bytes(), "{range}");
        let head = client.head_object().bucket(BUCKET).key("key").range(range).send().await.unwrap();
        assert_eq!(head.content_length(), i64::try_from(expected.len()).ok());
    }
    let beyond = client.get_object().bucket(BUCKET).key("key").range("bytes=10-").send().await;
    assert_eq!(code(beyond), "InvalidRange");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_on_reading() {
    let (_hearth, client) = with_bucket().await;
    let etag = put(&client, "key", text("x")).await.e_tag.unwrap();
    let get = || client.get_object().bucket(BUCKET).key("key");
    let modified = *get().send().await.unwrap().last_modified().unwrap();
    let earlier = DateTime::from_secs(modified.secs() - 10);
    get().if_match(&etag).send().await.unwrap();
    get().if_none_match("\"other\"").send().await.unwrap();
    get().if_modified_since(earlier).send().await.unwrap();
    get().if_unmodified_since(modified).send().await.unwrap();
    assert_eq!(code(get().if_match("\"other\"").send().await), "PreconditionFailed");
    assert_eq!(code(get().if_unmodified_since(earlier).send().await), "PreconditionFailed");
    for known in [get().if_none_match(&etag), get().if_modified_since(modified)] {
        let known = known.send().await.unwrap_err();
        assert_eq!(known.raw_response().unwrap().status().as_u16(), 304);
    }
    let head = client.head_object().bucket(BUCKET).key("key").if_match("\"other\"").send().await.unwrap_err();
    assert_eq!(head.raw_response().unwrap().status().as_u16(), 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_on_writing() {
    let (_hearth, client) = with_bucket().await;
    let write = |content: &str| client.put_object().bucket(BUCKET).key("key").body(text(content));
    let first = write("first").if_none_match("*").send().await.unwrap().e_tag.unwrap();
    let taken = write("second").if_none_match("*").send().await.unwrap_err();
    assert_eq!(taken.raw_response().unwrap().status().as_u16(), 412);
    assert_eq!(taken.code(), Some("PreconditionFailed"));
    let second = write("second").if_match(&first).send().await.unwrap().e_tag.unwrap();
    assert_eq!(code(write("third").if_match(&first).send().await), "PreconditionFailed");
    assert_eq!(read(&client, "key").await, "second");
    let delete = |etag: &str| client.delete_object().bucket(BUCKET).key("key").if_match(etag).send();
    assert_eq!(code(delete(&first).await), "PreconditionFailed");
    delete(&second).await.unwrap();
    let gone = client.put_object().bucket(BUCKET).key("key").if_match(&first).body(text("x")).send().await;
    assert_eq!(code(gone), "NoSuchKey");
}

async fn copy(client: &Client, source: &str, key: &str) -> Result<String, String> {
    let copied = client.copy_object().copy_source(source).bucket(BUCKET).key(key).send().await;
    match copied {
        Ok(copied) => Ok(copied.copy_object_result.unwrap().e_tag.unwrap()),
        Err(error) => Err(error.code().unwrap_or("no code").to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies() {
    let (_hearth, client) = with_bucket().await;
    client.create_bucket().bucket("archive").send().await.unwrap();
    let source = client.put_object().bucket(BUCKET).key("from/ä b").body(text("hello")).metadata("a", "1");
    let etag = source.content_type("text/plain").send().await.unwrap().e_tag.unwrap();
    assert_eq!(copy(&client, "uploads/from/%C3%A4%20b", "to").await, Ok(etag.clone()));
    let copied = client.get_object().bucket(BUCKET).key("to").send().await.unwrap();
    assert_eq!((copied.content_type(), &*copied.metadata().unwrap()["a"]), (Some("text/plain"), "1"));
    assert_eq!(content(copied).await, b"hello");

    let replace = client.copy_object().copy_source("/uploads/to").bucket("archive").key("kept");
    let replace = replace.metadata_directive(MetadataDirective::Replace).metadata("b", "2");
    replace.copy_source_if_match(&etag).send().await.unwrap();
    let kept = client.head_object().bucket("archive").key("kept").send().await.unwrap();
    assert_eq!(kept.metadata(), Some(&HashMap::from([("b".to_owned(), "2".to_owned())])));
    assert_eq!(kept.content_type(), Some("binary/octet-stream"));

    assert_eq!(copy(&client, "uploads/to", "to").await, Err("InvalidRequest".to_owned()));
    assert_eq!(copy(&client, "uploads/missing", "to").await, Err("NoSuchKey".to_owned()));
    assert_eq!(copy(&client, "missing/key", "to").await, Err("NoSuchBucket".to_owned()));
    let stale = client.copy_object().copy_source("uploads/to").bucket(BUCKET).key("x");
    let stale = stale.copy_source_if_none_match(&etag).send().await;
    assert_eq!(code(stale), "PreconditionFailed");
    let taken =
        client.copy_object().copy_source("uploads/to").bucket("archive").key("kept").if_none_match("*");
    assert_eq!(code(taken.send().await), "PreconditionFailed");
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_tell_what_became_of_each() {
    let (_hearth, client) = with_bucket().await;
    for key in ["a", "b c", "ä"] {
        put(&client, key, text("x")).await;
    }
    let object = |key: &str| ObjectIdentifier::builder().key(key);
    let stale = object("b c").e_tag("\"other\"").build().unwrap();
    let named = ["a", "ä", "missing"].map(|key| object(key).build().unwrap());
    let batch = Delete::builder().set_objects(Some(named.to_vec())).objects(stale).build().unwrap();
    let deleted = client.delete_objects().bucket(BUCKET).delete(batch).send().await.unwrap();
    let keys: Vec<_> = deleted.deleted().iter().map(|entry| entry.key().unwrap()).collect();
    assert_eq!(keys, ["a", "ä", "missing"]);
    let errors: Vec<_> =
        deleted.errors().iter().map(|error| (error.key().unwrap(), error.code().unwrap())).collect();
    assert_eq!(errors, [("b c", "PreconditionFailed")]);
    let quiet = Delete::builder().objects(object("b c").build().unwrap()).quiet(true).build().unwrap();
    let deleted = client.delete_objects().bucket(BUCKET).delete(quiet).send().await.unwrap();
    assert!(deleted.deleted().is_empty() && deleted.errors().is_empty());
    let left = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(left.key_count(), Some(0));
    let many = (0..1_001).map(|number| object(&number.to_string()).build().unwrap()).collect();
    let many = Delete::builder().set_objects(Some(many)).build().unwrap();
    assert_eq!(code(client.delete_objects().bucket(BUCKET).delete(many).send().await), "MalformedXML");
}
