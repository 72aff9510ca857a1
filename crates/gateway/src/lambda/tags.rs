//! `TagResource`, `UntagResource` and `ListTags`.

use std::collections::BTreeMap;

use hearth_services::lambda::{EventSourceMappings, Tagged};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::{
    error::ApiError,
    rest_json::{self, Answer, answer},
};

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct TagDocument {
    tags: BTreeMap<String, String>,
}

pub(super) fn list(call: &Call<'_>, arn: &str) -> Answer {
    answer(StatusCode::OK, &TagDocument { tags: tagged(call, arn)?.tags() })
}

pub(super) fn tag(call: &Call<'_>, arn: &str) -> Answer {
    let TagDocument { tags } = call.document()?;
    tagged(call, arn)?.tag(tags)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn untag(call: &Call<'_>, arn: &str) -> Answer {
    let keys = call.parameters("tagKeys")?;
    tagged(call, arn)?.untag(&keys);
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

fn tagged(call: &Call<'_>, arn: &str) -> Result<Tagged, ApiError> {
    let arn = Call::segment(arn)?;
    let tagged = if EventSourceMappings::is_meant_by(&arn) {
        call.mappings().tagged(&call.partition, &arn)
    } else {
        call.functions().tagged(&call.partition, &arn)
    };
    Ok(tagged?)
}
