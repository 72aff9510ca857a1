//! The operations on deployments.

use hearth_services::apigateway::v2::DeploymentView;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, date, done};
use crate::rest_json::{Answer, answer};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DeploymentRequest {
    description: Option<String>,
    stage_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentDocument {
    auto_deployed: bool,
    created_date: String,
    deployment_id: String,
    deployment_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentList {
    items: Vec<DeploymentDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, api: &str) -> Answer {
    let DeploymentRequest { description, stage_name } = call.document()?;
    let created = call.api(api)?.create_deployment(description, stage_name.as_deref())?;
    answer(StatusCode::CREATED, &DeploymentDocument::of(created))
}

pub(super) fn deployment(call: &Call<'_>, api: &str, id: &str) -> Answer {
    answer(StatusCode::OK, &DeploymentDocument::of(call.api(api)?.deployment(&Call::segment(id)?)?))
}

pub(super) fn list(call: &Call<'_>, api: &str) -> Answer {
    let page = call.api(api)?.deployments(&call.page()?)?;
    let items = page.items.into_iter().map(DeploymentDocument::of).collect();
    answer(StatusCode::OK, &DeploymentList { items, next_token: page.next_token })
}

pub(super) fn update(call: &Call<'_>, api: &str, id: &str) -> Answer {
    let DeploymentRequest { description, .. } = call.document()?;
    let updated = call.api(api)?.update_deployment(&Call::segment(id)?, description)?;
    answer(StatusCode::OK, &DeploymentDocument::of(updated))
}

pub(super) fn delete(call: &Call<'_>, api: &str, id: &str) -> Answer {
    call.api(api)?.delete_deployment(&Call::segment(id)?)?;
    done()
}

impl DeploymentDocument {
    fn of(view: DeploymentView) -> Self {
        Self {
            auto_deployed: view.automatic,
            created_date: date(view.created),
            deployment_id: view.id,
            deployment_status: "DEPLOYED",
            description: view.description,
        }
    }
}
