//! The operations on integrations.

use hearth_services::apigateway::v2::{Integration, IntegrationChange};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, Rest, done};
use crate::{
    error::ApiError,
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct IntegrationRequest {
    integration_type: Option<String>,
    integration_uri: Option<String>,
    integration_method: Option<String>,
    payload_format_version: Option<String>,
    timeout_in_millis: Option<i64>,
    connection_type: Option<String>,
    credentials_arn: Option<String>,
    description: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IntegrationDocument {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    api_gateway_managed: bool,
    connection_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    integration_id: String,
    integration_method: &'static str,
    integration_type: &'static str,
    integration_uri: String,
    payload_format_version: &'static str,
    timeout_in_millis: u128,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IntegrationList {
    items: Vec<IntegrationDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, api: &str) -> Answer {
    let created = call.api(api)?.create_integration(call.document::<IntegrationRequest>()?.read()?)?;
    answer(StatusCode::CREATED, &IntegrationDocument::of(&created))
}

pub(super) fn integration(call: &Call<'_>, api: &str, id: &str) -> Answer {
    answer(StatusCode::OK, &IntegrationDocument::of(&*call.api(api)?.integration(&Call::segment(id)?)?))
}

pub(super) fn list(call: &Call<'_>, api: &str) -> Answer {
    let page = call.api(api)?.integrations(&call.page()?)?;
    let items = page.items.iter().map(|integration| IntegrationDocument::of(integration)).collect();
    answer(StatusCode::OK, &IntegrationList { items, next_token: page.next_token })
}

pub(super) fn update(call: &Call<'_>, api: &str, id: &str) -> Answer {
    let change = call.document::<IntegrationRequest>()?.read()?;
    let updated = call.api(api)?.update_integration(&Call::segment(id)?, change)?;
    answer(StatusCode::OK, &IntegrationDocument::of(&updated))
}

pub(super) fn delete(call: &Call<'_>, api: &str, id: &str) -> Answer {
    call.api(api)?.delete_integration(&Call::segment(id)?)?;
    done()
}

impl IntegrationRequest {
    fn read(self) -> Result<IntegrationChange, ApiError> {
        // It is about templates, which no integration with a function has.
        self.rest.refuse(&[("passthroughBehavior", "WHEN_NO_MATCH")])?;
        Ok(IntegrationChange {
            integration_type: self.integration_type,
            uri: self.integration_uri,
            method: self.integration_method,
            payload_format: self.payload_format_version,
            timeout_ms: self.timeout_in_millis,
            connection_type: self.connection_type,
            credentials: self.credentials_arn,
            description: self.description,
        })
    }
}

impl IntegrationDocument {
    fn of(integration: &Integration) -> Self {
        Self {
            api_gateway_managed: integration.managed,
            connection_type: "INTERNET",
            credentials_arn: integration.credentials.clone(),
            description: integration.description.clone(),
            integration_id: integration.id.clone(),
            integration_method: "POST",
            integration_type: "AWS_PROXY",
            integration_uri: integration.uri.clone(),
            payload_format_version: integration.payload_format.as_str(),
            timeout_in_millis: integration.timeout.as_millis(),
        }
    }
}
