//! What of HTTP APIs and WebSocket APIs survives the process: the stream `apigateway.v2.apis` has an entry for each API with all its
//! parts, under its account, its region and its identifier.
//!
//! Values are JSON. Connections end with the process, and so does what authorizers have said.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hearth_engine::journal::{Journal, NotLoaded, Stream};
use hearth_model::{time::Timestamp, websocket::RouteSelection};
use serde::{Deserialize, Serialize};

use super::{
    Api, ApiSettings, Apis, Authorization, Authorizer, AuthorizerKind, CorsConfiguration, DeploymentView,
    IdentitySource, Integration, JwtAuthorizer, Key, PayloadFormat, Protocol, Refusal, RequestAuthorizer,
    Route, Stage,
    api::{Deployment, State},
    live::Snapshot,
};
use crate::{
    apigateway::ApiId,
    kept::{named_key, read, read_named_key, unreadable, write},
};

const APIS: Stream = Stream("apigateway.v2.apis");

#[derive(Serialize, Deserialize)]
enum Document {
    /// [`ApiParts`] in JSON.
    V1(String),
}

#[derive(Serialize, Deserialize)]
struct ApiParts {
    name: String,
    description: Option<String>,
    version: Option<String>,
    disable_execute_api_endpoint: bool,
    tags: BTreeMap<String, String>,
    created: i64,
    content: Content,
    deployments: Vec<DeploymentParts>,
    stages: Vec<Stage>,
}

/// What is deployed of an API.
#[derive(Serialize, Deserialize)]
struct Content {
    /// Which member of a message names its route, if clients speak WebSocket.
    route_selection: Option<String>,
    cors: Option<CorsConfiguration>,
    routes: Vec<RouteParts>,
    integrations: Vec<IntegrationParts>,
    authorizers: Vec<AuthorizerParts>,
}

#[derive(Serialize, Deserialize)]
struct RouteParts {
    id: String,
    key: String,
    integration: Option<String>,
    authorization: String,
    authorizer: Option<String>,
    scopes: Vec<String>,
    operation: Option<String>,
    selects_response: bool,
    response: Option<String>,
    managed: bool,
}

#[derive(Serialize, Deserialize)]
struct IntegrationParts {
    id: String,
    uri: String,
    payload_format: String,
    timeout_ms: u64,
    credentials: Option<String>,
    description: Option<String>,
    managed: bool,
}

#[derive(Serialize, Deserialize)]
struct AuthorizerParts {
    id: String,
    name: String,
    kind: AuthorizerKindParts,
}

#[derive(Serialize, Deserialize)]
enum AuthorizerKindParts {
    Jwt {
        identity_source: String,
        issuer: String,
        audience: Vec<String>,
    },
    Request {
        identity_sources: Vec<String>,
        uri: String,
        payload_format: Option<String>,
        simple_responses: bool,
        result_ttl_s: u64,
        credentials: Option<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct DeploymentParts {
    #[serde(flatten)]
    view: DeploymentView,
    content: Content,
}

impl Apis {
    /// Brings back what the journal has. To be called once, before anything else happens.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn restore(&self) -> Result<(), NotLoaded> {
        let journal = self.engine().journal();
        journal.load(APIS, |key, value| {
            let (partition, id) = read_named_key(key)?;
            let Document::V1(text) = read(value)?;
            let parts: ApiParts = serde_json::from_str(&text).map_err(|error| {
                unreadable(format!("its document is damaged, or of a later Hearth: {error}"))
            })?;
            let created = Timestamp::from_unix_nanos(parts.created);
            let state = parts.read(journal).map_err(|refusal| unreadable(refusal.to_string()))?;
            self.restore_api(ApiId::from(id), partition, created, state);
            Ok(())
        })
    }
}

impl Api {
    /// Tells the journal how the API is now, if others than its maker can see it.
    pub(super) fn record(&self, state: &State) {
        let Some(journal) = &state.journal else { return };
        journal.record(|change| {
            let parts = ApiParts::of(state, self.created());
            let text = serde_json::to_string(&parts).expect("documents have texts as keys");
            change.put(APIS, self.key(), write(&Document::V1(text)));
        });
    }

