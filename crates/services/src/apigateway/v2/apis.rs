//! The APIs that exist, and the ways to them.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use bytes::Bytes;
use hearth_engine::{Engine, random::random_bits};
use hearth_model::{
    http_event::HttpAnswer,
    http_route::{RouteKey, RouteMethod, decode_path},
    identity::{Partition, Region},
    time::Timestamp,
};
use http::Request;
use parking_lot::RwLock;

use super::{
    Api, ApiView, CorsConfiguration, HttpRequest, KeySets, NewApi, Page, PageRequest, Refusal, Stage,
    api::State, exchange::Exchange, live::LiveStage, sockets::Connections, tags,
};
use crate::{apigateway::ApiId, lambda::Functions};

/// The HTTP APIs and WebSocket APIs of all accounts and regions.
pub struct Apis {
    engine: Arc<Engine>,
    functions: Arc<Functions>,
    apis: RwLock<BTreeMap<ApiId, Arc<Api>>>,
    key_sets: KeySets,
    connections: Arc<Connections>,
}

/// Where a request to an API goes.
#[derive(Debug)]
pub struct Place<'a> {
    pub(super) api: Arc<Api>,
    pub(super) stage: Arc<LiveStage>,
    /// The path within the stage, as it was sent.
    pub(super) path: &'a str,
    /// The path with the stage, decoded, as functions get it.
    pub(super) decoded_path: Cow<'a, str>,
}

/// What comes of a request to an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// The request's own identifier.
    pub request_id: String,
    /// The function's answer, or why there is none.
    pub result: Result<HttpAnswer, Denial>,
}

/// Why an API answers a request itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// There is no API, no stage or no route for it.
    NotFound,
    /// The caller did not say who it is.
    Unauthorized {
        /// What is wanted of the caller, as `WWW-Authenticate` says it.
        challenge: Option<String>,
    },
    /// The caller is not let in.
    Forbidden {
        /// What is wanted of the caller, as `WWW-Authenticate` says it.
        challenge: Option<String>,
    },
    /// The request is larger than the function takes.
    TooLarge,
    /// More requests come than the route may have.
    TooManyRequests,
    /// The function failed, may not be invoked, or returned what is no answer.
    InternalServerError,
    /// The function did not answer in time, or has no concurrency left.
    ServiceUnavailable,
}

impl Apis {
    /// No APIs yet.
    #[must_use]
    pub fn new(engine: Arc<Engine>, functions: Arc<Functions>) -> Arc<Self> {
        let (apis, key_sets, connections) = Default::default();
        Arc::new(Self { engine, functions, apis, key_sets, connections })
    }

    /// `CreateApi`.
    ///
    /// # Errors
    /// If something is missing, cannot be, or is not supported.
    pub fn create(&self, partition: &Partition, new: &NewApi) -> Result<ApiView, Refusal> {
        let api = self.draft(ApiId::random(), partition, new)?;
        let view = api.view();
        self.put(api);
        Ok(view)
    }

