//! Writing and reading objects.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use hearth_services::s3::{
    Checksum, ChecksumType, ContentReader, Download, Draft, GetObject, GotObject, MOST_PUT_BYTES, Match,
    PutObject, RangeRequest, ReadConditions, Refusal, Select, VersionId, WriteConditions,
};
use s3s::{
    Body, StdError, dto,
    dto::{
        ETagCondition, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
        GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ObjectPart, PutObjectInput,
        PutObjectOutput, StreamingBlob,
    },
    stream::{ByteStream, RemainingLength},
};

use super::{
    Answer, Call, access,
    attributes::{
        attributes_of, encryption_of, etag, expiration, set_attributes, set_encryption, signed, tags,
    },
    checksum::{kind_name, set_checksum},
    timestamp,
};
use crate::s3::content::{announced, check_size, checksum_algorithm, expected, sha256};

/// Reads what is wanted of an object; two operations have the same members for it.
macro_rules! wanted {
    ($input:expr) => {
        GetObject {
            version: version($input.version_id.as_deref())?,
            conditions: read_conditions(
                $input.if_match,
                $input.if_none_match,
                $input.if_modified_since.as_ref(),
                $input.if_unmodified_since.as_ref(),
            ),
            select: select($input.range, $input.part_number)?,
        }
    };
}

/// Sets what an answer says of an object that was read; two operations have the same members for it.
macro_rules! describe {
    ($output:expr, $got:expr, $select:expr, $mode:expr) => {
        let (got, object) = (&$got, &$got.object);
        $output.accept_ranges = Some("bytes".to_owned());
        $output.content_length = Some(signed(got.content.bytes()));
        $output.content_range = content_range(got);
        $output.e_tag = Some(etag(&object.etag));
        $output.expiration = expiration(got.expiration.clone());
        $output.last_modified = Some(timestamp::to_dto(got.version.modified));
        $output.parts_count = parts_count(got, &$select);
        $output.version_id = got.versioned.then(|| got.version.id.to_string());
        set_attributes!($output, &object.attributes);
        if $mode.is_some_and(|mode| mode.as_str() == "ENABLED")
            && let Some((checksum, kind)) = checksum_of_selected(got, &$select)
        {
            $output.checksum_type = Some(kind_name(kind));
            set_checksum!($output, Some(checksum));
        }
    };
}

pub(in crate::s3) async fn put(call: Call, mut input: PutObjectInput) -> Answer<PutObjectOutput> {
    access::check_object_acl(&call, &input.bucket, input.acl.as_ref())?;
    let headers = &call.headers;
    let draft = call.buckets.draft(&input.bucket, checksum_algorithm(headers)?, sha256(headers).is_some())?;
    let draft = receive(&call, draft, input.body.take()).await?;
    let conditions = write_conditions(input.if_match.take(), input.if_none_match.as_ref())?;
    let put = PutObject {
        attributes: attributes_of!(input),
        encryption: encryption_of!(input),
        tags: tags(input.tagging.as_deref())?,
        conditions,
        expected: expected(&call)?,
        form: call.form.is_some(),
    };
    let stored = call.buckets.put(&call.caller, &input.bucket, &input.key, draft, put).await?;
    let object = &stored.object;
    let mut output = PutObjectOutput {
        e_tag: Some(etag(&object.etag)),
        version_id: stored.version.map(|version| version.to_string()),
        checksum_type: object.checksum.as_ref().map(|checksum| kind_name(checksum.kind())),
        expiration: expiration(stored.expiration),
        ..PutObjectOutput::default()
    };
    set_checksum!(output, &object.checksum);
    set_encryption!(output, &object.attributes.encryption);
    Ok(output)
}

pub(in crate::s3) async fn get(call: Call, input: GetObjectInput) -> Answer<GetObjectOutput> {
    let get = wanted!(input);
    let got = call.buckets.get(&input.bucket, &input.key, &get)?;
    let download = got
        .content
        .open(call.buckets.work())
        .await
        .map_err(|error| Refusal::internal(format!("cannot read an object from disk: {error}")))?;
    let mut output = GetObjectOutput {
        body: Some(match download {
            Download::Whole(bytes) => StreamingBlob::from(Body::from(bytes)),
            Download::Stream(reader) => StreamingBlob::new(Chunks(reader)),
        }),
        tag_count: (!got.version.tags.is_empty()).then(|| i32::try_from(got.version.tags.len()).unwrap_or(0)),
        ..GetObjectOutput::default()
    };
    describe!(output, got, get.select, input.checksum_mode);
    Ok(output)
}