    /// From now on, the journal hears of it.
    pub(super) fn attach(&self, journal: &Journal) {
        let mut state = self.state();
        state.journal = Some(journal.clone());
        self.record(&state);
    }

    /// It is gone, and the journal hears of nothing that anybody still does to it.
    pub(super) fn detach(&self) {
        if let Some(journal) = self.state().journal.take() {
            journal.record(|change| change.remove(APIS, self.key()));
        }
    }

    fn key(&self) -> Vec<u8> {
        named_key(self.partition(), self.id().as_str())
    }
}

impl ApiParts {
    fn of(state: &State, created: Timestamp) -> Self {
        let ApiSettings { name, protocol, description, version, cors, disable_execute_api_endpoint } =
            state.settings.clone();
        let now = Snapshot {
            protocol,
            routes: state.routes.values().cloned().collect(),
            integrations: state.integrations.clone(),
            authorizers: state.authorizers.clone(),
            cors,
        };
        Self {
            name,
            description,
            version,
            disable_execute_api_endpoint,
            tags: state.tags.clone(),
            created: created.as_unix_nanos(),
            content: Content::of(&now),
            deployments: state.deployments.values().map(DeploymentParts::of).collect(),
            stages: state.stages.values().map(|state| state.stage.clone()).collect(),
        }
    }

    fn read(self, journal: &Journal) -> Result<State, Refusal> {
        let Snapshot { protocol, routes, integrations, authorizers, cors } = self.content.read()?;
        let deployments = self.deployments.into_iter().map(DeploymentParts::read);
        let mut state = State {
            journal: Some(journal.clone()),
            settings: ApiSettings {
                name: self.name,
                protocol,
                description: self.description,
                version: self.version,
                cors,
                disable_execute_api_endpoint: self.disable_execute_api_endpoint,
            },
            tags: self.tags,
            routes: routes.into_iter().map(|route| (route.id.clone(), route)).collect(),
            integrations,
            authorizers,
            deployments: deployments.collect::<Result<_, _>>()?,
            stages: BTreeMap::new(),
        };
        for stage in self.stages {
            state.add_stage(stage);
        }
        Ok(state)
    }
}

impl Content {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            route_selection: match &snapshot.protocol {
                Protocol::Http => None,
                Protocol::WebSocket { selection } => Some(selection.to_string()),
            },
            cors: snapshot.cors.clone(),
            routes: snapshot.routes.iter().map(|route| RouteParts::of((**route).clone())).collect(),
            integrations: snapshot
                .integrations
                .values()
                .map(|one| IntegrationParts::of((**one).clone()))
                .collect(),
            authorizers: snapshot
                .authorizers
                .values()
                .map(|one| AuthorizerParts::of((**one).clone()))
                .collect(),
        }
    }

    fn read(self) -> Result<Snapshot, Refusal> {
        let selection = self.route_selection.as_deref().map(RouteSelection::parse).transpose();
        let selection = selection.map_err(|error| Refusal::bad_request(error.to_string()))?;
        let protocol = selection.map_or(Protocol::Http, |selection| Protocol::WebSocket { selection });
        let routes = self.routes.into_iter().map(|route| route.read(&protocol).map(Arc::new));
        let routes = routes.collect::<Result<_, _>>()?;
        let integrations =
            self.integrations.into_iter().map(|one| Ok((one.id.clone(), Arc::new(one.read()?))));
        let authorizers = self.authorizers.into_iter().map(|one| Ok((one.id.clone(), Arc::new(one.read()?))));
        Ok(Snapshot {
            routes,
            integrations: integrations.collect::<Result<_, Refusal>>()?,
            authorizers: authorizers.collect::<Result<_, Refusal>>()?,
            protocol,
            cors: self.cors,
        })
    }
}

