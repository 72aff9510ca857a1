//! Deployments and stages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Texts;

/// An API as it was at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// What tells it from the others.
    pub id: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_date: i64,
}

/// A deployment that shall be, and the stage that shall have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDeployment {
    /// The stage, which may be new.
    pub stage_name: Option<String>,
    /// What a new stage is for.
    pub stage_description: Option<String>,
    /// What the deployment is for.
    pub description: Option<String>,
    /// Whether answers are kept, which Hearth does not.
    pub cache_cluster_enabled: bool,
    /// Variables of the stage.
    pub variables: Texts,
    /// Whether requests are traced, which Hearth does not.
    pub tracing_enabled: bool,
}

/// Where a deployment can be called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// The deployment.
    pub deployment_id: String,
    /// Its name, the first segment of paths.
    pub stage_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether answers are kept: they are not.
    pub cache_cluster_enabled: bool,
    /// `NOT_AVAILABLE`.
    pub cache_cluster_status: String,
    /// How often methods may be called, by path and method: `images/GET`, `*/*`.
    #[serde(default)]
    pub method_settings: BTreeMap<String, MethodSetting>,
    /// What functions are told, and what the names of functions are made of.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub variables: Texts,
    /// The version of the API's documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation_version: Option<String>,
    /// Whether requests are traced: they are not.
    pub tracing_enabled: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub tags: Texts,
    /// When it was made, in seconds since 1970.
    pub created_date: i64,
    /// When it was changed last.
    pub last_updated_date: i64,
}

/// A stage that shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStage {
    /// Its name.
    pub stage_name: String,
    /// The deployment.
    pub deployment_id: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether answers are kept, which Hearth does not.
    pub cache_cluster_enabled: bool,
    /// Its variables.
    pub variables: Texts,
    /// The version of the API's documentation.
    pub documentation_version: Option<String>,
    /// Whether requests are traced, which Hearth does not.
    pub tracing_enabled: bool,
    /// Its tags.
    pub tags: Texts,
}

/// What is set for methods of a stage. All but the throttle is off, and cannot be turned on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MethodSetting {
    /// Whether there are metrics.
    pub metrics_enabled: bool,
    /// Which lines are logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging_level: Option<String>,
    /// Whether requests are logged as a whole.
    pub data_trace_enabled: bool,
    /// How often methods may be called at once.
    pub throttling_burst_limit: u32,
    /// How often a second.
    pub throttling_rate_limit: f64,
    /// Whether answers are kept.
    pub caching_enabled: bool,
    /// For how long.
    pub cache_ttl_in_seconds: u32,
    /// Whether they are encrypted.
    pub cache_data_encrypted: bool,
    /// Whether not everybody may have a request served anew.
    pub require_authorization_for_cache_control: bool,
    /// What happens to those who may not.
    pub unauthorized_cache_control_header_strategy: String,
}

impl Default for MethodSetting {
    /// With the account's own throttle.
    fn default() -> Self {
        Self {
            metrics_enabled: false,
            logging_level: None,
            data_trace_enabled: false,
            throttling_burst_limit: 5_000,
            throttling_rate_limit: 10_000.0,
            caching_enabled: false,
            cache_ttl_in_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control_header_strategy: "SUCCEED_WITH_RESPONSE_HEADER".to_owned(),
        }
    }
}
