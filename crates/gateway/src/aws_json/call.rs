//! A request of the protocol, taken apart as far as all operations have it in common.

use std::borrow::Cow;

use bytes::Bytes;
use hearth_model::identity::Partition;
use http::request::Parts;
use hyper::body::Incoming;
use serde::{Serialize, de::DeserializeOwned};

use super::error::JsonError;
use crate::{
    body::{self, BodyError},
    credential,
    gateway::Gateway,
};

/// The largest request, enough for the largest that any of the services takes: 1 MiB of data, each byte of it escaped.
const REQUEST_BYTES: usize = 8 * 1024 * 1024;

/// What an operation answers: a document, or nothing, which is an empty body.
pub(crate) type Answer = Result<Bytes, JsonError>;

/// A request whose body has been read.
pub(crate) struct Call<'a> {
    pub(crate) gateway: &'a Gateway,
    /// Where it looks.
    pub(crate) partition: Cow<'a, Partition>,
    body: Bytes,
}

impl<'a> Call<'a> {
    pub(super) async fn read(gateway: &'a Gateway, head: &Parts, body: Incoming) -> Result<Self, JsonError> {
        let headers = &head.headers;
        let body = body::read(body, REQUEST_BYTES, body::awaits_permission(headers)).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge { .. } => JsonError::too_large(REQUEST_BYTES),
            BodyError::Broken { .. } => JsonError::serialization(error.to_string()),
        })?;
        let partition = credential::partition(headers, gateway.default_partition());
        Ok(Self { gateway, partition, body })
    }

    /// The document in the body; an empty body is an empty one.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let text: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(text).map_err(|error| JsonError::serialization(error.to_string()))
    }
}

/// An answer with a document.
pub(crate) fn document(document: &impl Serialize) -> Answer {
    let text =
        serde_json::to_vec(document).expect("a document has texts as keys, and no other reason to fail");
    Ok(Bytes::from(text))
}

/// An answer that says no more than that it was done.
pub(crate) fn empty() -> Answer {
    Ok(Bytes::new())
}
