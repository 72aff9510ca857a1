//! Who sends a request, and whether that one is let in.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use hearth_engine::Via;
use hearth_model::{
    api_authorizer::{AuthorizerAnswer, AuthorizerCache, Decision, SimpleAnswer},
    http_event::{HttpOrigin, ProxyEvent, RouteAuthorizer},
};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::{
    Apis, Denial, PayloadFormat, RequestAuthorizer,
    exchange::Exchange,
    invocation::Invocation,
    jwt::{self, Token},
    live::Gate,
};
use crate::apigateway::FunctionUri;

/// Who sends a request, as far as that is known.
#[derive(Debug)]
pub(super) enum Caller {
    /// Nobody asked.
    Anybody,
    /// Whoever signed it.
    Signed,
    /// Whom a token is about.
    Token(Token),
    /// Whom a function let in.
    Known(Arc<Verdict>),
}

/// What authorizers' functions said of callers.
pub(super) type CallerCache = Arc<Mutex<AuthorizerCache<Arc<Verdict>>>>;

/// What an authorizer's function said.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Yes or no.
    Simple(SimpleAnswer),
    /// What the caller may do.
    Policy(AuthorizerAnswer),
}

impl Caller {
    /// What functions are told, in payload format 2.0.
    pub(super) fn authorizer(&self) -> Option<RouteAuthorizer<'_>> {
        match self {
            Self::Anybody | Self::Signed => None,
            Self::Token(token) => {
                Some(RouteAuthorizer::Jwt { claims: &token.claims, scopes: token.scopes.as_deref() })
            }
            Self::Known(verdict) => Some(RouteAuthorizer::Lambda(verdict.context())),
        }
    }

    /// What functions are told, in payload format 1.0.
    pub(super) fn proxy_authorizer(&self) -> Option<Map<String, Value>> {
        match self {
            Self::Anybody | Self::Signed => None,
            Self::Token(token) => {
                let claims = ("claims".to_owned(), Value::Object(token.claims.clone()));
                let scopes = ("scopes".to_owned(), token.scopes.clone().into());
                Some([claims, scopes].into_iter().collect())
            }
            Self::Known(verdict) => {
                let mut context = verdict.context().clone();
                if let Verdict::Policy(answer) = &**verdict {
                    context.insert("principalId".to_owned(), answer.principal.clone().into());
                }
                Some(context)
            }
        }
    }
}

impl Verdict {
    fn context(&self) -> &Map<String, Value> {
        match self {
            Self::Simple(answer) => &answer.context,
            Self::Policy(answer) => &answer.context,
        }
    }

    fn lets_in(&self, route_arn: &str) -> bool {
        match self {
            Self::Simple(answer) => answer.is_authorized,
            Self::Policy(answer) => answer.decide(route_arn) == Decision::Allowed,
        }
    }
}

impl Exchange<'_> {
    /// Finds out who sends the request.
    pub(super) async fn identify(&self, apis: &Apis) -> Result<Caller, Denial> {
        match &self.route.target.gate {
            Gate::Open => Ok(Caller::Anybody),
            Gate::Signed if self.request.signer.is_some() => Ok(Caller::Signed),
            Gate::Signed => Err(Denial::Forbidden { challenge: None }),
            Gate::Token { authorizer, scopes } => {
                let token = authorizer.identity_source.value(self.surroundings());
                let token = token.ok_or_else(jwt::no_token)?;
                // Boxed, as what follows, so that requests to open routes carry no room for it.
                Box::pin(jwt::check(apis.key_sets(), self.received, &token, authorizer, scopes))
                    .await
                    .map(Caller::Token)
            }
            Gate::Asked { id, authorizer, function } => {
                Box::pin(self.ask(apis, id, authorizer, function.as_ref())).await.map(Caller::Known)
            }
        }
    }

    async fn ask(
        &self,
        apis: &Apis,
        id: &str,
        authorizer: &RequestAuthorizer,
        function: Option<&FunctionUri>,
    ) -> Result<Arc<Verdict>, Denial> {
        let sources = authorizer.identity_sources.iter();
        let identity: Option<Vec<String>> = sources.map(|source| source.value(self.surroundings())).collect();
        let identity = identity.ok_or(Denial::Unauthorized { challenge: None })?;
        let key = format!("{id}/{}", serde_json::json!(identity));
        let known = self.place.stage.callers.lock().find(self.received.instant, &key).cloned();
        let verdict = match known {
            Some(verdict) => verdict,
            None => {
                let function = function.ok_or(Denial::InternalServerError)?;
                let verdict = Arc::new(self.ask_function(apis, id, authorizer, function, &identity).await?);
                let mut callers = self.place.stage.callers.lock();
                callers.insert(self.received.instant, key, Arc::clone(&verdict), authorizer.result_ttl);
                verdict
            }
        };
        if verdict.lets_in(&self.route_arn()) {
            Ok(verdict)
        } else {
            Err(Denial::Forbidden { challenge: None })
        }
    }

    async fn ask_function(
        &self,
        apis: &Apis,
        id: &str,
        authorizer: &RequestAuthorizer,
        function: &FunctionUri,
        identity: &[String],
    ) -> Result<Verdict, Denial> {
        let source = || self.place.api.arn(&["authorizers/", id]);
        let event = match authorizer.payload_format {
            Some(PayloadFormat::V1) | None => {
                self.with_proxy_event(None, |event: ProxyEvent<'_, Cow<'_, str>>| {
                    event.render_for_authorizer(&self.route_arn(), Some(&identity.join(",")))
                })
            }
            Some(PayloadFormat::V2) => self.with_origin(None, |origin: &HttpOrigin<'_>| {
                self.front_request().render_for_authorizer(origin, &self.route_arn(), identity)
            }),
        };
        let source = authorizer.credentials.is_none().then_some(source);
        let callee = apis.callee(self.place.api.partition(), function, source, None)?;
        let invocation = Invocation {
            event: Bytes::from(event),
            via: Via::Authorizer,
            trace: self.request.trace.clone().into_owned(),
            timeout: Exchange::AUTHORIZER_TIMEOUT,
        };
        let result = apis.invoke(&callee, invocation).await?;
        let verdict = if authorizer.simple_responses {
            SimpleAnswer::parse(&result).map(Verdict::Simple)
        } else {
            AuthorizerAnswer::parse(&result).map(Verdict::Policy)
        };
        verdict.map_err(|error| {
            tracing::warn!(api = %self.place.api.id(), authorizer = id, %error, "an authorizer answered something else");
            Denial::InternalServerError
        })
    }
}
