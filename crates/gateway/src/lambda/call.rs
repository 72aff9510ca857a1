//! A request of the Lambda API, taken apart as far as all operations have it in common.

use std::borrow::Cow;

use bytes::Bytes;
use hearth_model::{identity::Partition, time::Timestamp};
use hearth_services::lambda::{EventSourceMappings, Functions, PageRequest, Refusal};
use http::{HeaderMap, Response, StatusCode, request::Parts};
use hyper::body::Incoming;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    body::{self, AnswerBody, BodyError},
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent, rest_json,
};

/// The largest request: 50 MB in base64, and what goes with it. Source: AWS's own refusal.
const REQUEST_BYTES: usize = 70_167_211;

/// A request whose body has been read.
pub(super) struct Call<'a> {
    pub(super) gateway: &'a Gateway,
    /// Where it looks.
    pub(super) partition: Cow<'a, Partition>,
    headers: &'a HeaderMap,
    query: Option<&'a str>,
    body: Bytes,
}

impl<'a> Call<'a> {
    pub(super) async fn read(
        gateway: &'a Gateway,
        head: &'a Parts,
        body: Incoming,
    ) -> Result<Self, ApiError> {
        let headers = &head.headers;
        let body = body::read(body, REQUEST_BYTES, body::awaits_permission(headers)).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge { .. } => ApiError::new(
                ErrorCode::RequestEntityTooLarge,
                format!("Request must be smaller than {REQUEST_BYTES} bytes for this operation"),
            ),
            BodyError::Broken { .. } => ApiError::new(ErrorCode::MalformedRequest, error.to_string()),
        })?;
        let partition = credential::partition(headers, gateway.default_partition());
        Ok(Self { gateway, partition, headers, query: head.uri.query(), body })
    }

    pub(super) fn functions(&self) -> &'a Functions {
        self.gateway.functions()
    }

    pub(super) fn mappings(&self) -> &'a EventSourceMappings {
        self.gateway.event_source_mappings()
    }

    /// The host by which the client reached Hearth.
    pub(super) fn host(&self) -> &str {
        rest_json::host(self.headers)
    }

    /// The document in the body; an empty body is an empty one.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(text).map_err(|error| {
            // What is expected of something else than an object is the name of a Rust type.
            let reason = if text.trim_ascii_start().starts_with(b"{") {
                error.to_string()
            } else {
                "it is not an object".to_owned()
            };
            let message = format!("Could not parse request body into json: {reason}");
            ApiError::new(ErrorCode::InvalidRequestContent, message)
        })
    }

    /// The body as it is.
    pub(super) fn into_body(self) -> Bytes {
        self.body
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Result<Option<Cow<'a, str>>, ApiError> {
        percent::parameter(self.query, name).ok_or_else(|| not_text(name))
    }

    /// All parameters of the query with this name.
    pub(super) fn parameters(&self, name: &str) -> Result<Vec<String>, ApiError> {
        percent::parameters(self.query, name).ok_or_else(|| not_text(name))
    }

    /// `Marker` and `MaxItems`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        let max_items = self.parameter("MaxItems")?.map(|text| {
            text.parse().map_err(|_| {
                ApiError::new(ErrorCode::Validation, format!("`MaxItems` must be a number, not `{text}`"))
            })
        });
        Ok(PageRequest {
            marker: self.parameter("Marker")?.map(Cow::into_owned),
            max_items: max_items.transpose()?,
        })
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

/// As most operations of this API write dates: seconds, with milliseconds behind the point.
pub(super) fn unix_seconds(at: Timestamp) -> f64 {
    at.as_unix_millis() as f64 / 1_000.0
}

fn not_text(what: &str) -> ApiError {
    ApiError::new(ErrorCode::Validation, format!("`{what}` is not percent-encoded UTF-8"))
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::Validation(message) => (ErrorCode::Validation, message),
            Refusal::InvalidParameter(message) => (ErrorCode::InvalidParameterValue, message),
            Refusal::NotFound(message) => (ErrorCode::ResourceNotFound, message),
            Refusal::Conflict(message) => (ErrorCode::ResourceConflict, message),
            Refusal::PreconditionFailed(message) => (ErrorCode::PreconditionFailed, message),
            Refusal::AccessDenied(message) => (ErrorCode::AccessDenied, message),
            Refusal::PolicyTooLong(message) => (ErrorCode::PolicyLengthExceeded, message),
            Refusal::NotProvisioned => {
                (ErrorCode::ProvisionedConcurrencyConfigNotFound, refusal.to_string().into())
            }
            Refusal::Internal(message) => (ErrorCode::Service, message),
        };
        Self::new(code, message)
    }
}
