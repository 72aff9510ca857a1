//! JSON web tokens, as JWT authorizers check them.
//!
//! Source: API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers in API Gateway". Besides RSA, ES256 is
//! taken as well.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hearth_model::time::{Moment, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Denial, JwtAuthorizer, KeySets, keys::Algorithm};

/// What a token that was checked says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The claims as functions get them: all of them texts.
    pub(super) claims: Map<String, Value>,
    /// Those of its scopes that the route asks for; `None` if the route asks for none.
    pub(super) scopes: Option<Vec<String>>,
}

/// What callers are told who show no token.
pub(super) fn no_token() -> Denial {
    Denial::Unauthorized { challenge: Some("Bearer".to_owned()) }
}

/// Checks a token.
pub(super) async fn check(
    key_sets: &KeySets,
    now: Moment,
    header: &str,
    authorizer: &JwtAuthorizer,
    scopes: &[String],
) -> Result<Token, Denial> {
    let token = header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer ")).unwrap_or(header);
    let parts = Parts::read(token.trim()).ok_or_else(|| invalid("the token is malformed"))?;
    let keys = key_sets.keys(now.instant, &authorizer.issuer).await.map_err(|error| {
        tracing::warn!(issuer = authorizer.issuer, %error, "tokens of an issuer cannot be checked");
        invalid("OIDC discovery endpoint communication error")
    })?;
    if !keys.has(&parts.key) {
        return Err(invalid("kid not found in the key set of the issuer"));
    }
    if !keys.verifies(&parts.key, parts.algorithm, parts.signed, &parts.signature) {
        return Err(invalid("signature verification failed"));
    }
    check_claims(&parts.claims, now.wall, authorizer).map_err(invalid)?;
    let own = own_scopes(&parts.claims);
    let granted: Vec<String> = scopes.iter().filter(|scope| own.contains(&&***scope)).cloned().collect();
    if !scopes.is_empty() && granted.is_empty() {
        let scopes = scopes.join(" ");
        let challenge = format!(
            "Bearer scope=\"{scopes}\" error=\"insufficient_scope\" error_description=\"insufficient scope\""
        );
        return Err(Denial::Forbidden { challenge: Some(challenge) });
    }
    let claims = parts.claims.iter().map(|(name, value)| (name.clone(), Value::String(text(value))));
    Ok(Token { claims: claims.collect(), scopes: (!scopes.is_empty()).then_some(granted) })
}

/// A token taken apart.
struct Parts<'t> {
    algorithm: Algorithm,
    key: String,
    claims: Map<String, Value>,
    signed: &'t [u8],
    signature: Vec<u8>,
}

impl<'t> Parts<'t> {
    fn read(token: &'t str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
            kid: String,
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        Some(Self {
            algorithm: Algorithm::parse(&header.alg)?,
            key: header.kid,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
            signed: signed.as_bytes(),
            signature: decode(signature)?,
        })
    }
}

fn check_claims(
    claims: &Map<String, Value>,
    now: Timestamp,
    authorizer: &JwtAuthorizer,
) -> Result<(), &'static str> {
    if claims.get("iss").and_then(Value::as_str) != Some(&authorizer.issuer) {
        return Err("the token has an invalid issuer");
    }
    let is_meant = |claim: &Value| {
        let named = |name: &Value| {
            name.as_str().is_some_and(|name| authorizer.audience.iter().any(|known| known == name))
        };
        named(claim) || claim.as_array().is_some_and(|names| names.iter().any(named))
    };
    let audience = claims.get("aud").or_else(|| claims.get("client_id"));
    if !authorizer.audience.is_empty() && !audience.is_some_and(is_meant) {
        return Err("the token does not have a valid audience");
    }
    let seconds = now.as_unix_millis() as f64 / 1_000.0;
    let time =
        |name: &str| claims.get(name).map(|value| value.as_f64().ok_or("the token has a date that is none"));
    if time("exp").transpose()?.is_none_or(|expires| seconds >= expires) {
        return Err("the token has expired");
    }
    if time("nbf").transpose()?.is_some_and(|begins| seconds < begins) {
        return Err("the token is not valid yet");
    }
    if time("iat").transpose()?.is_some_and(|issued| seconds < issued) {
        return Err("the token was issued in the future");
    }
    Ok(())
}

/// The scopes of a token: `scope`, texts with spaces between them, or `scp`, which may be a list.
fn own_scopes(claims: &Map<String, Value>) -> Vec<&str> {
    let claims = ["scope", "scp"].into_iter().filter_map(|name| claims.get(name));
    let texts = claims.flat_map(|claim| match claim {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect::<Vec<_>>(),
    });
    texts.flat_map(str::split_whitespace).collect()
}

/// A claim as functions get it. A list is `[a b]`.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn invalid(description: &str) -> Denial {
    let challenge = format!("Bearer scope=\"\" error=\"invalid_token\" error_description=\"{description}\"");
    Denial::Unauthorized { challenge: Some(challenge) }
}
