//! The operations on deployments.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use super::stages::check_name;
use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::{Deployment, NewDeployment, Stage},
        patch::{Kind, Rules, SET, Words, apply, rule},
        service::Deployed,
    },
};

const RULES: Rules = Rules {
    input: "updateDeploymentInput",
    words: Words::Short,
    paths: &[rule("/description", SET, Kind::Text)],
};

impl RestApis {
    /// `CreateDeployment`: keeps the API as it is now, and lets a stage serve that.
    ///
    /// # Errors
    /// If there is no such API, it has no method, or one that nothing serves.
    pub fn create_deployment(
        &self,
        partition: &Partition,
        api: &str,
        new: NewDeployment,
    ) -> Result<Deployment, Refusal> {
        check_off(new.cache_cluster_enabled, new.tracing_enabled)?;
        let now = self.seconds();
        self.change_api(partition, api, |api| {
            let document = Deployment { id: random_id(6), description: new.description, created_date: now };
            if let Some(name) = &new.stage_name {
                check_name(name)?;
            }
            let deployed = Deployed::new(document.clone(), api)?;
            api.deployments.insert(document.id.clone(), deployed);
            let Some(name) = new.stage_name else { return Ok(document) };
            let known = api.stages.get(&name).map(|stage| stage.document.clone());
            let mut stage = known.unwrap_or_else(|| Stage {
                deployment_id: String::new(),
                stage_name: name,
                description: new.stage_description.clone(),
                cache_cluster_enabled: false,
                cache_cluster_status: "NOT_AVAILABLE".to_owned(),
                method_settings: BTreeMap::new(),
                variables: BTreeMap::new(),
                documentation_version: None,
                tracing_enabled: false,
                tags: BTreeMap::new(),
                created_date: now,
                last_updated_date: now,
            });
            stage.deployment_id.clone_from(&document.id);
            stage.variables.extend(new.variables);
            stage.last_updated_date = now;
            api.set_stage(partition, stage)?;
            Ok(document)
        })
    }

    /// `GetDeployments`, in the order of their identifiers.
    ///
    /// # Errors
    /// If there is no such API, or the page is none.
    pub fn deployments(
        &self,
        partition: &Partition,
        api: &str,
        page: &PageRequest,
    ) -> Result<Page<Deployment>, Refusal> {
        self.look_at_api(partition, api, |api| {
            let page = page.of(api.deployments.values(), |deployed| deployed.document.id.clone())?;
            Ok(page.map(|deployed| deployed.document.clone()))
        })
    }

    /// `GetDeployment`.
    ///
    /// # Errors
    /// If there is no such deployment.
    pub fn deployment(&self, partition: &Partition, api: &str, id: &str) -> Result<Deployment, Refusal> {
        self.look_at_api(partition, api, |api| Ok(api.deployment(id)?.document.clone()))
    }

    /// `UpdateDeployment`.
    ///
    /// # Errors
    /// If there is no such deployment, or it cannot be changed so.
    pub fn update_deployment(
        &self,
        partition: &Partition,
        api: &str,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<Deployment, Refusal> {
        self.change_api(partition, api, |api| {
            let changed = apply(&api.deployment(id)?.document, operations, &RULES)?;
            if let Some(deployed) = api.deployments.get_mut(id) {
                deployed.document = changed.clone();
            }
            Ok(changed)
        })
    }

    /// `DeleteDeployment`.
    ///
    /// # Errors
    /// If there is no such deployment, or a stage has it.
    pub fn delete_deployment(&self, partition: &Partition, api: &str, id: &str) -> Result<(), Refusal> {
        self.change_api(partition, api, |api| {
            api.deployment(id)?;
            if api.stages.values().any(|stage| stage.document.deployment_id == id) {
                let message = "Active stages pointing to this deployment must be moved or deleted";
                return Err(Refusal::bad(message));
            }
            api.deployments.remove(id);
            Ok(())
        })
    }
}

/// Refuses what Hearth does not do, rather than to pretend.
pub(super) fn check_off(cache: bool, tracing: bool) -> Result<(), Refusal> {
    if cache {
        return Err(Refusal::bad("Hearth does not support `cacheClusterEnabled`: answers are not kept"));
    }
    if tracing {
        return Err(Refusal::bad("Hearth does not support `tracingEnabled`: nothing is traced"));
    }
    Ok(())
}
