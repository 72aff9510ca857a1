//! What every function of Hearth's has as AWS's have it by default, and nobody can change here.
//!
//! Source: recorded answers about functions on which nothing was set.

use http::{Response, StatusCode};
use serde::Serialize;

use super::call::{Call, answer, segment};
use crate::{body::AnswerBody, error::ApiError};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuntimeManagement {
    update_runtime_on: &'static str,
    function_arn: String,
}

#[derive(Serialize)]
struct CodeSigning {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recursion {
    recursive_loop: &'static str,
}

pub(super) fn runtime_management(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    let qualifier = call.parameter("Qualifier")?;
    let qualifier = qualifier.as_deref().filter(|text| !text.is_empty()).unwrap_or("$LATEST");
    let view = call.functions().describe(&call.partition, &segment(name)?, Some(qualifier))?.view;
    answer(StatusCode::OK, &RuntimeManagement { update_runtime_on: "Auto", function_arn: view.arn() })
}

pub(super) fn code_signing(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    call.functions().describe(&call.partition, &segment(name)?, None)?;
    answer(StatusCode::OK, &CodeSigning {})
}

pub(super) fn recursion(call: &Call<'_>, name: &str) -> Result<Response<AnswerBody>, ApiError> {
    call.functions().describe(&call.partition, &segment(name)?, None)?;
    answer(StatusCode::OK, &Recursion { recursive_loop: "Terminate" })
}
