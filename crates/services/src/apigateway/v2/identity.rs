//! What tells callers of an API from each other.

use std::{collections::BTreeMap, fmt};

use super::{HttpRequest, Refusal};

/// A part of a request that an authorizer looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// `$request.header.NAME`, by its lower-case name.
    Header(String),
    /// `$request.querystring.NAME`
    Query(String),
    /// `$stageVariables.NAME`
    StageVariable(String),
    /// `$context.NAME`
    Context(ContextVariable),
}

/// What API Gateway itself knows of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextVariable {
    /// `httpMethod`
    Method,
    /// `path`
    Path,
    /// `routeKey`
    RouteKey,
    /// `stage`
    Stage,
    /// `identity.sourceIp`
    SourceIp,
    /// `identity.userAgent`
    UserAgent,
}

/// Where the values of identity sources come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) request: &'a HttpRequest<'a>,
    pub(super) route_key: &'a str,
    pub(super) stage: &'a str,
    pub(super) stage_variables: &'a BTreeMap<String, String>,
}

impl IdentitySource {
    const HEADER: &str = "$request.header.";
    const QUERY: &str = "$request.querystring.";
    const STAGE_VARIABLE: &str = "$stageVariables.";
    const CONTEXT: &str = "$context.";
    /// What an identity source of a WebSocket API begins with in place of `$`, if it is of the request.
    const ROUTE: &str = "route.";

    /// Reads a source as WebSocket APIs write it: `route.request.header.NAME`, `stageVariables.NAME`.
    pub(super) fn parse_of_websocket(text: &str) -> Result<Self, Refusal> {
        let own = text.strip_prefix(Self::ROUTE).filter(|rest| rest.starts_with("request."));
        let own = own.or_else(|| Some(text).filter(|text| !text.starts_with("request.")));
        let refusal =
            || Refusal::bad_request(format!("Invalid identity source expression specified: {text}"));
        Self::parse(&format!("${}", own.ok_or_else(refusal)?)).map_err(|_| refusal())
    }

    /// The source as WebSocket APIs write it.
    fn of_websocket(&self) -> String {
        let text = self.to_string();
        let own = text.trim_start_matches('$');
        match self {
            Self::Header(_) | Self::Query(_) => format!("{}{own}", Self::ROUTE),
            Self::StageVariable(_) | Self::Context(_) => own.to_owned(),
        }
    }

    /// The sources as an API writes them.
    pub(super) fn texts(sources: &[Self], of_websocket: bool) -> Vec<String> {
        let text = |source: &Self| if of_websocket { source.of_websocket() } else { source.to_string() };
        sources.iter().map(text).collect()
    }

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let named = |prefix: &str| text.strip_prefix(prefix).filter(|name| !name.is_empty());
        if let Some(name) = named(Self::HEADER) {
            return Ok(Self::Header(name.to_ascii_lowercase()));
        }
        if let Some(name) = named(Self::QUERY) {
            return Ok(Self::Query(name.to_owned()));
        }
        if let Some(name) = named(Self::STAGE_VARIABLE) {
            return Ok(Self::StageVariable(name.to_owned()));
        }
        if let Some(variable) = named(Self::CONTEXT).and_then(ContextVariable::parse) {
            return Ok(Self::Context(variable));
        }
        Err(Refusal::bad_request(format!("Invalid mapping expression specified: {text}")))
    }

    /// What the source says of a request; `None` if that says nothing.
    pub(super) fn value(&self, within: Surroundings<'_>) -> Option<String> {
        let Surroundings { request, route_key, stage, stage_variables } = within;
        let value = match self {
            Self::Header(name) => request.header(name)?.to_owned(),
            Self::Query(name) => request.query_parameter(name)?,
            Self::StageVariable(name) => stage_variables.get(name)?.clone(),
            Self::Context(ContextVariable::Method) => request.method.clone().into_owned(),
            Self::Context(ContextVariable::Path) => request.path.clone().into_owned(),
            Self::Context(ContextVariable::RouteKey) => route_key.to_owned(),
            Self::Context(ContextVariable::Stage) => stage.to_owned(),
            Self::Context(ContextVariable::SourceIp) => request.source.clone().into_owned(),
            Self::Context(ContextVariable::UserAgent) => request.header("user-agent")?.to_owned(),
        };
        Some(value).filter(|value| !value.is_empty())
    }
}

impl fmt::Display for IdentitySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "{}{name}", Self::HEADER),
            Self::Query(name) => write!(f, "{}{name}", Self::QUERY),
            Self::StageVariable(name) => write!(f, "{}{name}", Self::STAGE_VARIABLE),
            Self::Context(variable) => write!(f, "{}{}", Self::CONTEXT, variable.as_str()),
        }
    }
}

impl ContextVariable {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Method => "httpMethod",
            Self::Path => "path",
            Self::RouteKey => "routeKey",
            Self::Stage => "stage",
            Self::SourceIp => "identity.sourceIp",
            Self::UserAgent => "identity.userAgent",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let all = [Self::Method, Self::Path, Self::RouteKey, Self::Stage, Self::SourceIp, Self::UserAgent];
        all.into_iter().find(|variable| variable.as_str() == name)
    }
}