pub(in crate::s3) async fn head(call: Call, input: HeadObjectInput) -> Answer<HeadObjectOutput> {
    let get = wanted!(input);
    let got = call.buckets.get(&input.bucket, &input.key, &get)?;
    let mut output = HeadObjectOutput::default();
    describe!(output, got, get.select, input.checksum_mode);
    let overridden = [
        (&mut output.cache_control, input.response_cache_control),
        (&mut output.content_disposition, input.response_content_disposition),
        (&mut output.content_encoding, input.response_content_encoding),
        (&mut output.content_language, input.response_content_language),
        (&mut output.content_type, input.response_content_type),
    ];
    for (member, value) in overridden {
        *member = value.or_else(|| member.take());
    }
    output.expires = input.response_expires.or(output.expires);
    Ok(output)
}

pub(in crate::s3) async fn attributes(
    call: Call,
    input: GetObjectAttributesInput,
) -> Answer<GetObjectAttributesOutput> {
    let got = find(&call, &input.bucket, &input.key, input.version_id.as_deref())?;
    let object = &got.object;
    // One header may name several.
    let named = input.object_attributes.iter().flat_map(|attributes| attributes.as_str().split(','));
    let named: Vec<&str> = named.map(str::trim).collect();
    let wanted = |name: &str| named.contains(&name);
    let checksum = object.checksum.as_ref().filter(|_| wanted("Checksum")).map(|checksum| {
        let mut shown =
            dto::Checksum { checksum_type: Some(kind_name(checksum.kind())), ..Default::default() };
        set_checksum!(shown, Some(checksum));
        shown
    });
    let parts = (wanted("ObjectParts") && !object.parts.is_empty())
        .then(|| parts_of(&got, input.part_number_marker, input.max_parts))
        .transpose()?;
    Ok(GetObjectAttributesOutput {
        checksum,
        delete_marker: None,
        e_tag: wanted("ETag").then(|| etag(&object.etag)),
        last_modified: Some(timestamp::to_dto(got.version.modified)),
        object_parts: parts,
        object_size: wanted("ObjectSize").then(|| signed(object.content.bytes())),
        request_charged: None,
        storage_class: wanted("StorageClass")
            .then(|| dto::StorageClass::from_static(object.attributes.storage_class.name())),
        version_id: got.versioned.then(|| got.version.id.to_string()),
    })
}

/// An object, whatever its content.
pub(super) fn find(call: &Call, bucket: &str, key: &str, version_id: Option<&str>) -> Answer<GotObject> {
    let get = GetObject { version: version(version_id)?, ..GetObject::default() };
    Ok(call.buckets.get(bucket, key, &get)?)
}

/// Reads a version's name; none is the current one.
pub(super) fn version(given: Option<&str>) -> Answer<Option<VersionId>> {
    Ok(given.map(VersionId::parse).transpose()?)
}

/// Takes content as it comes in.
pub(super) async fn receive(call: &Call, mut draft: Draft, body: Option<StreamingBlob>) -> Answer<Draft> {
    let proposed = announced(&call.headers).unwrap_or(0);
    if proposed > MOST_PUT_BYTES {
        return Err(Refusal::EntityTooLarge { proposed, most: MOST_PUT_BYTES }.into());
    }
    let Some(mut body) = body else { return Ok(draft) };
    while let Some(data) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
        let data: Bytes = data.map_err(|_| Refusal::IncompleteBody)?;
        let most = call.form.map_or(MOST_PUT_BYTES, |range| range.most.min(MOST_PUT_BYTES));
        let proposed = draft.bytes() + data.len() as u64;
        if proposed > most {
            return Err(Refusal::EntityTooLarge { proposed, most }.into());
        }
        draft
            .write(data)
            .await
            .map_err(|error| Refusal::internal(format!("cannot write an object to disk: {error}")))?;
    }
    if let Some(range) = call.form {
        check_size(draft.bytes(), range)?;
    }
    Ok(draft)
}

