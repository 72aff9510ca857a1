//! What authorizers need of a request, and whom they ask.

use std::time::Duration;

use regex_lite::Regex;

use super::{Expression, uri::UriTemplate};
use crate::apigateway::v1::{
    Refusal,
    document::{Authorizer, AuthorizerKind},
};

/// How an authorizer is asked.
#[derive(Debug)]
pub(in crate::apigateway::v1) struct AuthorizerRules {
    pub(in crate::apigateway::v1) id: String,
    pub(in crate::apigateway::v1) uri: UriTemplate,
    /// Whether the function is invoked in a role, so that its policy does not matter.
    pub(in crate::apigateway::v1) in_role: bool,
    pub(in crate::apigateway::v1) kind: AuthorizerKind,
    /// What must be in a request, and tells callers apart.
    pub(in crate::apigateway::v1) identity: Vec<Expression>,
    /// What tokens must look like.
    pub(in crate::apigateway::v1) token: Option<Regex>,
    pub(in crate::apigateway::v1) time_to_live: Duration,
}

/// Checks that an authorizer can be asked.
pub(in crate::apigateway::v1) fn check_authorizer(authorizer: &Authorizer) -> Result<(), Refusal> {
    AuthorizerRules::read(authorizer).map(drop)
}

impl AuthorizerRules {
    pub(super) fn read(document: &Authorizer) -> Result<Self, Refusal> {
        if document.name.is_empty() {
            return Err(Refusal::bad("Authorizer name cannot be empty"));
        }
        let uri = UriTemplate::parse(&document.authorizer_uri);
        let uri = uri.map_err(|_| {
            Refusal::bad(format!(
                "Invalid Authorizer URI: {}. It must lead to a Lambda function",
                document.authorizer_uri
            ))
        })?;
        if document.authorizer_result_ttl_in_seconds > 3_600 {
            return Err(Refusal::bad("Authorizer result TTL must be between 0 and 3600 seconds"));
        }
        let time_to_live = Duration::from_secs(document.authorizer_result_ttl_in_seconds.into());
        let sources = document.identity_source.as_deref().unwrap_or_default().split(',').map(str::trim);
        let identity = sources.filter(|source| !source.is_empty()).map(Expression::parse);
        let mut identity: Vec<Expression> = identity.collect::<Result<_, _>>().map_err(|_| {
            let source = document.identity_source.as_deref().unwrap_or_default();
            Refusal::bad(format!("Invalid Identity Source specified: {source}"))
        })?;
        match document.kind {
            AuthorizerKind::Token => {
                if identity.is_empty() {
                    identity.push(Expression::Header("Authorization".to_owned()));
                }
                if !matches!(&*identity, [Expression::Header(_)]) {
                    return Err(Refusal::bad("A TOKEN authorizer needs one header as its identity source"));
                }
            }
            AuthorizerKind::Request if identity.is_empty() && !time_to_live.is_zero() => {
                return Err(Refusal::bad(
                    "Identity source is required when authorization caching is enabled",
                ));
            }
            AuthorizerKind::Request => {}
        }
        let expression = document.identity_validation_expression.as_deref().filter(|text| !text.is_empty());
        let token = expression.map(|expression| {
            let anchored = Regex::new(&format!("^(?:{expression})$"));
            anchored.map_err(|_| {
                Refusal::bad(format!("Invalid identity validation expression specified: {expression}"))
            })
        });
        Ok(Self {
            id: document.id.clone(),
            uri,
            in_role: document.authorizer_credentials.is_some(),
            kind: document.kind,
            identity,
            token: token.transpose()?,
            time_to_live,
        })
    }
}
