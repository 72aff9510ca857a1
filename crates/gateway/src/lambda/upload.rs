//! Code in requests.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearth_services::lambda::{Code, InvalidUpload, Refusal};
use serde::Deserialize;
use serde_json::Value;

use super::settings::{not_there, says_nothing};
use crate::{
    error::{ApiError, ErrorCode},
    gateway::Gateway,
};

/// Where code comes from.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct CodeRequest {
    zip_file: Option<String>,
    s3_bucket: Option<String>,
    image_uri: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Value,
}

impl CodeRequest {
    /// Decodes and unpacks on a thread that may block.
    pub(super) async fn unpack(self, gateway: &Gateway) -> Result<Code, ApiError> {
        if self.s3_bucket.is_some() {
            return Err(not_there("S3Bucket").into());
        }
        if self.image_uri.is_some() {
            return Err(not_there("ImageUri").into());
        }
        if !says_nothing(&self.source_kms_key_arn) {
            return Err(not_there("SourceKMSKeyArn").into());
        }
        let Some(encoded) = self.zip_file else {
            let message = "Please provide a source for function code.";
            return Err(ApiError::new(ErrorCode::InvalidParameterValue, message));
        };
        let work = gateway.engine().work().begin();
        let unpacked = tokio::task::spawn_blocking(move || {
            let _work = work;
            // What is no base64 is no zip either.
            let upload = BASE64_STANDARD.decode(encoded).map_err(|_| InvalidUpload::Broken)?;
            let code = Code::unzip(upload.into())?;
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
