//! Services whose requests name an operation and carry a document, whichever protocol they come in: AWS JSON, Query,
//! or RPC v2 CBOR.
//!
//! An operation reads its document from the [`Call`] and gives its answer to it; which protocol that is only the call
//! knows.

mod call;
mod error;
mod service;
mod value;

pub(crate) use self::{
    call::{Answer, Call, Wire, read_body},
    error::{QUERY_ERROR, RpcError},
    service::Service,
    value::{EPOCH_TAG, WireDouble, WireTimestamp},
};
