//! The operations on routes.

use hearth_services::apigateway::v2::{Route, RouteChange};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, Rest, done};
use crate::{
    error::ApiError,
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RouteRequest {
    route_key: Option<String>,
    target: Option<String>,
    authorization_type: Option<String>,
    authorizer_id: Option<String>,
    authorization_scopes: Option<Vec<String>>,
    operation_name: Option<String>,
    route_response_selection_expression: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteDocument {
    api_key_required: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    api_gateway_managed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_scopes: Vec<String>,
    authorization_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<String>,
    route_id: String,
    route_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_response_selection_expression: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteList {
    items: Vec<RouteDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, api: &str) -> Answer {
    let created = call.api(api)?.create_route(call.document::<RouteRequest>()?.read()?)?;
    answer(StatusCode::CREATED, &RouteDocument::of(&created))
}

pub(super) fn route(call: &Call<'_>, api: &str, id: &str) -> Answer {
    answer(StatusCode::OK, &RouteDocument::of(&*call.api(api)?.route(&Call::segment(id)?)?))
}

pub(super) fn list(call: &Call<'_>, api: &str) -> Answer {
    let page = call.api(api)?.routes(&call.page()?)?;
    let items = page.items.iter().map(|route| RouteDocument::of(route)).collect();
    answer(StatusCode::OK, &RouteList { items, next_token: page.next_token })
}

pub(super) fn update(call: &Call<'_>, api: &str, id: &str) -> Answer {
    let change = call.document::<RouteRequest>()?.read()?;
    answer(StatusCode::OK, &RouteDocument::of(&*call.api(api)?.update_route(&Call::segment(id)?, change)?))
}

pub(super) fn delete(call: &Call<'_>, api: &str, id: &str) -> Answer {
    call.api(api)?.delete_route(&Call::segment(id)?)?;
    done()
}

impl RouteRequest {
    fn read(self) -> Result<RouteChange, ApiError> {
        self.rest.refuse(&[])?;
        Ok(RouteChange {
            key: self.route_key,
            target: self.target,
            authorization: self.authorization_type,
            authorizer: self.authorizer_id,
            scopes: self.authorization_scopes,
            operation: self.operation_name,
            response_selection: self.route_response_selection_expression,
        })
    }
}

impl RouteDocument {
    fn of(route: &Route) -> Self {
        Self {
            api_key_required: false,
            api_gateway_managed: route.managed,
            authorization_scopes: route.scopes.clone(),
            authorization_type: route.authorization.as_str(),
            authorizer_id: route.authorizer.clone(),
            operation_name: route.operation.clone(),
            route_id: route.id.clone(),
            route_key: route.key.to_string(),
            route_response_selection_expression: route.selects_response.then_some(Route::RESPONSE),
            target: route.target(),
        }
    }
}
