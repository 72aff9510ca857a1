//! The operations on stages.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use super::deployments::check_off;
use crate::apigateway::v1::{
    PatchOperation, Refusal, RestApis,
    document::{MethodSetting, NewStage, Stage},
    patch::{self, ALL, Kind, Operation, Rules, SET, Words, apply, rule},
};

const RULES: Rules = Rules {
    input: "updateStageInput",
    words: Words::Short,
    paths: &[
        rule("/deploymentId", SET, Kind::Text),
        rule("/description", SET, Kind::Text),
        rule("/documentationVersion", SET, Kind::Text),
        rule("/cacheClusterEnabled", SET, Kind::Flag),
        rule("/tracingEnabled", SET, Kind::Flag),
        rule("/variables/*", ALL, Kind::Text),
    ],
};

impl RestApis {
    /// `CreateStage`.
    ///
    /// # Errors
    /// If there is no such API or deployment, there is a stage of this name, or what is asked for is not allowed.
    pub fn create_stage(&self, partition: &Partition, api: &str, new: NewStage) -> Result<Stage, Refusal> {
        check_off(new.cache_cluster_enabled, new.tracing_enabled)?;
        check_name(&new.stage_name)?;
        check_variables(&new.variables)?;
        let now = self.seconds();
        self.change_api(partition, api, |api| {
            api.deployment(&new.deployment_id)?;
            if api.stages.contains_key(&new.stage_name) {
                return Err(Refusal::conflict("Stage already exists"));
            }
            let stage = Stage {
                deployment_id: new.deployment_id,
                stage_name: new.stage_name,
                description: new.description,
                cache_cluster_enabled: false,
                cache_cluster_status: "NOT_AVAILABLE".to_owned(),
                method_settings: BTreeMap::new(),
                variables: new.variables,
                documentation_version: new.documentation_version,
                tracing_enabled: false,
                tags: new.tags,
                created_date: now,
                last_updated_date: now,
            };
            api.set_stage(partition, stage.clone())?;
            Ok(stage)
        })
    }

    /// `GetStages`, in the order of their names; of one deployment, if any is given.
    ///
    /// # Errors
    /// If there is no such API.
    pub fn stages(
        &self,
        partition: &Partition,
        api: &str,
        deployment: Option<&str>,
    ) -> Result<Vec<Stage>, Refusal> {
        self.look_at_api(partition, api, |api| {
            let stages = api.stages.values().map(|stage| &stage.document);
            let stages = stages.filter(|stage| deployment.is_none_or(|id| stage.deployment_id == id));
            Ok(stages.cloned().collect())
        })
    }

    /// `GetStage`.
    ///
    /// # Errors
    /// If there is no such stage.
    pub fn stage(&self, partition: &Partition, api: &str, name: &str) -> Result<Stage, Refusal> {
        self.look_at_api(partition, api, |api| Ok(api.stage(name)?.document.clone()))
    }

    /// `UpdateStage`: from now on, callers get what it says.
    ///
    /// # Errors
    /// If there is no such stage or deployment, or it cannot be changed so.
    pub fn update_stage(
        &self,
        partition: &Partition,
        api: &str,
        name: &str,
        operations: &[PatchOperation],
    ) -> Result<Stage, Refusal> {
        let now = self.seconds();
        self.change_api(partition, api, |api| {
            let (settings, others): (Vec<_>, Vec<_>) = operations
                .iter()
                .cloned()
                .partition(|operation| SettingPath::parse(&operation.path).is_some());
            let mut stage = apply(&api.stage(name)?.document, &others, &RULES)?;
            check_off(stage.cache_cluster_enabled, stage.tracing_enabled)?;
            check_variables(&stage.variables)?;
            for (operation, given) in patch::read(&settings, RULES.input)? {
                set_method(&mut stage.method_settings, operation, given)?;
            }
            stage.last_updated_date = now;
            api.set_stage(partition, stage.clone())?;
            Ok(stage)
        })
    }

