//! Who must have signed a function's code: nobody. Signatures are not verified, and so there are no configurations that demand
//! any; what is asked about them is answered as AWS answers an account that has none.

use hearth_services::lambda::Refusal;
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::call::{Call, answer, segment};
use crate::{
    body::AnswerBody,
    error::{ApiError, ErrorCode},
    rest_json,
};

#[derive(Serialize)]
struct Nothing {}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigurationList {
    code_signing_configs: [Nothing; 0],
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PutRequest {
    code_signing_config_arn: String,
}

/// `GetFunctionCodeSigningConfig`.
pub(super) fn of_function(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    call.functions().describe(&call.partition, &segment(name)?, None)?;
    answer(StatusCode::OK, &Nothing {})
}

/// `PutFunctionCodeSigningConfig`.
pub(super) fn demand(call: &Call<'_>) -> Result<Response<AnswerBody>, ApiError> {
    Err(not_found(&call.document::<PutRequest>()?.code_signing_config_arn))
}

/// `DeleteFunctionCodeSigningConfig`.
pub(super) fn release(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    call.functions().describe(&call.partition, &segment(name)?, None)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

/// `ListCodeSigningConfigs`.
pub(super) fn list() -> Result<Response<AnswerBody>, ApiError> {
    answer(StatusCode::OK, &ConfigurationList::default())
}

/// `GetCodeSigningConfig` and whatever else is about one configuration.
pub(super) fn configuration(arn: &str) -> Result<Response<AnswerBody>, ApiError> {
    let message = format!("The Lambda code signing configuration {} can not be found.", segment(arn)?);
    Err(Refusal::NotFound(message.into()).into())
}

/// What AWS says to those who want it demanded of a function.
pub(super) fn not_found(arn: &str) -> ApiError {
    let message = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    ApiError::new(ErrorCode::CodeSigningConfigNotFound, message)
}
