//! Routes: which requests lead where, and who may send them.

use hearth_model::http_route::RouteKey;

use super::{
    Refusal,
    settings::{changed_text, check_text},
};

/// What a route shall be; all that is none stays as it is, or is as by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteChange {
    /// `GET /images/{id}`, or `$default`.
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
}

/// Which requests lead where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its identifier.
    pub id: String,
    /// The requests.
    pub key: RouteKey,
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

    pub(super) fn new(id: String, change: RouteChange) -> Result<Self, Refusal> {
        if change.key.is_none() {
            return Err(Refusal::bad_request("Route key is required"));
        }
        Self::open(id).changed(change)
    }

    /// A route for all requests, which leads nowhere yet.
    pub(super) fn open(id: String) -> Self {
        Self {
            id,
            key: RouteKey::Default,
            integration: None,
            authorization: Authorization::None,
            authorizer: None,
            scopes: Vec::new(),
            operation: None,
            managed: false,
        }
    }

    pub(super) fn changed(self, change: RouteChange) -> Result<Self, Refusal> {
        let key = change.key.as_deref().map(RouteKey::parse).transpose();
        let key = key.map_err(|error| Refusal::bad_request(error.to_string()))?;
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
            ..self
        };
        if with_authorizer && changed.authorizer.is_none() {
            let name = authorization.as_str();
            return Err(Refusal::bad_request(format!("The authorization type {name} needs an authorizer")));
        }
        if !changed.scopes.is_empty() && authorization != Authorization::Jwt {
            return Err(Refusal::bad_request("Authorization scopes need the authorization type JWT"));
        }
        Ok(changed)
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

    fn parse(name: &str) -> Result<Self, Refusal> {
        let all = [Self::None, Self::Iam, Self::Custom, Self::Jwt];
        let known = all.into_iter().find(|authorization| authorization.as_str() == name);
        known.ok_or_else(|| Refusal::bad_request(format!("Invalid authorization type: {name}")))
    }
}
