//! REST APIs: API Gateway, version 1.
//!
//! What owners do with APIs are [operations](RestApis) on [documents](document); a deployment makes an unchangeable
//! snapshot of an API's documents, and a stage [serves](RestApis::serve) one.
//!
//! Source: API Gateway developer guide, "API Gateway REST APIs"; the API reference and its published model (2015-07-09); recorded
//! answers.

pub mod document;
mod kept;
mod names;
mod operations;
mod page;
mod patch;
mod refusal;
mod serve;
mod service;
mod snapshot;

pub use self::{
    operations::{KeysRequest, MethodPlace},
    page::{Page, PageRequest},
    patch::PatchOperation,
    refusal::Refusal,
    serve::{ApiAnswer, ApiCall, InvalidCall, UsageByKey},
    service::RestApis,
};
