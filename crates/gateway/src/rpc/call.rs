//! A request, taken apart as far as all operations have it in common.

use std::{borrow::Cow, io::Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use hearth_model::identity::{Partition, RequestId};
use http::{HeaderValue, header::CONTENT_ENCODING, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use super::RpcError;
use crate::{
    body::{self, BodyError, RequestBody},
    credential,
    gateway::Gateway,
    invoke::TRACE_ID,
    query::QueryRequest,
    rest_json, rpc_cbor,
};

/// The largest request, enough for the largest that any of the services takes: 1 MiB of data, each byte of it escaped.
const REQUEST_BYTES: usize = 8 * 1024 * 1024;

/// The body of what an operation answers.
pub(crate) type Answer = Result<Bytes, RpcError>;

/// A request whose body has been read.
pub(crate) struct Call<'a> {
    pub(crate) gateway: &'a Gateway,
    /// Where it looks.
    pub(crate) partition: Cow<'a, Partition>,
    /// Its own; some protocols tell it in their answers' bodies.
    pub(crate) id: RequestId,
    head: &'a Parts,
    wire: Wire,
}

/// How a request writes its document and reads the answer's.
pub(crate) enum Wire {
    /// AWS JSON.
    Json {
        /// The document; an empty body is an empty one.
        body: Bytes,
    },
    /// RPC v2 CBOR.
    Cbor {
        /// The document; an empty body is an empty one.
        body: Bytes,
    },
    /// The Query protocol.
    Query(QueryRequest),
}

/// Reads a request's body.
pub(crate) async fn read_body(head: &Parts, body: RequestBody) -> Result<Bytes, RpcError> {
    let body = body::read(body, REQUEST_BYTES, body::awaits_permission(&head.headers)).await;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge { .. } => RpcError::too_large(REQUEST_BYTES),
        BodyError::Broken { .. } => RpcError::serialization(error.to_string()),
    })?;
    match head.headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(body),
        Some(b"gzip") => inflate(&body),
        Some(other) => {
            let message = format!("the content encoding `{}` is not gzip", other.escape_ascii());
            Err(RpcError::serialization(message))
        }
    }
}

/// SDKs compress what is large, if the operation's model allows it.
fn inflate(body: &[u8]) -> Result<Bytes, RpcError> {
    let mut inflated = Vec::new();
    // One more than allowed tells that there is more.
    let mut reader = MultiGzDecoder::new(body).take(REQUEST_BYTES as u64 + 1);
    match reader.read_to_end(&mut inflated) {
        Ok(_) if inflated.len() > REQUEST_BYTES => Err(RpcError::too_large(REQUEST_BYTES)),
        Ok(_) => Ok(inflated.into()),
        Err(error) => Err(RpcError::serialization(format!("the body is not compressed with gzip: {error}"))),
    }
}

impl<'a> Call<'a> {
    pub(crate) fn new(gateway: &'a Gateway, head: &'a Parts, wire: Wire) -> Self {
        let partition = credential::partition(&head.headers, gateway.default_partition());
        Self { gateway, partition, id: rest_json::fresh_request_id(), head, wire }
    }

    /// The host by which the client reached Hearth.
    pub(crate) fn host(&self) -> &str {
        rest_json::host(&self.head.headers)
    }

    /// The path of the request, which is `/` unless its client says with it what the request is about.
    pub(crate) fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// The query of the request.
    pub(crate) fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }

    /// The X-Ray trace header of the request.
    pub(crate) fn trace_header(&self) -> Option<&str> {
        self.head.headers.get(&TRACE_ID)?.to_str().ok()
    }

    /// Whether the protocol is Query.
    pub(crate) fn is_query(&self) -> bool {
        match self.wire {
            Wire::Query(_) => true,
            Wire::Json { .. } | Wire::Cbor { .. } => false,
        }
    }

    /// The operation's document.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, RpcError> {
        match &self.wire {
            Wire::Json { body } => {
                let text: &[u8] = if body.is_empty() { b"{}" } else { body };
                serde_json::from_slice(text).map_err(|error| RpcError::serialization(error.to_string()))
            }
            Wire::Cbor { body } => rpc_cbor::read(body),
            Wire::Query(request) => request.document(),
        }
    }

    /// An answer with a document.
    pub(crate) fn answer(&self, document: &impl Serialize) -> Answer {
        Ok(match &self.wire {
            Wire::Json { .. } => rest_json::to_bytes(document),
            Wire::Cbor { .. } => rpc_cbor::write(document),
            Wire::Query(request) => request.answer(self.id, document),
        })
    }

    /// An answer that says no more than that it was done.
    pub(crate) fn done(&self) -> Answer {
        match &self.wire {
            Wire::Json { .. } | Wire::Cbor { .. } => Ok(Bytes::new()),
            Wire::Query(_) => self.answer(&()),
        }
    }
}
