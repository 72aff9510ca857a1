//! What owners say of objects, in headers.

use std::collections::BTreeMap;

use hearth_services::s3::{Encryption, Refusal, StorageClass, Tagged, Tags};
use http::StatusCode;
use s3s::dto;

use super::Answer;
use crate::{
    percent,
    s3::{failure::Failure, unsupported::not_there},
};

/// Reads what a request says of its object; the requests that can say something have the same members for it.
macro_rules! attributes_of {
    ($input:expr) => {
        hearth_services::s3::Attributes {
            cache_control: $input.cache_control.take().map(Into::into),
            content_disposition: $input.content_disposition.take().map(Into::into),
            content_encoding: $input.content_encoding.take().map(Into::into),
            content_language: $input.content_language.take().map(Into::into),
            content_type: $input.content_type.take().map(Into::into),
            expires: $input.expires.as_ref().map($crate::s3::operations::timestamp::of_dto),
            website_redirect: $input.website_redirect_location.take().map(Into::into),
            metadata: $crate::s3::operations::attributes::metadata($input.metadata.take())?,
            storage_class: $crate::s3::operations::attributes::storage_class($input.storage_class.as_ref())?,
            // That of the bucket decides, unless the request says something.
            encryption: hearth_services::s3::Encryption::default(),
        }
    };
}

/// Reads how an object shall be encrypted, if a request says so; the requests that can have the same members for it.
macro_rules! encryption_of {
    ($input:expr) => {
        $crate::s3::operations::attributes::encryption(
            $input.server_side_encryption.as_ref(),
            $input.ssekms_key_id.take(),
            $input.bucket_key_enabled,
        )?
    };
}

/// Sets what an answer says of an object.
macro_rules! set_attributes {
    ($output:expr, $attributes:expr) => {
        let attributes = $attributes;
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        $output.cache_control = text(&attributes.cache_control);
        $output.content_disposition = text(&attributes.content_disposition);
        $output.content_encoding = text(&attributes.content_encoding);
        $output.content_language = text(&attributes.content_language);
        $output.content_type =
            text(&attributes.content_type).or_else(|| Some("binary/octet-stream".to_owned()));
        $output.expires = attributes.expires.map($crate::s3::operations::timestamp::to_dto);
        $output.website_redirect_location = text(&attributes.website_redirect);
        $output.metadata =
            Some(attributes.metadata.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
        $output.storage_class = (attributes.storage_class != hearth_services::s3::StorageClass::Standard)
            .then(|| s3s::dto::StorageClass::from_static(attributes.storage_class.name()));
        $crate::s3::operations::attributes::set_encryption!($output, &attributes.encryption);
    };
}

/// Sets what an answer says of encryption.
macro_rules! set_encryption {
    ($output:expr, $encryption:expr) => {
        let encryption = $crate::s3::operations::attributes::EncryptionNames::of($encryption);
        $output.server_side_encryption = Some(encryption.algorithm);
        $output.ssekms_key_id = encryption.key;
        $output.bucket_key_enabled = encryption.bucket_key;
    };
}

pub(super) use {attributes_of, encryption_of, set_attributes, set_encryption};

/// Encryption, as answers name it.
pub(super) struct EncryptionNames {
    pub(super) algorithm: dto::ServerSideEncryption,
    pub(super) key: Option<String>,
    pub(super) bucket_key: Option<bool>,
}

impl EncryptionNames {
    pub(super) fn of(encryption: &Encryption) -> Self {
        match encryption {
            Encryption::S3 => Self {
                algorithm: dto::ServerSideEncryption::from_static("AES256"),
                key: None,
                bucket_key: None,
            },
            Encryption::Kms { key, dual_layer, bucket_key } => Self {
                algorithm: dto::ServerSideEncryption::from_static(if *dual_layer {
                    "aws:kms:dsse"
                } else {
                    "aws:kms"
                }),
                key: key.as_deref().map(str::to_owned),
                bucket_key: bucket_key.then_some(true),
            },
        }
    }
}

/// Reads how an object shall be encrypted, if the request says so.
pub(super) fn encryption(
    algorithm: Option<&dto::ServerSideEncryption>,
    key: Option<String>,
    bucket_key: Option<bool>,
) -> Answer<Option<Encryption>> {
    let kms = |dual_layer, key: Option<String>| Encryption::Kms {
        key: key.map(Into::into),
        dual_layer,
        bucket_key: bucket_key.unwrap_or(false),
    };
    match algorithm.map(dto::ServerSideEncryption::as_str) {
        None => Ok(None),
        Some("AES256") => Ok(Some(Encryption::S3)),
        Some("aws:kms") => Ok(Some(kms(false, key))),
        Some("aws:kms:dsse") => Ok(Some(kms(true, key))),
        Some(other) => {
            let message = "The encryption method specified is not supported";
            Err(Refusal::argument(message, "x-amz-server-side-encryption", other).into())
        }
    }
}

/// Reads how an object shall be stored.
pub(super) fn storage_class(given: Option<&dto::StorageClass>) -> Answer<StorageClass> {
    let Some(given) = given else { return Ok(StorageClass::default()) };
    match given.as_str() {
        "GLACIER" | "DEEP_ARCHIVE" | "EXPRESS_ONEZONE" | "OUTPOSTS" | "SNOW" => {
            Err(not_there(&format!("the storage class {}", given.as_str())))
        }
        name => StorageClass::parse(name).ok_or_else(|| {
            let message = "The storage class you specified is not valid";
            Failure::new("InvalidStorageClass", StatusCode::BAD_REQUEST, message)
                .with("StorageClassRequested", name)
        }),
    }
}

/// Reads user metadata, of at most 2 KB.
pub(super) fn metadata(given: Option<dto::Metadata>) -> Answer<BTreeMap<String, String>> {
    const MOST_BYTES: usize = 2 * 1024;
    let metadata: BTreeMap<String, String> = given.unwrap_or_default().into_iter().collect();
    let bytes: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MOST_BYTES {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Failure::new("MetadataTooLarge", StatusCode::BAD_REQUEST, message)
            .with("Size", bytes.to_string())
            .with("MaxSizeAllowed", MOST_BYTES.to_string()));
    }
    Ok(metadata)
}

