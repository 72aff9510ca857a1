//! Code in requests, or in buckets.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hearth_engine::work::WorkKind;
use hearth_model::limits;
use hearth_services::{
    lambda::{Code, InvalidUpload, Refusal},
    s3::{self, GetObject, VersionId},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    call::Call,
    settings::{not_there, says_nothing},
};
use crate::{
    error::{ApiError, ErrorCode},
    s3::error_code,
};

/// Where code comes from.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct CodeRequest {
    zip_file: Option<String>,
    s3_bucket: Option<String>,
    s3_key: Option<String>,
    s3_object_version: Option<String>,
    image_uri: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Value,
}

/// A zip that has arrived.
enum Arrived {
    /// In base64, in the request itself.
    Direct(String),
    /// From a bucket.
    Stored(Bytes),
}

impl CodeRequest {
    /// Fetches or decodes, and unpacks on a thread that may block.
    pub(super) async fn unpack(self, call: &Call<'_>) -> Result<Code, ApiError> {
        if self.image_uri.is_some() {
            return Err(not_there("ImageUri").into());
        }
        if !says_nothing(&self.source_kms_key_arn) {
            return Err(not_there("SourceKMSKeyArn").into());
        }
        let arrived = match (self.zip_file, self.s3_bucket, self.s3_key) {
            (Some(encoded), None, None) => Arrived::Direct(encoded),
            (Some(_), _, _) => {
                let message = "Please do not provide other FunctionCode parameters when providing a ZipFile.";
                return Err(ApiError::new(ErrorCode::InvalidParameterValue, message));
            }
            (None, Some(bucket), Some(key)) => {
                Arrived::Stored(fetch(call, &bucket, &key, self.s3_object_version.as_deref()).await?)
            }
            (None, _, _) => {
                let message = "Please provide a source for function code.";
                return Err(ApiError::new(ErrorCode::InvalidParameterValue, message));
            }
        };
        let tracker = call.gateway.engine().work();
        let (work, _busy) = (tracker.begin(WorkKind::Unpacking), tracker.busy(WorkKind::Unpacking));
        let unpacked = tokio::task::spawn_blocking(move || {
            let _work = work;
            let code = match arrived {
                // What is no base64 is no zip either.
                Arrived::Direct(encoded) => {
                    Code::unzip(BASE64_STANDARD.decode(encoded).map_err(|_| InvalidUpload::Broken)?.into())?
                }
                Arrived::Stored(zip) => Code::unzip_stored(zip)?,
            };
            // Here, where hashing may take its time.
            let _kept = code.digest();
            Ok::<_, Refusal>(code)
        });
        let unpacked = unpacked.await.map_err(|_| {
            ApiError::new(ErrorCode::Service, "unpacking the code broke off: Hearth ends, or has a fault")
        })?;
        Ok(unpacked?)
    }
}

/// Reads an object that shall be code.
async fn fetch(call: &Call<'_>, bucket: &str, key: &str, version: Option<&str>) -> Result<Bytes, ApiError> {
    let buckets = call.gateway.buckets();
    let region = buckets.describe(bucket).map_err(refused)?.partition.region;
    if region != call.partition.region {
        let message =
            format!("The bucket is in this region: {region}. Please use this region to retry the request");
        return Err(unreadable("PermanentRedirect", &message));
    }
    let version = version.map(VersionId::parse).transpose().map_err(refused)?;
    let got = buckets.get(bucket, key, &GetObject { version, ..GetObject::default() }).map_err(refused)?;
    // No zip is larger than what is in it, but for a little.
    if got.content.bytes() > limits::PACKAGE_UNZIPPED_BYTES {
        return Err(Refusal::from(InvalidUpload::UnzippedTooLarge).into());
    }
    let read = got.content.read(buckets.work()).await;
    read.map_err(|error| refused(s3::Refusal::internal(format!("cannot read an object from disk: {error}"))))
}

fn refused(refusal: s3::Refusal) -> ApiError {
    let message = refusal.to_string();
    unreadable(&error_code(refusal), &message)
}

/// Source: answers of AWS as its users report them.
fn unreadable(code: &str, message: &str) -> ApiError {
    let message =
        format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}");
    ApiError::new(ErrorCode::InvalidParameterValue, message)
}
