//! Copying objects and parts.

use hearth_services::s3::{CopyObject, CopySource, RangeRequest, Refusal, UploadId, VersionId};
use http::{
    HeaderName,
    header::{IF_MATCH, IF_NONE_MATCH},
};
use s3s::dto::{
    self, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, ETagCondition,
    UploadPartCopyInput, UploadPartCopyOutput,
};

use super::{
    Answer, Call, access,
    attributes::{attributes_of, encryption_of, etag, expiration, set_encryption, storage_class, tags},
    checksum::{algorithm, kind_name, set_checksum},
    multipart::part_number,
    objects::{read_conditions, write_conditions},
    timestamp,
};
use crate::s3::{call::check_owner, unsupported::not_there};

pub(in crate::s3) async fn object(call: Call, mut input: CopyObjectInput) -> Answer<CopyObjectOutput> {
    access::check_object_acl(&call, &input.bucket, input.acl.as_ref())?;
    let mut source = source(&call, &input.copy_source)?;
    source.conditions = read_conditions(
        input.copy_source_if_match.take(),
        input.copy_source_if_none_match.take(),
        input.copy_source_if_modified_since.as_ref(),
        input.copy_source_if_unmodified_since.as_ref(),
    );
    let replaces = |directive: Option<&str>, name: &'static str| match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => Err(Refusal::argument(format!("Unknown {name} directive."), name, other)),
    };
    let metadata = input.metadata_directive.as_ref().map(dto::MetadataDirective::as_str);
    let tagging = input.tagging_directive.as_ref().map(dto::TaggingDirective::as_str);
    let copy = CopyObject {
        storage_class: storage_class(input.storage_class.as_ref())?,
        encryption: encryption_of!(input),
        website_redirect: input.website_redirect_location.clone().map(Into::into),
        checksum: algorithm(input.checksum_algorithm.as_ref())?,
        tags: replaces(tagging, "tagging")?.then(|| tags(input.tagging.as_deref())).transpose()?,
        attributes: match replaces(metadata, "metadata")? {
            true => Some(attributes_of!(input)),
            false => None,
        },
        conditions: write_conditions(
            condition(&call, &IF_MATCH)?,
            condition(&call, &IF_NONE_MATCH)?.as_ref(),
        )?,
    };
    let copied = call.buckets.copy(&call.caller, &source, &input.bucket, &input.key, copy).await?;
    let (stored, source_version) = copied;
    let object = &stored.object;
    let mut result = CopyObjectResult {
        checksum_type: object.checksum.as_ref().map(|checksum| kind_name(checksum.kind())),
        e_tag: Some(etag(&object.etag)),
        last_modified: Some(timestamp::to_dto(stored.modified)),
        ..CopyObjectResult::default()
    };
    set_checksum!(result, &object.checksum);
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version.map(|version| version.to_string()),
        expiration: expiration(stored.expiration),
        version_id: stored.version.map(|version| version.to_string()),
        ..CopyObjectOutput::default()
    };
    set_encryption!(output, &object.attributes.encryption);
    Ok(output)
}

pub(in crate::s3) async fn part(call: Call, mut input: UploadPartCopyInput) -> Answer<UploadPartCopyOutput> {
    let mut source = source(&call, &input.copy_source)?;
    source.conditions = read_conditions(
        input.copy_source_if_match.take(),
        input.copy_source_if_none_match.take(),
        input.copy_source_if_modified_since.as_ref(),
        input.copy_source_if_unmodified_since.as_ref(),
    );
    let range = input.copy_source_range.as_deref().map(|text| {
        RangeRequest::parse(text).ok_or_else(|| {
            let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are \
                           the zero-based offsets of the first and last bytes to copy";
            Refusal::argument(message, "x-amz-copy-source-range", text)
        })
    });
    let place = (&UploadId::new(&input.upload_id), part_number(input.part_number)?);
    let copied =
        call.buckets.copy_part(&call.caller, &source, range.transpose()?, &input.bucket, &input.key, place);
    let (part, source_version) = copied.await?;
    let mut result = CopyPartResult {
        e_tag: Some(etag(&part.etag)),
        last_modified: Some(timestamp::to_dto(part.modified)),
        ..CopyPartResult::default()
    };
    set_checksum!(result, Some(&part.checksum));
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: source_version.map(|version| version.to_string()),
        ..UploadPartCopyOutput::default()
    })
}

/// `s3s` does not know yet that copies can have conditions.
fn condition(call: &Call, name: &HeaderName) -> Answer<Option<ETagCondition>> {
    let Some(given) = call.headers.get(name) else { return Ok(None) };
    let condition = ETagCondition::parse_http_header(given.as_bytes());
    let condition =
        condition.map_err(|_| Refusal::InvalidRequest(format!("invalid header: {name}").into()))?;
    Ok(Some(condition))
}

fn source(call: &Call, given: &dto::CopySource) -> Answer<CopySource> {
    match given {
        dto::CopySource::Bucket { bucket, key, version_id } => {
            check_owner(&call.buckets, call.headers.get("x-amz-source-expected-bucket-owner"), bucket)?;
            Ok(CopySource {
                bucket: bucket.to_string(),
                key: key.to_string(),
                version: version_id.as_deref().map(VersionId::parse).transpose()?,
                ..CopySource::default()
            })
        }
        dto::CopySource::AccessPoint { .. } | dto::CopySource::Outpost { .. } => {
            Err(not_there("access points as sources of copies"))
        }
    }
}
