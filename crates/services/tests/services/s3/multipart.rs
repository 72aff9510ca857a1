//! Objects that come in parts.

use bytes::Bytes;
use hearth_services::s3::{
    ChecksumAlgorithm, ChecksumType, Completion, CopySource, Expected, GetObject, ListQuery, NamedPart,
    NewUpload, Part, RangeRequest, Refusal, Select, Stored, Upload, UploadId, WriteConditions,
};

use super::support::{BUCKET, S3World, caller};

const MIB: usize = 1024 * 1024;

impl S3World {
    fn begin(&self, checksum: Option<(ChecksumAlgorithm, ChecksumType)>) -> Upload {
        let new = NewUpload {
            checksum: checksum.map(|(algorithm, _)| algorithm),
            checksum_type: checksum.map(|(_, kind)| kind),
            ..NewUpload::default()
        };
        self.buckets().create_upload(&caller(), BUCKET, "key", new).expect("an upload")
    }

    async fn part(&self, upload: &UploadId, number: u32, content: Vec<u8>) -> Part {
        let buckets = self.buckets();
        let mut draft = buckets.part_draft(BUCKET, "key", upload, None, false).expect("a draft");
        draft.write(Bytes::from(content)).await.expect("the disk takes it");
        let put = (draft, Expected::default());
        buckets.put_part(&caller(), BUCKET, "key", upload, number, put).await.expect("a part")
    }

    fn complete(&self, upload: &UploadId, completion: &Completion) -> Result<Stored, Refusal> {
        let conditions = WriteConditions::default();
        self.buckets().complete_upload(&caller(), BUCKET, "key", upload, completion, &conditions)
    }
}

fn named(parts: &[(u32, &Part)]) -> Completion {
    let parts = parts.iter().map(|(number, part)| NamedPart {
        number: *number,
        etag: format!("\"{}\"", part.etag),
        checksum: Some(part.checksum.clone()),
    });
    Completion { parts: parts.collect(), ..Completion::default() }
}

#[tokio::test]
async fn parts_become_an_object() {
    let world = S3World::with_bucket();
    let upload = world.begin(None).id;
    let last = world.part(&upload, 7, b"end".to_vec()).await;
    let replaced = world.part(&upload, 2, vec![1; 5 * MIB]).await;
    let first = world.part(&upload, 2, vec![2; 5 * MIB]).await;
    assert!(world.keys().is_empty(), "nothing is visible yet");
    assert!(matches!(
        world.complete(&upload, &named(&[(2, &replaced), (7, &last)])),
        Err(Refusal::InvalidPart { part: 2, .. })
    ));
    let stored = world.complete(&upload, &named(&[(2, &first), (7, &last)])).expect("an object");
    assert!(stored.object.etag.to_string().ends_with("-2"));
    let whole = world.read_with("key", &GetObject::default()).await.expect("it is read");
    assert_eq!(whole, [vec![2; 5 * MIB], b"end".to_vec()].concat());
    let checksum = stored.object.checksum.as_ref().expect("a checksum");
    assert_eq!(
        (checksum.algorithm, checksum.kind()),
        (ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject)
    );
    // The same as if it had come in one piece.
    let once = world.put_pieces("once", [Bytes::from(whole)], Default::default()).await.expect("an object");
    assert_eq!(once.object.checksum.as_ref(), Some(checksum));

    let second = GetObject { select: Select::Part(2), ..GetObject::default() };
    assert_eq!(world.read_with("key", &second).await.as_deref(), Ok(b"end".as_slice()));
    let third = GetObject { select: Select::Part(3), ..GetObject::default() };
    let refused = world.read_with("key", &third).await.expect_err("there are two");
    assert_eq!(refused, Refusal::InvalidPartNumber { requested: 3, actual: 2 });
    let across = RangeRequest::From { first: 5 * MIB as u64 - 2, last: Some(5 * MIB as u64) };
    let across = GetObject { select: Select::Range(across), ..GetObject::default() };
    assert_eq!(world.read_with("key", &across).await.as_deref(), Ok([2, 2, b'e'].as_slice()));
    assert!(matches!(world.complete(&upload, &named(&[(2, &first)])), Err(Refusal::NoSuchUpload { .. })));
}

