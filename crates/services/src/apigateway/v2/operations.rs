//! What owners of an API do with its parts.

use std::{collections::BTreeMap, sync::Arc};

use hearth_model::http_route::RouteKey;

use super::{
    Api, Authorization, Authorizer, AuthorizerChange, AuthorizerKind, DeploymentView, Integration,
    IntegrationChange, Key, Page, PageRequest, PayloadFormat, Protocol, Refusal, Route, RouteChange, Stage,
    StageChange,
    api::{Deployment, StageState, State},
    settings::check_text,
    tags,
};
use crate::apigateway::{FunctionUri, id::random_id};

/// How long identifiers of routes and integrations are.
const ROUTE_ID: usize = 7;
/// How long identifiers of authorizers are.
const AUTHORIZER_ID: usize = 6;

impl Api {
    /// `CreateIntegration`.
    ///
    /// # Errors
    /// If something is missing, cannot be, or is not supported.
    pub fn create_integration(&self, change: IntegrationChange) -> Result<Arc<Integration>, Refusal> {
        self.change(|state| {
            let integration = Integration::new(random_id(ROUTE_ID), change, &state.settings.protocol)?;
            let integration = Arc::new(integration);
            state.integrations.insert(integration.id.clone(), Arc::clone(&integration));
            Ok(integration)
        })
    }

    /// `GetIntegration`.
    ///
    /// # Errors
    /// If there is none.
    pub fn integration(&self, id: &str) -> Result<Arc<Integration>, Refusal> {
        self.state().integrations.get(id).cloned().ok_or_else(|| no_integration(id))
    }

    /// `GetIntegrations`.
    ///
    /// # Errors
    /// If the page is none.
    pub fn integrations(&self, request: &PageRequest) -> Result<Page<Arc<Integration>>, Refusal> {
        request.of(self.state().integrations.values().cloned(), |integration| &integration.id)
    }

    /// `UpdateIntegration`.
    ///
    /// # Errors
    /// If there is none, or something cannot be; then nothing changes.
    pub fn update_integration(
        &self,
        id: &str,
        change: IntegrationChange,
    ) -> Result<Arc<Integration>, Refusal> {
        self.change(|state| {
            let integration = state.integrations.get_mut(id).ok_or_else(|| no_integration(id))?;
            *integration =
                Arc::new(Integration::clone(integration).changed(change, &state.settings.protocol)?);
            Ok(Arc::clone(integration))
        })
    }

    /// `DeleteIntegration`.
    ///
    /// # Errors
    /// If there is none, or a route leads to it.
    pub fn delete_integration(&self, id: &str) -> Result<(), Refusal> {
        self.change(|state| {
            if let Some(route) = state.routes.values().find(|route| route.integration.as_deref() == Some(id))
            {
                let message =
                    format!("Cannot delete Integration '{id}' that is referenced by Route '{}'", route.id);
                return Err(Refusal::conflict(message));
            }
            state.integrations.remove(id).map(drop).ok_or_else(|| no_integration(id))
        })
    }

    /// `CreateRoute`.
    ///
    /// # Errors
    /// If there is one for the same requests, or something is missing or cannot be.
    pub fn create_route(&self, change: RouteChange) -> Result<Arc<Route>, Refusal> {
        self.change(|state| {
            let route = Route::new(random_id(ROUTE_ID), change, &state.settings.protocol)?;
            state.put_route(route)
        })
    }

    /// `GetRoute`.
    ///
    /// # Errors
    /// If there is none.
    pub fn route(&self, id: &str) -> Result<Arc<Route>, Refusal> {
        self.state().routes.get(id).cloned().ok_or_else(|| no_route(id))
    }

    /// `GetRoutes`.
    ///
    /// # Errors
    /// If the page is none.
    pub fn routes(&self, request: &PageRequest) -> Result<Page<Arc<Route>>, Refusal> {
        request.of(self.state().routes.values().cloned(), |route| &route.id)
    }

    /// `UpdateRoute`.
    ///
    /// # Errors
    /// If there is none, or it would be what it cannot be; then nothing changes.
    pub fn update_route(&self, id: &str, change: RouteChange) -> Result<Arc<Route>, Refusal> {
        self.change(|state| {
            let route = state.routes.get(id).ok_or_else(|| no_route(id))?;
            let route = Route::clone(route).changed(change, &state.settings.protocol)?;
            state.put_route(route)
        })
    }

