//! A client that wants to connect.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_engine::Via;
use hearth_model::{
    api_authorizer::{AuthorizerAnswer, Decision},
    http_event::{HttpAnswer, ProxyFront},
    outcome,
    time::Moment,
    websocket::{SocketEvent, SocketHappening},
};
use http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use serde_json::{Map, Value};

use super::{Connection, Session, SocketPlace, failure::Failure};
use crate::apigateway::{
    FunctionUri,
    headers::spelled,
    v2::{
        Apis, HttpRequest, RequestAuthorizer, SocketKey,
        apis::request_id,
        identity::Surroundings,
        invocation::{Fault, Invocation},
        live::{Gate, LiveRoute, LiveStage},
    },
};

/// What comes of a client that wants to connect.
#[derive(Debug)]
pub enum Handshake {
    /// It may.
    Accepted {
        /// The connection.
        session: Session,
        /// The subprotocol that the function chose.
        subprotocol: Option<HeaderValue>,
    },
    /// It may not.
    Refused(HttpAnswer),
}

/// A client, and what it asks for.
struct Visit<'a> {
    stage: &'a LiveStage,
    request: &'a HttpRequest<'a>,
    /// The headers as functions get them.
    headers: Vec<(String, String)>,
    request_id: String,
    received: Moment,
}

impl Apis {
    /// Asks whoever decides (an authorizer, the function of `$connect`) whether a client may connect.
    ///
    /// Cancel safe: what a function was asked for it does nevertheless.
    pub async fn connect(self: &Arc<Self>, place: &SocketPlace, request: &HttpRequest<'_>) -> Handshake {
        let (connection_id, request_id) = (request_id(), request_id());
        let received = self.engine().clock().moment();
        let refused = |failure: Failure| Handshake::Refused(failure.answer(&connection_id, &request_id));
        let Some(room) = self.connections().room() else {
            tracing::warn!(api = %place.api.id(), "there are too many connections");
            return refused(Failure::TooManyRequests);
        };
        let headers = request
            .headers
            .as_slice()
            .iter()
            .map(|(name, value)| (spelled(name.clone().into_owned()), value.clone().into_owned()));
        let headers = headers.collect();
        let stage = &*place.stage;
        let visit = Visit { stage, request, headers, request_id: request_id.clone(), received };
        let connection = Connection::new(connection_id.clone(), &place.api, stage, request, received, room);
        match self.admit(connection, &visit).await {
            Ok(Admission::Accepted { connection, subprotocol }) => {
                let session = Session::open(Arc::clone(self), connection);
                Handshake::Accepted { session, subprotocol }
            }
            Ok(Admission::Refused(answer)) => Handshake::Refused(answer),
            Err(failure) => refused(failure),
        }
    }

    async fn admit(&self, mut connection: Connection, visit: &Visit<'_>) -> Result<Admission, Failure> {
        let Some(route) = visit.stage.socket_route(&SocketKey::Connect) else {
            return Ok(Admission::Accepted { connection: Arc::new(connection), subprotocol: None });
        };
        if !route.admits(visit.received.instant) {
            return Err(Failure::TooManyRequests);
        }
        match &route.gate {
            Gate::Open => {}
            Gate::Signed if visit.request.signer.is_some() => {}
            // No WebSocket API has authorizers by token.
            Gate::Signed | Gate::Token { .. } => return Err(Failure::Forbidden),
            Gate::Asked { id, authorizer, function } => {
                let said = self.ask(&connection, visit, id, authorizer, function.as_ref()).await?;
                connection.authorizer = Some(said);
            }
        }
        let answer = self.ask_route(&connection, visit, route).await?;
        if !answer.status.is_success() {
            return Ok(Admission::Refused(answer));
        }
        let subprotocol = answer.headers.get(SEC_WEBSOCKET_PROTOCOL).cloned();
        Ok(Admission::Accepted { connection: Arc::new(connection), subprotocol })
    }

    /// What the function of `$connect` answers.
    async fn ask_route(
        &self,
        connection: &Connection,
        visit: &Visit<'_>,
        route: &LiveRoute,
    ) -> Result<HttpAnswer, Failure> {
        let event = visit.event(connection).render();
        let result = self.invoke_route(connection, route, event, &visit.request.trace).await?;
        HttpAnswer::of_proxy_result(&result, ProxyFront::Rest, true).map_err(|error| {
            tracing::warn!(api = %connection.api.id(), %error, "a WebSocket API refused a client with 502");
            Failure::BadGateway
        })
    }

    /// What the authorizer's function says of the client, if it lets it in.
    async fn ask(
        &self,
        connection: &Connection,
        visit: &Visit<'_>,
        id: &str,
        authorizer: &RequestAuthorizer,
        function: Option<&FunctionUri>,
    ) -> Result<Map<String, Value>, Failure> {
        /// How long an authorizer may take. Source: quotas of WebSocket APIs.
        const TIMEOUT: Duration = Duration::from_secs(29);
        let surroundings = || Surroundings {
            request: visit.request,
            route_key: SocketKey::Connect.as_str(),
            stage: &visit.stage.name,
            stage_variables: &visit.stage.variables,
        };
        if authorizer.identity_sources.iter().any(|source| source.value(surroundings()).is_none()) {
            return Err(Failure::Unauthorized);
        }
        let route_arn = connection.arn(SocketKey::Connect.as_str());
        let function = function.ok_or(Failure::Misconfigured)?;
        let source = authorizer.credentials.is_none().then_some(|| connection.api.arn(&["authorizers/", id]));
        let invocation = Invocation {
            event: Bytes::from(visit.event(connection).render_for_authorizer(&route_arn)),
            via: Via::Authorizer,
            trace: visit.request.trace.clone().into_owned(),
            timeout: TIMEOUT,
        };
        let result = async {
            let callee = self.callee(connection.api.partition(), function, source, None)?;
            self.invoke(&callee, invocation).await
        };
        let result = result.await.map_err(|fault| match fault {
            // With this message a function says that it does not know the client.
            Fault::Failed(outcome::Failure::Function(error)) if error.error_message == "Unauthorized" => {
                Failure::Unauthorized
            }
            Fault::NotInvoked | Fault::Unavailable | Fault::Timeout | Fault::Failed(_) => {
                Failure::Misconfigured
            }
        })?;
        let misconfigured = |error: &dyn std::fmt::Display| {
            tracing::warn!(api = %connection.api.id(), authorizer = id, %error, "a WebSocket API refused a client with 500");
            Failure::Misconfigured
        };
        let answer = AuthorizerAnswer::parse(&result).map_err(|error| misconfigured(&error))?;
        match answer.decide(&route_arn) {
            Decision::Allowed => answer.rest_context().map_err(|error| misconfigured(&error)),
            Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => Err(Failure::Forbidden),
        }
    }
}

/// What was decided.
enum Admission {
    Accepted { connection: Arc<Connection>, subprotocol: Option<HeaderValue> },
    Refused(HttpAnswer),
}

impl Visit<'_> {
    fn event<'a>(&'a self, connection: &'a Connection) -> SocketEvent<'a> {
        let happening = SocketHappening::Connect { headers: &self.headers, query: &self.request.query };
        connection.event(self.stage, &SocketKey::Connect, happening, &self.request_id, self.received)
    }
}