    /// `DeleteStage`.
    ///
    /// # Errors
    /// If there is no such stage, or a usage plan has it.
    pub fn delete_stage(&self, partition: &Partition, api: &str, name: &str) -> Result<(), Refusal> {
        self.change(partition, |region| {
            region.api(partition.account, api)?.stage(name)?;
            let mut plans = region.plans.values();
            let is_meant =
                |stage: &super::super::document::ApiStage| stage.api_id == api && stage.stage == name;
            if let Some(plan) = plans.find(|plan| plan.document.api_stages.iter().any(is_meant)) {
                let message = format!(
                    "Stage {name} can't be deleted: the usage plan {} has it. Remove it from there first.",
                    plan.document.id
                );
                return Err(Refusal::bad(message));
            }
            region.api_mut(partition.account, api)?.stages.remove(name);
            Ok(())
        })
    }

    /// `FlushStageAuthorizersCache`: authorizers are asked again.
    ///
    /// # Errors
    /// If there is no such stage.
    pub fn flush_authorizers(&self, partition: &Partition, api: &str, name: &str) -> Result<(), Refusal> {
        self.look_at_api(partition, api, |api| {
            api.stage(name)?.served.runtime.forget_answers();
            Ok(())
        })
    }
}

/// A path to a setting of methods: `/{resource path}/{method}/{category}/{setting}`.
struct SettingPath {
    /// The path and the method, as the stage's document names them: `images/{id}/GET`, `*/*`.
    key: String,
    setting: String,
}

impl SettingPath {
    fn parse(path: &str) -> Option<Self> {
        let segments = patch::segments(path);
        let [resource @ .., method, category, setting] = &*segments else { return None };
        if resource.is_empty() || !["throttling", "logging", "metrics", "caching"].contains(&&**category) {
            return None;
        }
        let resource = resource.join("/");
        let key = format!("{}/{method}", resource.trim_start_matches('/'));
        Some(Self { key, setting: format!("{category}/{setting}") })
    }
}

fn set_method(
    settings: &mut BTreeMap<String, MethodSetting>,
    operation: Operation,
    given: &PatchOperation,
) -> Result<(), Refusal> {
    let SettingPath { key, setting } = SettingPath::parse(&given.path).expect("it was parsed before");
    if operation == Operation::Remove {
        settings.remove(&key);
        return Ok(());
    }
    let text = given.text()?;
    let number = || {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| {
            Refusal::bad(format!("Invalid value '{text}' for {}: it must be a number", given.path))
        })
    };
    let method = settings.entry(key).or_default();
    match &*setting {
        "throttling/rateLimit" => method.throttling_rate_limit = number()?,
        "throttling/burstLimit" => {
            let burst = text.parse().ok();
            method.throttling_burst_limit = burst.ok_or_else(|| {
                Refusal::bad(format!("Invalid value '{text}' for {}: it must be a whole number", given.path))
            })?;
        }
        "logging/loglevel" if text == "OFF" => method.logging_level = Some(text.to_owned()),
        "logging/dataTrace" | "metrics/enabled" | "caching/enabled" | "caching/dataEncrypted"
            if text == "false" => {}
        other => {
            return Err(Refusal::bad(format!(
                "Hearth does not support `{other}` = '{text}': of methods' settings only the throttling acts"
            )));
        }
    }
    Ok(())
}

pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if name.is_empty() || name.len() > 128 || !name.bytes().all(fits) {
        return Err(Refusal::bad("Stage name only allows a-zA-Z0-9_-"));
    }
    Ok(())
}

fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let value = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
    if let Some(wrong) = variables.keys().find(|key| !key.bytes().all(name)) {
        return Err(Refusal::bad(format!(
            "Stage variable names can only have alphanumeric characters and underscores: {wrong}"
        )));
    }
    if let Some(wrong) = variables.values().find(|text| !text.bytes().all(value)) {
        return Err(Refusal::bad(format!(
            "Stage variable values can only have alphanumeric characters and -._~:/?#&=,: {wrong}"
        )));
    }
    Ok(())
}
