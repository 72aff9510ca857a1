//! API keys.

use serde::{Deserialize, Serialize};

use super::Texts;

/// A key that callers show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// What tells it from the others.
    pub id: String,
    /// What callers show; left out where nobody asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose it is, elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it counts.
    pub enabled: bool,
    /// When it was made, in seconds since 1970.
    pub created_date: i64,
    /// When it was changed last.
    pub last_updated_date: i64,
    /// Stages for which it counted before there were usage plans.
    #[serde(default)]
    pub stage_keys: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub tags: Texts,
}

/// A key that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    /// Its name.
    pub name: Option<String>,
    /// What callers show, from 20 to 128 characters; none has one made.
    pub value: Option<String>,
    /// Whose it is, elsewhere.
    pub customer_id: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it counts.
    pub enabled: bool,
    /// Whether its identifier is not its value; it never is.
    pub generate_distinct_id: Option<bool>,
    /// Its tags.
    pub tags: Texts,
}
