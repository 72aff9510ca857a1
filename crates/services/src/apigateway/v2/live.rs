//! APIs as requests meet them: all that was configured, brought together.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use hearth_model::{
    http_route::{RouteMatch, RouteTable},
    time::Instant,
    token_bucket::TokenBucket,
    websocket::RouteSelection,
};
use parking_lot::Mutex;

use super::{
    Authorization, Authorizer, AuthorizerKind, CorsConfiguration, Integration, JwtAuthorizer, Key,
    PayloadFormat, Protocol, RequestAuthorizer, Route, SocketKey, Stage,
    api::{StageState, State},
    caller::CallerCache,
};
use crate::{apigateway::FunctionUri, lambda::Admission};

/// What was deployed.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) protocol: Protocol,
    pub(super) routes: Vec<Arc<Route>>,
    pub(super) integrations: BTreeMap<String, Arc<Integration>>,
    pub(super) authorizers: BTreeMap<String, Arc<Authorizer>>,
    pub(super) cors: Option<CorsConfiguration>,
}

/// An API as requests meet it.
#[derive(Debug)]
pub(super) struct LiveApi {
    /// Whether nobody can call it by its own host name.
    pub(super) is_disabled: bool,
    stages: BTreeMap<String, Arc<LiveStage>>,
}

/// A stage as requests meet it.
#[derive(Debug)]
pub(super) struct LiveStage {
    pub(super) name: String,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) cors: Option<CorsConfiguration>,
    pub(super) callers: CallerCache,
    routes: RouteTable<LiveRoute>,
    sockets: Option<LiveSockets>,
}

/// What there is at a stage of a WebSocket API.
#[derive(Debug)]
struct LiveSockets {
    selection: RouteSelection,
    routes: HashMap<SocketKey, LiveRoute>,
}

/// A route as requests meet it.
#[derive(Debug)]
pub(super) struct LiveRoute {
    pub(super) key: String,
    pub(super) operation: Option<String>,
    /// Whether clients get what the function returns for their messages.
    pub(super) is_two_way: bool,
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
    /// The policy of the function that let requests in last: those of one method, or messages.
    pub(super) admission: Admission,
}

impl LiveApi {
    pub(super) fn new(state: &State) -> Self {
        let stages = state.stages.iter().filter_map(|(name, StageState { stage, callers })| {
            let deployment = state.deployments.get(stage.deployment.as_ref()?)?;
            Some((name.clone(), Arc::new(LiveStage::new(stage, &deployment.content, callers))))
        });
        let is_disabled = state.settings.disable_execute_api_endpoint;
        Self { is_disabled, stages: stages.collect() }
    }

    /// A stage; `None` if there is none of this name, or if it has no deployment.
    pub(super) fn stage(&self, name: &str) -> Option<&Arc<LiveStage>> {
        self.stages.get(name)
    }
}

impl LiveStage {
    fn new(stage: &Stage, snapshot: &Snapshot, callers: &CallerCache) -> Self {
        let (mut routes, mut named) = (RouteTable::new(), HashMap::new());
        for route in &snapshot.routes {
            let key = route.key.to_string();
            let integration = route.integration.as_ref().and_then(|id| snapshot.integrations.get(id));
            let throttle = stage.throttle(&key).map(|(burst, rate)| TokenBucket::per_second(rate, burst));
            let live = LiveRoute {
                gate: Gate::of(route, snapshot, stage),
                integration: integration.map(|integration| LiveIntegration::new(integration, stage)),
                operation: route.operation.clone(),
                is_two_way: route.is_two_way(),
                throttle: throttle.map(Mutex::new),
                key,
            };
            match &route.key {
                Key::Http(key) => routes.insert(key.clone(), live),
                Key::WebSocket(key) => named.insert(key.clone(), live),
            };
        }
        let sockets = match &snapshot.protocol {
            Protocol::Http => None,
            Protocol::WebSocket { selection } => {
                Some(LiveSockets { selection: selection.clone(), routes: named })
            }
        };
        Self {
            name: stage.name.clone(),
            variables: stage.variables.clone(),
            cors: snapshot.cors.clone(),
            callers: Arc::clone(callers),
            routes,
            sockets,
        }
    }

    /// The route of a request; `path` is the one within the stage, as it was sent.
    pub(super) fn route<'a>(&'a self, method: &str, path: &'a str) -> Option<RouteMatch<'a, LiveRoute>> {
        self.routes.find(method, path)
    }

    /// The route of a WebSocket API for what happens to connections.
    pub(super) fn socket_route(&self, key: &SocketKey) -> Option<&LiveRoute> {
        self.sockets.as_ref()?.routes.get(key)
    }

    /// The route of a message: the one that it names, or else the one for all others.
    pub(super) fn message_route(&self, message: &str) -> Option<(&SocketKey, &LiveRoute)> {
        let sockets = self.sockets.as_ref()?;
        let named = sockets.selection.key(message).map(|name| SocketKey::Named(name.into()));
        let named = named.and_then(|key| sockets.routes.get_key_value(&key));
        named.or_else(|| sockets.routes.get_key_value(&SocketKey::Default))
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
            admission: Admission::default(),
        }
    }
}
