//! `TagResource`, `UntagResource` and `ListTags`.

use std::collections::BTreeMap;

use hearth_services::lambda::EventSourceMappings;
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
    let arn = segment(arn)?;
    let tags = if EventSourceMappings::is_meant_by(&arn) {
        call.mappings().tags(&call.partition, &arn)?
    } else {
        call.functions().tags(&call.partition, &arn)?
    };
    answer(StatusCode::OK, &TagDocument { tags })
}

pub(super) fn tag(call: &Call<'_>, arn: &str) -> Result<Response<AnswerBody>, ApiError> {
    let TagDocument { tags } = call.document()?;
    let arn = segment(arn)?;
    if EventSourceMappings::is_meant_by(&arn) {
        call.mappings().tag(&call.partition, &arn, tags)?;
    } else {
        call.functions().tag(&call.partition, &arn, tags)?;
    }
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn untag(call: &Call<'_>, arn: &str) -> Result<Response<AnswerBody>, ApiError> {
    let keys = call.parameters("tagKeys")?;
    let arn = segment(arn)?;
    if EventSourceMappings::is_meant_by(&arn) {
        call.mappings().untag(&call.partition, &arn, &keys)?;
    } else {
        call.functions().untag(&call.partition, &arn, &keys)?;
    }
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}