    /// `DeleteRoute`.
    ///
    /// # Errors
    /// If there is none.
    pub fn delete_route(&self, id: &str) -> Result<(), Refusal> {
        self.change(|state| state.routes.remove(id).map(drop).ok_or_else(|| no_route(id)))
    }

    /// `CreateAuthorizer`.
    ///
    /// # Errors
    /// If something is missing or cannot be.
    pub fn create_authorizer(&self, change: AuthorizerChange) -> Result<Arc<Authorizer>, Refusal> {
        self.change(|state| {
            let authorizer = Authorizer::new(random_id(AUTHORIZER_ID), change, &state.settings.protocol)?;
            state.put_authorizer(authorizer)
        })
    }

    /// `GetAuthorizer`.
    ///
    /// # Errors
    /// If there is none.
    pub fn authorizer(&self, id: &str) -> Result<Arc<Authorizer>, Refusal> {
        self.state().authorizers.get(id).cloned().ok_or_else(|| no_authorizer(id))
    }

    /// `GetAuthorizers`.
    ///
    /// # Errors
    /// If the page is none.
    pub fn authorizers(&self, request: &PageRequest) -> Result<Page<Arc<Authorizer>>, Refusal> {
        request.of(self.state().authorizers.values().cloned(), |authorizer| &authorizer.id)
    }

    /// `UpdateAuthorizer`.
    ///
    /// # Errors
    /// If there is none, or it would be what it cannot be; then nothing changes.
    pub fn update_authorizer(&self, id: &str, change: AuthorizerChange) -> Result<Arc<Authorizer>, Refusal> {
        self.change(|state| {
            let authorizer = state.authorizers.get(id).ok_or_else(|| no_authorizer(id))?;
            let authorizer = Authorizer::clone(authorizer).changed(change)?;
            state.put_authorizer(authorizer)
        })
    }

    /// `DeleteAuthorizer`.
    ///
    /// # Errors
    /// If there is none, or a route needs it.
    pub fn delete_authorizer(&self, id: &str) -> Result<(), Refusal> {
        self.change(|state| {
            if let Some(route) = state.routes.values().find(|route| route.authorizer.as_deref() == Some(id)) {
                let message =
                    format!("Cannot delete Authorizer '{id}' that is referenced by Route '{}'", route.id);
                return Err(Refusal::conflict(message));
            }
            state.authorizers.remove(id).map(drop).ok_or_else(|| no_authorizer(id))
        })
    }

    /// `CreateDeployment`, for a stage if one is named.
    ///
    /// # Errors
    /// If there are no routes, or there is no such stage, or that is deployed automatically.
    pub fn create_deployment(
        &self,
        description: Option<String>,
        stage: Option<&str>,
    ) -> Result<DeploymentView, Refusal> {
        check_text("Description", description.as_deref(), 1_024)?;
        self.change_stages(|state, now| {
            if state.routes.is_empty() {
                return Err(Refusal::bad_request("At least one route is required before deploying the Api."));
            }
            if let Some(name) = stage
                && state.stage(name)?.stage.auto_deploy
            {
                let message = "Deployment ID cannot be set on stage when AutoDeploy is enabled";
                return Err(Refusal::bad_request(message));
            }
            let deployment = state.deploy(description, false, now);
            if let Some(name) = stage {
                let stage = &mut state.stage(name)?.stage;
                (stage.deployment, stage.modified) = (Some(deployment.id.clone()), now);
            }
            Ok(deployment)
        })
    }

    /// `GetDeployment`.
    ///
    /// # Errors
    /// If there is none.
    pub fn deployment(&self, id: &str) -> Result<DeploymentView, Refusal> {
        let state = self.state();
        state.deployments.get(id).map(|deployment| deployment.view.clone()).ok_or_else(no_deployment)
    }

    /// `GetDeployments`.
    ///
    /// # Errors
    /// If the page is none.
    pub fn deployments(&self, request: &PageRequest) -> Result<Page<DeploymentView>, Refusal> {
        let state = self.state();
        let views = state.deployments.values().map(|deployment| deployment.view.clone());
        request.of(views, |view| &view.id)
    }

