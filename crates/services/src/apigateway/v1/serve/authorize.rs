//! Whether an authorizer lets a call through.

use std::{sync::Arc, time::Duration};

use hearth_engine::Via;
use hearth_model::{
    api_authorizer::{AuthorizerAnswer, Decision},
    http_event::EventBody,
    outcome,
};
use serde_json::json;

use super::{Exchange, Failure, Invocation, Served, function::Fault};
use crate::apigateway::v1::{
    RestApis, document::AuthorizerKind, names::method_arn, snapshot::AuthorizerRules,
};

/// How long an authorizer may take.
const TIMEOUT: Duration = Duration::from_secs(29);

impl RestApis {
    /// Lets a call through, or not. Returns the API key that the authorizer names.
    pub(super) async fn authorize(
        &self,
        served: &Served,
        rules: &AuthorizerRules,
        exchange: &mut Exchange<'_>,
    ) -> Result<Option<String>, Failure> {
        let identity = rules
            .identity
            .iter()
            .map(|source| exchange.value(served, source).map(|value| value.into_owned()));
        let identity: Vec<String> = identity.collect::<Option<_>>().ok_or(Failure::UNAUTHORIZED)?;
        if let Some(pattern) = &rules.token
            && !identity.first().is_some_and(|token| pattern.is_match(token))
        {
            return Err(Failure::UNAUTHORIZED);
        }
        let key = format!("{}\n{}", rules.id, identity.join("\n"));
        let begun = self.engine.clock().now();
        let answer = match served.runtime.answer(begun, &key) {
            Some(answer) => answer,
            None => {
                let answer = Arc::new(self.ask(served, rules, &identity, exchange).await?);
                let now = self.engine.clock().now();
                served.runtime.answers().lock().insert(now, key, Arc::clone(&answer), rules.time_to_live);
                answer
            }
        };
        let method = method_arn(&served.partition, &served.api, &exchange.method_path());
        match answer.decide(&method) {
            Decision::Allowed => {}
            Decision::ExplicitlyDenied => return Err(Failure::EXPLICITLY_DENIED),
            Decision::ImplicitlyDenied => return Err(Failure::IMPLICITLY_DENIED),
        }
        let mut context = answer.rest_context().map_err(|error| {
            tracing::warn!(api = served.api, authorizer = rules.id, %error, "a REST API answered 500");
            Failure::AUTHORIZER_MISCONFIGURED
        })?;
        let took = u64::try_from((self.engine.clock().now() - begun).as_millis()).unwrap_or(u64::MAX);
        context.insert("integrationLatency".to_owned(), took.into());
        exchange.authorizer = Some(context);
        Ok(answer.usage_identifier_key.clone())
    }

    async fn ask(
        &self,
        served: &Served,
        rules: &AuthorizerRules,
        identity: &[String],
        exchange: &mut Exchange<'_>,
    ) -> Result<AuthorizerAnswer, Failure> {
        let method = method_arn(&served.partition, &served.api, &exchange.method_path());
        let event = match rules.kind {
            AuthorizerKind::Token => {
                json!({"type": "TOKEN", "methodArn": method, "authorizationToken": identity.first()})
                    .to_string()
                    .into()
            }
            AuthorizerKind::Request => {
                exchange.event(served, EventBody::None).render_for_authorizer(&method, None)
            }
        };
        let invocation = Invocation {
            function: rules.uri.function(&served.variables),
            in_role: rules.in_role,
            source: method_arn(&served.partition, &served.api, &format!("authorizers/{}", rules.id)),
            event,
            via: Via::Authorizer,
            timeout: TIMEOUT,
        };
        let result = self.try_invoke(served, invocation, exchange).await;
        let misconfigured = |reason: String| {
            tracing::warn!(api = served.api, authorizer = rules.id, reason, "a REST API answered 500");
            Failure::AUTHORIZER_MISCONFIGURED
        };
        match result {
            Ok(result) => AuthorizerAnswer::parse(&result).map_err(|error| misconfigured(error.to_string())),
            // With this message a function says that it does not know the caller.
            Err(Fault::Failed(outcome::Failure::Function(error)))
                if error.error_message == "Unauthorized" =>
            {
                Err(Failure::UNAUTHORIZED)
            }
            Err(Fault::Failed(_)) => Err(Failure::AUTHORIZER_FAILED),
            Err(Fault::NotInvoked(reason)) => Err(misconfigured(reason)),
            Err(Fault::EventTooLarge) => Err(misconfigured("its event is too large".to_owned())),
            Err(Fault::Timeout) => Err(misconfigured("it takes too long".to_owned())),
        }
    }
}
