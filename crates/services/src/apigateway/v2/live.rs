//! Stages as requests meet them: all that was configured, brought together.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hearth_model::{
    http_route::{RouteMatch, RouteTable},
    time::Instant,
    token_bucket::TokenBucket,
};
use parking_lot::Mutex;

use super::{
    Authorization, Authorizer, AuthorizerKind, CorsConfiguration, Integration, JwtAuthorizer, PayloadFormat,
    RequestAuthorizer, Route, Stage, caller::CallerCache,
};
use crate::apigateway::FunctionUri;

/// What was deployed.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) routes: Vec<Arc<Route>>,
    pub(super) integrations: BTreeMap<String, Arc<Integration>>,
    pub(super) authorizers: BTreeMap<String, Arc<Authorizer>>,
    pub(super) cors: Option<CorsConfiguration>,
}

/// A stage as requests meet it.
#[derive(Debug)]
pub(super) struct LiveStage {
    pub(super) name: String,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) cors: Option<CorsConfiguration>,
    pub(super) callers: CallerCache,
    routes: RouteTable<LiveRoute>,
}

/// A route as requests meet it.
#[derive(Debug)]
pub(super) struct LiveRoute {
    pub(super) key: String,
    pub(super) operation: Option<String>,
    pub(super) gate: Gate,
    /// `None` if there is no integration.
    pub(super) integration: Option<LiveIntegration>,
    throttle: Option<Mutex<TokenBucket>>,
}

/// Who is let in.
#[derive(Debug)]
pub(super) enum Gate {
    /// Everybody.
    Open,
    /// Whoever signs requests.
    Signed,
    /// Whoever has a token.
    Token {
        authorizer: JwtAuthorizer,
        /// The scopes of which a token must have one, if there are any.
        scopes: Vec<String>,
    },
    /// Whom a function lets in.
    Asked {
        /// The authorizer's identifier.
        id: String,
        authorizer: RequestAuthorizer,
        function: Option<FunctionUri>,
    },
}

/// What answers requests.
#[derive(Debug)]
pub(super) struct LiveIntegration {
    /// `None` if the URI leads to no function, such as where a variable of the stage is missing.
    pub(super) function: Option<FunctionUri>,
    pub(super) payload_format: PayloadFormat,
    pub(super) timeout: Duration,
    /// Whether it is invoked in the name of a role, which may do everything.
    pub(super) has_role: bool,
}

impl LiveStage {
    pub(super) fn new(stage: &Stage, snapshot: &Snapshot, callers: &CallerCache) -> Self {
        let mut routes = RouteTable::new();
        for route in &snapshot.routes {
            let key = route.key.to_string();
            let integration = route.integration.as_ref().and_then(|id| snapshot.integrations.get(id));
            let throttle = stage.throttle(&key).map(|(burst, rate)| TokenBucket::per_second(rate, burst));
            let live = LiveRoute {
                gate: Gate::of(route, snapshot, stage),
                integration: integration.map(|integration| LiveIntegration::new(integration, stage)),
                operation: route.operation.clone(),
                throttle: throttle.map(Mutex::new),
                key,
            };
            routes.insert(route.key.clone(), live);
        }
        Self {
            name: stage.name.clone(),
            variables: stage.variables.clone(),
            cors: snapshot.cors.clone(),
            callers: Arc::clone(callers),
            routes,
        }
    }

    /// The route of a request; `path` is the one within the stage, as it was sent.
    pub(super) fn route(&self, method: &str, path: &str) -> Option<RouteMatch<'_, LiveRoute>> {
        self.routes.find(method, path)
    }
}

impl LiveRoute {
    /// Whether a request may pass now, or too many have.
    pub(super) fn admits(&self, now: Instant) -> bool {
        self.throttle.as_ref().is_none_or(|bucket| bucket.lock().try_take(now))
    }
}

impl Gate {
    fn of(route: &Route, snapshot: &Snapshot, stage: &Stage) -> Self {
        let authorizer = route.authorizer.as_ref().and_then(|id| snapshot.authorizers.get(id));
        match (route.authorization, authorizer.map(|authorizer| (&authorizer.id, &authorizer.kind))) {
            (Authorization::Iam, _) => Self::Signed,
            (_, Some((_, AuthorizerKind::Jwt(jwt)))) => {
                Self::Token { authorizer: jwt.clone(), scopes: route.scopes.clone() }
            }
            (_, Some((id, AuthorizerKind::Request(request)))) => Self::Asked {
                id: id.clone(),
                function: FunctionUri::parse(&stage.expand(&request.uri)),
                authorizer: request.clone(),
            },
            // Routes with the other types have their authorizers.
            (Authorization::None | Authorization::Custom | Authorization::Jwt, None) => Self::Open,
        }
    }
}

impl LiveIntegration {
    fn new(integration: &Integration, stage: &Stage) -> Self {
        Self {
            function: FunctionUri::parse(&stage.expand(&integration.uri)),
            payload_format: integration.payload_format,
            timeout: integration.timeout,
            has_role: integration.credentials.is_some(),
        }
    }
}
