//! REST APIs.

use serde::{Deserialize, Serialize};

use super::Texts;

/// A REST API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestApi {
    /// What tells it from all others.
    pub id: String,
    /// Its name; several may have the same.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_date: i64,
    /// Its owner's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The media types of bodies that are binary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binary_media_types: Vec<String>,
    /// Where API keys come from.
    pub api_key_source: ApiKeySource,
    /// Where it can be reached; on AWS.
    pub endpoint_configuration: EndpointConfiguration,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub tags: Texts,
    /// Whether nobody reaches it by its identifier.
    pub disable_execute_api_endpoint: bool,
    /// The resource `/`.
    pub root_resource_id: String,
}

/// A REST API that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRestApi {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its owner's version.
    pub version: Option<String>,
    /// The media types of bodies that are binary.
    pub binary_media_types: Vec<String>,
    /// Where API keys come from.
    pub api_key_source: Option<ApiKeySource>,
    /// Where it can be reached.
    pub endpoint_configuration: Option<EndpointConfiguration>,
    /// Its tags.
    pub tags: Texts,
    /// Whether nobody reaches it by its identifier.
    pub disable_execute_api_endpoint: bool,
}

/// Where API keys come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ApiKeySource {
    /// The header `X-Api-Key`.
    #[default]
    Header,
    /// What the authorizer says.
    Authorizer,
}

/// Where an API can be reached. All of it is the same here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointConfiguration {
    /// `EDGE`, `REGIONAL` or `PRIVATE`; one of them.
    #[serde(default = "EndpointConfiguration::edge")]
    pub types: Vec<String>,
    /// `ipv4` or `dualstack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address_type: Option<String>,
}

impl EndpointConfiguration {
    fn edge() -> Vec<String> {
        vec!["EDGE".to_owned()]
    }
}

impl Default for EndpointConfiguration {
    fn default() -> Self {
        Self { types: Self::edge(), ip_address_type: None }
    }
}
