//! `TagResource`, `UntagResource` and `ListTags`.

use std::collections::BTreeMap;

use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::call::{Call, answer, segment};
use crate::{body::AnswerBody, error::ApiError, rest_json};

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct TagDocument {
    tags: BTreeMap<String, String>,
}

pub(super) fn list(call: &Call<'_>, arn: &str) -> Result<Response<AnswerBody>, ApiError> {
    let tags = call.functions().tags(&call.partition, &segment(arn)?)?;
    answer(StatusCode::OK, &TagDocument { tags })
}

pub(super) fn tag(call: &Call<'_>, arn: &str) -> Result<Response<AnswerBody>, ApiError> {
    let TagDocument { tags } = call.document()?;
    call.functions().tag(&call.partition, &segment(arn)?, tags)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn untag(call: &Call<'_>, arn: &str) -> Result<Response<AnswerBody>, ApiError> {
    let keys = call.parameters("tagKeys")?;
    call.functions().untag(&call.partition, &segment(arn)?, &keys)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}
