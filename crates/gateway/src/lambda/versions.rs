//! `PublishVersion` and `ListVersionsByFunction`.

use hearth_services::lambda::Publication;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    call::Call,
    document::Configuration,
    settings::{not_there, says_nothing},
};
use crate::rest_json::{Answer, answer};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublishRequest {
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
    #[serde(default)]
    publish_to: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct VersionList {
    versions: Vec<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) fn publish(call: &Call<'_>, name: &str) -> Answer {
    let name = Call::segment(name)?;
    let request: PublishRequest = call.document()?;
    if !says_nothing(&request.publish_to) {
        return Err(not_there("PublishTo").into());
    }
    let publication = Publication {
        code_sha256: request.code_sha256,
        description: request.description,
        revision: request.revision_id,
    };
    let published = call.functions().publish(&call.partition, &name, publication)?;
    answer(StatusCode::CREATED, &Configuration::of(&published))
}

pub(super) fn list(call: &Call<'_>, name: &str) -> Answer {
    let page = call.functions().versions(&call.partition, &Call::segment(name)?, &call.page()?)?;
    let versions = page.items.iter().map(Configuration::listed).collect();
    answer(StatusCode::OK, &VersionList { versions, next_marker: page.next_marker })
}
