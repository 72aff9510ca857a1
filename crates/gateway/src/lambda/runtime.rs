//! `GetRuntimeManagementConfig` and `PutRuntimeManagementConfig`.

use hearth_services::lambda::{RuntimeManagement, RuntimeUpdate};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::rest_json::{Answer, answer};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SetRequest {
    update_runtime_on: String,
    runtime_version_arn: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManagementDocument {
    update_runtime_on: &'static str,
    function_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_version_arn: Option<String>,
}

pub(super) fn management(call: &Call<'_>, name: &str) -> Answer {
    let qualifier = call.parameter("Qualifier")?;
    let functions = call.functions();
    document(functions.runtime_management(&call.partition, &Call::segment(name)?, qualifier.as_deref())?)
}

pub(super) fn set(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let request: SetRequest = call.document()?;
    document(call.functions().set_runtime_management(
        &call.partition,
        &name,
        qualifier.as_deref(),
        RuntimeUpdate::parse(&request.update_runtime_on)?,
        request.runtime_version_arn.as_deref(),
    )?)
}

fn document(management: RuntimeManagement) -> Answer {
    let RuntimeManagement { arn, update, runtime } = management;
    // AWS names the version where it was chosen.
    let runtime_version_arn = (update == RuntimeUpdate::Manual).then_some(runtime);
    let document =
        ManagementDocument { update_runtime_on: update.as_str(), function_arn: arn, runtime_version_arn };
    answer(StatusCode::OK, &document)
}