/// Reads under which conditions something is written.
pub(super) fn write_conditions(
    if_match: Option<ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> Answer<WriteConditions> {
    let if_none_match = match if_none_match {
        None => false,
        Some(ETagCondition::Any) => true,
        Some(ETagCondition::ETag(_)) => {
            let message = "A header you provided implies functionality that is not implemented: If-None-Match with an ETag";
            return Err(Refusal::NotImplemented(message.into()).into());
        }
    };
    Ok(WriteConditions { if_match: if_match.map(matching), if_none_match })
}

/// Reads under which conditions something is read.
pub(super) fn read_conditions(
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
    if_modified_since: Option<&dto::Timestamp>,
    if_unmodified_since: Option<&dto::Timestamp>,
) -> ReadConditions {
    ReadConditions {
        if_match: if_match.map(matching),
        if_none_match: if_none_match.map(matching),
        if_modified_since: if_modified_since.map(timestamp::of_dto),
        if_unmodified_since: if_unmodified_since.map(timestamp::of_dto),
    }
}

fn matching(condition: ETagCondition) -> Match {
    match condition {
        ETagCondition::Any => Match::Any,
        ETagCondition::ETag(etag) => Match::ETag(etag.into_value()),
    }
}

fn select(range: Option<dto::Range>, part: Option<i32>) -> Answer<Select> {
    match (range, part) {
        (None, None) => Ok(Select::Whole),
        (Some(_), Some(_)) => Err(Refusal::InvalidRequest(
            "Cannot specify both Range header and partNumber query parameter".into(),
        )
        .into()),
        (Some(dto::Range::Int { first, last }), None) => {
            Ok(Select::Range(RangeRequest::From { first, last }))
        }
        (Some(dto::Range::Suffix { length }), None) => Ok(Select::Range(RangeRequest::Last(length))),
        (None, Some(part)) => match u32::try_from(part) {
            Ok(number @ 1..=10_000) => Ok(Select::Part(number)),
            _ => {
                let message = "Part number must be an integer between 1 and 10000, inclusive";
                Err(Refusal::argument(message, "partNumber", part.to_string()).into())
            }
        },
    }
}

fn content_range(got: &GotObject) -> Option<String> {
    let (range, all) = (got.range.as_ref()?, got.object.content.bytes());
    // Part 1 of an empty object is no range.
    (range.end > 0).then(|| format!("bytes {}-{}/{all}", range.start, range.end - 1))
}

fn parts_count(got: &GotObject, select: &Select) -> Option<i32> {
    match select {
        Select::Part(_) if !got.object.parts.is_empty() => i32::try_from(got.object.parts.len()).ok(),
        Select::Part(_) | Select::Whole | Select::Range(_) => None,
    }
}

/// The checksum of what was read, as far as there is one.
fn checksum_of_selected<'a>(got: &'a GotObject, select: &Select) -> Option<(&'a Checksum, ChecksumType)> {
    let whole = got.object.checksum.as_ref()?;
    let checksum = match select {
        Select::Whole => whole,
        Select::Range(_) => return None,
        Select::Part(_) if got.object.parts.is_empty() => whole,
        Select::Part(number) => {
            let position = usize::try_from(*number).ok()?.checked_sub(1)?;
            got.object.parts.get(position)?.checksum.as_ref()?
        }
    };
    Some((checksum, whole.kind()))
}

fn parts_of(got: &GotObject, marker: Option<i32>, most: Option<i32>) -> Answer<GetObjectAttributesParts> {
    let invalid = |name, value: i32| {
        Refusal::argument("Must be a number that is not negative", name, value.to_string())
    };
    let after = marker.unwrap_or(0);
    let after = u32::try_from(after).map_err(|_| invalid("part-number-marker", after))?;
    let limit = most.unwrap_or(1_000).min(1_000);
    let limit = usize::try_from(limit).map_err(|_| invalid("max-parts", limit))?;
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let mut behind = got.object.parts.iter().filter(|part| part.number > after).peekable();
    let parts: Vec<ObjectPart> = behind
        .by_ref()
        .take(limit)
        .map(|part| {
            let mut shown = ObjectPart {
                part_number: Some(number(part.number)),
                size: Some(signed(part.bytes)),
                ..ObjectPart::default()
            };
            set_checksum!(shown, &part.checksum);
            shown
        })
        .collect();
    Ok(GetObjectAttributesParts {
        is_truncated: Some(behind.peek().is_some()),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        part_number_marker: Some(number(after)),
        // Without checksums there is nothing to say of parts but how many they are.
        parts: got.object.parts.iter().any(|part| part.checksum.is_some()).then_some(parts),
        total_parts_count: i32::try_from(got.object.parts.len()).ok(),
    })
}

/// Content, as `s3s` reads it.
struct Chunks(ContentReader);

impl Stream for Chunks {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(context).map_err(|error: io::Error| error.into())
    }
}

impl ByteStream for Chunks {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(usize::try_from(self.0.remaining()).unwrap_or(usize::MAX))
    }
}
