//! Who decides which callers are let in.

use std::time::Duration;

use super::{IdentitySource, PayloadFormat, Protocol, Refusal, settings::changed_text};

/// What an authorizer shall be; all that is none stays as it is, or is as by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizerChange {
    /// Its name.
    pub name: Option<String>,
    /// `JWT` or `REQUEST`.
    pub kind: Option<String>,
    /// What tells callers from each other.
    pub identity_sources: Option<Vec<String>>,
    /// The issuer of tokens.
    pub issuer: Option<String>,
    /// Whom tokens must be for.
    pub audience: Option<Vec<String>>,
    /// The function that decides.
    pub uri: Option<String>,
    /// What the function's events and answers look like.
    pub payload_format: Option<String>,
    /// Whether the function only says yes or no.
    pub simple_responses: Option<bool>,
    /// For how many seconds its answers count.
    pub result_ttl_s: Option<i64>,
    /// The role in whose name it is invoked.
    pub credentials: Option<String>,
}

/// Who decides which callers are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizer {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it decides.
    pub kind: AuthorizerKind,
}

/// How an authorizer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizerKind {
    /// By a JSON web token.
    Jwt(JwtAuthorizer),
    /// By a function.
    Request(RequestAuthorizer),
}

/// An authorizer by JSON web tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtAuthorizer {
    /// Where the token is: a header or a parameter of the query.
    pub identity_source: IdentitySource,
    /// Who issues tokens.
    pub issuer: String,
    /// Whom a token must be for: one of these.
    pub audience: Vec<String>,
}

/// An authorizer by a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestAuthorizer {
    /// What tells callers from each other: all of it must be there.
    pub identity_sources: Vec<IdentitySource>,
    /// The function.
    pub uri: String,
    /// What its events look like; none for a WebSocket API, which has events of its own.
    pub payload_format: Option<PayloadFormat>,
    /// Whether it only says yes or no.
    pub simple_responses: bool,
    /// For how long its answers count.
    pub result_ttl: Duration,
    /// The role in whose name it is invoked. Without one, the function's policy decides whether it may be.
    pub credentials: Option<String>,
}

impl Authorizer {
    pub(super) fn new(id: String, change: AuthorizerChange, protocol: &Protocol) -> Result<Self, Refusal> {
        let name = change.name.clone().ok_or_else(|| Refusal::bad_request("Authorizer name is required"))?;
        let kind = match change.kind.as_deref() {
            Some("JWT") if *protocol != Protocol::Http => {
                return Err(Refusal::bad_request("Authorizers of WEBSOCKET APIs are of the type REQUEST"));
            }
            Some("JWT") => AuthorizerKind::Jwt(JwtAuthorizer::new(change)?),
            Some("REQUEST") => AuthorizerKind::Request(RequestAuthorizer::new(change, protocol)?),
            Some(other) => return Err(Refusal::bad_request(format!("Invalid authorizer type: {other}"))),
            None => return Err(Refusal::bad_request("Authorizer type is required")),
        };
        Self { id, name, kind }.checked()
    }

    pub(super) fn changed(self, mut change: AuthorizerChange) -> Result<Self, Refusal> {
        if change.kind.as_deref().is_some_and(|kind| kind != self.kind.as_str()) {
            return Err(Refusal::bad_request("The type of an authorizer cannot be changed"));
        }
        let name = change.name.take().unwrap_or(self.name);
        let kind = match self.kind {
            AuthorizerKind::Jwt(jwt) => AuthorizerKind::Jwt(jwt.changed(change)?),
            AuthorizerKind::Request(request) => AuthorizerKind::Request(request.changed(change)?),
        };
        Self { id: self.id, name, kind }.checked()
    }

    fn checked(self) -> Result<Self, Refusal> {
        if !(1..=128).contains(&self.name.chars().count()) {
            return Err(Refusal::bad_request("Authorizer name must have from 1 to 128 characters"));
        }
        Ok(self)
    }
}

impl AuthorizerKind {
    /// `JWT` or `REQUEST`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "JWT",
            Self::Request(_) => "REQUEST",
        }
    }
}

impl JwtAuthorizer {
    fn new(change: AuthorizerChange) -> Result<Self, Refusal> {
        if change.identity_sources.is_none() || change.issuer.is_none() {
            return Err(Refusal::bad_request(
                "A JWT authorizer needs an identity source and a JWT configuration",
            ));
        }
        let empty = Self {
            identity_source: IdentitySource::Header("authorization".to_owned()),
            issuer: String::new(),
            audience: Vec::new(),
        };
        empty.changed(change)
    }

