//! A request, taken apart as far as all operations have it in common.

use std::borrow::Cow;

use bytes::Bytes;
use hearth_model::identity::Partition;
use hearth_services::apigateway::v1::{Page, PageRequest, PatchOperation, Refusal, RestApis};
use http::{StatusCode, request::Parts};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::Answer;
use crate::{
    body, credential,
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
    query: Option<&'a str>,
    body: Bytes,
}

impl<'a> Call<'a> {
    pub(super) async fn read(
        gateway: &'a Gateway,
        head: &'a Parts,
        body: Incoming,
    ) -> Result<Self, ApiError> {
        let body = body::read(body, REQUEST_BYTES, body::awaits_permission(&head.headers)).await;
        let body = body.map_err(|error| bad_request(error.to_string()))?;
        let partition = credential::partition(&head.headers, gateway.default_partition());
        Ok(Self { gateway, partition, query: head.uri.query(), body })
    }

    pub(super) fn apis(&self) -> &'a RestApis {
        self.gateway.rest_apis()
    }

    /// The document in the body; an empty body is an empty one.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(text)
            .map_err(|error| bad_request(format!("Hearth does not take this document: {error}")))
    }

    /// The changes in the body.
    pub(super) fn patch(&self) -> Result<Vec<PatchOperation>, ApiError> {
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Patch {
            patch_operations: Vec<PatchOperation>,
        }
        Ok(self.document::<Patch>()?.patch_operations)
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Result<Option<Cow<'a, str>>, ApiError> {
        percent::parameter(self.query, name).ok_or_else(|| not_text(name))
    }

    /// All parameters of the query with this name.
    pub(super) fn parameters(&self, name: &str) -> Result<Vec<String>, ApiError> {
        percent::parameters(self.query, name).ok_or_else(|| not_text(name))
    }

    /// Whether a parameter is `true`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        Ok(self.parameter(name)?.as_deref() == Some("true"))
    }

    /// `position` and `limit`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        let limit = self.parameter("limit")?.map(|text| {
            text.parse().map_err(|_| bad_request(format!("`limit` must be a number, not `{text}`")))
        });
        Ok(PageRequest {
            position: self.parameter("position")?.map(Cow::into_owned),
            limit: limit.transpose()?,
        })
    }
}

/// A segment of the path.
pub(super) fn segment(text: &str) -> Result<Cow<'_, str>, ApiError> {
    percent::decode(text).ok_or_else(|| not_text(text))
}

/// An answer with a document.
pub(super) fn answer(status: StatusCode, document: &impl Serialize) -> Answer {
    let mut response = rest_json::document(document);
    *response.status_mut() = status;
    rest_json::set_fresh_request_id(&mut response);
    Ok(response)
}

/// What is there already, or was changed.
pub(super) fn found<T: Serialize>(document: Result<T, Refusal>) -> Answer {
    answer(StatusCode::OK, &document?)
}

/// What was made.
pub(super) fn created<T: Serialize>(document: Result<T, Refusal>) -> Answer {
    answer(StatusCode::CREATED, &document?)
}

/// Something is gone, or will soon be.
pub(super) fn accepted(done: Result<(), Refusal>) -> Answer {
    done?;
    Ok(rest_json::empty(StatusCode::ACCEPTED))
}

/// Something is done.
pub(super) fn done(done: Result<(), Refusal>) -> Answer {
    done?;
    Ok(rest_json::empty(StatusCode::NO_CONTENT))
}

/// A part of a list.
pub(super) fn listed<T: Serialize>(page: Result<Page<T>, Refusal>) -> Answer {
    #[derive(Serialize)]
    struct List<T> {
        item: Vec<T>,
        #[serde(skip_serializing_if = "Option::is_none")]
        position: Option<String>,
    }
    let Page { items, position } = page?;
    answer(StatusCode::OK, &List { item: items, position })
}

pub(super) fn bad_request(message: String) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, message)
}

fn not_text(what: &str) -> ApiError {
    bad_request(format!("`{what}` is not percent-encoded UTF-8"))
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::BadRequest(message) => (ErrorCode::BadRequest, message),
            Refusal::NotFound(message) => (ErrorCode::NotFound, message),
            Refusal::Conflict(message) => (ErrorCode::Conflict, message),
            Refusal::Validation(message) => (ErrorCode::Validation, message),
        };
        Self::new(code, message)
    }
}
