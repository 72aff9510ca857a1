//! What all operations have in common.

use std::borrow::Cow;

use hearth_services::apigateway::v1::{Page, PageRequest, PatchOperation, Refusal, RestApis};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{self, Answer, Dialect, answer},
};

/// A request whose body has been read.
pub(super) type Call<'a> = rest_json::Call<'a, ApiGatewayV1>;

/// The service.
pub(super) struct ApiGatewayV1;

impl Dialect for ApiGatewayV1 {
    const REQUEST_BYTES: usize = 10 * 1024 * 1024;
    const INVALID: ErrorCode = ErrorCode::BadRequest;
    const NO_DOCUMENT: ErrorCode = ErrorCode::BadRequest;
    const NO_DOCUMENT_MESSAGE: &'static str = "Hearth does not take this document";
}

impl<'a> Call<'a> {
    pub(super) fn apis(&self) -> &'a RestApis {
        self.gateway.rest_apis()
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

    /// Whether a parameter is `true`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        Ok(self.parameter(name)?.as_deref() == Some("true"))
    }

    /// `position` and `limit`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        Ok(PageRequest {
            position: self.parameter("position")?.map(Cow::into_owned),
            limit: self.number("limit")?,
        })
    }
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
