//! From a manifest's routes to one HTTP API.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use hearth_model::identity::{FunctionName, Partition};
use hearth_services::{
    Services,
    apigateway::{
        ApiId,
        v2::{
            Api, ApiChange, AuthorizerChange, IntegrationChange, KeySet, NewApi, PayloadFormat, Refusal,
            RouteChange, Stage, StageChange,
        },
    },
};
use parking_lot::Mutex;

use super::{
    Change, EventSource, Verb,
    change::{failed, succeeded},
    grants::{self, Grantee},
};
use crate::manifest::{
    AuthorizerDeclaration, AuthorizerSettings, FunctionDeclaration, HttpDeclaration, HttpEvents, Manifest,
    ManifestError, Place,
};

/// The HTTP API that a world has made, to tell what a new manifest changes.
#[derive(Debug)]
pub(super) struct Http {
    partition: Partition,
    made: Mutex<Made>,
}

/// What an API was made of.
#[derive(Debug, Default)]
struct Made {
    http: HttpDeclaration,
    routes: Routes,
    /// The issuers whose keys were given, and the keys.
    keys: BTreeMap<String, KeySet>,
    /// The functions that the API may invoke.
    allowed: BTreeSet<FunctionName>,
}

/// The functions that requests invoke, and how, by the keys of routes.
type Routes = BTreeMap<String, (FunctionName, HttpEvents)>;

/// Why an API cannot be made: where that is written, and what is wrong.
type Unusable = (Place, String);

impl Http {
    pub(super) fn new(partition: Partition) -> Self {
        Self { partition, made: Mutex::default() }
    }

    /// The routes in the order of their keys, and the function of each.
    pub(super) fn routes(&self) -> Vec<(String, FunctionName)> {
        let made = self.made.lock();
        made.routes.iter().map(|(key, (function, _))| (key.clone(), function.clone())).collect()
    }

    /// What an earlier process made of a manifest counts as made by this one.
    pub(super) fn recall(&self, earlier: &Manifest) {
        let mut made = self.made.lock();
        (made.routes, made.allowed) = (routes(earlier), invoked(earlier));
    }

    /// Takes the API away if there are no routes any more, and from functions what lets it invoke them.
    pub(super) fn unmake(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let mut made = self.made.lock();
        let routes = routes(manifest);
        self.shut_out(services, &made.allowed, &invoked(manifest));
        if made.routes.is_empty() || !routes.is_empty() {
            return Vec::new();
        }
        // One that is not there any more was deleted by somebody else.
        let _ = services.apis().delete(&self.partition, ApiId::MANIFEST);
        differences(&std::mem::take(&mut made.routes), &routes)
    }

    /// Makes the API, if there are any routes.
    pub(super) fn make_all(&self, services: &Services, manifest: &Manifest) -> Result<(), ManifestError> {
        succeeded(self.make(services, manifest))
    }

    /// Makes the API what a manifest says that it is: anew and in one step, if anything differs.
    pub(super) fn make(&self, services: &Services, manifest: &Manifest) -> Vec<Change> {
        let failure = |(place, reason): Unusable| vec![failed(manifest, &"http", &place, reason)];
        let routes = routes(manifest);
        let keys = match keys(&manifest.http) {
            Ok(keys) => keys,
            Err(unusable) => return failure(unusable),
        };
        let mut made = self.made.lock();
        if let Err(unusable) = self.allow(services, manifest, &mut made.allowed) {
            return failure(unusable);
        }
        if made.routes == routes && made.http == manifest.http && made.keys == keys {
            return Vec::new();
        }
        let apis = services.apis();
        if routes.is_empty() {
            // One that is not there any more was deleted by somebody else.
            let _ = apis.delete(&self.partition, ApiId::MANIFEST);
        } else if let Err(unusable) = self.make_api(services, manifest, &routes) {
            return failure(unusable);
        }
        for issuer in made.keys.keys() {
            apis.key_sets().unset(issuer);
        }
        for (issuer, keys) in &keys {
            apis.key_sets().set(issuer, keys.clone());
        }
        let changes = differences(&made.routes, &routes);
        (made.http, made.routes, made.keys) = (manifest.http.clone(), routes, keys);
        changes
    }

    /// Lets the API invoke the functions that it shall, and no others.
    fn allow(
        &self,
        services: &Services,
        manifest: &Manifest,
        allowed: &mut BTreeSet<FunctionName>,
    ) -> Result<(), Unusable> {
        let invoked = invoked(manifest);
        self.shut_out(services, allowed, &invoked);
        for name in &invoked {
            let granted = grants::let_in(services, &self.partition, Grantee::HttpApi, name);
            granted.map_err(|refusal| (place(manifest, name), format!("function `{name}`: {refusal}")))?;
        }
        *allowed = invoked;
        Ok(())
    }

    fn shut_out(
        &self,
        services: &Services,
        before: &BTreeSet<FunctionName>,
        invoked: &BTreeSet<FunctionName>,
    ) {
        for name in before.difference(invoked) {
            grants::shut_out(services, &self.partition, Grantee::HttpApi, name);
        }
    }

