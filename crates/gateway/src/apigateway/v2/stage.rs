//! The operations on stages.

use std::collections::BTreeMap;

use hearth_services::apigateway::v2::{RouteSettings, Stage, StageChange};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, Rest, date, done};
use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StageRequest {
    stage_name: Option<String>,
    auto_deploy: Option<bool>,
    deployment_id: Option<String>,
    default_route_settings: Option<RouteSettingsRequest>,
    route_settings: Option<BTreeMap<String, RouteSettingsRequest>>,
    stage_variables: Option<BTreeMap<String, String>>,
    description: Option<String>,
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RouteSettingsRequest {
    throttling_burst_limit: Option<u32>,
    throttling_rate_limit: Option<f64>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StageDocument {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    api_gateway_managed: bool,
    auto_deploy: bool,
    created_date: String,
    default_route_settings: RouteSettingsDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_deployment_status_message: Option<String>,
    last_updated_date: String,
    route_settings: BTreeMap<String, RouteSettingsDocument>,
    stage_name: String,
    stage_variables: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteSettingsDocument {
    detailed_metrics_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttling_burst_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttling_rate_limit: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StageList {
    items: Vec<StageDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, api: &str) -> Answer {
    let mut request: StageRequest = call.document()?;
    let (name, tags) = (request.stage_name.take(), std::mem::take(&mut request.tags));
    let name = name.ok_or_else(|| ApiError::new(ErrorCode::BadRequest, "Stage name is required"))?;
    let created = call.api(api)?.create_stage(&name, request.read()?, tags)?;
    answer(StatusCode::CREATED, &StageDocument::of(created))
}

pub(super) fn stage(call: &Call<'_>, api: &str, name: &str) -> Answer {
    answer(StatusCode::OK, &StageDocument::of(call.api(api)?.stage(&Call::segment(name)?)?))
}

pub(super) fn list(call: &Call<'_>, api: &str) -> Answer {
    let page = call.api(api)?.stages(&call.page()?)?;
    let items = page.items.into_iter().map(StageDocument::of).collect();
    answer(StatusCode::OK, &StageList { items, next_token: page.next_token })
}

pub(super) fn update(call: &Call<'_>, api: &str, name: &str) -> Answer {
    let change = call.document::<StageRequest>()?.read()?;
    answer(StatusCode::OK, &StageDocument::of(call.api(api)?.update_stage(&Call::segment(name)?, change)?))
}

pub(super) fn delete(call: &Call<'_>, api: &str, name: &str) -> Answer {
    call.api(api)?.delete_stage(&Call::segment(name)?)?;
    done()
}

pub(super) fn delete_route_settings(call: &Call<'_>, api: &str, stage: &str, key: &str) -> Answer {
    call.api(api)?.delete_route_settings(&Call::segment(stage)?, &Call::segment(key)?)?;
    done()
}

pub(super) fn reset_authorizers(call: &Call<'_>, api: &str, stage: &str) -> Answer {
    call.api(api)?.reset_authorizers(&Call::segment(stage)?)?;
    done()
}

impl StageRequest {
    fn read(self) -> Result<StageChange, ApiError> {
        self.rest.refuse(&[])?;
        let routes = self.route_settings.map(|settings| {
            settings
                .into_iter()
                .map(|(key, settings)| Ok((key, settings.read()?)))
                .collect::<Result<_, ApiError>>()
        });
        Ok(StageChange {
            auto_deploy: self.auto_deploy,
            deployment: self.deployment_id,
            default_route_settings: self
                .default_route_settings
                .map(RouteSettingsRequest::read)
                .transpose()?,
            route_settings: routes.transpose()?,
            variables: self.stage_variables,
            description: self.description,
        })
    }
}

impl RouteSettingsRequest {
    fn read(self) -> Result<RouteSettings, ApiError> {
        self.rest.refuse(&[("loggingLevel", "OFF")])?;
        Ok(RouteSettings { burst: self.throttling_burst_limit, rate: self.throttling_rate_limit })
    }
}

impl StageDocument {
    fn of(stage: Stage) -> Self {
        let deployed = stage.deployment.as_ref();
        Self {
            api_gateway_managed: stage.managed,
            auto_deploy: stage.auto_deploy,
            created_date: date(stage.created),
            default_route_settings: RouteSettingsDocument::of(stage.default_route_settings),
            description: stage.description,
            last_deployment_status_message: deployed
                .filter(|_| stage.auto_deploy)
                .map(|id| format!("Successfully deployed stage with deployment ID '{id}'")),
            last_updated_date: date(stage.modified),
            route_settings: stage
                .route_settings
                .into_iter()
                .map(|(key, settings)| (key, RouteSettingsDocument::of(settings)))
                .collect(),
            deployment_id: stage.deployment,
            stage_name: stage.name,
            stage_variables: stage.variables,
            tags: stage.tags,
        }
    }
}

impl RouteSettingsDocument {
    fn of(settings: RouteSettings) -> Self {
        Self {
            detailed_metrics_enabled: false,
            throttling_burst_limit: settings.burst,
            throttling_rate_limit: settings.rate,
        }
    }
}
