//! What all operations of the Lambda API have in common.

use std::borrow::Cow;

use hearth_model::time::Timestamp;
use hearth_services::lambda::{EventSourceMappings, Functions, PageRequest, Refusal};

use crate::{
    error::{ApiError, ErrorCode},
    rest_json::{self, Dialect},
};

/// A request whose body has been read.
pub(super) type Call<'a> = rest_json::Call<'a, Lambda>;

/// The service.
pub(super) struct Lambda;

impl Dialect for Lambda {
    /// 50 MB in base64, and what goes with it. Source: AWS's own refusal.
    const REQUEST_BYTES: usize = 70_167_211;
    const INVALID: ErrorCode = ErrorCode::Validation;
    const NO_DOCUMENT: ErrorCode = ErrorCode::InvalidRequestContent;
    const NO_DOCUMENT_MESSAGE: &'static str = "Could not parse request body into json";
}

impl<'a> Call<'a> {
    pub(super) fn functions(&self) -> &'a Functions {
        self.gateway.functions()
    }

    pub(super) fn mappings(&self) -> &'a EventSourceMappings {
        self.gateway.event_source_mappings()
    }

    /// `Marker` and `MaxItems`.
    pub(super) fn page(&self) -> Result<PageRequest, ApiError> {
        Ok(PageRequest {
            marker: self.parameter("Marker")?.map(Cow::into_owned),
            max_items: self.number("MaxItems")?,
        })
    }
}

/// As most operations of this API write dates: seconds, with milliseconds behind the point.
pub(super) fn unix_seconds(at: Timestamp) -> f64 {
    at.as_unix_millis() as f64 / 1_000.0
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
            Refusal::NotKept(failure) => (ErrorCode::ServiceUnavailable, failure.to_string().into()),
            Refusal::Internal(message) => (ErrorCode::Service, message),
        };
        Self::new(code, message)
    }
}
