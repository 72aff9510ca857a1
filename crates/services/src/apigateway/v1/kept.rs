//! What of REST APIs survives the process.
//!
//! | stream | an entry for each | its key, after account and region |
//! | --- | --- | --- |
//! | `apigateway.v1.apis` | API with its parts, but for deployments | its identifier |
//! | `apigateway.v1.deployments` | deployment, with the parts that were deployed | the API's identifier, `/`, its own |
//! | `apigateway.v1.keys` | API key | its identifier |
//! | `apigateway.v1.plans` | usage plan, with its keys | its identifier |
//!
//! Values are documents as the API shows them, in JSON. How much of usage plans is used, and what authorizers have said, ends with
//! the process.

use std::{collections::BTreeMap, sync::Arc};

use hearth_engine::journal::{Journal, NotLoaded, Stream, Unreadable};
use hearth_model::identity::Partition;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Refusal, RestApis,
    document::{
        ApiKey, Authorizer, Deployment, GatewayResponse, GatewayResponseType, Model, RequestValidator,
        Resource, RestApi, Stage, UsagePlan,
    },
    service::{Api, Deployed, Plan, Region, State},
    snapshot::Snapshot,
};
use crate::kept::{named_key, read, read_named_key, unreadable, write};

const APIS: Stream = Stream("apigateway.v1.apis");
const DEPLOYMENTS: Stream = Stream("apigateway.v1.deployments");
const KEYS: Stream = Stream("apigateway.v1.keys");
const PLANS: Stream = Stream("apigateway.v1.plans");

#[derive(Serialize, Deserialize)]
enum Document {
    /// JSON.
    V1(String),
}

#[derive(Serialize, Deserialize)]
struct ApiParts {
    document: RestApi,
    resources: BTreeMap<String, Resource>,
    authorizers: BTreeMap<String, Authorizer>,
    responses: BTreeMap<GatewayResponseType, GatewayResponse>,
    models: BTreeMap<String, Model>,
    validators: BTreeMap<String, RequestValidator>,
    stages: BTreeMap<String, Stage>,
}

#[derive(Serialize, Deserialize)]
struct DeployedParts {
    document: Deployment,
    /// [`ApiParts`] in JSON, as they were.
    content: String,
}

#[derive(Serialize, Deserialize)]
struct PlanParts {
    document: UsagePlan,
    keys: Vec<String>,
}

impl RestApis {
    /// Brings back what the journal has. To be called once, before anything else happens.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let journal = self.engine.journal();
        let mut state = self.state.write();
        let mut stages = Vec::new();
        journal.load(APIS, |key, value| {
            let (partition, id) = read_named_key(key)?;
            let parts: ApiParts = read_document(value)?;
            stages.push((partition.clone(), id.to_owned(), parts.stages.clone()));
            state.places.insert(id.to_owned(), partition.clone());
            state.region(partition).apis.insert(id.to_owned(), parts.into_api());
            Ok(())
        })?;
        journal.load(DEPLOYMENTS, |key, value| {
            let (partition, path) = read_named_key(key)?;
            let DeployedParts { document, content } = read_document(value)?;
            let (api, _) = path.split_once('/').ok_or_else(|| unreadable("its key names no deployment"))?;
            let api = state.region(partition).apis.get_mut(api);
            let api = api.ok_or_else(|| unreadable("the API that was deployed is not there"))?;
            let deployed = Deployed::read(document, content.into())?;
            api.deployments.insert(deployed.document.id.clone(), deployed);
            Ok(())
        })?;
        journal.load(KEYS, |key, value| {
            let (partition, id) = read_named_key(key)?;
            let document: ApiKey = read_document(value)?;
            state.region(partition).keys.insert(id.to_owned(), document);
            Ok(())
        })?;
        journal.load(PLANS, |key, value| {
            let (partition, id) = read_named_key(key)?;
            let PlanParts { document, keys } = read_document(value)?;
            state.region(partition).plans.insert(id.to_owned(), Plan { document, keys });
            Ok(())
        })?;
        for (partition, id, stages) in stages {
            let api = state.region(partition.clone()).apis.get_mut(&id).expect("it was read");
            for stage in stages.into_values() {
                let name = stage.stage_name.clone();
                api.set_stage(&partition, stage).map_err(|refusal| NotLoaded {
                    reason: format!("the stage `{name}` of the REST API {id}: {refusal}"),
                })?;
            }
        }
        for (partition, region) in &mut state.regions {
            let entries = region.entries(partition);
            region.ledger.know(entries);
        }
        Ok(())
    }
}

