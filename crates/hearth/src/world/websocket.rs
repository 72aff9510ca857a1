//! From a manifest's routes to one WebSocket API.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{
    Services,
    apigateway::{
        ApiId,
        v2::{ApiChange, IntegrationChange, NewApi, Refusal, Route, RouteChange, Stage, StageChange},
    },
};
use parking_lot::Mutex;

use super::{
    Change, EventSource, Verb,
    change::{failed, succeeded},
    grants::{self, Grantee},
};
use crate::manifest::{Manifest, ManifestError, Place, SocketEvents};

/// The WebSocket API that a world has made, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct WebSocket {
    partition: Partition,
    made: Mutex<Routes>,
}

/// The functions that messages invoke, and how, by the keys of routes.
type Routes = BTreeMap<String, (FunctionName, SocketEvents)>;

/// Where a message says which route it takes.
const SELECTION: &str = "$request.body.action";

impl WebSocket {
    pub(super) fn new(partition: Partition) -> Self {
        Self { partition, made: Mutex::default() }
    }

    /// The routes in the order of their keys, and the function of each.
    pub(super) fn routes(&self) -> Vec<(String, FunctionName)> {
        let made = self.made.lock();
        made.iter().map(|(key, (function, _))| (key.clone(), function.clone())).collect()
    }

    /// What an earlier process made of a manifest counts as made by this one.
    pub(super) fn recall(&self, earlier: &Manifest) {
        *self.made.lock() = routes(earlier);
    }

    /// Makes the API, if there are any routes.
    pub(super) fn make_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.make(services, manifest))
    }

    /// Takes the API away if there are no routes any more, and from functions what lets it invoke them.
    pub(super) fn unmake(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut made = self.made.lock();
        let routes = routes(manifest);
        self.shut_out(services, &made, &routes);
        if made.is_empty() || !routes.is_empty() {
            return Vec::new();
        }
        // One that is not there any more was deleted by somebody else.
        let _ = services.apis().delete(&self.partition, ApiId::MANIFEST_WEBSOCKET);
        differences(&std::mem::take(&mut *made), &routes)
    }

    /// Makes the API what a manifest says that it is. If anything differs, it is another one from then on, and whoever is
    /// connected has to connect again.
    pub(super) fn make(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let routes = routes(manifest);
        let mut made = self.made.lock();
        if *made == routes {
            return Vec::new();
        }
        let changes = differences(&made, &routes);
        self.shut_out(services, &made, &routes);
        // One that is not there any more was deleted by somebody else.
        let _ = services.apis().delete(&self.partition, ApiId::MANIFEST_WEBSOCKET);
        if let Some((_, (_, first))) = routes.first_key_value()
            && let Err(refusal) = self.make_api(services, &routes)
        {
            let place: &Place = &first.place;
            *made = Routes::new();
            return vec![failed(manifest, &"websocket", place, refusal)];
        }
        *made = routes;
        changes
    }

    /// Does not let the API invoke the functions any more that have no routes left.
    fn shut_out(&self, services: &Services, before: &Routes, routes: &Routes) {
        let functions = |routes: &Routes| -> BTreeSet<FunctionName> {
            routes.values().map(|(function, _)| function.clone()).collect()
        };
        for gone in functions(before).difference(&functions(routes)) {
            grants::shut_out(services, &self.partition, Grantee::WebSocketApi, gone);
        }
    }

    fn make_api(&self, services: &Services, routes: &Routes) -> Result<(), String> {
        let text = |refusal: Refusal| refusal.to_string();
        let new = NewApi {
            name: Some("hearth".to_owned()),
            protocol: Some("WEBSOCKET".to_owned()),
            settings: ApiChange { route_selection: Some(SELECTION.to_owned()), ..ApiChange::default() },
            ..NewApi::default()
        };
        let draft =
            services.apis().draft(ApiId::manifest_websocket(), &self.partition, &new).map_err(text)?;
        let mut targets: BTreeMap<&FunctionName, String> = BTreeMap::new();
        for (key, (function, events)) in routes {
            if !targets.contains_key(function) {
                grants::let_in(services, &self.partition, Grantee::WebSocketApi, function)
                    .map_err(|refusal| format!("function `{function}`: {refusal}"))?;
                let change = IntegrationChange {
                    integration_type: Some("AWS_PROXY".to_owned()),
                    uri: Some(function.arn(&self.partition)),
                    ..IntegrationChange::default()
                };
                let integration = draft.create_integration(change).map_err(text)?;
                targets.insert(function, format!("integrations/{}", integration.id));
            }
            let route = RouteChange {
                key: Some(key.clone()),
                target: targets.get(function).cloned(),
                response_selection: events.two_way.then(|| Route::RESPONSE.to_owned()),
                ..RouteChange::default()
            };
            let route = draft.create_route(route).map_err(text)?;
            if events.two_way {
                draft.create_route_response(&route.id, Some(Route::RESPONSE)).map_err(text)?;
            }
        }
        let stage = StageChange { auto_deploy: Some(true), ..StageChange::default() };
        draft.create_stage(Stage::DEFAULT, stage, BTreeMap::new()).map_err(text)?;
        services.apis().put(draft);
        Ok(())
    }
}

fn routes(manifest: &Manifest) -> Routes {
    let functions = manifest.functions.iter();
    let routes = functions.flat_map(|function| {
        let name = &function.configuration.name;
        let events = function.socket_events.iter();
        events.map(move |events| (events.route.as_str().to_owned(), (name.clone(), events.clone())))
    });
    routes.collect()
}

/// What other routes mean for each function.
fn differences(before: &Routes, after: &Routes) -> Vec<Change> {
    let tell = |(key, (function, _)): (&String, &(FunctionName, SocketEvents)), verb| {
        Change::Events(function.clone(), EventSource::SocketRoute(key.clone()), verb)
    };
    let now = after.iter().filter_map(|route @ (key, (function, events))| match before.get(key) {
        None => Some(tell(route, Verb::Created)),
        Some((old, how)) if old == function && how.is_like(events) => None,
        Some(_) => Some(tell(route, Verb::Updated)),
    });
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    now.chain(gone.map(|route| tell(route, Verb::Removed))).collect()
}
