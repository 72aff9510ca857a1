//! What routes lead to: functions.

use std::time::Duration;

use super::{
    Protocol, Refusal,
    settings::{changed_text, check_text},
};

/// What an integration shall be; all that is none stays as it is, or is as by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegrationChange {
    /// `AWS_PROXY`.
    pub integration_type: Option<String>,
    /// The function: its ARN, or that within the URI of Lambda's `Invoke`; it may have variables of the stage in it.
    pub uri: Option<String>,
    /// `POST`, as functions are invoked.
    pub method: Option<String>,
    /// `1.0` or `2.0`: what events and answers look like.
    pub payload_format: Option<String>,
    /// For how long an answer is waited for, in milliseconds.
    pub timeout_ms: Option<i64>,
    /// `INTERNET`.
    pub connection_type: Option<String>,
    /// The role in whose name the function is invoked.
    pub credentials: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// What a route leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// Its identifier.
    pub id: String,
    /// The function's ARN, or that within the URI of Lambda's `Invoke`; it may have variables of the stage in it.
    pub uri: String,
    /// What events and answers look like.
    pub payload_format: PayloadFormat,
    /// For how long an answer is waited for.
    pub timeout: Duration,
    /// The role in whose name the function is invoked. A role may invoke every function; without one, the function's policy
    /// decides.
    pub credentials: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it came with the API, by a quick start.
    pub managed: bool,
}

/// What events and answers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadFormat {
    /// As those of REST APIs.
    V1,
    /// As those of function URLs.
    V2,
}

impl Integration {
    pub(super) fn new(id: String, change: IntegrationChange, protocol: &Protocol) -> Result<Self, Refusal> {
        if change.integration_type.is_none() {
            return Err(Refusal::bad_request("Integration type is required"));
        }
        if change.integration_type.as_deref() == Some("AWS_PROXY") && change.uri.is_none() {
            return Err(Refusal::bad_request(
                "Integration URI is required for the integration type AWS_PROXY",
            ));
        }
        let empty = Self {
            id,
            uri: String::new(),
            payload_format: PayloadFormat::V1,
            timeout: protocol.most_timeout(),
            credentials: None,
            description: None,
            managed: false,
        };
        empty.changed(change, protocol)
    }

    pub(super) fn changed(self, change: IntegrationChange, protocol: &Protocol) -> Result<Self, Refusal> {
        match change.integration_type.as_deref() {
            Some("AWS_PROXY") | None => {}
            Some(other @ ("HTTP_PROXY" | "HTTP" | "AWS" | "MOCK")) => {
                return Err(Refusal::unsupported(&format!("integrations of the type {other}")));
            }
            Some(other) => return Err(Refusal::bad_request(format!("Invalid integration type: {other}"))),
        }
        match change.connection_type.as_deref() {
            Some("INTERNET") | None => {}
            Some("VPC_LINK") => return Err(Refusal::unsupported("the connection type VPC_LINK")),
            Some(other) => return Err(Refusal::bad_request(format!("Invalid connection type: {other}"))),
        }
        if let Some(method) = change.method.as_deref().filter(|method| *method != "POST") {
            return Err(Refusal::bad_request(format!("A function is invoked by POST, not by {method}")));
        }
        let most = protocol.most_timeout();
        let timeout = match change.timeout_ms.map(|millis| (millis, u64::try_from(millis))) {
            None => self.timeout,
            Some((_, Ok(millis @ 50..))) if Duration::from_millis(millis) <= most => {
                Duration::from_millis(millis)
            }
            Some((millis, _)) => {
                return Err(Refusal::bad_request(format!(
                    "Timeout should be between 50 ms and {} ms, not {millis}",
                    most.as_millis()
                )));
            }
        };
        let payload_format = match change.payload_format {
            Some(name) => PayloadFormat::parse(&name)?,
            None => self.payload_format,
        };
        if *protocol != Protocol::Http && payload_format != PayloadFormat::V1 {
            return Err(Refusal::bad_request(
                "Integrations of WEBSOCKET APIs have the payload format version 1.0",
            ));
        }
        check_text("Description", change.description.as_deref(), 1_024)?;
        Ok(Self {
            uri: change.uri.unwrap_or(self.uri),
            payload_format,
            timeout,
            credentials: changed_text(change.credentials, self.credentials),
            description: changed_text(change.description, self.description),
            ..self
        })
    }
}

impl Protocol {
    /// The longest time for which an answer of a function is waited for, and the default. Source: quotas of HTTP APIs and of
    /// WebSocket APIs.
    const fn most_timeout(&self) -> Duration {
        match self {
            Self::Http => Duration::from_secs(30),
            Self::WebSocket { .. } => Duration::from_secs(29),
        }
    }
}

impl PayloadFormat {
    /// The version's number.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let known = [Self::V1, Self::V2].into_iter().find(|format| format.as_str() == text);
        known.ok_or_else(|| {
            Refusal::bad_request(format!("Invalid payload format version: {text}. It must be 1.0 or 2.0"))
        })
    }
}
