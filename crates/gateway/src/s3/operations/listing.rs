//! Lists.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hearth_model::{bucket_notification::encode_key, identity::AccountId};
use hearth_services::s3::{
    Checksum, ListQuery, ListedObject, ListedUpload, ListedVersion, Listing, Position, Refusal, VersionId,
    canonical_id,
};
use s3s::dto::{
    ChecksumAlgorithm, CommonPrefix, DeleteMarkerEntry, EncodingType, Initiator, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload, Object, ObjectStorageClass,
    ObjectVersion, ObjectVersionStorageClass, Owner, StorageClass,
};

use super::{
    Answer, Call,
    attributes::{etag, signed},
    checksum::{algorithm_name, kind_name},
    timestamp,
};

/// Whether texts are encoded, as XML can't have all characters that keys can.
#[derive(Clone, Copy)]
struct Encoding(bool);

pub(in crate::s3) async fn objects(call: Call, input: ListObjectsInput) -> Answer<ListObjectsOutput> {
    let encoding = Encoding::read(input.encoding_type.as_ref())?;
    let most = limit(input.max_keys, "maxKeys")?;
    let marker = input.marker.unwrap_or_default();
    let query = query(input.prefix.as_deref(), input.delimiter.as_deref(), after_key(&marker), most);
    let page = call.buckets.list_objects(&input.bucket, &query)?;
    let owner = owner(&call, &input.bucket)?;
    // Whoever does not fold knows the last key anyway.
    let next_marker = page.next.as_ref().filter(|_| query.delimiter.is_some());
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        marker: Some(encoding.text(&marker)),
        max_keys: i32::try_from(most).ok(),
        is_truncated: Some(page.next.is_some()),
        next_marker: next_marker.map(|next| encoding.text(&next.key)),
        contents: contents(&page, encoding, Some(&owner)),
        common_prefixes: prefixes(&page.prefixes, encoding),
        prefix: Some(encoding.text(&query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.text(&delimiter)),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(in crate::s3) async fn objects_v2(call: Call, input: ListObjectsV2Input) -> Answer<ListObjectsV2Output> {
    let encoding = Encoding::read(input.encoding_type.as_ref())?;
    let most = limit(input.max_keys, "maxKeys")?;
    let start_after = input.start_after.as_deref().unwrap_or_default();
    let after = match input.continuation_token.as_deref() {
        Some(token) => Some(read_token(token)?),
        None => after_key(start_after),
    };
    let query = query(input.prefix.as_deref(), input.delimiter.as_deref(), after, most);
    let page = call.buckets.list_objects(&input.bucket, &query)?;
    let owner = owner(&call, &input.bucket)?;
    let shown_owner = (input.fetch_owner == Some(true)).then_some(&owner);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        max_keys: i32::try_from(most).ok(),
        key_count: i32::try_from(page.entries.len() + page.prefixes.len()).ok(),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_ref().map(|next| BASE64_URL_SAFE_NO_PAD.encode(&next.key)),
        contents: contents(&page, encoding, shown_owner),
        common_prefixes: prefixes(&page.prefixes, encoding),
        prefix: Some(encoding.text(&query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.text(&delimiter)),
        start_after: input.start_after.as_deref().map(|start_after| encoding.text(start_after)),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(in crate::s3) async fn versions(
    call: Call,
    input: ListObjectVersionsInput,
) -> Answer<ListObjectVersionsOutput> {
    let encoding = Encoding::read(input.encoding_type.as_ref())?;
    let most = limit(input.max_keys, "maxKeys")?;
    let key_marker = input.key_marker.unwrap_or_default();
    let version_marker = input.version_id_marker.filter(|marker| !marker.is_empty());
    if key_marker.is_empty() && version_marker.is_some() {
        let message = "A version-id marker cannot be specified without a key marker.";
        let given = version_marker.unwrap_or_default();
        return Err(Refusal::argument(message, "version-id-marker", given).into());
    }
    if let Some(marker) = &version_marker {
        VersionId::parse(marker)?;
    }
    let after = after_key(&key_marker).map(|after| Position { entry: version_marker.clone(), ..after });
    let query = query(input.prefix.as_deref(), input.delimiter.as_deref(), after, most);
    let page = call.buckets.list_versions(&input.bucket, &query)?;
    let owner = owner(&call, &input.bucket)?;
    let versions: Vec<_> =
        page.entries.iter().filter_map(|listed| listed_version(listed, encoding, &owner)).collect();
    let markers = page.entries.iter().filter(|listed| listed.version.object().is_none());
    let markers: Vec<_> = markers.map(|listed| listed_marker(listed, encoding, &owner)).collect();
    Ok(ListObjectVersionsOutput {
        common_prefixes: prefixes(&page.prefixes, encoding),
        delete_markers: (!markers.is_empty()).then_some(markers),
        is_truncated: Some(page.next.is_some()),
        key_marker: Some(encoding.text(&key_marker)),
        max_keys: i32::try_from(most).ok(),
        name: Some(input.bucket),
        next_key_marker: page.next.as_ref().map(|next| encoding.text(&next.key)),
        next_version_id_marker: page.next.and_then(|next| next.entry),
        prefix: Some(encoding.text(&query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.text(&delimiter)),
        version_id_marker: Some(version_marker.unwrap_or_default()),
        versions: (!versions.is_empty()).then_some(versions),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(in crate::s3) async fn uploads(
    call: Call,
    input: ListMultipartUploadsInput,
) -> Answer<ListMultipartUploadsOutput> {
    let encoding = Encoding::read(input.encoding_type.as_ref())?;
    let most = limit(input.max_uploads, "max-uploads")?;
    let key_marker = input.key_marker.unwrap_or_default();
    let upload_marker = input.upload_id_marker.filter(|marker| !marker.is_empty());
    let after = after_key(&key_marker).map(|after| Position { entry: upload_marker.clone(), ..after });
    let query = query(input.prefix.as_deref(), input.delimiter.as_deref(), after, most);
    let page = call.buckets.list_uploads(&input.bucket, &query)?;
    let owner = owner(&call, &input.bucket)?;
    let uploads: Vec<_> = page.entries.iter().map(|upload| listed_upload(upload, encoding, &owner)).collect();
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: prefixes(&page.prefixes, encoding),
        is_truncated: Some(page.next.is_some()),
        key_marker: Some(encoding.text(&key_marker)),
        max_uploads: i32::try_from(most).ok(),
        next_key_marker: page.next.as_ref().map(|next| encoding.text(&next.key)),
        next_upload_id_marker: page.next.and_then(|next| next.entry),
        prefix: Some(encoding.text(&query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.text(&delimiter)),
        upload_id_marker: Some(upload_marker.unwrap_or_default()),
        uploads: (!uploads.is_empty()).then_some(uploads),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

/// Reads how many entries are wanted at most; never more than 1,000.
pub(super) fn limit(given: Option<i32>, name: &'static str) -> Answer<usize> {
    const MOST: i32 = 1_000;
    let given = given.unwrap_or(MOST);
    usize::try_from(given.min(MOST)).map_err(|_| {
        let message = format!("Argument {name} must be an integer between 0 and 2147483647");
        Refusal::argument(message, name, given.to_string()).into()
    })
}

impl Encoding {
    fn read(given: Option<&EncodingType>) -> Answer<Self> {
        match given.map(EncodingType::as_str) {
            None => Ok(Self(false)),
            Some(EncodingType::URL) => Ok(Self(true)),
            Some(other) => {
                Err(Refusal::argument("Invalid Encoding Method specified in Request", "encoding-type", other)
                    .into())
            }
        }
    }

    fn text(self, text: &str) -> String {
        if self.0 { encode_key(text) } else { text.to_owned() }
    }
}

fn query(prefix: Option<&str>, delimiter: Option<&str>, after: Option<Position>, most: usize) -> ListQuery {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty()).map(str::to_owned);
    ListQuery { prefix: prefix.unwrap_or_default().to_owned(), delimiter, after, most }
}

fn after_key(key: &str) -> Option<Position> {
    (!key.is_empty()).then(|| Position { key: key.to_owned(), entry: None })
}

fn read_token(token: &str) -> Answer<Position> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let key = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| {
        Refusal::argument("The continuation token provided is incorrect", "continuation-token", token)
    })?;
    Ok(Position { key, entry: None })
}

fn owner(call: &Call, bucket: &str) -> Answer<Owner> {
    let account: AccountId = call.buckets.describe(bucket)?.partition.account;
    Ok(Owner { display_name: None, id: Some(canonical_id(account)) })
}

fn contents(page: &Listing<ListedObject>, encoding: Encoding, owner: Option<&Owner>) -> Option<Vec<Object>> {
    let objects = page.entries.iter().map(|listed| Object {
        checksum_algorithm: listed.object.checksum.as_ref().map(algorithms),
        checksum_type: listed.object.checksum.as_ref().map(|checksum| kind_name(checksum.kind())),
        e_tag: Some(etag(&listed.object.etag)),
        key: Some(encoding.text(listed.key.as_str())),
        last_modified: Some(timestamp::to_dto(listed.modified)),
        owner: owner.cloned(),
        restore_status: None,
        size: Some(signed(listed.object.content.bytes())),
        storage_class: Some(ObjectStorageClass::from_static(listed.object.attributes.storage_class.name())),
    });
    let objects: Vec<_> = objects.collect();
    (!objects.is_empty()).then_some(objects)
}

fn prefixes(prefixes: &[String], encoding: Encoding) -> Option<Vec<CommonPrefix>> {
    let shown = prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(encoding.text(prefix)) });
    (!prefixes.is_empty()).then(|| shown.collect())
}

fn algorithms(checksum: &Checksum) -> Vec<ChecksumAlgorithm> {
    vec![algorithm_name(checksum.algorithm)]
}

fn listed_version(listed: &ListedVersion, encoding: Encoding, owner: &Owner) -> Option<ObjectVersion> {
    let object = listed.version.object()?;
    Some(ObjectVersion {
        checksum_algorithm: object.checksum.as_ref().map(algorithms),
        checksum_type: object.checksum.as_ref().map(|checksum| kind_name(checksum.kind())),
        e_tag: Some(etag(&object.etag)),
        is_latest: Some(listed.is_latest),
        key: Some(encoding.text(listed.key.as_str())),
        last_modified: Some(timestamp::to_dto(listed.version.modified)),
        owner: Some(owner.clone()),
        restore_status: None,
        size: Some(signed(object.content.bytes())),
        storage_class: Some(ObjectVersionStorageClass::from_static(object.attributes.storage_class.name())),
        version_id: Some(listed.version.id.to_string()),
    })
}

fn listed_marker(listed: &ListedVersion, encoding: Encoding, owner: &Owner) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(listed.is_latest),
        key: Some(encoding.text(listed.key.as_str())),
        last_modified: Some(timestamp::to_dto(listed.version.modified)),
        owner: Some(owner.clone()),
        version_id: Some(listed.version.id.to_string()),
    }
}

fn listed_upload(upload: &ListedUpload, encoding: Encoding, owner: &Owner) -> MultipartUpload {
    MultipartUpload {
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm_name(algorithm)),
        checksum_type: upload.checksum.map(|(_, kind)| kind_name(kind)),
        initiated: Some(timestamp::to_dto(upload.initiated)),
        initiator: Some(Initiator { display_name: None, id: owner.id.clone() }),
        key: Some(encoding.text(upload.key.as_str())),
        owner: Some(owner.clone()),
        storage_class: Some(StorageClass::from_static(upload.storage_class.name())),
        upload_id: Some(upload.id.to_string()),
    }
}