impl RouteParts {
    fn of(route: Route) -> Self {
        let Route {
            id,
            key,
            integration,
            authorization,
            authorizer,
            scopes,
            operation,
            selects_response,
            response,
            managed,
        } = route;
        Self {
            id,
            key: key.to_string(),
            integration,
            authorization: authorization.as_str().to_owned(),
            authorizer,
            scopes,
            operation,
            selects_response,
            response,
            managed,
        }
    }

    fn read(self, protocol: &Protocol) -> Result<Route, Refusal> {
        Ok(Route {
            key: Key::parse(protocol, &self.key)?,
            authorization: Authorization::parse(&self.authorization)?,
            id: self.id,
            integration: self.integration,
            authorizer: self.authorizer,
            scopes: self.scopes,
            operation: self.operation,
            selects_response: self.selects_response,
            response: self.response,
            managed: self.managed,
        })
    }
}

impl IntegrationParts {
    fn of(integration: Integration) -> Self {
        let Integration { id, uri, payload_format, timeout, credentials, description, managed } = integration;
        Self {
            id,
            uri,
            payload_format: payload_format.as_str().to_owned(),
            timeout_ms: u64::try_from(timeout.as_millis()).expect("it is at most half a minute"),
            credentials,
            description,
            managed,
        }
    }

    fn read(self) -> Result<Integration, Refusal> {
        Ok(Integration {
            payload_format: PayloadFormat::parse(&self.payload_format)?,
            timeout: Duration::from_millis(self.timeout_ms),
            id: self.id,
            uri: self.uri,
            credentials: self.credentials,
            description: self.description,
            managed: self.managed,
        })
    }
}

impl AuthorizerParts {
    fn of(Authorizer { id, name, kind }: Authorizer) -> Self {
        let kind = match kind {
            AuthorizerKind::Jwt(JwtAuthorizer { identity_source, issuer, audience }) => {
                AuthorizerKindParts::Jwt { identity_source: identity_source.to_string(), issuer, audience }
            }
            AuthorizerKind::Request(request) => AuthorizerKindParts::Request {
                identity_sources: request.identity_sources.iter().map(ToString::to_string).collect(),
                uri: request.uri,
                payload_format: request.payload_format.map(|format| format.as_str().to_owned()),
                simple_responses: request.simple_responses,
                result_ttl_s: request.result_ttl.as_secs(),
                credentials: request.credentials,
            },
        };
        Self { id, name, kind }
    }

    fn read(self) -> Result<Authorizer, Refusal> {
        let kind = match self.kind {
            AuthorizerKindParts::Jwt { identity_source, issuer, audience } => {
                let identity_source = IdentitySource::parse(&identity_source)?;
                AuthorizerKind::Jwt(JwtAuthorizer { identity_source, issuer, audience })
            }
            AuthorizerKindParts::Request {
                identity_sources,
                uri,
                payload_format,
                simple_responses,
                result_ttl_s,
                credentials,
            } => {
                let sources = identity_sources.iter().map(|source| IdentitySource::parse(source));
                AuthorizerKind::Request(RequestAuthorizer {
                    identity_sources: sources.collect::<Result<_, _>>()?,
                    uri,
                    payload_format: payload_format.as_deref().map(PayloadFormat::parse).transpose()?,
                    simple_responses,
                    result_ttl: Duration::from_secs(result_ttl_s),
                    credentials,
                })
            }
        };
        Ok(Authorizer { id: self.id, name: self.name, kind })
    }
}

impl DeploymentParts {
    fn of(deployment: &Deployment) -> Self {
        Self { view: deployment.view.clone(), content: Content::of(&deployment.content) }
    }

    fn read(self) -> Result<(String, Deployment), Refusal> {
        let Self { view, content } = self;
        Ok((view.id.clone(), Deployment { view, content: Arc::new(content.read()?) }))
    }
}
