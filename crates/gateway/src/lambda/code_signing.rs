//! Who must have signed a function's code: nobody. Signatures are not verified, and so there are no configurations that demand
//! any; what is asked about them is answered as AWS answers an account that has none.

use hearth_services::lambda::Refusal;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{self, Answer, answer},
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
pub(super) fn of_function(call: &Call<'_>, name: &str) -> Answer {
    call.functions().describe(&call.partition, &Call::segment(name)?, None)?;
    answer(StatusCode::OK, &Nothing {})
}

/// `PutFunctionCodeSigningConfig`.
pub(super) fn demand(call: &Call<'_>) -> Answer {
    Err(not_found(&call.document::<PutRequest>()?.code_signing_config_arn))
}

/// `DeleteFunctionCodeSigningConfig`.
pub(super) fn release(call: &Call<'_>, name: &str) -> Answer {
    call.functions().describe(&call.partition, &Call::segment(name)?, None)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

/// `ListCodeSigningConfigs`.
pub(super) fn list() -> Answer {
    answer(StatusCode::OK, &ConfigurationList::default())
}

/// `GetCodeSigningConfig` and whatever else is about one configuration.
pub(super) fn configuration(arn: &str) -> Answer {
    let message = format!("The Lambda code signing configuration {} can not be found.", Call::segment(arn)?);
    Err(Refusal::NotFound(message.into()).into())
}

/// What AWS says to those who want it demanded of a function.
pub(super) fn not_found(arn: &str) -> ApiError {
    let message = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    ApiError::new(ErrorCode::CodeSigningConfigNotFound, message)
}
