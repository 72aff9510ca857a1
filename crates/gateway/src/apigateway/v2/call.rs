//! A request of the management API, taken apart as far as all operations have it in common.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use hearth_model::{identity::Partition, time::Timestamp};
use hearth_services::apigateway::v2::{HttpApi, HttpApis, PageRequest, Refusal};
use http::{Response, StatusCode, request::Parts};
use hyper::body::Incoming;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    body::{self, AnswerBody},
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

/// The largest request.
const REQUEST_BYTES: usize = 10 * 1024 * 1024;

/// A request whose body has been read.
pub(super) struct Call<'a> {
    gateway: &'a Gateway,
    /// Where it looks.
    pub(super) partition: Cow<'a, Partition>,
    head: &'a Parts,
    body: Bytes,
}

/// What a request says that Hearth does not know.
///
/// What has no effect may be there; all else is refused, so that nobody relies on what is not done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Rest(Map<String, Value>);

impl<'a> Call<'a> {
    pub(super) async fn read(
        gateway: &'a Gateway,
        head: &'a Parts,
        body: Incoming,
    ) -> Result<Self, ApiError> {
        let body = body::read(body, REQUEST_BYTES, body::awaits_permission(&head.headers)).await;
        let body = body.map_err(|error| ApiError::new(ErrorCode::BadRequest, error.to_string()))?;
        let partition = credential::partition(&head.headers, gateway.default_partition());
        Ok(Self { gateway, partition, head, body })
    }

    pub(super) fn apis(&self) -> &'a HttpApis {
        self.gateway.http_apis()
    }

    /// The API of a path.
    pub(super) fn api(&self, id: &str) -> Result<Arc<HttpApi>, ApiError> {
        Ok(self.apis().api(&self.partition, &segment(id)?)?)
    }

    /// The host by which the client reached Hearth.
    pub(super) fn host(&self) -> &str {
        rest_json::host(&self.head.headers)
    }

    /// The document in the body; an empty body is an empty one.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(text)
            .map_err(|error| ApiError::new(ErrorCode::BadRequest, format!("Invalid request body: {error}")))
    }

    /// All parameters of the query with this name.
    pub(super) fn parameters(&self, name: &str) -> Result<Vec<String>, ApiError> {
        percent::parameters(self.head.uri.query(), name).ok_or_else(|| not_text(name))
    }

    /// `nextToken` and `maxResults`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        let parameter = |name: &str| {
            let value = percent::parameter(self.head.uri.query(), name).ok_or_else(|| not_text(name))?;
            Ok::<_, ApiError>(value.map(Cow::into_owned))
        };
        Ok(PageRequest { token: parameter("nextToken")?, most: parameter("maxResults")? })
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

/// A segment of the path.
pub(super) fn segment<'a>(text: &'a str) -> Result<Cow<'a, str>, ApiError> {
    percent::decode(text).ok_or_else(|| not_text(text))
}

/// An answer with a document.
pub(super) fn answer(
    status: StatusCode,
    document: &impl Serialize,
) -> Result<Response<AnswerBody>, ApiError> {
    let mut response = rest_json::document(document);
    *response.status_mut() = status;
    rest_json::set_fresh_request_id(&mut response);
    Ok(response)
}

/// An answer with nothing in it.
pub(super) fn done() -> Result<Response<AnswerBody>, ApiError> {
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

/// As this API writes dates: `2026-11-21T04:14:18Z`.
pub(super) fn date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_unix_millis());
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

fn not_text(what: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("`{what}` is not percent-encoded UTF-8"))
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
