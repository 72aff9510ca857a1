//! What an API is, besides its routes and all that they need.

use std::collections::BTreeMap;

use hearth_model::{http_route::RouteKey, time::Timestamp, websocket::RouteSelection};

use super::{CorsConfiguration, Refusal};
use crate::apigateway::ApiId;

/// An API to create.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewApi {
    /// Its name.
    pub name: Option<String>,
    /// `HTTP` or `WEBSOCKET`.
    pub protocol: Option<String>,
    /// What else it is.
    pub settings: ApiChange,
    /// A function that its routes lead to, for a quick start: with it come an integration, a route, and a stage `$default`.
    pub target: Option<String>,
    /// The route of a quick start, `$default` by default.
    pub route_key: Option<String>,
    /// The role in whose name the function of a quick start is invoked.
    pub credentials: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What an API shall be; all that is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiChange {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its version, which only people read.
    pub version: Option<String>,
    /// Which pages of other origins may use it.
    pub cors: Option<CorsConfiguration>,
    /// Whether nobody can call it by its own host name.
    pub disable_execute_api_endpoint: Option<bool>,
    /// Where a message of a WebSocket API says which route it takes.
    pub route_selection: Option<String>,
}

/// What an API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// Its name.
    pub name: String,
    /// What its clients speak.
    pub protocol: Protocol,
    /// What it is for.
    pub description: Option<String>,
    /// Its version, which only people read.
    pub version: Option<String>,
    /// Which pages of other origins may use it.
    pub cors: Option<CorsConfiguration>,
    /// Whether nobody can call it by its own host name.
    pub disable_execute_api_endpoint: bool,
}

/// What the clients of an API speak, and what follows from that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Requests and answers.
    Http,
    /// Messages both ways.
    WebSocket {
        /// Where a message says which route it takes.
        selection: RouteSelection,
    },
}

/// An API as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiView {
    /// Its identifier.
    pub id: ApiId,
    /// What it is.
    pub settings: ApiSettings,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl NewApi {
    /// Checks what makes an API.
    pub(super) fn check(&self) -> Result<ApiSettings, Refusal> {
        let protocol = match self.protocol.as_deref() {
            Some("HTTP") => Protocol::Http,
            Some("WEBSOCKET") => {
                let required =
                    || Refusal::bad_request("Route selection expression is required for WEBSOCKET APIs");
                let selection = self.settings.route_selection.as_deref().ok_or_else(required)?;
                Protocol::WebSocket { selection: read_selection(selection)? }
            }
            Some(other) => {
                return Err(Refusal::bad_request(format!("Invalid protocol type specified: {other}")));
            }
            None => return Err(Refusal::bad_request("Protocol type is required")),
        };
        if protocol != Protocol::Http && (self.target.is_some() || self.route_key.is_some()) {
            return Err(Refusal::bad_request("Only HTTP APIs can be made with a Target"));
        }
        let name = self.name.clone().ok_or_else(|| Refusal::bad_request("Api name is required"))?;
        let empty = ApiSettings {
            name,
            protocol,
            description: None,
            version: None,
            cors: None,
            disable_execute_api_endpoint: false,
        };
        empty.changed(self.settings.clone())
    }

    /// The route of a quick start, if it is one.
    pub(super) fn quick_start(&self) -> Result<Option<(&str, RouteKey)>, Refusal> {
        let Some(target) = &self.target else {
            let alone = self.route_key.is_some() || self.credentials.is_some();
            let refusal = || Refusal::bad_request("RouteKey and CredentialsArn need a Target");
            return if alone { Err(refusal()) } else { Ok(None) };
        };
        let key = self.route_key.as_deref().map_or(Ok(RouteKey::Default), RouteKey::parse);
        Ok(Some((target, key.map_err(|error| Refusal::bad_request(error.to_string()))?)))
    }
}

impl ApiSettings {
    /// These settings with a change.
    pub(super) fn changed(self, change: ApiChange) -> Result<Self, Refusal> {
        let ApiChange { name, description, version, cors, disable_execute_api_endpoint, route_selection } =
            change;
        if let Some(name) = name.as_deref().or(Some(&self.name))
            && !(1..=128).contains(&name.chars().count())
        {
            return Err(Refusal::bad_request("Name must have from 1 to 128 characters"));
        }
        check_text("Description", description.as_deref(), 1_024)?;
        check_text("Version", version.as_deref(), 64)?;
        if let Some(cors) = &cors {
            cors.check()?;
            if self.protocol != Protocol::Http {
                return Err(Refusal::bad_request("Only HTTP APIs have a CORS configuration"));
            }
        }
        Ok(Self {
            name: name.unwrap_or(self.name),
            protocol: self.protocol.changed(route_selection.as_deref())?,
            description: changed_text(description, self.description),
            version: changed_text(version, self.version),
            cors: cors.or(self.cors),
            disable_execute_api_endpoint: disable_execute_api_endpoint
                .unwrap_or(self.disable_execute_api_endpoint),
        })
    }
}

impl Protocol {
    /// How HTTP APIs say that method and path tell a request's route.
    const HTTP_SELECTION: &str = "$request.method $request.path";

    /// `HTTP` or `WEBSOCKET`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::WebSocket { .. } => "WEBSOCKET",
        }
    }

    /// By what requests or messages find their routes.
    #[must_use]
    pub fn route_selection(&self) -> String {
        match self {
            Self::Http => Self::HTTP_SELECTION.to_owned(),
            Self::WebSocket { selection } => selection.to_string(),
        }
    }

    fn changed(self, selection: Option<&str>) -> Result<Self, Refusal> {
        match (self, selection) {
            (unchanged, None) | (unchanged @ Self::Http, Some(Self::HTTP_SELECTION)) => Ok(unchanged),
            (Self::Http, Some(_)) => Err(Refusal::bad_request(format!(
                "The route selection expression of an HTTP API is {}",
                Self::HTTP_SELECTION
            ))),
            (Self::WebSocket { .. }, Some(text)) => Ok(Self::WebSocket { selection: read_selection(text)? }),
        }
    }
}

fn read_selection(text: &str) -> Result<RouteSelection, Refusal> {
    RouteSelection::parse(text).map_err(|error| Refusal::bad_request(error.to_string()))
}

/// Checks the length of a text.
pub(super) fn check_text(member: &str, text: Option<&str>, most: usize) -> Result<(), Refusal> {
    match text {
        Some(text) if text.chars().count() > most => {
            Err(Refusal::bad_request(format!("{member} must have at most {most} characters")))
        }
        Some(_) | None => Ok(()),
    }
}

/// A text that was changed; an empty one takes it away.
pub(super) fn changed_text(given: Option<String>, before: Option<String>) -> Option<String> {
    given.or(before).filter(|text| !text.is_empty())
}
