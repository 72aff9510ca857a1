//! Stages: where a deployment can be called, and how.

use std::collections::BTreeMap;

use hearth_model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Key, Protocol, Refusal,
    settings::{changed_text, check_text},
};
use crate::kept::unix_nanos;

/// What a stage shall be; all that is none stays as it is, or is as by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageChange {
    /// Whether it always has the newest deployment, made by whatever changes the API.
    pub auto_deploy: Option<bool>,
    /// The deployment.
    pub deployment: Option<String>,
    /// What applies to all routes that have no settings of their own.
    pub default_route_settings: Option<RouteSettings>,
    /// Settings by the keys of routes.
    pub route_settings: Option<BTreeMap<String, RouteSettings>>,
    /// Variables: functions are told them, and URIs of integrations may have them.
    pub variables: Option<BTreeMap<String, String>>,
    /// What it is for.
    pub description: Option<String>,
}

/// Where a deployment can be called, and how. It is kept in the form that it has here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name; `$default` is the one whose name is in no path.
    pub name: String,
    /// Whether it always has the newest deployment.
    pub auto_deploy: bool,
    /// The deployment; without one, it answers nothing.
    pub deployment: Option<String>,
    /// What applies to all routes that have no settings of their own.
    pub default_route_settings: RouteSettings,
    /// Settings by the keys of routes.
    pub route_settings: BTreeMap<String, RouteSettings>,
    /// Variables.
    pub variables: BTreeMap<String, String>,
    /// What it is for.
    pub description: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was made.
    #[serde(with = "unix_nanos")]
    pub created: Timestamp,
    /// When it was changed last.
    #[serde(with = "unix_nanos")]
    pub modified: Timestamp,
    /// Whether it came with the API, by a quick start.
    pub managed: bool,
}

/// What applies to requests of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteSettings {
    /// How many requests may come at once.
    pub burst: Option<u32>,
    /// How many requests a second may come on and on.
    pub rate: Option<f64>,
}

/// A snapshot of an API that stages can have. It is kept in the form that it has here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// Its identifier.
    pub id: String,
    /// When it was made.
    #[serde(with = "unix_nanos")]
    pub created: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// Whether a change of the API made it.
    pub automatic: bool,
}

impl Stage {
    /// The stage whose name is in no path.
    pub const DEFAULT: &str = "$default";

    /// How many requests of an API may come at once, unless a stage says otherwise. Source: quotas of API Gateway.
    pub(super) const BURST: u32 = 5_000;
    /// How many requests a second may come on and on, unless a stage says otherwise.
    pub(super) const RATE: f64 = 10_000.0;

    pub(super) fn new(name: &str, now: Timestamp) -> Result<Self, Refusal> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_name = (1..=128).contains(&name.len()) && name.bytes().all(fits);
        if !is_name && name != Self::DEFAULT {
            return Err(Refusal::bad_request(
                "Stage name only allows alphanumeric characters, hyphens, underscores and $default",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            auto_deploy: false,
            deployment: None,
            default_route_settings: RouteSettings::default(),
            route_settings: BTreeMap::new(),
            variables: BTreeMap::new(),
            description: None,
            tags: BTreeMap::new(),
            created: now,
            modified: now,
            managed: false,
        })
    }

    pub(super) fn changed(
        self,
        change: StageChange,
        protocol: &Protocol,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        check_text("Description", change.description.as_deref(), 1_024)?;
        let auto_deploy = change.auto_deploy.unwrap_or(self.auto_deploy);
        if auto_deploy && change.deployment.is_some() {
            return Err(Refusal::bad_request(
                "Deployment ID cannot be set on stage when AutoDeploy is enabled",
            ));
        }
        let mut route_settings = self.route_settings;
        for (key, settings) in change.route_settings.unwrap_or_default() {
            settings.check()?;
            let key = Key::parse(protocol, &key)?;
            route_settings.insert(key.to_string(), settings);
        }
        if let Some(settings) = change.default_route_settings {
            settings.check()?;
        }
        let variables = change.variables.unwrap_or(self.variables);
        check_variables(&variables)?;
        Ok(Self {
            auto_deploy,
            deployment: change.deployment.or(self.deployment),
            default_route_settings: change.default_route_settings.unwrap_or(self.default_route_settings),
            route_settings,
            variables,
            description: changed_text(change.description, self.description),
            modified: now,
            ..self
        })
    }

