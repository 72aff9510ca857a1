//! Checksums: those that the SDK sends by default, and all others; before content and behind it.

use aws_sdk_s3::{
    operation::get_object::GetObjectOutput,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumMode, ChecksumType},
};
use tempfile::NamedTempFile;

use super::{BUCKET, code, content, put, text, with_bucket};

const ALGORITHMS: [ChecksumAlgorithm; 5] = [
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32C,
    ChecksumAlgorithm::Crc64Nvme,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Sha256,
];

/// Of `hello`, in the order of `ALGORITHMS`.
const OF_HELLO: [&str; 5] = [
    "NhCmhg==",
    "mnG7TA==",
    "M3eFcAZSQlc=",
    "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
];

fn checksums(got: &GetObjectOutput) -> [Option<&str>; 5] {
    [
        got.checksum_crc32(),
        got.checksum_crc32_c(),
        got.checksum_crc64_nvme(),
        got.checksum_sha1(),
        got.checksum_sha256(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_algorithm_in_the_head_and_behind_the_content() {
    let (_hearth, client) = with_bucket().await;
    // What is in a file is not read before it is sent: its checksum comes behind it.
    let file = NamedTempFile::new().unwrap();
    std::fs::write(&file, "hello").unwrap();
    for (position, algorithm) in ALGORITHMS.into_iter().enumerate() {
        for (key, content_of) in
            [("head", text("hello")), ("trailer", ByteStream::from_path(&file).await.unwrap())]
        {
            let request = client.put_object().bucket(BUCKET).key(key).body(content_of);
            request.checksum_algorithm(algorithm.clone()).send().await.unwrap();
            // The SDK checks the checksum while it reads.
            let got = client.get_object().bucket(BUCKET).key(key).checksum_mode(ChecksumMode::Enabled);
            let got = got.send().await.unwrap();
            let mut expected = [None; 5];
            expected[position] = Some(OF_HELLO[position]);
            assert_eq!(checksums(&got), expected, "{algorithm} in the {key}");
            assert_eq!(got.checksum_type(), Some(&ChecksumType::FullObject));
            assert_eq!(content(got).await, b"hello");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_sends_a_crc32_by_default() {
    let (_hearth, client) = with_bucket().await;
    let stored = put(&client, "key", text("hello")).await;
    assert_eq!(stored.checksum_crc32(), Some("NhCmhg=="));
    let large: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(&file, &large).unwrap();
    let stored = put(&client, "large", ByteStream::from_path(&file).await.unwrap()).await;
    assert!(stored.checksum_crc32().is_some());
    let got = client.get_object().bucket(BUCKET).key("large").send().await.unwrap();
    assert_eq!(got.content_encoding(), None, "chunks are how it came, not what it is");
    assert!(content(got).await == large);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_checksum_changes_nothing() {
    let (_hearth, client) = with_bucket().await;
    let put = || client.put_object().bucket(BUCKET).key("key").body(text("hello"));
    assert_eq!(code(put().checksum_crc32("AAAAAA==").send().await), "BadDigest");
    assert_eq!(code(put().checksum_sha256(OF_HELLO[3]).send().await), "InvalidRequest");
    assert_eq!(code(put().content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await), "BadDigest");
    assert_eq!(code(put().content_md5("nonsense").send().await), "InvalidDigest");
    let missing = client.head_object().bucket(BUCKET).key("key").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found());
    put().checksum_sha256(OF_HELLO[4]).content_md5("XUFAKrxLKna5cZ2REBfFkg==").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_the_checksum_of_its_source_or_another() {
    let (_hearth, client) = with_bucket().await;
    put(&client, "key", text("hello")).await;
    let copy = |key: &str| client.copy_object().copy_source("uploads/key").bucket(BUCKET).key(key);
    let same = copy("same").send().await.unwrap().copy_object_result.unwrap();
    assert_eq!(same.checksum_crc32(), Some(OF_HELLO[0]));
    let other = copy("other").checksum_algorithm(ChecksumAlgorithm::Sha1).send().await.unwrap();
    assert_eq!(other.copy_object_result.unwrap().checksum_sha1(), Some(OF_HELLO[3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn algorithms_that_hearth_does_not_have_are_refused() {
    let (_hearth, client) = with_bucket().await;
    let put = client.put_object().bucket(BUCKET).key("key").body(text("hello"));
    let sha512 = "m3HSJL1i83hdltRq06Mdxl8nCxf7KrTEPVFSTD0bfBl2mgz6ZFS4tBV8kVgPz8ZUWfgO2MGSQTtWqHmoZpXeNw==";
    assert_eq!(code(put.checksum_sha512(sha512).send().await), "NotImplemented");
}