    /// An API that nobody can call yet.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn draft(&self, id: ApiId, partition: &Partition, new: &NewApi) -> Result<Api, Refusal> {
        let settings = new.check()?;
        tags::check(&new.tags)?;
        let quick_start = new.quick_start()?;
        let clock = self.engine.clock().clone();
        let connections = Arc::clone(&self.connections);
        let api = Api::new(id, partition.clone(), clock, connections, settings, new.tags.clone());
        if let Some((target, key)) = quick_start {
            api.quick_start(target, key, new.credentials.clone())?;
        }
        Ok(api)
    }

    /// Lets everybody call an API, in place of the one that had its identifier.
    pub fn put(&self, api: Api) {
        let mut apis = self.apis.write();
        if let Some(before) = apis.get(api.id()) {
            before.detach();
        }
        api.attach(self.engine.journal());
        apis.insert(api.id().clone(), Arc::new(api));
    }

    /// An API of an account in a region.
    ///
    /// # Errors
    /// If there is none.
    pub fn api(&self, partition: &Partition, id: &str) -> Result<Arc<Api>, Refusal> {
        let api = self.find(id).filter(|api| api.partition() == partition);
        api.ok_or_else(|| {
            Refusal::not_found(format!("Invalid API identifier specified {}:{id}", partition.account))
        })
    }

    /// The API of an identifier, whosever it is.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Arc<Api>> {
        self.apis.read().get(id).cloned()
    }

    /// `GetApis`.
    ///
    /// # Errors
    /// If the page is none.
    pub fn list(&self, partition: &Partition, request: &PageRequest) -> Result<Page<ApiView>, Refusal> {
        let apis = self.apis.read();
        let views = apis.values().filter(|api| api.partition() == partition).map(|api| api.view());
        request.of(views, |view| view.id.as_str())
    }

    /// `DeleteApi`.
    ///
    /// # Errors
    /// If there is none.
    pub fn delete(&self, partition: &Partition, id: &str) -> Result<(), Refusal> {
        self.api(partition, id)?;
        if let Some(removed) = self.apis.write().remove(id) {
            removed.detach();
        }
        self.connections.close(|connection| connection.api.id().as_str() == id);
        Ok(())
    }

    /// Where a request to an HTTP API goes: to the stage that its path names first, otherwise to the one whose name is in no path.
    #[must_use]
    pub fn locate(api: Arc<Api>, path: &str) -> Option<Place<'_>> {
        let live = Some(api.live()).filter(|live| !live.is_disabled)?;
        let named = path.strip_prefix('/').unwrap_or(path);
        let end = named.find('/').unwrap_or(named.len());
        let (name, rest) = named.split_at(end);
        let (stage, within) = match live.stage(name).filter(|_| name != Stage::DEFAULT) {
            Some(stage) => (stage, if rest.is_empty() { "/" } else { rest }),
            None => (live.stage(Stage::DEFAULT)?, path),
        };
        let stage = Arc::clone(stage);
        Some(Place { api, stage, path: within, decoded_path: decode_path(path) })
    }

    /// Answers a request; `as_it_came` gives it to a function that takes requests.
    ///
    /// Cancel safe: what a function was asked for it does nevertheless.
    pub async fn answer(
        &self,
        place: &Place<'_>,
        request: &HttpRequest<'_>,
        as_it_came: impl FnOnce() -> Box<Request<Bytes>>,
    ) -> HttpReply {
        let request_id = request_id();
        let result = match place.stage.route(&request.method, place.path) {
            None => Err(Denial::NotFound),
            Some(route) => {
                let received = self.engine.clock().moment();
                let exchange = Exchange { place, request, route, request_id: &request_id, received };
                exchange.answer(self, as_it_came).await
            }
        };
        HttpReply { request_id, result }
    }

    /// The keys by which tokens are checked.
    pub fn key_sets(&self) -> &KeySets {
        &self.key_sets
    }

    pub(super) fn functions(&self) -> &Functions {
        &self.functions
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Lets everybody call an API that was there in an earlier process.
    pub(super) fn restore_api(&self, id: ApiId, partition: Partition, created: Timestamp, state: State) {
        let (clock, connections) = (self.engine.clock().clone(), Arc::clone(&self.connections));
        let api = Api::with(id.clone(), partition, clock, connections, created, state);
        self.apis.write().insert(id, Arc::new(api));
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Place<'_> {
    /// Which pages of other origins may use the API.
    #[must_use]
    pub fn cors(&self) -> Option<&CorsConfiguration> {
        self.stage.cors.as_ref()
    }

    /// Whether a route is for `OPTIONS` and nothing else at this path, so that preflights are its own to answer.
    #[must_use]
    pub fn has_route_for_options(&self) -> bool {
        let found = self.stage.route(RouteMethod::Options.as_str(), self.path);
        found.is_some_and(|found| matches!(found.key, RouteKey::Path(RouteMethod::Options, _)))
    }

    /// Where the API is.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.api.partition().region
    }
}

/// What tells a request, a connection or a message from all others, as API Gateway writes it: 16 characters of base64.
pub(super) fn request_id() -> String {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE};
    let mut text = [0; 16];
    let encoded = BASE64_URL_SAFE.encode_slice(&random_bits().to_be_bytes()[..11], &mut text);
    encoded.expect("eleven bytes take sixteen characters");
    str::from_utf8(&text).expect("base64 is ASCII").to_owned()
}

impl fmt::Debug for Apis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.apis.read().keys()).finish()
    }
}
