//! Uploading objects in parts.

use hearth_services::s3::{Completion, NamedPart, NewUpload, Refusal, UploadId, canonical_id};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, Initiator,
    ListPartsInput, ListPartsOutput, Owner, Part, StorageClass, UploadPartInput, UploadPartOutput,
};

use super::{
    Answer, Call, access,
    attributes::{attributes_of, encryption_of, etag, expiration, set_encryption, signed, tags},
    checksum::{self, algorithm_name, checksum_of, kind_name, set_checksum},
    listing::limit,
    objects::{receive, write_conditions},
    timestamp,
};
use crate::{
    percent,
    s3::content::{checksum_algorithm, expected, sha256},
};

pub(in crate::s3) async fn create(
    call: Call,
    mut input: CreateMultipartUploadInput,
) -> Answer<CreateMultipartUploadOutput> {
    access::check_object_acl(&call, &input.bucket, input.acl.as_ref())?;
    let new = NewUpload {
        attributes: attributes_of!(input),
        encryption: encryption_of!(input),
        tags: tags(input.tagging.as_deref())?,
        checksum: checksum::algorithm(input.checksum_algorithm.as_ref())?,
        checksum_type: checksum::kind(input.checksum_type.as_ref())?,
    };
    let upload = call.buckets.create_upload(&call.caller, &input.bucket, &input.key, new)?;
    let mut output = CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm_name(algorithm)),
        checksum_type: upload.checksum.map(|(_, kind)| kind_name(kind)),
        key: Some(input.key),
        upload_id: Some(upload.id.to_string()),
        ..CreateMultipartUploadOutput::default()
    };
    set_encryption!(output, &upload.attributes.encryption);
    Ok(output)
}

pub(in crate::s3) async fn put_part(call: Call, mut input: UploadPartInput) -> Answer<UploadPartOutput> {
    let (upload, number) = (UploadId::new(&input.upload_id), part_number(input.part_number)?);
    let given = checksum_algorithm(&call.headers)?;
    let signed = sha256(&call.headers).is_some();
    let draft = call.buckets.part_draft(&input.bucket, &input.key, &upload, given, signed)?;
    let draft = receive(&call, draft, input.body.take()).await?;
    let content = (draft, expected(&call)?);
    let (bucket, key) = (&input.bucket, &input.key);
    let part = call.buckets.put_part(&call.caller, bucket, key, &upload, number, content).await?;
    let mut output = UploadPartOutput { e_tag: Some(etag(&part.etag)), ..UploadPartOutput::default() };
    set_checksum!(output, Some(&part.checksum));
    set_encryption!(output, &call.buckets.configuration(bucket)?.encryption);
    Ok(output)
}

pub(in crate::s3) async fn complete(
    call: Call,
    input: CompleteMultipartUploadInput,
) -> Answer<CompleteMultipartUploadOutput> {
    let given = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref());
    let parts = given.ok_or(Refusal::MalformedXml)?.iter().map(|part| {
        Ok(NamedPart {
            number: part_number(part.part_number.ok_or(Refusal::MalformedXml)?)?,
            etag: part.e_tag.as_ref().ok_or(Refusal::MalformedXml)?.value().to_owned(),
            checksum: checksum_of!(part)?,
        })
    });
    let completion = Completion {
        parts: parts.collect::<Answer<_>>()?,
        checksum: checksum_of!(input)?,
        checksum_type: checksum::kind(input.checksum_type.as_ref())?,
        bytes: input.mpu_object_size.and_then(|bytes| u64::try_from(bytes).ok()),
    };
    let conditions = write_conditions(input.if_match, input.if_none_match.as_ref())?;
    let upload = UploadId::new(&input.upload_id);
    let (bucket, key) = (input.bucket, input.key);
    let stored =
        call.buckets.complete_upload(&call.caller, &bucket, &key, &upload, &completion, &conditions)?;
    let object = &stored.object;
    let mut output = CompleteMultipartUploadOutput {
        checksum_type: object.checksum.as_ref().map(|checksum| kind_name(checksum.kind())),
        e_tag: Some(etag(&object.etag)),
        expiration: expiration(stored.expiration),
        location: Some(format!("http://{}/{bucket}/{}", call.host, percent::encode_path(&key))),
        version_id: stored.version.map(|version| version.to_string()),
        bucket: Some(bucket),
        key: Some(key),
        ..CompleteMultipartUploadOutput::default()
    };
    set_checksum!(output, &object.checksum);
    set_encryption!(output, &object.attributes.encryption);
    Ok(output)
}

pub(in crate::s3) async fn abort(
    call: Call,
    input: AbortMultipartUploadInput,
) -> Answer<AbortMultipartUploadOutput> {
    let upload = UploadId::new(&input.upload_id);
    call.buckets.abort_upload(&call.caller, &input.bucket, &input.key, &upload)?;
    Ok(AbortMultipartUploadOutput::default())
}

pub(in crate::s3) async fn parts(call: Call, input: ListPartsInput) -> Answer<ListPartsOutput> {
    let after = input.part_number_marker.unwrap_or(0);
    let marker = u32::try_from(after).map_err(|_| {
        let message = "Argument part-number-marker must be an integer between 0 and 2147483647";
        Refusal::argument(message, "part-number-marker", after.to_string())
    })?;
    let most = limit(input.max_parts, "max-parts")?;
    let id = UploadId::new(&input.upload_id);
    let page = call.buckets.list_parts(&input.bucket, &input.key, &id, marker, most)?;
    let parts: Vec<Part> = page
        .parts
        .iter()
        .map(|(number, part)| {
            let mut shown = Part {
                e_tag: Some(etag(&part.etag)),
                last_modified: Some(timestamp::to_dto(part.modified)),
                part_number: i32::try_from(*number).ok(),
                size: Some(signed(part.content.bytes())),
                ..Part::default()
            };
            set_checksum!(shown, page.upload.checksum.map(|_| &part.checksum));
            shown
        })
        .collect();
    let owner = canonical_id(call.buckets.describe(&input.bucket)?.partition.account);
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: page.upload.checksum.map(|(algorithm, _)| algorithm_name(algorithm)),
        checksum_type: page.upload.checksum.map(|(_, kind)| kind_name(kind)),
        initiator: Some(Initiator { display_name: None, id: Some(owner.clone()) }),
        is_truncated: Some(page.more),
        key: Some(input.key),
        max_parts: i32::try_from(most).ok(),
        next_part_number_marker: parts.last().and_then(|part| part.part_number).or(Some(after)),
        owner: Some(Owner { display_name: None, id: Some(owner) }),
        part_number_marker: Some(after),
        parts: (!parts.is_empty()).then_some(parts),
        storage_class: Some(StorageClass::from_static(page.upload.attributes.storage_class.name())),
        upload_id: Some(input.upload_id),
        ..ListPartsOutput::default()
    })
}

pub(super) fn part_number(given: i32) -> Answer<u32> {
    match u32::try_from(given) {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            Err(Refusal::argument(message, "partNumber", given.to_string()).into())
        }
    }
}