impl State {
    fn region(&mut self, partition: Partition) -> &mut Region {
        self.regions.entry(partition).or_default()
    }
}

impl Region {
    /// Tells the journal what has changed.
    pub(super) fn record_changes(&mut self, journal: &Journal, partition: &Partition) {
        if journal.is_durable() {
            let entries = self.entries(partition);
            self.ledger.record(journal, entries);
        }
    }

    fn entries(&self, partition: &Partition) -> Vec<(Stream, Vec<u8>, Vec<u8>)> {
        let entry = |stream, name: &str, value| (stream, named_key(partition, name), value);
        let mut entries = Vec::new();
        for (id, api) in &self.apis {
            entries.push(entry(APIS, id, document(&api.parts())));
            for (deployment, Deployed { document: shown, content, .. }) in &api.deployments {
                let parts = DeployedParts { document: shown.clone(), content: content.to_string() };
                entries.push(entry(DEPLOYMENTS, &format!("{id}/{deployment}"), document(&parts)));
            }
        }
        entries.extend(self.keys.iter().map(|(id, key)| entry(KEYS, id, document(key))));
        entries.extend(self.plans.iter().map(|(id, plan)| {
            let parts = PlanParts { document: plan.document.clone(), keys: plan.keys.clone() };
            entry(PLANS, id, document(&parts))
        }));
        entries
    }
}

impl Deployed {
    /// An API as it is now.
    pub(super) fn new(document: Deployment, api: &Api) -> Result<Self, Refusal> {
        let snapshot = Arc::new(Snapshot::of(api)?);
        let content = json(&ApiParts { stages: BTreeMap::new(), ..api.parts() }).into();
        Ok(Self { document, snapshot, content })
    }

    fn read(document: Deployment, content: Arc<str>) -> Result<Self, Unreadable> {
        let parts: ApiParts = read_json(&content)?;
        let snapshot = Snapshot::of(&parts.into_api());
        let snapshot =
            snapshot.map_err(|refusal| unreadable(format!("deployment {}: {refusal}", document.id)))?;
        Ok(Self { document, snapshot: Arc::new(snapshot), content })
    }
}

impl Api {
    fn parts(&self) -> ApiParts {
        let stages = self.stages.iter().map(|(name, entry)| (name.clone(), entry.document.clone()));
        ApiParts {
            document: self.document.clone(),
            resources: self.resources.clone(),
            authorizers: self.authorizers.clone(),
            responses: self.responses.clone(),
            models: self.models.clone(),
            validators: self.validators.clone(),
            stages: stages.collect(),
        }
    }
}

impl ApiParts {
    /// The API without deployments and stages.
    fn into_api(self) -> Api {
        let Self { document, resources, authorizers, responses, models, validators, stages: _ } = self;
        Api {
            document,
            resources,
            authorizers,
            responses,
            models,
            validators,
            deployments: BTreeMap::new(),
            stages: BTreeMap::new(),
        }
    }
}

fn document(parts: &impl Serialize) -> Vec<u8> {
    write(&Document::V1(json(parts)))
}

fn json(parts: &impl Serialize) -> String {
    serde_json::to_string(parts).expect("documents have texts as keys")
}

fn read_document<T: DeserializeOwned>(value: &[u8]) -> Result<T, Unreadable> {
    let Document::V1(text) = read(value)?;
    read_json(&text)
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text)
        .map_err(|error| unreadable(format!("its document is damaged, or of a later Hearth: {error}")))
}
