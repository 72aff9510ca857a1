//! What all operations have in common.

use std::{borrow::Cow, sync::Arc};

use hearth_model::time::Timestamp;
use hearth_services::apigateway::v2::{Api, Apis, PageRequest, Refusal};
use http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{self, Answer, Dialect},
};

/// A request whose body has been read.
pub(super) type Call<'a> = rest_json::Call<'a, ApiGatewayV2>;

/// The service.
pub(super) struct ApiGatewayV2;

/// What a request says that Hearth does not know.
///
/// What has no effect may be there; all else is refused, so that nobody relies on what is not done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Rest(Map<String, Value>);

impl Dialect for ApiGatewayV2 {
    const REQUEST_BYTES: usize = 10 * 1024 * 1024;
    const INVALID: ErrorCode = ErrorCode::BadRequest;
    const NO_DOCUMENT: ErrorCode = ErrorCode::BadRequest;
    const NO_DOCUMENT_MESSAGE: &'static str = "Invalid request body";
}

impl<'a> Call<'a> {
    pub(super) fn apis(&self) -> &'a Apis {
        self.gateway.apis()
    }

    /// The API of a path.
    pub(super) fn api(&self, id: &str) -> Result<Arc<Api>, ApiError> {
        Ok(self.apis().api(&self.partition, &Self::segment(id)?)?)
    }

    /// `nextToken` and `maxResults`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        Ok(PageRequest {
            token: self.parameter("nextToken")?.map(Cow::into_owned),
            most: self.parameter("maxResults")?.map(Cow::into_owned),
        })
    }
}

impl Rest {
    /// Refuses all that would have an effect, but for what is named with the value that it always has.
    pub(super) fn refuse(self, always: &[(&str, &str)]) -> Result<(), ApiError> {
        let is_nothing = |value: &Value| match value {
            Value::Null | Value::Bool(false) => true,
            Value::Bool(true) | Value::Number(_) => false,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
        };
        let is_usual = |name: &str, value: &Value| {
            always.iter().any(|(known, usual)| *known == name && value.as_str() == Some(usual))
        };
        match self.0.iter().find(|(name, value)| !is_nothing(value) && !is_usual(name, value)) {
            None => Ok(()),
            Some((name, value)) => {
                let message =
                    format!("Hearth does not support `{name}` with the value {value}: leave it out");
                Err(ApiError::new(ErrorCode::NotImplemented, message))
            }
        }
    }
}

/// An answer with nothing in it.
pub(super) fn done() -> Answer {
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

/// As this API writes dates: `2026-11-21T04:14:18Z`.
pub(super) fn date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis());
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::NotFound(message) => (ErrorCode::NotFound, message),
            Refusal::BadRequest(message) => (ErrorCode::BadRequest, message),
            Refusal::Conflict(message) => (ErrorCode::Conflict, message),
            Refusal::NotImplemented(message) => (ErrorCode::NotImplemented, message),
        };
        Self::new(code, message)
    }
}