    /// What throttles a route: how many requests may come at once, and how many a second. `None` if nothing is set.
    pub(super) fn throttle(&self, route: &str) -> Option<(u32, f64)> {
        let own = self.route_settings.get(route).copied().unwrap_or_default();
        let burst = own.burst.or(self.default_route_settings.burst);
        let rate = own.rate.or(self.default_route_settings.rate);
        (burst.is_some() || rate.is_some())
            .then(|| (burst.unwrap_or(Self::BURST), rate.unwrap_or(Self::RATE)))
    }

    /// A text in which `${stageVariables.NAME}` is replaced by what that is; by nothing if there is none.
    pub(super) fn expand(&self, text: &str) -> String {
        const BEGIN: &str = "${stageVariables.";
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once(BEGIN) {
            let Some((name, behind)) = behind.split_once('}') else { break };
            expanded.push_str(before);
            expanded.push_str(self.variables.get(name).map_or("", String::as_str));
            rest = behind;
        }
        expanded.push_str(rest);
        expanded
    }
}

impl RouteSettings {
    fn check(&self) -> Result<(), Refusal> {
        match self.rate {
            Some(rate) if !(rate.is_finite() && rate >= 0.0) => {
                Err(Refusal::bad_request(format!("Invalid throttling rate limit: {rate}")))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// As API Gateway lets variables be.
fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), Refusal> {
    for (name, value) in variables {
        let is_name = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
        if !is_name || value.len() > 512 || !value.bytes().all(fits) {
            return Err(Refusal::bad_request(format!(
                "Invalid stage variable: {name}. Names have alphanumeric characters and underscores, and values match \
                 [A-Za-z0-9-._~:/?#&=,]+"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage() -> Stage {
        Stage::new("prod", Timestamp::UNIX_EPOCH).expect("a stage")
    }

    #[test]
    fn variables_are_replaced() {
        let variables = [("fn", "orders"), ("alias", "live")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let stage = Stage { variables: variables.into(), ..stage() };
        let check = |text: &str, expected: &str| assert_eq!(stage.expand(text), expected, "{text}");
        check("a:${stageVariables.fn}:${stageVariables.alias}", "a:orders:live");
        check("${stageVariables.other}x", "x");
        check("${stageVariables.fn", "${stageVariables.fn");
        check("", "");
    }

    #[test]
    fn a_route_is_throttled_by_its_own_settings_and_by_those_of_all() {
        let mut stage = stage();
        assert_eq!(stage.throttle("GET /"), None);
        stage.default_route_settings = RouteSettings { burst: Some(5), rate: None };
        assert_eq!(stage.throttle("GET /"), Some((5, Stage::RATE)));
        stage.route_settings.insert("GET /".to_owned(), RouteSettings { burst: None, rate: Some(1.5) });
        assert_eq!(stage.throttle("GET /"), Some((5, 1.5)));
        assert_eq!(stage.throttle("POST /"), Some((5, Stage::RATE)));
    }

    #[test]
    fn stages_are_checked() {
        for name in ["", "a b", "$other", "ä"] {
            assert!(matches!(Stage::new(name, Timestamp::UNIX_EPOCH), Err(Refusal::BadRequest(_))), "{name}");
        }
        let refused = [
            StageChange {
                auto_deploy: Some(true),
                deployment: Some("a".to_owned()),
                ..StageChange::default()
            },
            StageChange {
                variables: Some([("a b".to_owned(), String::new())].into()),
                ..StageChange::default()
            },
            StageChange {
                default_route_settings: Some(RouteSettings { burst: None, rate: Some(f64::NAN) }),
                ..StageChange::default()
            },
            StageChange {
                route_settings: Some([("nowhere".to_owned(), RouteSettings::default())].into()),
                ..StageChange::default()
            },
        ];
        for change in refused {
            let refusal = stage().changed(change.clone(), &Protocol::Http, Timestamp::UNIX_EPOCH);
            assert!(matches!(refusal, Err(Refusal::BadRequest(_))), "{change:?}");
        }
    }
}