    fn make_api(&self, services: &Services, manifest: &Manifest, routes: &Routes) -> Result<(), Unusable> {
        let HttpDeclaration { cors, throttle, authorizers } = &manifest.http;
        let (_, first) = routes.values().next().expect("there are routes");
        let all = |refusal: Refusal| (first.place.clone(), refusal.to_string());
        let new = NewApi {
            name: Some("hearth".to_owned()),
            protocol: Some("HTTP".to_owned()),
            settings: ApiChange { cors: cors.clone(), ..ApiChange::default() },
            ..NewApi::default()
        };
        let draft = services.apis().draft(ApiId::manifest(), &self.partition, &new).map_err(all)?;
        let mut known = BTreeMap::new();
        for authorizer in authorizers {
            let made = draft.create_authorizer(self.authorizer(authorizer));
            let made = made.map_err(|refusal| (authorizer.place.clone(), refusal.to_string()))?;
            known.insert(authorizer.name.as_str(), (made.id.clone(), authorizer.is_by_token()));
        }
        let mut integrations = BTreeMap::new();
        for (function, events) in routes.values() {
            let wrong = |refusal: Refusal| (events.place.clone(), refusal.to_string());
            let target = match integrations.entry((function, events.payload_format.as_str())) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let made = self.integrate(&draft, function, events.payload_format);
                    new.insert(made.map_err(wrong)?)
                }
            };
            let authorizer = events.authorizer.as_deref().and_then(|name| known.get(name));
            let kind = authorizer.map(|(_, by_token)| if *by_token { "JWT" } else { "CUSTOM" });
            let route = RouteChange {
                key: Some(events.route.to_string()),
                target: Some(target.clone()),
                authorization: kind.map(str::to_owned),
                authorizer: authorizer.map(|(id, _)| id.clone()),
                scopes: Some(events.scopes.clone()),
                ..RouteChange::default()
            };
            draft.create_route(route).map_err(wrong)?;
        }
        let stage = StageChange {
            auto_deploy: Some(true),
            default_route_settings: Some(*throttle),
            ..StageChange::default()
        };
        let stage = draft.create_stage(Stage::DEFAULT, stage, BTreeMap::new());
        stage.map_err(all)?;
        services.apis().put(draft);
        Ok(())
    }

    fn integrate(
        &self,
        api: &Api,
        function: &FunctionName,
        payload_format: PayloadFormat,
    ) -> Result<String, Refusal> {
        let change = IntegrationChange {
            integration_type: Some("AWS_PROXY".to_owned()),
            uri: Some(function.arn(&self.partition)),
            payload_format: Some(payload_format.as_str().to_owned()),
            ..IntegrationChange::default()
        };
        api.create_integration(change).map(|integration| format!("integrations/{}", integration.id))
    }

    fn authorizer(&self, declared: &AuthorizerDeclaration) -> AuthorizerChange {
        const TOKEN: &str = "$request.header.Authorization";
        let common = AuthorizerChange { name: Some(declared.name.clone()), ..AuthorizerChange::default() };
        match &declared.kind {
            AuthorizerSettings::Token { issuer, audience, .. } => AuthorizerChange {
                kind: Some("JWT".to_owned()),
                identity_sources: Some(vec![TOKEN.to_owned()]),
                issuer: Some(issuer.clone()),
                audience: Some(audience.clone()),
                ..common
            },
            AuthorizerSettings::Function { function, identity, cache_s, simple } => AuthorizerChange {
                kind: Some("REQUEST".to_owned()),
                identity_sources: Some(identity.clone()),
                uri: Some(function.arn(&self.partition)),
                payload_format: Some(PayloadFormat::V2.as_str().to_owned()),
                simple_responses: Some(*simple),
                result_ttl_s: cache_s.map(i64::from),
                ..common
            },
        }
    }
}

/// The functions that the API invokes.
fn invoked(manifest: &Manifest) -> BTreeSet<FunctionName> {
    let invoked = |function: &&FunctionDeclaration| {
        !function.http_events.is_empty() || manifest.http.asks(&function.configuration.name)
    };
    let invoked = manifest.functions.iter().filter(invoked);
    invoked.map(|function| function.configuration.name.clone()).collect()
}

fn routes(manifest: &Manifest) -> Routes {
    let functions = manifest.functions.iter();
    let routes = functions.flat_map(|function| {
        let name = &function.configuration.name;
        function
            .http_events
            .iter()
            .map(move |events| (events.route.to_string(), (name.clone(), events.clone())))
    });
    routes.collect()
}

/// Where a function is made one of the API's: at its first route, or where an authorizer asks it.
fn place(manifest: &Manifest, name: &FunctionName) -> Place {
    let declared = manifest.function(name.as_str());
    let routed = declared.and_then(|function| function.http_events.first()).map(|events| &events.place);
    let mut authorizers = manifest.http.authorizers.iter();
    let asking = || authorizers.find(|authorizer| authorizer.asks(name)).map(|authorizer| &authorizer.place);
    routed.or_else(asking).expect("it has a route, or an authorizer asks it").clone()
}

/// The keys of all issuers that are in files.
fn keys(http: &HttpDeclaration) -> Result<BTreeMap<String, KeySet>, Unusable> {
    let mut keys = BTreeMap::new();
    for AuthorizerDeclaration { kind, place, .. } in &http.authorizers {
        if let AuthorizerSettings::Token { issuer, keys: Some(path), .. } = kind {
            let set = KeySet::read(path);
            let set = set.map_err(|error| (place.clone(), format!("keys of `{issuer}`: {error}")))?;
            keys.insert(issuer.clone(), set);
        }
    }
    Ok(keys)
}

/// What other routes mean for each function.
fn differences(before: &Routes, after: &Routes) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |function: &FunctionName, key: &String, verb| {
        changes.push(Change::Events(function.clone(), EventSource::Route(key.clone()), verb));
    };
    for (key, (function, events)) in after {
        match before.get(key) {
            None => tell(function, key, Verb::Created),
            Some((old, how)) if old == function && how.is_like(events) => {}
            Some(_) => tell(function, key, Verb::Updated),
        }
    }
    for (key, (function, _)) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        tell(function, key, Verb::Removed);
    }
    changes
}