    /// `UpdateDeployment`.
    ///
    /// # Errors
    /// If there is none.
    pub fn update_deployment(
        &self,
        id: &str,
        description: Option<String>,
    ) -> Result<DeploymentView, Refusal> {
        check_text("Description", description.as_deref(), 1_024)?;
        self.change_stages(|state, _| {
            let Deployment { view, .. } = state.deployments.get_mut(id).ok_or_else(no_deployment)?;
            view.description = description.or(view.description.take());
            Ok(view.clone())
        })
    }

    /// `DeleteDeployment`.
    ///
    /// # Errors
    /// If there is none, or a stage has it.
    pub fn delete_deployment(&self, id: &str) -> Result<(), Refusal> {
        self.change_stages(|state, _| {
            if state.stages.values().any(|state| state.stage.deployment.as_deref() == Some(id)) {
                return Err(Refusal::bad_request(
                    "Active stages pointing to this deployment must be moved or deleted",
                ));
            }
            state.deployments.remove(id).map(drop).ok_or_else(no_deployment)
        })
    }

    /// `CreateStage`.
    ///
    /// # Errors
    /// If there is one of this name, or something cannot be.
    pub fn create_stage(
        &self,
        name: &str,
        change: StageChange,
        tags: BTreeMap<String, String>,
    ) -> Result<Stage, Refusal> {
        tags::check(&tags)?;
        self.change_stages(|state, now| {
            if state.stages.contains_key(name) {
                return Err(Refusal::conflict("Stage already exists"));
            }
            let stage = Stage { tags, ..Stage::new(name, now)? };
            let stage = stage.changed(change, &state.settings.protocol, now)?;
            state.check_deployment(&stage)?;
            state.add_stage(stage);
            state.deploy_automatically(now);
            Ok(state.stage(name)?.stage.clone())
        })
    }

    /// `GetStage`.
    ///
    /// # Errors
    /// If there is none.
    pub fn stage(&self, name: &str) -> Result<Stage, Refusal> {
        Ok(self.state().stage(name)?.stage.clone())
    }

    /// `GetStages`.
    ///
    /// # Errors
    /// If the page is none.
    pub fn stages(&self, request: &PageRequest) -> Result<Page<Stage>, Refusal> {
        let state = self.state();
        request.of(state.stages.values().map(|state| state.stage.clone()), |stage| &stage.name)
    }

    /// `UpdateStage`.
    ///
    /// # Errors
    /// If there is none, or it would be what it cannot be; then nothing changes.
    pub fn update_stage(&self, name: &str, change: StageChange) -> Result<Stage, Refusal> {
        self.change_stages(|state, now| {
            let before = state.stage(name)?.stage.clone();
            let begins = change.auto_deploy == Some(true) && !before.auto_deploy;
            let stage = before.changed(change, &state.settings.protocol, now)?;
            state.check_deployment(&stage)?;
            state.stage(name)?.stage = stage;
            if begins {
                state.deploy_automatically(now);
            }
            Ok(state.stage(name)?.stage.clone())
        })
    }

    /// `DeleteRouteSettings`.
    ///
    /// # Errors
    /// If there is no such stage, or nothing is set for the route.
    pub fn delete_route_settings(&self, stage: &str, route: &str) -> Result<(), Refusal> {
        self.change_stages(|state, now| {
            let StageState { stage, .. } = state.stage(stage)?;
            stage.modified = now;
            let removed = stage.route_settings.remove(route);
            removed.map(drop).ok_or_else(|| Refusal::not_found("Invalid route settings key specified"))
        })
    }

    /// `ResetAuthorizersCache`.
    ///
    /// # Errors
    /// If there is no such stage.
    pub fn reset_authorizers(&self, stage: &str) -> Result<(), Refusal> {
        self.state().stage(stage)?.callers.lock().forget(|_| true);
        Ok(())
    }

    /// `DeleteStage`.
    ///
    /// # Errors
    /// If there is none.
    pub fn delete_stage(&self, name: &str) -> Result<(), Refusal> {
        self.change_stages(|state, _| {
            state.stage(name)?;
            state.stages.remove(name);
            Ok(())
        })?;
        self.connections().close(|connection| connection.is_of(self.id(), name));
        Ok(())
    }
}

