//! Writing, reading and copying.

use bytes::Bytes;
use hearth_model::{
    identity::{AccountId, Partition, Region},
    time::Timestamp,
};
use hearth_services::s3::{
    Attributes, BucketQuery, Caller, Checksum, ChecksumAlgorithm, CopyObject, CopySource, Expected,
    GetObject, Match, NewBucket, PutObject, RangeRequest, ReadConditions, Refusal, Select, StorageClass,
    WriteConditions,
};

use super::support::{BUCKET, S3World, caller};

#[tokio::test]
async fn what_is_put_is_read() {
    let world = S3World::with_bucket();
    for size in [0, 1, 32 * 1024, 32 * 1024 + 1, 3 * 1024 * 1024 + 7] {
        let content: Vec<u8> = (0..=250).cycle().take(size).collect();
        let pieces = content.chunks(100_000).map(Bytes::copy_from_slice);
        let stored = world.put_pieces("key", pieces, PutObject::default()).await.expect("it is put");
        assert_eq!(stored.object.content.bytes(), size as u64);
        assert_eq!(
            world.read_with("key", &GetObject::default()).await.expect("it is read"),
            content,
            "{size}"
        );
        let last = GetObject { select: Select::Range(RangeRequest::Last(5)), ..GetObject::default() };
        if size > 0 {
            let read = world.read_with("key", &last).await.expect("it is read");
            assert_eq!(read, content[content.len().saturating_sub(5)..]);
        }
    }
    assert_eq!(world.put("key", "hello").await.object.etag.to_string(), "5d41402abc4b2a76b9719d911017c592");
}

#[tokio::test]
async fn keys_are_never_paths() {
    let world = S3World::with_bucket();
    let mut keys =
        ["../../../etc/passwd", "/", "//", "a/../b", "con", "ä\u{301}\u{1f600}", "a\0b", ".", ".."];
    for key in keys {
        world.put(key, key).await;
    }
    for key in keys {
        assert_eq!(world.read(key, None).await.as_deref(), Ok(key));
    }
    keys.sort_unstable();
    assert_eq!(world.keys(), keys);
}

