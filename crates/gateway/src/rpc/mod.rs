//! Services whose requests name an operation and carry a document, whichever protocol they come in: AWS JSON, or Query.
//!
//! An operation reads its document from the [`Call`] and gives its answer to it; which protocol that is only the call
//! knows.

mod call;
mod error;
mod service;

pub(crate) use self::{
    call::{Answer, Call, Wire, read_body},
    error::RpcError,
    service::Service,
};
