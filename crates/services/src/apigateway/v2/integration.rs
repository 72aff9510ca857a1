//! What routes lead to: functions.

use std::time::Duration;

use super::{
    Refusal,
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
    /// The longest time for which an answer is waited for, and the default.
    pub const MOST_TIMEOUT: Duration = Duration::from_secs(30);

    pub(super) fn new(id: String, change: IntegrationChange) -> Result<Self, Refusal> {
        if change.integration_type.is_none() {
            return Err(Refusal::bad_request("Integration type is required"));
        }
        if change.uri.is_none() {
            return Err(Refusal::bad_request(
                "Integration URI is required for the integration type AWS_PROXY",
            ));
        }
        let empty = Self {
            id,
            uri: String::new(),
            payload_format: PayloadFormat::V1,
            timeout: Self::MOST_TIMEOUT,
            credentials: None,
            description: None,
            managed: false,
        };
        empty.changed(change)
    }

    pub(super) fn changed(self, change: IntegrationChange) -> Result<Self, Refusal> {
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
        let timeout = match change.timeout_ms {
            None => self.timeout,
            Some(millis @ 50..=30_000) => Duration::from_millis(millis.unsigned_abs()),
            Some(millis) => {
                return Err(Refusal::bad_request(format!(
                    "Timeout should be between 50 ms and 30000 ms, not {millis}"
                )));
            }
        };
        check_text("Description", change.description.as_deref(), 1_024)?;
        Ok(Self {
            uri: change.uri.unwrap_or(self.uri),
            payload_format: match change.payload_format {
                Some(name) => PayloadFormat::parse(&name)?,
                None => self.payload_format,
            },
            timeout,
            credentials: changed_text(change.credentials, self.credentials),
            description: changed_text(change.description, self.description),
            ..self
        })
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
