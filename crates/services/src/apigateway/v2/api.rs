//! One API: its routes and what they need, and what of that can be called.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::{clock::Clock, journal::Journal};
use hearth_model::{api_authorizer::AuthorizerCache, identity::Partition, time::Timestamp};
use parking_lot::{Mutex, MutexGuard, RwLock};

use super::{
    ApiChange, ApiSettings, ApiView, Authorizer, DeploymentView, Integration, Protocol, Refusal, Route,
    Stage,
    caller::CallerCache,
    live::{LiveApi, Snapshot},
    sockets::Connections,
    tags,
};
use crate::apigateway::{ApiId, id::random_id};

/// An API of an account in a region.
#[derive(Debug)]
pub struct Api {
    id: ApiId,
    partition: Partition,
    created: Timestamp,
    clock: Clock,
    is_websocket: bool,
    /// The connections of all WebSocket APIs.
    connections: Arc<Connections>,
    state: Mutex<State>,
    /// What the ARNs of all that can be called begin with.
    arn: String,
    /// The API as requests meet it, made when the first one does. A change forgets it.
    live: RwLock<Option<Arc<LiveApi>>>,
}

/// All of an API that can change.
#[derive(Debug)]
pub(super) struct State {
    /// Where changes are recorded; none as long as only its maker can see the API, and when it is gone.
    pub(super) journal: Option<Journal>,
    pub(super) settings: ApiSettings,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) routes: BTreeMap<String, Arc<Route>>,
    pub(super) integrations: BTreeMap<String, Arc<Integration>>,
    pub(super) authorizers: BTreeMap<String, Arc<Authorizer>>,
    pub(super) deployments: BTreeMap<String, Deployment>,
    pub(super) stages: BTreeMap<String, StageState>,
}

/// A deployment, and what was deployed.
#[derive(Debug)]
pub(super) struct Deployment {
    pub(super) view: DeploymentView,
    pub(super) content: Arc<Snapshot>,
}

/// A stage, and what it remembers of callers.
#[derive(Debug)]
pub(super) struct StageState {
    pub(super) stage: Stage,
    pub(super) callers: CallerCache,
}

impl Api {
    pub(super) fn new(
        id: ApiId,
        partition: Partition,
        clock: Clock,
        connections: Arc<Connections>,
        settings: ApiSettings,
        tags: BTreeMap<String, String>,
    ) -> Self {
        let state = State {
            journal: None,
            settings,
            tags,
            routes: BTreeMap::new(),
            integrations: BTreeMap::new(),
            authorizers: BTreeMap::new(),
            deployments: BTreeMap::new(),
            stages: BTreeMap::new(),
        };
        let created = clock.wall();
        Self::with(id, partition, clock, connections, created, state)
    }

    /// One that was made at some time, and is like this.
    pub(super) fn with(
        id: ApiId,
        partition: Partition,
        clock: Clock,
        connections: Arc<Connections>,
        created: Timestamp,
        state: State,
    ) -> Self {
        let is_websocket = state.settings.protocol != Protocol::Http;
        let Partition { account, region } = &partition;
        let arn = format!("arn:aws:execute-api:{region}:{account}:{id}/");
        let (state, live) = (Mutex::new(state), RwLock::default());
        Self { id, partition, created, clock, is_websocket, connections, state, arn, live }
    }

    /// What tells it from all others.
    #[must_use]
    pub fn id(&self) -> &ApiId {
        &self.id
    }

