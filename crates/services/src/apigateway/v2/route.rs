//! Routes: which requests lead where, and who may send them.

use hearth_model::http_route::RouteKey;

use super::{
    Key, Protocol, Refusal, SocketKey,
    settings::{changed_text, check_text},
};

/// What a route shall be; all that is none stays as it is, or is as by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteChange {
    /// `GET /images/{id}`, or `$default`; of a WebSocket API `$connect`, `$disconnect`, `$default` or a name.
    pub key: Option<String>,
    /// `integrations/` and an integration's identifier.
    pub target: Option<String>,
    /// Who may send requests.
    pub authorization: Option<String>,
    /// The authorizer that says so.
    pub authorizer: Option<String>,
    /// The scopes of which a token must have one.
    pub scopes: Option<Vec<String>>,
    /// How the route's owner calls what it does.
    pub operation: Option<String>,
    /// `$default`: which of the route's responses clients get that send it messages.
    pub response_selection: Option<String>,
}

/// Which requests lead where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its identifier.
    pub id: String,
    /// What it is for.
    pub key: Key,
    /// The integration's identifier; without one, requests fail.
    pub integration: Option<String>,
    /// Who may send them.
    pub authorization: Authorization,
    /// The authorizer that says so.
    pub authorizer: Option<String>,
    /// The scopes of which a token must have one.
    pub scopes: Vec<String>,
    /// How the route's owner calls what it does.
    pub operation: Option<String>,
    /// Whether what its function returns selects the response of a message; that is `$default`, the only one.
    pub selects_response: bool,
    /// The identifier of the response `$default`, if there is one.
    pub response: Option<String>,
    /// Whether it came with the API, by a quick start.
    pub managed: bool,
}

/// Who may send requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// Everybody.
    None,
    /// Whoever signs them.
    Iam,
    /// Whom a function lets in.
    Custom,
    /// Who shows a JSON web token of an issuer.
    Jwt,
}

impl Route {
    const TARGET: &str = "integrations/";
    /// The only response that a route has, and the expression that selects it.
    pub const RESPONSE: &str = "$default";

    pub(super) fn new(id: String, change: RouteChange, protocol: &Protocol) -> Result<Self, Refusal> {
        if change.key.is_none() {
            return Err(Refusal::bad_request("Route key is required"));
        }
        Self::open(id, Key::Http(RouteKey::Default)).changed(change, protocol)
    }

    /// A route that is open for everybody, and leads nowhere yet.
    pub(super) fn open(id: String, key: Key) -> Self {
        Self {
            id,
            key,
            integration: None,
            authorization: Authorization::None,
            authorizer: None,
            scopes: Vec::new(),
            operation: None,
            selects_response: false,
            response: None,
            managed: false,
        }
    }

    pub(super) fn changed(self, change: RouteChange, protocol: &Protocol) -> Result<Self, Refusal> {
        let key = change.key.as_deref().map(|text| Key::parse(protocol, text)).transpose()?;
        let integration = match change.target {
            None => self.integration,
            Some(target) => Some(
                target
                    .strip_prefix(Self::TARGET)
                    .ok_or_else(|| {
                        Refusal::bad_request(format!(
                            "Invalid target: {target}. It must be integrations/<id>"
                        ))
                    })?
                    .to_owned(),
            ),
        };
        let authorization = match change.authorization {
            Some(name) => Authorization::parse(&name)?,
            None => self.authorization,
        };
        check_text("OperationName", change.operation.as_deref(), 64)?;
        let with_authorizer = matches!(authorization, Authorization::Custom | Authorization::Jwt);
        let changed = Self {
            key: key.unwrap_or(self.key),
            integration,
            authorization,
            authorizer: changed_text(change.authorizer, self.authorizer).filter(|_| with_authorizer),
            scopes: change.scopes.unwrap_or(self.scopes),
            operation: changed_text(change.operation, self.operation),
            selects_response: match change.response_selection.as_deref() {
                None => self.selects_response,
                Some("") => false,
                Some(Self::RESPONSE) => true,
                Some(other) => {
                    return Err(Refusal::bad_request(format!(
                        "Invalid route response selection expression: {other}. It must be {}",
                        Self::RESPONSE
                    )));
                }
            },
            ..self
        };
        changed.check(protocol)?;
        if with_authorizer && changed.authorizer.is_none() {
            let name = authorization.as_str();
            return Err(Refusal::bad_request(format!("The authorization type {name} needs an authorizer")));
        }
        if !changed.scopes.is_empty() && authorization != Authorization::Jwt {
            return Err(Refusal::bad_request("Authorization scopes need the authorization type JWT"));
        }
        Ok(changed)
    }

    /// Checks what only routes of one protocol can be.
    fn check(&self, protocol: &Protocol) -> Result<(), Refusal> {
        match (protocol, &self.key) {
            (Protocol::Http, _) if self.selects_response => {
                Err(Refusal::bad_request("Only routes of WEBSOCKET APIs have responses"))
            }
            (Protocol::WebSocket { .. }, Key::WebSocket(key)) => match self.authorization {
                Authorization::Jwt => Err(Refusal::bad_request(
                    "Routes of WEBSOCKET APIs cannot have the authorization type JWT",
                )),
                Authorization::Iam | Authorization::Custom if *key != SocketKey::Connect => {
                    Err(Refusal::bad_request(
                        "Of the routes of a WEBSOCKET API, only $connect can have an authorization",
                    ))
                }
                Authorization::None | Authorization::Iam | Authorization::Custom => Ok(()),
            },
            (Protocol::Http | Protocol::WebSocket { .. }, _) => Ok(()),
        }
    }

    /// Whether clients get what its function returns.
    pub(super) fn is_two_way(&self) -> bool {
        self.selects_response && self.response.is_some()
    }

    /// `integrations/` and the integration's identifier.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        self.integration.as_ref().map(|id| format!("{}{id}", Self::TARGET))
    }
}

impl Authorization {
    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Iam => "AWS_IAM",
            Self::Custom => "CUSTOM",
            Self::Jwt => "JWT",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, Refusal> {
        let all = [Self::None, Self::Iam, Self::Custom, Self::Jwt];
        let known = all.into_iter().find(|authorization| authorization.as_str() == name);
        known.ok_or_else(|| Refusal::bad_request(format!("Invalid authorization type: {name}")))
    }
}
