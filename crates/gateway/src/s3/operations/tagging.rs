//! Tags.

use hearth_services::s3::{Missing, Refusal, Setting, Tagged, Tags};
use s3s::dto::{
    DeleteBucketTaggingInput, DeleteBucketTaggingOutput, DeleteObjectTaggingInput, DeleteObjectTaggingOutput,
    GetBucketTaggingInput, GetBucketTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutBucketTaggingInput, PutBucketTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
    TagSet, Tagging,
};

use super::{
    Answer, Call,
    objects::{find, version},
};

pub(in crate::s3) async fn bucket(
    call: Call,
    input: GetBucketTaggingInput,
) -> Answer<GetBucketTaggingOutput> {
    let tags = call.buckets.configuration(&input.bucket)?.tags;
    if tags.is_empty() {
        return Err(Refusal::NotConfigured(Missing::Tags).into());
    }
    Ok(GetBucketTaggingOutput { tag_set: shown(&tags) })
}

pub(in crate::s3) async fn set_bucket(
    call: Call,
    input: PutBucketTaggingInput,
) -> Answer<PutBucketTaggingOutput> {
    let tags = read(Tagged::Bucket, input.tagging)?;
    call.buckets.configure(&call.caller, &input.bucket, Setting::Tags(tags))?;
    Ok(PutBucketTaggingOutput::default())
}

pub(in crate::s3) async fn delete_bucket(
    call: Call,
    input: DeleteBucketTaggingInput,
) -> Answer<DeleteBucketTaggingOutput> {
    call.buckets.configure(&call.caller, &input.bucket, Setting::Tags(Tags::default()))?;
    Ok(DeleteBucketTaggingOutput::default())
}

pub(in crate::s3) async fn object(
    call: Call,
    input: GetObjectTaggingInput,
) -> Answer<GetObjectTaggingOutput> {
    let found = find(&call, &input.bucket, &input.key, input.version_id.as_deref())?;
    let version_id = found.versioned.then(|| found.version.id.to_string());
    Ok(GetObjectTaggingOutput { tag_set: shown(&found.version.tags), version_id })
}

pub(in crate::s3) async fn set_object(
    call: Call,
    input: PutObjectTaggingInput,
) -> Answer<PutObjectTaggingOutput> {
    let tags = read(Tagged::Object, input.tagging)?;
    let version = version(input.version_id.as_deref())?;
    let tagged = call.buckets.tag(&call.caller, &input.bucket, &input.key, version.as_ref(), tags)?;
    Ok(PutObjectTaggingOutput { version_id: tagged.map(|version| version.to_string()) })
}

pub(in crate::s3) async fn delete_object(
    call: Call,
    input: DeleteObjectTaggingInput,
) -> Answer<DeleteObjectTaggingOutput> {
    let version = version(input.version_id.as_deref())?;
    let none = Tags::default();
    let untagged = call.buckets.tag(&call.caller, &input.bucket, &input.key, version.as_ref(), none)?;
    Ok(DeleteObjectTaggingOutput { version_id: untagged.map(|version| version.to_string()) })
}

pub(super) fn read(tagged: Tagged, tagging: Tagging) -> Answer<Tags> {
    let pairs = tagging.tag_set.into_iter().map(|tag| Some((tag.key?, tag.value?)));
    let pairs: Option<Vec<_>> = pairs.collect();
    Ok(Tags::new(tagged, pairs.ok_or(Refusal::MalformedXml)?)?)
}

fn shown(tags: &Tags) -> TagSet {
    let tag = |(key, value): (&str, &str)| Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) };
    tags.iter().map(tag).collect()
}
