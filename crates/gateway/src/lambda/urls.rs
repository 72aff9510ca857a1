//! The operations on function URLs.

use hearth_model::time::Timestamp;
use hearth_services::lambda::{Cors, UrlChange, UrlView};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::{
    execute_api::named,
    rest_json::{self, Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct UrlRequest {
    auth_type: Option<String>,
    cors: Option<CorsDocument>,
    invoke_mode: Option<String>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct CorsDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_credentials: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_headers: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_methods: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_origins: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expose_headers: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UrlDocument {
    function_url: String,
    function_arn: String,
    auth_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors: Option<CorsDocument>,
    creation_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoke_mode: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UrlList {
    function_url_configs: Vec<UrlDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) fn create(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let change = call.document::<UrlRequest>()?.read();
    let created = call.functions().create_url(&call.partition, &name, qualifier.as_deref(), change)?;
    // Of what was just made, AWS does not say when it was changed.
    let document = UrlDocument { last_modified_time: None, ..UrlDocument::of(call, created) };
    answer(StatusCode::CREATED, &document)
}

pub(super) fn url(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let url = call.functions().url(&call.partition, &name, qualifier.as_deref())?;
    answer(StatusCode::OK, &UrlDocument::of(call, url))
}

pub(super) fn update(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    let change = call.document::<UrlRequest>()?.read();
    let updated = call.functions().update_url(&call.partition, &name, qualifier.as_deref(), change)?;
    answer(StatusCode::OK, &UrlDocument::of(call, updated))
}

pub(super) fn delete(call: &Call<'_>, name: &str) -> Answer {
    let (name, qualifier) = (Call::segment(name)?, call.parameter("Qualifier")?);
    call.functions().delete_url(&call.partition, &name, qualifier.as_deref())?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn list(call: &Call<'_>, name: &str) -> Answer {
    let page = call.functions().function_urls(&call.partition, &Call::segment(name)?, &call.page()?)?;
    let function_url_configs = page.items.into_iter().map(|url| UrlDocument::of(call, url)).collect();
    answer(StatusCode::OK, &UrlList { function_url_configs, next_marker: page.next_marker })
}

impl UrlRequest {
    fn read(self) -> UrlChange {
        let cors = self.cors.map(|cors| Cors {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers,
            allow_methods: cors.allow_methods,
            allow_origins: cors.allow_origins,
            expose_headers: cors.expose_headers,
            max_age_s: cors.max_age,
        });
        UrlChange { authorization: self.auth_type, cors, invoke_mode: self.invoke_mode }
    }
}

impl UrlDocument {
    fn of(call: &Call<'_>, view: UrlView) -> Self {
        let UrlView { owner, configuration } = view;
        let (id, region, host) = (owner.id(), &owner.partition.region, named(call.host()));
        Self {
            function_url: format!("http://{id}.lambda-url.{region}.{host}/"),
            function_arn: owner.arn(),
            auth_type: configuration.authorization.as_str(),
            cors: configuration.cors.as_ref().map(CorsDocument::of),
            creation_time: timestamp(configuration.created),
            last_modified_time: Some(timestamp(configuration.modified)),
            invoke_mode: configuration.invoke_mode.map(|mode| mode.as_str()),
        }
    }
}

impl CorsDocument {
    fn of(cors: &Cors) -> Self {
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: cors.allow_headers.clone(),
            allow_methods: cors.allow_methods.clone(),
            allow_origins: cors.allow_origins.clone(),
            expose_headers: cors.expose_headers.clone(),
            max_age: cors.max_age_s,
        }
    }
}

/// `2026-11-21T04:14:18.000000Z`.
fn timestamp(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis());
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()).unwrap_or_default()
}
