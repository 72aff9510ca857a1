//! Authorizers.

use serde::{Deserialize, Serialize};

/// What decides who may call a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authorizer {
    /// What tells it from the others.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: AuthorizerKind,
    /// `custom`, unless its owner says something else; it says nothing.
    pub auth_type: String,
    /// The function that decides.
    pub authorizer_uri: String,
    /// The role in which the function is invoked; without one, its policy decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer_credentials: Option<String>,
    /// What tells callers apart, separated by commas: headers and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_source: Option<String>,
    /// What tokens must look like: a regular expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_validation_expression: Option<String>,
    /// For how many seconds a decision counts, from 0 to 3,600.
    pub authorizer_result_ttl_in_seconds: u32,
}

/// An authorizer that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAuthorizer {
    /// Its name.
    pub name: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// What its owner says of it.
    pub auth_type: Option<String>,
    /// The function that decides.
    pub authorizer_uri: Option<String>,
    /// The role in which the function is invoked.
    pub authorizer_credentials: Option<String>,
    /// What tells callers apart.
    pub identity_source: Option<String>,
    /// What tokens must look like.
    pub identity_validation_expression: Option<String>,
    /// For how many seconds a decision counts.
    pub authorizer_result_ttl_in_seconds: Option<u32>,
}

/// The kinds of authorizers, as far as Hearth has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AuthorizerKind {
    /// A function that gets one header.
    Token,
    /// A function that gets the request but for its body.
    Request,
}
