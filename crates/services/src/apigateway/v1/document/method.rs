//! Resources, their methods, and what serves them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Flags, Texts};

/// A part of an API's tree of paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// What tells it from the others.
    pub id: String,
    /// The resource that it is below; `/` is below none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The last segment of its path: a text, `{name}` or `{name+}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_part: Option<String>,
    /// Its path.
    pub path: String,
    /// What may be done with it, by `GET` and the like, or `ANY`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resource_methods: BTreeMap<String, Method>,
}

/// A method of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// `GET` and the like, or `ANY`.
    pub http_method: String,
    /// `NONE` or `CUSTOM`.
    pub authorization_type: String,
    /// The authorizer of `CUSTOM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<String>,
    /// Whether callers must show an API key.
    pub api_key_required: bool,
    /// What validates requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_validator_id: Option<String>,
    /// How its owner calls what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_name: Option<String>,
    /// Parameters of requests, and whether they must be there.
    #[serde(default, skip_serializing_if = "Flags::is_empty")]
    pub request_parameters: Flags,
    /// Models of bodies by media type.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub request_models: Texts,
    /// Which answers there are, by status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub method_responses: BTreeMap<String, MethodResponse>,
    /// What serves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_integration: Option<Integration>,
}

/// A method that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMethod {
    /// `NONE` or `CUSTOM`.
    pub authorization_type: Option<String>,
    /// The authorizer of `CUSTOM`.
    pub authorizer_id: Option<String>,
    /// Whether callers must show an API key.
    pub api_key_required: bool,
    /// What validates requests.
    pub request_validator_id: Option<String>,
    /// How its owner calls what it does.
    pub operation_name: Option<String>,
    /// Parameters of requests, and whether they must be there.
    pub request_parameters: Flags,
    /// Models of bodies by media type.
    pub request_models: Texts,
}

/// An answer that a method may give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodResponse {
    /// The status.
    pub status_code: String,
    /// Its headers, and whether they must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_parameters: Option<Flags>,
    /// Models of its body by media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_models: Option<Texts>,
}

/// An answer of a method that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMethodResponse {
    /// Its headers.
    pub response_parameters: Option<Flags>,
    /// Models of its body by media type.
    pub response_models: Option<Texts>,
}

/// What serves a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: IntegrationKind,
    /// The method by which it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_method: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The role in which a function is invoked; without one, the function's policy decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    /// Parameters that a proxy integration does not look at.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub request_parameters: Texts,
    /// What `MOCK` answers with, by media type.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub request_templates: Texts,
    /// What happens to requests for which there is no template.
    pub passthrough_behavior: String,
    /// How long it may take, in milliseconds.
    pub timeout_in_millis: u32,
    /// The resource's identifier, unless it is another text.
    pub cache_namespace: String,
    /// The parameters by which answers are kept; nothing is kept.
    #[serde(default)]
    pub cache_key_parameters: Vec<String>,
    /// What becomes of its answers, by status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub integration_responses: BTreeMap<String, IntegrationResponse>,
}

/// What serves a method that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewIntegration {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The method by which it is called.
    pub http_method: Option<String>,
    /// Where it is.
    pub uri: Option<String>,
    /// The role in which a function is invoked.
    pub credentials: Option<String>,
    /// Only `INTERNET`.
    pub connection_type: Option<String>,
    /// Parameters.
    pub request_parameters: Texts,
    /// What `MOCK` answers with.
    pub request_templates: Texts,
    /// What happens to requests for which there is no template.
    pub passthrough_behavior: Option<String>,
    /// How long it may take, in milliseconds.
    pub timeout_in_millis: Option<i64>,
    /// The namespace of kept answers.
    pub cache_namespace: Option<String>,
    /// The parameters by which answers are kept.
    pub cache_key_parameters: Vec<String>,
}

/// The kinds of what serves a method, as far as Hearth has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IntegrationKind {
    /// A Lambda function that gets the request and gives the answer.
    AwsProxy,
    /// An answer that is always the same.
    Mock,
}

/// What becomes of an integration's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationResponse {
    /// The status that the caller gets.
    pub status_code: String,
    /// For which answers it is: a regular expression; none is for all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection_pattern: Option<String>,
    /// Headers, and their values in apostrophes.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub response_parameters: Texts,
    /// Bodies by media type.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub response_templates: Texts,
}

/// What shall become of an integration's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewIntegrationResponse {
    /// For which answers it is.
    pub selection_pattern: Option<String>,
    /// Headers.
    pub response_parameters: Texts,
    /// Bodies by media type.
    pub response_templates: Texts,
}
