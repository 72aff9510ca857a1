//! `TagResource`, `UntagResource` and `GetTags`.

use std::{collections::BTreeMap, sync::Arc};

use hearth_services::apigateway::v2::Api;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, done};
use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct TagDocument {
    tags: BTreeMap<String, String>,
}

pub(super) fn list(call: &Call<'_>, arn: &str) -> Answer {
    let (api, stage) = tagged(call, arn)?;
    answer(StatusCode::OK, &TagDocument { tags: api.tags(stage.as_deref())? })
}

pub(super) fn tag(call: &Call<'_>, arn: &str) -> Answer {
    let (api, stage) = tagged(call, arn)?;
    let TagDocument { tags } = call.document()?;
    api.tag(stage.as_deref(), tags)?;
    // AWS's answer is an empty document.
    answer(StatusCode::CREATED, &serde_json::Map::new())
}

pub(super) fn untag(call: &Call<'_>, arn: &str) -> Answer {
    let (api, stage) = tagged(call, arn)?;
    api.untag(stage.as_deref(), &call.parameters("tagKeys")?)?;
    done()
}

/// The API of `arn:aws:apigateway:us-east-1::/apis/ID`, and the stage of `…/stages/NAME` behind it.
fn tagged(call: &Call<'_>, arn: &str) -> Result<(Arc<Api>, Option<String>), ApiError> {
    let arn = Call::segment(arn)?;
    let path = arn.strip_prefix("arn:aws:apigateway:").and_then(|rest| rest.split_once("::/apis/"));
    let no_arn = || ApiError::new(ErrorCode::BadRequest, format!("Invalid resource ARN: {arn}"));
    let (_, path) = path.ok_or_else(no_arn)?;
    let (id, stage) = match path.split_once("/stages/") {
        Some((id, stage)) => (id, Some(stage.to_owned())),
        None => (path, None),
    };
    Ok((call.apis().api(&call.partition, id)?, stage))
}