impl Api {
    /// Makes all that a quick start comes with: an integration, a route, and a stage that is deployed automatically.
    pub(super) fn quick_start(
        &self,
        target: &str,
        key: RouteKey,
        credentials: Option<String>,
    ) -> Result<(), Refusal> {
        let integration = IntegrationChange {
            integration_type: Some("AWS_PROXY".to_owned()),
            uri: Some(target.to_owned()),
            payload_format: Some(PayloadFormat::V2.as_str().to_owned()),
            credentials,
            ..IntegrationChange::default()
        };
        if FunctionUri::parse(target).is_none() {
            return Err(Refusal::unsupported("targets that are no functions"));
        }
        let integration = Integration {
            managed: true,
            ..Integration::new(random_id(ROUTE_ID), integration, &Protocol::Http)?
        };
        let route = Route {
            integration: Some(integration.id.clone()),
            managed: true,
            ..Route::open(random_id(ROUTE_ID), Key::Http(key))
        };
        self.change_stages(|state, now| {
            state.integrations.insert(integration.id.clone(), Arc::new(integration));
            state.put_route(route)?;
            state.add_stage(Stage { auto_deploy: true, managed: true, ..Stage::new(Stage::DEFAULT, now)? });
            state.deploy_automatically(now);
            Ok(())
        })
    }
}

impl State {
    /// Adds a route, or replaces the one of that identifier.
    fn put_route(&mut self, route: Route) -> Result<Arc<Route>, Refusal> {
        if let Some(id) = &route.integration
            && !self.integrations.contains_key(id)
        {
            return Err(no_integration(id));
        }
        if let Some(id) = &route.authorizer {
            let kind = &self.authorizers.get(id).ok_or_else(|| no_authorizer(id))?.kind;
            let fits = match kind {
                AuthorizerKind::Jwt(_) => route.authorization == Authorization::Jwt,
                AuthorizerKind::Request(_) => route.authorization == Authorization::Custom,
            };
            if !fits {
                let message = format!(
                    "The authorization type {} does not fit an authorizer of the type {}",
                    route.authorization.as_str(),
                    kind.as_str()
                );
                return Err(Refusal::bad_request(message));
            }
        }
        let mut others = self.routes.values().filter(|other| other.id != route.id);
        if others.any(|other| other.key.is_for_the_same_as(&route.key)) {
            return Err(Refusal::conflict(format!(
                "Route with key {} already exists for this API",
                route.key
            )));
        }
        let route = Arc::new(route);
        self.routes.insert(route.id.clone(), Arc::clone(&route));
        Ok(route)
    }

    fn put_authorizer(&mut self, authorizer: Authorizer) -> Result<Arc<Authorizer>, Refusal> {
        let mut others = self.authorizers.values().filter(|other| other.id != authorizer.id);
        if others.any(|other| other.name == authorizer.name) {
            return Err(Refusal::bad_request("Authorizer name must be unique"));
        }
        let authorizer = Arc::new(authorizer);
        self.authorizers.insert(authorizer.id.clone(), Arc::clone(&authorizer));
        for state in self.stages.values() {
            let prefix = format!("{}/", authorizer.id);
            state.callers.lock().forget(|key| key.starts_with(&prefix));
        }
        Ok(authorizer)
    }

    fn check_deployment(&self, stage: &Stage) -> Result<(), Refusal> {
        match &stage.deployment {
            Some(id) if !self.deployments.contains_key(id) => Err(no_deployment()),
            Some(_) | None => Ok(()),
        }
    }
}

fn no_integration(id: &str) -> Refusal {
    Refusal::not_found(format!("Invalid Integration identifier specified {id}"))
}

pub(super) fn no_route(id: &str) -> Refusal {
    Refusal::not_found(format!("Invalid Route identifier specified {id}"))
}

fn no_authorizer(id: &str) -> Refusal {
    Refusal::not_found(format!("Invalid Authorizer identifier specified {id}"))
}

fn no_deployment() -> Refusal {
    Refusal::not_found("Invalid deployment identifier specified")
}