#[tokio::test]
async fn an_upload_is_checked_when_it_is_completed() {
    let world = S3World::with_bucket();
    let upload = world.begin(None).id;
    let (one, two) =
        (world.part(&upload, 1, b"a".to_vec()).await, world.part(&upload, 2, b"b".to_vec()).await);
    let check = |completion: &Completion, expected: fn(&Refusal) -> bool| {
        let refused = world.complete(&upload, completion).expect_err("it is refused");
        assert!(expected(&refused), "{refused:?}");
    };
    check(&named(&[(2, &two), (1, &one)]), |refusal| matches!(refusal, Refusal::InvalidPartOrder { .. }));
    check(&named(&[(1, &one), (2, &two)]), |refusal| matches!(refusal, Refusal::EntityTooSmall { .. }));
    check(&named(&[(1, &one), (3, &two)]), |refusal| matches!(refusal, Refusal::InvalidPart { part: 3, .. }));
    check(&named(&[]), |refusal| matches!(refusal, Refusal::MalformedXml));
    let wrong_size = Completion { bytes: Some(2), ..named(&[(1, &one)]) };
    check(&wrong_size, |refusal| matches!(refusal, Refusal::InvalidRequest(_)));
    world.complete(&upload, &named(&[(1, &one)])).expect("the second part is not wanted");
    assert_eq!(world.read("key", None).await.as_deref(), Ok("a"));
}

#[tokio::test]
async fn composite_checksums_are_those_of_the_parts() {
    let world = S3World::with_bucket();
    let sha = Some((ChecksumAlgorithm::Sha256, ChecksumType::Composite));
    let upload = world.begin(sha).id;
    let part = world.part(&upload, 1, b"hello".to_vec()).await;
    let without = Completion {
        parts: vec![NamedPart { number: 1, etag: part.etag.to_string(), checksum: None }],
        ..Completion::default()
    };
    assert!(matches!(world.complete(&upload, &without), Err(Refusal::InvalidRequest(_))));
    let stored = world.complete(&upload, &named(&[(1, &part)])).expect("an object");
    let checksum = stored.object.checksum.as_ref().expect("a checksum").to_string();
    // base64(sha256(sha256("hello"))), one part.
    assert_eq!(checksum, "lZXJ35AHUUjrBoYDZd8zWEt1v/eCpRDGzUiDpBmDPVA=-1");
    let refused = world.buckets().part_draft(BUCKET, "key", &upload, Some(ChecksumAlgorithm::Crc32), false);
    assert!(matches!(refused, Err(Refusal::NoSuchUpload { .. })));
    let other = world.begin(sha).id;
    let refused = world.buckets().part_draft(BUCKET, "key", &other, Some(ChecksumAlgorithm::Crc32), false);
    assert!(matches!(refused, Err(Refusal::InvalidRequest(_))));
}

#[tokio::test]
async fn parts_can_be_copied() {
    let world = S3World::with_bucket();
    world.put("source", "0123456789").await;
    let source = CopySource { bucket: BUCKET.to_owned(), key: "source".to_owned(), ..CopySource::default() };
    let upload = world.begin(None).id;
    let buckets = world.buckets();
    let range = |first, last| Some(RangeRequest::From { first, last: Some(last) });
    let copy = async |range| {
        buckets.copy_part(&caller(), &source, range, BUCKET, "key", (&upload, 1)).await.map(|(part, _)| part)
    };
    assert!(matches!(copy(range(5, 10)).await, Err(Refusal::InvalidArgument { .. })));
    assert!(matches!(copy(Some(RangeRequest::Last(1))).await, Err(Refusal::InvalidArgument { .. })));
    let whole = copy(None).await.expect("all of it");
    assert_eq!(whole.content.bytes(), 10);
    let part = copy(range(2, 4)).await.expect("a part");
    world.complete(&upload, &named(&[(1, &part)])).expect("an object");
    assert_eq!(world.read("key", None).await.as_deref(), Ok("234"));
}

#[tokio::test]
async fn uploads_and_parts_are_listed_until_they_are_aborted() {
    let world = S3World::with_bucket();
    let (first, second) = (world.begin(None).id, world.begin(None).id);
    for number in 1..=3 {
        world.part(&first, number, b"x".to_vec()).await;
    }
    let page = world.buckets().list_parts(BUCKET, "key", &first, 1, 1).expect("a list");
    assert_eq!((page.parts[0].0, page.more), (2, true));
    let query = ListQuery { most: 1, ..ListQuery::default() };
    let uploads = world.buckets().list_uploads(BUCKET, &query).expect("a list");
    assert_eq!(uploads.entries[0].id, first);
    let uploads = world.buckets().list_uploads(BUCKET, &ListQuery { after: uploads.next, ..query });
    assert_eq!(uploads.expect("a list").entries[0].id, second);
    for upload in [&first, &second] {
        world.buckets().abort_upload(&caller(), BUCKET, "key", upload).expect("it ends");
        let again = world.buckets().abort_upload(&caller(), BUCKET, "key", upload);
        assert!(matches!(again, Err(Refusal::NoSuchUpload { .. })));
    }
    world.buckets().delete_bucket(&caller(), BUCKET).expect("nothing is in it");
}
