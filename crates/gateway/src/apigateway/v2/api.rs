//! The operations on APIs.

use std::collections::BTreeMap;

use hearth_services::apigateway::v2::{ApiChange, ApiView, CorsConfiguration, NewApi, Protocol};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, Rest, date, done};
use crate::{
    error::ApiError,
    execute_api,
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApiRequest {
    name: Option<String>,
    protocol_type: Option<String>,
    description: Option<String>,
    version: Option<String>,
    cors_configuration: Option<CorsDocument>,
    disable_execute_api_endpoint: Option<bool>,
    target: Option<String>,
    route_key: Option<String>,
    route_selection_expression: Option<String>,
    credentials_arn: Option<String>,
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct CorsDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_credentials: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow_origins: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expose_headers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiDocument {
    api_endpoint: String,
    api_id: String,
    api_key_selection_expression: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors_configuration: Option<CorsDocument>,
    created_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    disable_execute_api_endpoint: bool,
    ip_address_type: &'static str,
    name: String,
    protocol_type: &'static str,
    route_selection_expression: String,
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiList {
    items: Vec<ApiDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

const API_KEY: &str = "$request.header.x-api-key";
const IP: &str = "ipv4";
/// What every API has.
const ALWAYS: [(&str, &str); 2] = [("apiKeySelectionExpression", API_KEY), ("ipAddressType", IP)];

pub(super) fn create(call: &Call<'_>) -> Answer {
    let new = call.document::<ApiRequest>()?.read()?;
    let created = call.apis().create(&call.partition, &new)?;
    answer(StatusCode::CREATED, &ApiDocument::of(call, created))
}

pub(super) fn api(call: &Call<'_>, id: &str) -> Answer {
    answer(StatusCode::OK, &ApiDocument::of(call, call.api(id)?.view()))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let page = call.apis().list(&call.partition, &call.page()?)?;
    let items = page.items.into_iter().map(|view| ApiDocument::of(call, view)).collect();
    answer(StatusCode::OK, &ApiList { items, next_token: page.next_token })
}

pub(super) fn update(call: &Call<'_>, id: &str) -> Answer {
    let NewApi { name, settings, target, route_key, credentials, .. } =
        call.document::<ApiRequest>()?.read()?;
    if target.is_some() || route_key.is_some() || credentials.is_some() {
        let message = "Hearth does not change what a quick start made by UpdateApi: update the route and the integration";
        return Err(ApiError::new(crate::error::ErrorCode::NotImplemented, message));
    }
    let updated = call.api(id)?.update(ApiChange { name, ..settings })?;
    answer(StatusCode::OK, &ApiDocument::of(call, updated))
}

pub(super) fn delete(call: &Call<'_>, id: &str) -> Answer {
    call.apis().delete(&call.partition, &Call::segment(id)?)?;
    done()
}

pub(super) fn delete_cors(call: &Call<'_>, id: &str) -> Answer {
    call.api(id)?.delete_cors();
    done()
}

impl ApiRequest {
    fn read(self) -> Result<NewApi, ApiError> {
        self.rest.refuse(&ALWAYS)?;
        Ok(NewApi {
            name: self.name,
            protocol: self.protocol_type,
            settings: ApiChange {
                name: None,
                description: self.description,
                version: self.version,
                cors: self.cors_configuration.map(CorsDocument::read),
                disable_execute_api_endpoint: self.disable_execute_api_endpoint,
                route_selection: self.route_selection_expression,
            },
            target: self.target,
            route_key: self.route_key,
            credentials: self.credentials_arn,
            tags: self.tags,
        })
    }
}

impl CorsDocument {
    fn read(self) -> CorsConfiguration {
        CorsConfiguration {
            allow_credentials: self.allow_credentials,
            allow_headers: self.allow_headers,
            allow_methods: self.allow_methods,
            allow_origins: self.allow_origins,
            expose_headers: self.expose_headers,
            max_age_s: self.max_age,
        }
    }

    fn of(cors: CorsConfiguration) -> Self {
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age: cors.max_age_s,
        }
    }
}

impl ApiDocument {
    fn of(call: &Call<'_>, view: ApiView) -> Self {
        let ApiView { id, settings, created, tags } = view;
        let region = &call.partition.region;
        Self {
            api_endpoint: match settings.protocol {
                Protocol::Http => execute_api::endpoint(id.as_str(), region, call.host()),
                Protocol::WebSocket { .. } => execute_api::socket_endpoint(id.as_str(), region, call.host()),
            },
            api_id: id.to_string(),
            api_key_selection_expression: API_KEY,
            cors_configuration: settings.cors.map(CorsDocument::of),
            created_date: date(created),
            description: settings.description,
            disable_execute_api_endpoint: settings.disable_execute_api_endpoint,
            ip_address_type: IP,
            name: settings.name,
            protocol_type: settings.protocol.as_str(),
            route_selection_expression: settings.protocol.route_selection(),
            tags,
            version: settings.version,
        }
    }
}
