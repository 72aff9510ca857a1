//! Deleting objects.

use hearth_services::s3::{Refusal, WriteConditions};
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error,
    ObjectIdentifier,
};

use super::{
    Answer, Call,
    attributes::refuse_present,
    objects::{version, write_conditions},
};
use crate::s3::failure::Failure;

pub(in crate::s3) async fn one(call: Call, input: DeleteObjectInput) -> Answer<DeleteObjectOutput> {
    let version = version(input.version_id.as_deref())?;
    let conditions = write_conditions(input.if_match, None)?;
    let deleted =
        call.buckets.delete(&call.caller, &input.bucket, &input.key, version.as_ref(), &conditions)?;
    Ok(DeleteObjectOutput {
        delete_marker: deleted.delete_marker.then_some(true),
        request_charged: None,
        version_id: deleted.version.map(|version| version.to_string()),
    })
}

pub(in crate::s3) async fn several(call: Call, input: DeleteObjectsInput) -> Answer<DeleteObjectsOutput> {
    const MOST: usize = 1_000;
    call.buckets.describe(&input.bucket)?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MOST {
        return Err(Refusal::MalformedXml.into());
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        match delete(&call, &input.bucket, &object) {
            Ok(entry) => deleted.push(entry),
            Err(failure) => errors.push(Error {
                code: Some(failure.code.into_owned()),
                key: Some(object.key),
                message: Some(failure.message.into_owned()),
                version_id: object.version_id,
            }),
        }
    }
    let quiet = input.delete.quiet == Some(true);
    Ok(DeleteObjectsOutput {
        deleted: (!quiet && !deleted.is_empty()).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        request_charged: None,
    })
}

fn delete(call: &Call, bucket: &str, object: &ObjectIdentifier) -> Result<DeletedObject, Failure> {
    refuse_present(&[
        ("LastModifiedTime", object.last_modified_time.is_some()),
        ("Size", object.size.is_some()),
    ])?;
    let given = version(object.version_id.as_deref())?;
    let if_match =
        object.e_tag.as_ref().map(|etag| hearth_services::s3::Match::ETag(etag.value().to_owned()));
    let conditions = WriteConditions { if_match, if_none_match: false };
    let deleted = call.buckets.delete(&call.caller, bucket, &object.key, given.as_ref(), &conditions)?;
    let marker = deleted.version.filter(|_| deleted.delete_marker).map(|version| version.to_string());
    Ok(DeletedObject {
        delete_marker: deleted.delete_marker.then_some(true),
        delete_marker_version_id: marker,
        key: Some(object.key.clone()),
        version_id: object.version_id.clone(),
    })
}
