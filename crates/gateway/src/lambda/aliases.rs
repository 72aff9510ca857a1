//! The operations on aliases.

use std::collections::BTreeMap;

use hearth_services::lambda::{AliasChange, AliasView};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::Call;
use crate::rest_json::{self, Answer, answer};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AliasRequest {
    name: String,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<RoutingConfig>,
    revision_id: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RoutingConfig {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

/// `AliasConfiguration`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AliasDocument {
    alias_arn: String,
    name: String,
    function_version: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_config: Option<RoutingConfig>,
    revision_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AliasList {
    aliases: Vec<AliasDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

pub(super) fn create(call: &Call<'_>, function: &str) -> Answer {
    let request: AliasRequest = call.document()?;
    let (name, change) = request.read();
    let created = call.functions().create_alias(&call.partition, &Call::segment(function)?, &name, change)?;
    answer(StatusCode::CREATED, &AliasDocument::of(created))
}

pub(super) fn alias(call: &Call<'_>, function: &str, name: &str) -> Answer {
    let alias = call.functions().alias(&call.partition, &Call::segment(function)?, &Call::segment(name)?)?;
    answer(StatusCode::OK, &AliasDocument::of(alias))
}

pub(super) fn update(call: &Call<'_>, function: &str, name: &str) -> Answer {
    let request: AliasRequest = call.document()?;
    let (_, change) = request.read();
    let updated = call.functions().update_alias(
        &call.partition,
        &Call::segment(function)?,
        &Call::segment(name)?,
        change,
    )?;
    answer(StatusCode::OK, &AliasDocument::of(updated))
}

pub(super) fn delete(call: &Call<'_>, function: &str, name: &str) -> Answer {
    call.functions().delete_alias(&call.partition, &Call::segment(function)?, &Call::segment(name)?)?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

pub(super) fn list(call: &Call<'_>, function: &str) -> Answer {
    let version = call.parameter("FunctionVersion")?;
    let page = call.functions().aliases(
        &call.partition,
        &Call::segment(function)?,
        version.as_deref(),
        &call.page()?,
    )?;
    let aliases = page.items.into_iter().map(AliasDocument::of).collect();
    answer(StatusCode::OK, &AliasList { aliases, next_marker: page.next_marker })
}

impl AliasRequest {
    fn read(self) -> (String, AliasChange) {
        let weights =
            self.routing_config.map(|routing| routing.additional_version_weights.unwrap_or_default());
        let (version, description, revision) = (self.function_version, self.description, self.revision_id);
        (self.name, AliasChange { version, weights, description, revision })
    }
}

impl AliasDocument {
    fn of(view: AliasView) -> Self {
        let AliasView { arn, alias } = view;
        let routing_config = alias.routing.additional().map(|additional| RoutingConfig {
            additional_version_weights: Some(BTreeMap::from([(
                additional.version.to_string(),
                additional.weight,
            )])),
        });
        Self {
            alias_arn: arn,
            name: alias.name.to_string(),
            function_version: alias.routing.primary().to_string(),
            description: alias.description,
            routing_config,
            revision_id: alias.revision.to_string(),
        }
    }
}
