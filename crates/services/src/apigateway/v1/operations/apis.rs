//! The operations on REST APIs themselves.

use std::collections::BTreeMap;

use hearth_model::{
    identity::Partition,
    validation::{Violation, one_of},
};

use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::{EndpointConfiguration, NewRestApi, Resource, RestApi},
        patch::{ALL, Kind, Rules, SET, Words, apply, rule},
        service::Api,
    },
};

const RULES: Rules = Rules {
    input: "updateRestApiInput",
    words: Words::Short,
    paths: &[
        rule("/name", SET, Kind::Text),
        rule("/description", ALL, Kind::Text),
        rule("/version", SET, Kind::Text),
        rule("/apiKeySource", SET, Kind::Text),
        rule("/disableExecuteApiEndpoint", SET, Kind::Flag),
        rule("/binaryMediaTypes/*", ALL, Kind::Item),
        rule("/endpointConfiguration/types/*", ALL, Kind::Item),
        rule("/endpointConfiguration/ipAddressType", SET, Kind::Text),
    ],
};

impl RestApis {
    /// `CreateRestApi`.
    ///
    /// # Errors
    /// If what is asked for is not allowed.
    pub fn create_api(&self, partition: &Partition, new: NewRestApi) -> Result<RestApi, Refusal> {
        check_endpoint_form(new.endpoint_configuration.as_ref())?;
        let name = new.name.filter(|name| !name.is_empty());
        let root = random_id(10);
        let document = RestApi {
            id: random_id(10),
            name: name.ok_or_else(|| Refusal::bad("API Name cannot be empty"))?,
            description: new.description,
            created_date: self.seconds(),
            version: new.version,
            binary_media_types: new.binary_media_types,
            api_key_source: new.api_key_source.unwrap_or_default(),
            endpoint_configuration: new.endpoint_configuration.unwrap_or_default(),
            tags: new.tags,
            disable_execute_api_endpoint: new.disable_execute_api_endpoint,
            root_resource_id: root.clone(),
        };
        let document = checked(document)?;
        let root = Resource {
            id: root,
            parent_id: None,
            path_part: None,
            path: "/".to_owned(),
            resource_methods: BTreeMap::new(),
        };
        let api = Api {
            document: document.clone(),
            resources: BTreeMap::from([(root.id.clone(), root)]),
            authorizers: BTreeMap::new(),
            responses: BTreeMap::new(),
            models: super::models::defaults(),
            validators: BTreeMap::new(),
            deployments: BTreeMap::new(),
            stages: BTreeMap::new(),
        };
        let mut state = self.state.write();
        state.places.insert(document.id.clone(), partition.clone());
        let region = state.regions.entry(partition.clone()).or_default();
        region.apis.insert(document.id.clone(), api);
        region.record_changes(self.engine.journal(), partition);
        Ok(document)
    }

    /// `GetRestApis`, in the order of their identifiers.
    ///
    /// # Errors
    /// If the page is none.
    pub fn apis(&self, partition: &Partition, page: &PageRequest) -> Result<Page<RestApi>, Refusal> {
        self.look(partition, |region| {
            let page = page.of(region.apis.values(), |api| api.document.id.clone())?;
            Ok(page.map(|api| api.document.clone()))
        })
    }

    /// `GetRestApi`.
    ///
    /// # Errors
    /// If there is no such API.
    pub fn api(&self, partition: &Partition, id: &str) -> Result<RestApi, Refusal> {
        self.look_at_api(partition, id, |api| Ok(api.document.clone()))
    }

    /// `UpdateRestApi`. What callers of its stages see changes with the next deployment, but for whether they reach it at all.
    ///
    /// # Errors
    /// If there is no such API, or it cannot be changed so.
    pub fn update_api(
        &self,
        partition: &Partition,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<RestApi, Refusal> {
        self.change_api(partition, id, |api| {
            api.document = checked(apply(&api.document, operations, &RULES)?)?;
            let stages: Vec<_> = api.stages.values().map(|stage| stage.document.clone()).collect();
            for stage in stages {
                api.set_stage(partition, stage)?;
            }
            Ok(api.document.clone())
        })
    }

    /// `DeleteRestApi`, with all that belongs to it.
    ///
    /// # Errors
    /// If there is no such API.
    pub fn delete_api(&self, partition: &Partition, id: &str) -> Result<(), Refusal> {
        self.change(partition, |region| {
            region.api(partition.account, id)?;
            region.apis.remove(id);
            for plan in region.plans.values_mut() {
                plan.document.api_stages.retain(|stage| stage.api_id != id);
            }
            Ok(())
        })?;
        self.state.write().places.remove(id);
        Ok(())
    }
}

fn check_endpoint_form(given: Option<&EndpointConfiguration>) -> Result<(), Refusal> {
    let Some(EndpointConfiguration { types, ip_address_type }) = given else { return Ok(()) };
    let unknown = types.iter().any(|kind| !ENDPOINT_TYPES.contains(&&**kind));
    let types = unknown.then(|| {
        Violation::new(
            "createRestApiInput.endpointConfiguration.types",
            format_args!("[{}]", types.join(", ")),
            "Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]",
        )
    });
    let address = ip_address_type.as_deref().and_then(|name| {
        one_of("createRestApiInput.endpointConfiguration.ipAddressType", name, &ADDRESS_TYPES, |name| name)
            .err()
    });
    Ok(hearth_model::validation::ValidationError::check(types.into_iter().chain(address))?)
}

const ENDPOINT_TYPES: [&str; 3] = ["REGIONAL", "EDGE", "PRIVATE"];
const ADDRESS_TYPES: [&str; 2] = ["ipv4", "dualstack"];

/// A document that may be one, with what it does not say.
fn checked(mut document: RestApi) -> Result<RestApi, Refusal> {
    if document.description.as_deref() == Some("") {
        return Err(Refusal::bad("Description cannot be an empty string"));
    }
    let endpoint = &mut document.endpoint_configuration;
    let [kind] = &*endpoint.types else {
        return Err(Refusal::bad(if endpoint.types.is_empty() {
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."
        } else {
            "Cannot create an api with multiple Endpoint Types."
        }));
    };
    if !ENDPOINT_TYPES.contains(&&**kind) {
        let message = "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE";
        return Err(Refusal::bad(message));
    }
    let is_private = kind == "PRIVATE";
    let default = if is_private { "dualstack" } else { "ipv4" };
    let address = endpoint.ip_address_type.get_or_insert_with(|| default.to_owned());
    if !ADDRESS_TYPES.contains(&&**address) {
        return Err(Refusal::bad("ipAddressType must be either ipv4 or dualstack."));
    }
    if is_private && address != "dualstack" {
        return Err(Refusal::bad("Only dualstack ipAddressType is supported for Private APIs."));
    }
    Ok(document)
}
