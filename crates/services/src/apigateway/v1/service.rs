//! The REST APIs that there are.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use hearth_engine::Engine;
use hearth_model::{
    identity::{AccountId, Partition},
    time::Timestamp,
};
use parking_lot::{Mutex, RwLock};

use super::{
    Refusal,
    document::{
        ApiKey, Authorizer, Deployment, GatewayResponse, GatewayResponseType, Model, RequestValidator,
        Resource, RestApi, Stage, UsagePlan,
    },
    serve::{Meters, Served, StageRuntime},
    snapshot::Snapshot,
};
use crate::{kept::Ledger, lambda::Functions};

/// The REST APIs of all accounts and regions, with their keys and usage plans.
pub struct RestApis {
    pub(super) engine: Arc<Engine>,
    pub(super) functions: Arc<Functions>,
    pub(super) state: RwLock<State>,
    /// How much of their usage plans the holders of keys have used.
    pub(super) meters: Mutex<Meters>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) regions: HashMap<Partition, Region>,
    /// Where APIs are, by their identifiers.
    pub(super) places: HashMap<String, Partition>,
}

/// What there is in an account and region.
#[derive(Default)]
pub(super) struct Region {
    pub(super) apis: BTreeMap<String, Api>,
    pub(super) keys: BTreeMap<String, ApiKey>,
    pub(super) plans: BTreeMap<String, Plan>,
    /// What the journal has of all that.
    pub(super) ledger: Ledger,
}

/// An API with all that belongs to it.
pub(super) struct Api {
    pub(super) document: RestApi,
    pub(super) resources: BTreeMap<String, Resource>,
    pub(super) authorizers: BTreeMap<String, Authorizer>,
    pub(super) responses: BTreeMap<GatewayResponseType, GatewayResponse>,
    pub(super) models: BTreeMap<String, Model>,
    pub(super) validators: BTreeMap<String, RequestValidator>,
    pub(super) deployments: BTreeMap<String, Deployed>,
    pub(super) stages: BTreeMap<String, StageEntry>,
}

pub(super) struct Deployed {
    pub(super) document: Deployment,
    pub(super) snapshot: Arc<Snapshot>,
    /// What was deployed, as the journal keeps it.
    pub(super) content: Arc<str>,
}

pub(super) struct StageEntry {
    pub(super) document: Stage,
    /// What callers reach, made anew whenever the stage is changed.
    pub(super) served: Arc<Served>,
}

/// A usage plan with the identifiers of its keys.
pub(super) struct Plan {
    pub(super) document: UsagePlan,
    pub(super) keys: Vec<String>,
}

impl RestApis {
    /// No APIs yet; those to come are served by these functions.
    #[must_use]
    pub fn new(engine: Arc<Engine>, functions: Arc<Functions>) -> Self {
        Self { engine, functions, state: RwLock::default(), meters: Mutex::default() }
    }

    /// Whether there is an API with this identifier.
    #[must_use]
    pub fn has(&self, api: &str) -> bool {
        self.state.read().places.contains_key(api)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().wall()
    }

    /// Seconds since 1970, as documents write moments.
    pub(super) fn seconds(&self) -> i64 {
        self.now().as_unix_seconds()
    }

    /// Looks at a region.
    pub(super) fn look<R>(
        &self,
        partition: &Partition,
        look: impl FnOnce(&Region) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        match self.state.read().regions.get(partition) {
            Some(region) => look(region),
            None => look(&Region::default()),
        }
    }

    /// Changes a region; if that is refused, nothing may have been changed.
    pub(super) fn change<R>(
        &self,
        partition: &Partition,
        change: impl FnOnce(&mut Region) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let mut state = self.state.write();
        let region = state.regions.entry(partition.clone()).or_default();
        let changed = change(region)?;
        region.record_changes(self.engine.journal(), partition);
        Ok(changed)
    }

    /// Looks at an API.
    pub(super) fn look_at_api<R>(
        &self,
        partition: &Partition,
        api: &str,
        look: impl FnOnce(&Api) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        self.look(partition, |region| look(region.api(partition.account, api)?))
    }

    /// Changes an API; if that is refused, nothing may have been changed.
    pub(super) fn change_api<R>(
        &self,
        partition: &Partition,
        api: &str,
        change: impl FnOnce(&mut Api) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        self.change(partition, |region| change(region.api_mut(partition.account, api)?))
    }
}

impl Region {
    pub(super) fn api(&self, account: AccountId, id: &str) -> Result<&Api, Refusal> {
        self.apis.get(id).ok_or_else(|| no_api(account, id))
    }

    pub(super) fn api_mut(&mut self, account: AccountId, id: &str) -> Result<&mut Api, Refusal> {
        self.apis.get_mut(id).ok_or_else(|| no_api(account, id))
    }
}

impl Api {
    pub(super) fn stage(&self, name: &str) -> Result<&StageEntry, Refusal> {
        self.stages.get(name).ok_or_else(|| Refusal::not_found("Invalid stage identifier specified"))
    }

    pub(super) fn deployment(&self, id: &str) -> Result<&Deployed, Refusal> {
        self.deployments.get(id).ok_or_else(|| Refusal::not_found("Invalid Deployment identifier specified"))
    }

    /// Puts a stage in place of what has its name; it serves what it says from now on.
    pub(super) fn set_stage(&mut self, partition: &Partition, document: Stage) -> Result<(), Refusal> {
        let deployed = self.deployment(&document.deployment_id)?;
        let known = self.stages.get(&document.stage_name);
        let runtime = match known {
            // A bucket that a change of something else would fill is none.
            Some(known) if known.document.method_settings == document.method_settings => {
                Arc::clone(&known.served.runtime)
            }
            Some(_) | None => Arc::new(StageRuntime::new(&document.method_settings)),
        };
        let served = Served {
            partition: partition.clone(),
            api: self.document.id.clone(),
            is_disabled: self.document.disable_execute_api_endpoint,
            stage: document.stage_name.clone(),
            variables: document.variables.clone(),
            deployment: document.deployment_id.clone(),
            snapshot: Arc::clone(&deployed.snapshot),
            runtime,
        };
        let entry = StageEntry { document, served: Arc::new(served) };
        self.stages.insert(entry.document.stage_name.clone(), entry);
        Ok(())
    }
}

fn no_api(account: AccountId, id: &str) -> Refusal {
    Refusal::not_found(format!("Invalid API identifier specified {account}:{id}"))
}

impl fmt::Debug for RestApis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.read();
        f.debug_list().entries(state.places.keys()).finish()
    }
}
