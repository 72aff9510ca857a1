//! What routes are for.

use std::fmt;

use hearth_model::http_route::RouteKey;

use super::{Protocol, Refusal};

/// What a route is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Requests.
    Http(RouteKey),
    /// Messages that name it, or what happens to connections.
    WebSocket(SocketKey),
}

/// What a route of a WebSocket API is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocketKey {
    /// `$connect`: clients that want to connect.
    Connect,
    /// `$disconnect`: connections that ended.
    Disconnect,
    /// `$default`: messages that no other route is for.
    Default,
    /// Messages that name it.
    Named(Box<str>),
}

impl Key {
    pub(super) fn parse(protocol: &Protocol, text: &str) -> Result<Self, Refusal> {
        match protocol {
            Protocol::Http => {
                let key = RouteKey::parse(text);
                key.map(Self::Http).map_err(|error| Refusal::bad_request(error.to_string()))
            }
            Protocol::WebSocket { .. } => SocketKey::parse(text).map(Self::WebSocket),
        }
    }

    /// Whether both are for the same.
    pub(super) fn is_for_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Http(key), Self::Http(other)) => key.is_for_the_same_as(other),
            (Self::WebSocket(key), Self::WebSocket(other)) => key == other,
            (Self::Http(_), Self::WebSocket(_)) | (Self::WebSocket(_), Self::Http(_)) => false,
        }
    }
}

impl SocketKey {
    /// The most characters that a key may have. Source: the API's published model.
    const MOST: usize = 128;

    /// Reads a key.
    ///
    /// # Errors
    /// If it is empty, too long, or one of API Gateway's that does not exist.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(match text {
            "$connect" => Self::Connect,
            "$disconnect" => Self::Disconnect,
            "$default" => Self::Default,
            _ if text.is_empty() || text.starts_with('$') || text.chars().count() > Self::MOST => {
                return Err(Refusal::bad_request(format!(
                    "Invalid route key: `{text}`. A route of a WEBSOCKET API is $connect, $disconnect, $default or a name of at \
                     most {} characters",
                    Self::MOST
                )));
            }
            name => Self::Named(name.into()),
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Connect => "$connect",
            Self::Disconnect => "$disconnect",
            Self::Default => "$default",
            Self::Named(name) => name,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(key) => key.fmt(f),
            Self::WebSocket(key) => f.write_str(key.as_str()),
        }
    }
}
