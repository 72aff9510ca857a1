//! The operations on authorizers.

use hearth_services::apigateway::v2::{Authorizer, AuthorizerChange, AuthorizerKind, PayloadFormat};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, Rest, done};
use crate::{
    error::ApiError,
    rest_json::{Answer, answer},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AuthorizerRequest {
    name: Option<String>,
    authorizer_type: Option<String>,
    identity_source: Option<Vec<String>>,
    jwt_configuration: Option<JwtDocument>,
    authorizer_uri: Option<String>,
    authorizer_payload_format_version: Option<String>,
    enable_simple_responses: Option<bool>,
    authorizer_result_ttl_in_seconds: Option<i64>,
    authorizer_credentials_arn: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct JwtDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_credentials_arn: Option<String>,
    authorizer_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_payload_format_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_result_ttl_in_seconds: Option<u64>,
    authorizer_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_simple_responses: Option<bool>,
    identity_source: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt_configuration: Option<JwtDocument>,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerList {
    items: Vec<AuthorizerDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, api: &str) -> Answer {
    let created = call.api(api)?.create_authorizer(call.document::<AuthorizerRequest>()?.read()?)?;
    answer(StatusCode::CREATED, &AuthorizerDocument::of(&created))
}

pub(super) fn authorizer(call: &Call<'_>, api: &str, id: &str) -> Answer {
    answer(StatusCode::OK, &AuthorizerDocument::of(&*call.api(api)?.authorizer(&Call::segment(id)?)?))
}

pub(super) fn list(call: &Call<'_>, api: &str) -> Answer {
    let page = call.api(api)?.authorizers(&call.page()?)?;
    let items = page.items.iter().map(|authorizer| AuthorizerDocument::of(authorizer)).collect();
    answer(StatusCode::OK, &AuthorizerList { items, next_token: page.next_token })
}

pub(super) fn update(call: &Call<'_>, api: &str, id: &str) -> Answer {
    let change = call.document::<AuthorizerRequest>()?.read()?;
    let updated = call.api(api)?.update_authorizer(&Call::segment(id)?, change)?;
    answer(StatusCode::OK, &AuthorizerDocument::of(&updated))
}

pub(super) fn delete(call: &Call<'_>, api: &str, id: &str) -> Answer {
    call.api(api)?.delete_authorizer(&Call::segment(id)?)?;
    done()
}

impl AuthorizerRequest {
    fn read(self) -> Result<AuthorizerChange, ApiError> {
        self.rest.refuse(&[])?;
        let JwtDocument { audience, issuer } = self.jwt_configuration.unwrap_or_default();
        Ok(AuthorizerChange {
            name: self.name,
            kind: self.authorizer_type,
            identity_sources: self.identity_source,
            issuer,
            audience,
            uri: self.authorizer_uri,
            payload_format: self.authorizer_payload_format_version,
            simple_responses: self.enable_simple_responses,
            result_ttl_s: self.authorizer_result_ttl_in_seconds,
            credentials: self.authorizer_credentials_arn,
        })
    }
}

impl AuthorizerDocument {
    fn of(authorizer: &Authorizer) -> Self {
        let common = Self {
            authorizer_id: authorizer.id.clone(),
            authorizer_type: authorizer.kind.as_str(),
            name: authorizer.name.clone(),
            ..Self::default()
        };
        match &authorizer.kind {
            AuthorizerKind::Jwt(jwt) => Self {
                identity_source: vec![jwt.identity_source.to_string()],
                jwt_configuration: Some(JwtDocument {
                    audience: Some(jwt.audience.clone()),
                    issuer: Some(jwt.issuer.clone()),
                }),
                ..common
            },
            AuthorizerKind::Request(request) => Self {
                authorizer_credentials_arn: request.credentials.clone(),
                authorizer_payload_format_version: request.payload_format.map(PayloadFormat::as_str),
                // Those of WebSocket APIs have neither.
                authorizer_result_ttl_in_seconds: request
                    .payload_format
                    .map(|_| request.result_ttl.as_secs()),
                authorizer_uri: Some(request.uri.clone()),
                enable_simple_responses: request.payload_format.map(|_| request.simple_responses),
                identity_source: request.identity_texts(),
                ..common
            },
        }
    }
}