/// Reads tags of an object in a header: as in a query.
pub(super) fn tags(header: Option<&str>) -> Answer<Tags> {
    let invalid = || {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag \
                       name duplicates.";
        let header = header.unwrap_or_default();
        Failure::from(Refusal::argument(message, "x-amz-tagging", header))
    };
    let pairs = header.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let decoded = pairs.map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let text = |text| percent::decode_form(text).map(std::borrow::Cow::into_owned);
        text(key).zip(text(value)).ok_or_else(invalid)
    });
    let tags: Vec<_> = decoded.collect::<Result<_, _>>()?;
    Tags::new(Tagged::Object, tags).map_err(|refusal| match refusal {
        Refusal::InvalidTag { ref message, .. } if message.contains("same key") => invalid(),
        other => other.into(),
    })
}

/// When and by which rule an object will go, as in `x-amz-expiration`.
pub(super) fn expiration(due: Option<(hearth_model::time::Timestamp, String)>) -> Option<String> {
    let (due, rule) = due?;
    let date = crate::s3::failure::http_date(due);
    Some(format!("expiry-date=\"{date}\", rule-id=\"{}\"", percent::encode(&rule)))
}

/// Refuses the first of these that is there.
pub(super) fn refuse_present(members: &[(&str, bool)]) -> Answer<()> {
    match members.iter().find(|(_, present)| *present) {
        Some((name, _)) => Err(not_there(name)),
        None => Ok(()),
    }
}

/// An ETag, as `s3s` writes it.
pub(super) fn etag(etag: &hearth_services::s3::ETag) -> dto::ETag {
    dto::ETag::Strong(etag.to_string())
}

/// A number that fits: sizes are below 2^63.
pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
