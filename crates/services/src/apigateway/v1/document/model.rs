//! Models of bodies, and what validates requests.

use serde::{Deserialize, Serialize};

/// A JSON schema of bodies. Nothing is validated by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// What tells it from the others.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The media type.
    pub content_type: String,
}

/// A model that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewModel {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The schema.
    pub schema: Option<String>,
    /// The media type.
    pub content_type: String,
}

/// What validates requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestValidator {
    /// What tells it from the others.
    pub id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether bodies are validated, which Hearth does not.
    pub validate_request_body: bool,
    /// Whether parameters must be there that a method says must be.
    pub validate_request_parameters: bool,
}

/// A validator that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRequestValidator {
    /// Its name.
    pub name: Option<String>,
    /// Whether bodies shall be validated.
    pub validate_request_body: bool,
    /// Whether parameters shall be.
    pub validate_request_parameters: bool,
}
