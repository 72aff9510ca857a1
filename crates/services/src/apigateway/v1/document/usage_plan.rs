//! Usage plans: how much the holders of keys may call.

use std::collections::BTreeMap;

use hearth_model::usage::Quota;
use serde::{Deserialize, Serialize};

use super::Texts;

/// How much the holders of some keys may call some stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePlan {
    /// What tells it from the others.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The stages.
    #[serde(default)]
    pub api_stages: Vec<ApiStage>,
    /// How often each key may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<Throttle>,
    /// How often in all, in a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// Its name on a marketplace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_code: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub tags: Texts,
}

/// A usage plan that shall be.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUsagePlan {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The stages.
    pub api_stages: Vec<ApiStage>,
    /// How often each key may call.
    pub throttle: Option<Throttle>,
    /// How often in all, in a period.
    pub quota: Option<Quota>,
    /// Its tags.
    pub tags: Texts,
}

/// A stage of a usage plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiStage {
    /// The API.
    pub api_id: String,
    /// The stage.
    pub stage: String,
    /// How often each key may call its methods, by path and method: `/images/GET`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub throttle: BTreeMap<String, Throttle>,
}

/// How often something may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Throttle {
    /// How often at once.
    pub burst_limit: u32,
    /// How often a second.
    pub rate_limit: f64,
}

/// A key of a usage plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePlanKey {
    /// The key's identifier.
    pub id: String,
    /// `API_KEY`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What callers show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
