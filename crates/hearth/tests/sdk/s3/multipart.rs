//! Objects that come in parts.

use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{
        BucketVersioningStatus, ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart,
        ObjectAttributes,
    },
};

use super::{BUCKET, code, content, put, set_versioning, text, with_bucket};

const LEAST_PART_BYTES: usize = 5 * 1024 * 1024;

fn large_part() -> ByteStream {
    ByteStream::from(vec![b'1'; LEAST_PART_BYTES])
}

async fn create(client: &Client, key: &str) -> String {
    let created = client.create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
    created.upload_id.unwrap()
}

/// Uploads a part; returns its name for the end.
async fn put_part(
    client: &Client,
    key: &str,
    upload: &str,
    number: i32,
    content: ByteStream,
) -> CompletedPart {
    let part = client.upload_part().bucket(BUCKET).key(key).upload_id(upload).part_number(number);
    let part = part.body(content).send().await.unwrap();
    CompletedPart::builder().part_number(number).e_tag(part.e_tag.unwrap()).build()
}

fn of_parts(parts: &[CompletedPart]) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder().set_parts(Some(parts.to_vec())).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_become_an_object() {
    let (_hearth, client) = with_bucket().await;
    let create = client.create_multipart_upload().bucket(BUCKET).key("ä b").content_type("text/plain");
    let create = create.metadata("a", "1").tagging("t=1").send().await.unwrap();
    let upload = create.upload_id.unwrap();
    let last = put_part(&client, "ä b", &upload, 7, text("tail")).await;
    let first = put_part(&client, "ä b", &upload, 2, large_part()).await;
    let replaced = put_part(&client, "ä b", &upload, 7, text("end!")).await;

    let pages = client.list_parts().bucket(BUCKET).key("ä b").upload_id(&upload).into_paginator();
    let mut pages = pages.page_size(1).send();
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        listed.extend(page.parts().iter().map(|part| (part.part_number().unwrap(), part.size().unwrap())));
    }
    assert_eq!(listed, [(2, 5_242_880), (7, 4)]);
    let uploads = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    assert_eq!(uploads.uploads()[0].upload_id(), Some(&*upload));
    assert_eq!(uploads.uploads()[0].key(), Some("ä b"));
    let missing = client.head_object().bucket(BUCKET).key("ä b").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found(), "it is not complete");

    let complete = |parts: &[CompletedPart]| {
        let request = client.complete_multipart_upload().bucket(BUCKET).key("ä b").upload_id(&upload);
        request.multipart_upload(of_parts(parts))
    };
    assert_eq!(code(complete(&[replaced.clone(), first.clone()]).send().await), "InvalidPartOrder");
    assert_eq!(code(complete(&[first.clone(), last.clone()]).send().await), "InvalidPart");
    assert_eq!(code(complete(&[]).send().await), "MalformedXML");
    let completed = complete(&[first.clone(), replaced.clone()]).send().await.unwrap();
    let etag = completed.e_tag().unwrap();
    assert!(etag.ends_with("-2\""), "{etag}");
    assert_eq!((completed.bucket(), completed.key()), (Some(BUCKET), Some("ä b")));
    assert!(completed.location().unwrap().ends_with("/uploads/%C3%A4%20b"), "{:?}", completed.location());
    assert_eq!(code(complete(&[first, replaced]).send().await), "NoSuchUpload");

    let got = client.get_object().bucket(BUCKET).key("ä b").send().await.unwrap();
    assert_eq!((got.e_tag(), got.tag_count(), got.content_type()), (Some(etag), Some(1), Some("text/plain")));
    let bytes = content(got).await;
    assert!(bytes.len() == LEAST_PART_BYTES + 4 && bytes.ends_with(b"1end!"));
    let part = client.get_object().bucket(BUCKET).key("ä b").part_number(2).send().await.unwrap();
    assert_eq!((part.parts_count(), part.content_range()), (Some(2), Some("bytes 5242880-5242883/5242884")));
    assert_eq!(content(part).await, b"end!");
    assert!(client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap().uploads().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_but_the_last_is_not_small() {
    let (_hearth, client) = with_bucket().await;
    let upload = create(&client, "key").await;
    let parts = [
        put_part(&client, "key", &upload, 1, text("1")).await,
        put_part(&client, "key", &upload, 2, text("2")).await,
    ];
    let request = client.complete_multipart_upload().bucket(BUCKET).key("key").upload_id(&upload);
    assert_eq!(code(request.multipart_upload(of_parts(&parts)).send().await), "EntityTooSmall");
    client.abort_multipart_upload().bucket(BUCKET).key("key").upload_id(&upload).send().await.unwrap();
    let gone = client.list_parts().bucket(BUCKET).key("key").upload_id(&upload).send().await.unwrap_err();
    assert_eq!(gone.into_service_error().meta().code(), Some("NoSuchUpload"));
    let twice = client.abort_multipart_upload().bucket(BUCKET).key("key").upload_id(&upload).send().await;
    assert!(twice.unwrap_err().into_service_error().is_no_such_upload());
    client.delete_bucket().bucket(BUCKET).send().await.expect("nothing is left of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_copied_from_an_object() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "from", text("0123456789")).await;
    let upload = create(&client, "key").await;
    let copy = |range: &str| {
        let request = client.upload_part_copy().bucket(BUCKET).key("key").upload_id(&upload).part_number(1);
        request.copy_source("uploads/from").copy_source_range(range).send()
    };
    let part = copy("bytes=2-5").await.unwrap().copy_part_result.unwrap();
    assert_eq!(code(copy("bytes=2-99").await), "InvalidArgument");
    assert_eq!(code(copy("bytes=2-").await), "InvalidArgument");
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let complete = client.complete_multipart_upload().bucket(BUCKET).key("key").upload_id(&upload);
    complete.multipart_upload(of_parts(&[part])).send().await.unwrap();
    let got = client.get_object().bucket(BUCKET).key("key").send().await.unwrap();
    assert_eq!(content(got).await, b"2345");
}

#[tokio::test(flavor = "multi_thread")]
async fn checksums_of_parts_and_of_the_whole() {
    let (_hearth, client) = with_bucket().await;
    for (algorithm, kind) in [
        (ChecksumAlgorithm::Crc32, ChecksumType::Composite),
        (ChecksumAlgorithm::Crc32C, ChecksumType::FullObject),
        (ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject),
        (ChecksumAlgorithm::Sha1, ChecksumType::Composite),
        (ChecksumAlgorithm::Sha256, ChecksumType::Composite),
    ] {
        let created = client.create_multipart_upload().bucket(BUCKET).key("key");
        let created =
            created.checksum_algorithm(algorithm.clone()).checksum_type(kind.clone()).send().await.unwrap();
        assert_eq!((created.checksum_algorithm(), created.checksum_type()), (Some(&algorithm), Some(&kind)));
        let upload = created.upload_id.unwrap();
        let listed = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
        assert_eq!(listed.uploads()[0].checksum_algorithm(), Some(&algorithm));
        assert_eq!(listed.uploads()[0].checksum_type(), Some(&kind));
        let mut parts = Vec::new();
        for (number, bytes) in [(1, large_part()), (2, text("tail"))] {
            let part = client.upload_part().bucket(BUCKET).key("key").upload_id(&upload).part_number(number);
            let part = part.checksum_algorithm(algorithm.clone()).body(bytes).send().await.unwrap();
            let named = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
            let named =
                named.set_checksum_crc32(part.checksum_crc32).set_checksum_crc32_c(part.checksum_crc32_c);
            let named = named.set_checksum_crc64_nvme(part.checksum_crc64_nvme);
            parts.push(
                named.set_checksum_sha1(part.checksum_sha1).set_checksum_sha256(part.checksum_sha256).build(),
            );
        }
        let complete = client.complete_multipart_upload().bucket(BUCKET).key("key").upload_id(&upload);
        let completed = complete.multipart_upload(of_parts(&parts)).send().await.unwrap();
        assert_eq!(completed.checksum_type(), Some(&kind), "{algorithm}");
        let shown = [
            completed.checksum_crc32(),
            completed.checksum_crc32_c(),
            completed.checksum_crc64_nvme(),
            completed.checksum_sha1(),
            completed.checksum_sha256(),
        ];
        let [shown] = shown.into_iter().flatten().collect::<Vec<_>>()[..] else { panic!("one: {shown:?}") };
        assert_eq!(shown.ends_with("-2"), kind == ChecksumType::Composite, "{shown}");
        let known = client.get_object_attributes().bucket(BUCKET).key("key");
        let known = known.object_attributes(ObjectAttributes::ObjectParts).send().await.unwrap();
        let listed = known.object_parts().unwrap();
        assert_eq!((listed.total_parts_count(), listed.parts().len()), (Some(2), 2));
        assert_eq!(listed.parts()[1].size(), Some(4));
    }
    let wrong =
        client.create_multipart_upload().bucket(BUCKET).key("key").checksum_type(ChecksumType::FullObject);
    assert_eq!(code(wrong.checksum_algorithm(ChecksumAlgorithm::Sha1).send().await), "InvalidRequest");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_hold_when_an_upload_is_completed() {
    let (_hearth, client) = with_bucket().await;
    set_versioning(&client, BucketVersioningStatus::Enabled).await;
    let upload = create(&client, "key").await;
    let part = put_part(&client, "key", &upload, 1, text("parts")).await;
    let stored = put(&client, "key", text("meanwhile")).await;
    let complete = || {
        let request = client.complete_multipart_upload().bucket(BUCKET).key("key").upload_id(&upload);
        request.multipart_upload(of_parts(std::slice::from_ref(&part)))
    };
    assert_eq!(code(complete().if_none_match("*").send().await), "PreconditionFailed");
    let completed = complete().if_match(stored.e_tag.unwrap()).mpu_object_size(5).send().await.unwrap();
    assert!(completed.version_id().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_listed_in_pages() {
    let (_hearth, client) = with_bucket().await;
    let mut created = Vec::new();
    for key in ["a", "a", "b/1", "b/2", "c"] {
        created.push(create(&client, key).await);
    }
    let (mut key, mut upload, mut listed) = (None, None, Vec::new());
    loop {
        let page = client.list_multipart_uploads().bucket(BUCKET).max_uploads(2);
        let page = page.set_key_marker(key).set_upload_id_marker(upload).send().await.unwrap();
        listed.extend(page.uploads().iter().map(|upload| upload.upload_id().unwrap().to_owned()));
        if page.is_truncated() != Some(true) {
            break;
        }
        (key, upload) = (page.next_key_marker, page.next_upload_id_marker);
    }
    assert_eq!(listed, created);
    let folded =
        client.list_multipart_uploads().bucket(BUCKET).delimiter("/").prefix("b").send().await.unwrap();
    assert_eq!((folded.uploads().len(), folded.common_prefixes()[0].prefix()), (0, Some("b/")));
}