    /// Where it is.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Whether its clients speak WebSocket.
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        self.is_websocket
    }

    /// `GetApi`.
    #[must_use]
    pub fn view(&self) -> ApiView {
        let state = self.state.lock();
        ApiView {
            id: self.id.clone(),
            settings: state.settings.clone(),
            created: self.created,
            tags: state.tags.clone(),
        }
    }

    /// `UpdateApi`.
    ///
    /// # Errors
    /// If something is to be what it can't be; then nothing changes.
    pub fn update(&self, change: ApiChange) -> Result<ApiView, Refusal> {
        self.change(|state| {
            state.settings = state.settings.clone().changed(change)?;
            Ok(())
        })?;
        Ok(self.view())
    }

    /// `DeleteCorsConfiguration`.
    pub fn delete_cors(&self) {
        let deleted: Result<(), Refusal> = self.change(|state| {
            state.settings.cors = None;
            Ok(())
        });
        deleted.expect("nothing is checked");
    }

    /// `TagResource` with the API's ARN, or a stage's.
    ///
    /// # Errors
    /// If there is no such stage, or there would be too many tags.
    pub fn tag(&self, stage: Option<&str>, added: BTreeMap<String, String>) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        tags::add(state.tags(stage)?, added)?;
        self.record(&state);
        Ok(())
    }

    /// `UntagResource`.
    ///
    /// # Errors
    /// If there is no such stage.
    pub fn untag(&self, stage: Option<&str>, keys: &[String]) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        state.tags(stage)?.retain(|key, _| !keys.contains(key));
        self.record(&state);
        Ok(())
    }

    /// `GetTags`.
    ///
    /// # Errors
    /// If there is no such stage.
    pub fn tags(&self, stage: Option<&str>) -> Result<BTreeMap<String, String>, Refusal> {
        Ok(self.state.lock().tags(stage)?.clone())
    }

    /// Changes what is deployed. Stages that are deployed automatically have the change from now on.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.change_stages(|state, now| {
            let changed = change(state)?;
            state.deploy_automatically(now);
            Ok(changed)
        })
    }

    /// Changes deployments and stages.
    pub(super) fn change_stages<T>(
        &self,
        change: impl FnOnce(&mut State, Timestamp) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut state = self.state.lock();
        let changed = change(&mut state, self.clock.wall());
        *self.live.write() = None;
        self.record(&state);
        changed
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// As requests meet it.
    pub(super) fn live(&self) -> Arc<LiveApi> {
        if let Some(live) = &*self.live.read() {
            return Arc::clone(live);
        }
        let state = self.state.lock();
        let live = Arc::new(LiveApi::new(&state));
        // Under the state's lock, so that no change comes in between.
        *self.live.write() = Some(Arc::clone(&live));
        live
    }

    /// When it was made.
    pub(super) const fn created(&self) -> Timestamp {
        self.created
    }

    /// The ARN of something of the API that can be called, in parts.
    pub(super) fn arn(&self, what: &[&str]) -> String {
        [&[&*self.arn], what].concat().concat()
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }
}

impl State {
    pub(super) fn tags(&mut self, stage: Option<&str>) -> Result<&mut BTreeMap<String, String>, Refusal> {
        match stage {
            None => Ok(&mut self.tags),
            Some(name) => Ok(&mut self.stage(name)?.stage.tags),
        }
    }

    pub(super) fn stage(&mut self, name: &str) -> Result<&mut StageState, Refusal> {
        self.stages.get_mut(name).ok_or_else(|| Refusal::not_found("Invalid stage identifier specified"))
    }

    pub(super) fn add_stage(&mut self, stage: Stage) {
        let callers = Arc::new(Mutex::new(AuthorizerCache::default()));
        self.stages.insert(stage.name.clone(), StageState { stage, callers });
    }

    /// Makes a deployment of the API as it is.
    pub(super) fn deploy(
        &mut self,
        description: Option<String>,
        automatic: bool,
        now: Timestamp,
    ) -> DeploymentView {
        let content = Snapshot {
            protocol: self.settings.protocol.clone(),
            routes: self.routes.values().cloned().collect(),
            integrations: self.integrations.clone(),
            authorizers: self.authorizers.clone(),
            cors: self.settings.cors.clone(),
        };
        let view = DeploymentView { id: random_id(6), created: now, description, automatic };
        let deployment = Deployment { view: view.clone(), content: Arc::new(content) };
        self.deployments.insert(view.id.clone(), deployment);
        view
    }

    /// Gives the newest state to all stages that are deployed automatically. Of the deployments that were made so, only those
    /// are kept that a stage has.
    pub(super) fn deploy_automatically(&mut self, now: Timestamp) {
        if !self.stages.values().any(|state| state.stage.auto_deploy) {
            return;
        }
        let description = "Automatic deployment triggered by changes to the Api configuration".to_owned();
        let deployment = self.deploy(Some(description), true, now);
        for StageState { stage, .. } in self.stages.values_mut().filter(|state| state.stage.auto_deploy) {
            stage.deployment = Some(deployment.id.clone());
            stage.modified = now;
        }
        let stages = &self.stages;
        let used = |id: &String| stages.values().any(|state| state.stage.deployment.as_ref() == Some(id));
        self.deployments.retain(|id, deployment| !deployment.view.automatic || used(id));
    }
}
