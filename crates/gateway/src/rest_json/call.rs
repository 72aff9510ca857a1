//! A request, taken apart as far as all operations have it in common.

use std::{borrow::Cow, marker::PhantomData};

use bytes::Bytes;
use hearth_model::identity::Partition;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::host;
use crate::{
    body::{self, BodyError, RequestBody},
    credential,
    error::{ApiError, ErrorCode},
    gateway::Gateway,
    percent,
};

/// A request to a service whose body has been read.
pub(crate) struct Call<'a, S> {
    pub(crate) gateway: &'a Gateway,
    /// Where it looks.
    pub(crate) partition: Cow<'a, Partition>,
    head: &'a Parts,
    body: Bytes,
    service: PhantomData<S>,
}

/// What services do not have in common.
pub(crate) trait Dialect {
    /// The largest request.
    const REQUEST_BYTES: usize;
    /// What is said of a parameter or a segment of the path that is not what it must be.
    const INVALID: ErrorCode;
    /// What is said of a body that is not the document that it must be.
    const NO_DOCUMENT: ErrorCode;
    /// What the message begins with that says so.
    const NO_DOCUMENT_MESSAGE: &'static str;
}

impl<'a, S: Dialect> Call<'a, S> {
    pub(crate) async fn read(
        gateway: &'a Gateway,
        head: &'a Parts,
        body: RequestBody,
    ) -> Result<Self, ApiError> {
        let limit = S::REQUEST_BYTES;
        let body = body::read(body, limit, body::awaits_permission(&head.headers)).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge { .. } => ApiError::new(
                ErrorCode::RequestEntityTooLarge,
                format!("Request must be smaller than {limit} bytes for this operation"),
            ),
            BodyError::Broken { .. } => ApiError::new(ErrorCode::MalformedRequest, error.to_string()),
        })?;
        let partition = credential::partition(&head.headers, gateway.default_partition());
        Ok(Self { gateway, partition, head, body, service: PhantomData })
    }

    /// The host by which the client reached Hearth.
    pub(crate) fn host(&self) -> &'a str {
        host(&self.head.headers)
    }

    /// The document in the body; an empty body is an empty one.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(text).map_err(|error| {
            // What is expected of something else than an object is the name of a Rust type.
            let reason = if text.trim_ascii_start().starts_with(b"{") {
                error.to_string()
            } else {
                "it is not an object".to_owned()
            };
            ApiError::new(S::NO_DOCUMENT, format!("{}: {reason}", S::NO_DOCUMENT_MESSAGE))
        })
    }

    /// The body as it is.
    pub(crate) fn into_body(self) -> Bytes {
        self.body
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<Cow<'a, str>>, ApiError> {
        percent::parameter(self.head.uri.query(), name).ok_or_else(|| Self::not_text(name))
    }

    /// All parameters of the query with this name.
    pub(crate) fn parameters(&self, name: &str) -> Result<Vec<String>, ApiError> {
        percent::parameters(self.head.uri.query(), name).ok_or_else(|| Self::not_text(name))
    }

    /// A parameter of the query that is a number.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, ApiError> {
        let number = self.parameter(name)?.map(|text| {
            text.parse()
                .map_err(|_| ApiError::new(S::INVALID, format!("`{name}` must be a number, not `{text}`")))
        });
        number.transpose()
    }

    /// A segment of the path, decoded.
    pub(crate) fn segment(text: &str) -> Result<Cow<'_, str>, ApiError> {
        percent::decode(text).ok_or_else(|| Self::not_text(text))
    }

    fn not_text(what: &str) -> ApiError {
        ApiError::new(S::INVALID, format!("`{what}` is not percent-encoded UTF-8"))
    }
}