    fn changed(self, change: AuthorizerChange) -> Result<Self, Refusal> {
        if change.uri.is_some() || change.payload_format.is_some() || change.simple_responses.is_some() {
            return Err(Refusal::bad_request("A JWT authorizer has no function"));
        }
        let identity_source = match change.identity_sources.as_deref() {
            None => self.identity_source,
            Some([source]) => IdentitySource::parse(source)?,
            Some(_) => return Err(Refusal::bad_request("A JWT authorizer has one identity source")),
        };
        if !matches!(identity_source, IdentitySource::Header(_) | IdentitySource::Query(_)) {
            return Err(Refusal::bad_request(
                "The identity source of a JWT authorizer is a header or a parameter of the query",
            ));
        }
        let issuer = change.issuer.unwrap_or(self.issuer);
        if !["https://", "http://", "file://"].iter().any(|scheme| issuer.starts_with(scheme)) {
            return Err(Refusal::bad_request(format!("Invalid issuer: {issuer}. It must be a URL")));
        }
        Ok(Self { identity_source, issuer, audience: change.audience.unwrap_or(self.audience) })
    }
}

impl RequestAuthorizer {
    /// For how long answers count unless an authorizer says otherwise, where callers can be told from each other.
    const TTL: Duration = Duration::from_secs(300);

    fn new(change: AuthorizerChange, protocol: &Protocol) -> Result<Self, Refusal> {
        if change.uri.is_none() {
            return Err(Refusal::bad_request("Authorizer URI is required for the authorizer type REQUEST"));
        }
        let is_http = *protocol == Protocol::Http;
        let payload_format = match change.payload_format.as_deref() {
            Some(text) if is_http => Some(PayloadFormat::parse(text)?),
            None if is_http => {
                return Err(Refusal::bad_request(
                    "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
                ));
            }
            Some(_) | None => None,
        };
        let named = is_http && change.identity_sources.as_ref().is_some_and(|sources| !sources.is_empty());
        let empty = Self {
            identity_sources: Vec::new(),
            uri: String::new(),
            payload_format,
            simple_responses: false,
            result_ttl: if named { Self::TTL } else { Duration::ZERO },
            credentials: None,
        };
        empty.changed(change)
    }

    fn changed(self, change: AuthorizerChange) -> Result<Self, Refusal> {
        if change.issuer.is_some() || change.audience.is_some() {
            return Err(Refusal::bad_request("An authorizer of the type REQUEST has no JWT configuration"));
        }
        let of_websocket = self.payload_format.is_none();
        let of_http = [
            change.payload_format.is_some(),
            change.simple_responses == Some(true),
            change.result_ttl_s.is_some_and(|seconds| seconds != 0),
        ];
        if of_websocket && of_http.contains(&true) {
            return Err(Refusal::bad_request(
                "Authorizers of WEBSOCKET APIs have no payload format version, no simple responses and no result TTL",
            ));
        }
        let parse = if of_websocket { IdentitySource::parse_of_websocket } else { IdentitySource::parse };
        let sources = change
            .identity_sources
            .map(|sources| sources.iter().map(|source| parse(source)).collect::<Result<Vec<_>, _>>());
        let result_ttl = match change.result_ttl_s {
            None => self.result_ttl,
            Some(seconds @ 0..=3_600) => Duration::from_secs(seconds.unsigned_abs()),
            Some(seconds) => {
                return Err(Refusal::bad_request(format!(
                    "Invalid authorizer result TTL: {seconds}. It must be from 0 to 3600 seconds"
                )));
            }
        };
        let payload_format = match change.payload_format {
            Some(text) => Some(PayloadFormat::parse(&text)?),
            None => self.payload_format,
        };
        let changed = Self {
            identity_sources: sources.transpose()?.unwrap_or(self.identity_sources),
            uri: change.uri.unwrap_or(self.uri),
            payload_format,
            simple_responses: change.simple_responses.unwrap_or(self.simple_responses),
            result_ttl,
            credentials: changed_text(change.credentials, self.credentials),
        };
        if changed.simple_responses && payload_format == Some(PayloadFormat::V1) {
            return Err(Refusal::bad_request(
                "Simple responses need the authorizer payload format version 2.0",
            ));
        }
        if changed.identity_sources.is_empty() && !changed.result_ttl.is_zero() {
            return Err(Refusal::bad_request("Results can only be cached by an identity source"));
        }
        Ok(changed)
    }
    /// Its identity sources, as they were given.
    #[must_use]
    pub fn identity_texts(&self) -> Vec<String> {
        IdentitySource::texts(&self.identity_sources, self.payload_format.is_none())
    }
}