#[tokio::test]
async fn content_that_is_not_what_it_must_be_changes_nothing() {
    let world = S3World::with_bucket();
    world.put("key", "before").await;
    let crc32 = |text| Checksum::parse(ChecksumAlgorithm::Crc64Nvme, text).expect("a checksum");
    let expected = [
        Expected { bytes: Some(3), ..Expected::default() },
        Expected { md5: Some([0; 16]), ..Expected::default() },
        Expected { checksum: Some(crc32("AAAAAAAAAAA=")), ..Expected::default() },
        Expected { sha256: Some([0; 32]), ..Expected::default() },
    ];
    for expected in expected {
        let put = PutObject { expected, ..PutObject::default() };
        let refused = world.try_put("key", "after", put).await.expect_err("it is refused");
        assert!(
            matches!(
                refused,
                Refusal::IncompleteBody
                    | Refusal::BadDigest { .. }
                    | Refusal::BadChecksum { .. }
                    | Refusal::ContentSha256Mismatch { .. }
            ),
            "{refused:?}"
        );
        assert_eq!(world.read("key", None).await.as_deref(), Ok("before"));
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let world = S3World::with_bucket();
    let mut draft = world.buckets().draft(BUCKET, None, false).expect("a draft");
    for _ in 0..40 {
        draft.write(Bytes::from(vec![1; 100_000])).await.expect("the disk takes it");
    }
    drop(draft);
    assert!(world.keys().is_empty());
    world.buckets().delete_bucket(&caller(), BUCKET).expect("nothing is in it");
    let refused = world.buckets().draft(BUCKET, None, false).expect_err("there is no bucket");
    assert_eq!(refused, Refusal::NoSuchBucket { bucket: BUCKET.to_owned() });
}

#[tokio::test]
async fn conditions_decide() {
    let world = S3World::with_bucket();
    let stored = world.put("key", "one").await;
    let etag = || Match::ETag(stored.object.etag.to_string());
    let write = |if_match, if_none_match| PutObject {
        conditions: WriteConditions { if_match, if_none_match },
        ..PutObject::default()
    };
    let created = world.try_put("key", "two", write(None, true)).await;
    assert_eq!(created.expect_err("it is there"), Refusal::PreconditionFailed { condition: "If-None-Match" });
    world.try_put("other", "two", write(None, true)).await.expect("it is not there");
    world.try_put("key", "two", write(Some(etag()), false)).await.expect("it is this one");
    let stale = world.try_put("key", "three", write(Some(etag()), false)).await;
    assert_eq!(stale.expect_err("it is another one"), Refusal::PreconditionFailed { condition: "If-Match" });
    let missing = world.try_put("missing", "x", write(Some(etag()), false)).await;
    assert!(matches!(missing, Err(Refusal::NoSuchKey { .. })));

    let read =
        async |conditions| world.read_with("key", &GetObject { conditions, ..GetObject::default() }).await;
    let now = world.buckets().now();
    let before = Timestamp::from_unix_millis(now.as_unix_millis() - 1_000);
    let wrong = ReadConditions { if_match: Some(etag()), ..ReadConditions::default() };
    assert!(matches!(read(wrong).await, Err(Refusal::PreconditionFailed { condition: "If-Match" })));
    let known = ReadConditions { if_none_match: Some(Match::Any), ..ReadConditions::default() };
    assert!(matches!(read(known).await, Err(Refusal::NotModified { .. })));
    let since = ReadConditions { if_modified_since: Some(now), ..ReadConditions::default() };
    assert!(matches!(read(since).await, Err(Refusal::NotModified { .. })));
    let newer = ReadConditions { if_modified_since: Some(before), ..ReadConditions::default() };
    assert_eq!(read(newer).await.as_deref(), Ok(b"two".as_slice()));
    let older = ReadConditions { if_unmodified_since: Some(before), ..ReadConditions::default() };
    assert!(matches!(read(older).await, Err(Refusal::PreconditionFailed { .. })));
}

#[tokio::test]
async fn copies_are_objects_of_their_own() {
    let world = S3World::with_bucket();
    let attributes = Attributes { content_type: Some("text/plain".into()), ..Attributes::default() };
    let put = PutObject { attributes: attributes.clone(), ..PutObject::default() };
    world.try_put("from", "content", put).await.expect("it is put");
    let source = CopySource { bucket: BUCKET.to_owned(), key: "from".to_owned(), ..CopySource::default() };
    let copied = world.buckets().copy(&caller(), &source, BUCKET, "to", CopyObject::default()).await;
    assert_eq!(copied.expect("it is copied").0.object.attributes, attributes);
    world
        .buckets()
        .delete(&caller(), BUCKET, "from", None, &WriteConditions::default())
        .expect("it is deleted");
    assert_eq!(world.read("to", None).await.as_deref(), Ok("content"));

    let source = CopySource { key: "to".to_owned(), ..source };
    let same = world.buckets().copy(&caller(), &source, BUCKET, "to", CopyObject::default()).await;
    assert!(matches!(same, Err(Refusal::InvalidRequest(_))), "{same:?}");
    let other = CopyObject { storage_class: StorageClass::StandardInfrequent, ..CopyObject::default() };
    world.buckets().copy(&caller(), &source, BUCKET, "to", other).await.expect("it is stored otherwise");
    let gone = CopySource { key: "from".to_owned(), ..source };
    let missing = world.buckets().copy(&caller(), &gone, BUCKET, "to", CopyObject::default()).await;
    assert!(matches!(missing, Err(Refusal::NoSuchKey { .. })), "{missing:?}");
}

#[tokio::test]
async fn names_of_buckets_are_taken_once() {
    let world = S3World::with_bucket();
    let at = |account: &str, region: &str| Caller {
        partition: Partition {
            account: AccountId::parse(account).expect("an account"),
            region: Region::parse(region).expect("a region"),
        },
        ..caller()
    };
    let create = |caller: &Caller, location: Option<&str>| {
        let new = NewBucket { location: location.map(str::to_owned), ..NewBucket::default() };
        world.buckets().create(caller, "other", &new)
    };
    assert!(matches!(
        create(&at("000000000000", "eu-west-1"), None),
        Err(Refusal::IllegalLocationConstraint { .. })
    ));
    let mine = at("000000000000", "eu-west-1");
    assert_eq!(create(&mine, Some("eu-west-1")).expect("a bucket").partition, mine.partition);
    assert!(matches!(create(&mine, Some("eu-west-1")), Err(Refusal::BucketAlreadyOwnedByYou { .. })));
    let theirs = at("111111111111", "us-east-1");
    assert!(matches!(create(&theirs, None), Err(Refusal::BucketAlreadyExists { .. })));
    // In the oldest region one's own bucket may be created again.
    world.buckets().create(&caller(), BUCKET, &NewBucket::default()).expect("it is there");
    let listed =
        |caller: &Caller| world.buckets().list(caller.partition.account, &BucketQuery::default()).buckets;
    assert_eq!((listed(&mine).len(), listed(&theirs).len()), (2, 0));
    world.put("key", "x").await;
    assert!(matches!(world.buckets().delete_bucket(&caller(), BUCKET), Err(Refusal::BucketNotEmpty { .. })));
}
