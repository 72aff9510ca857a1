//! Amazon API Gateway: what stands between HTTP requests and functions.
//!
//! [`v1`] has REST APIs, and [`v2`] the APIs of its second version, HTTP APIs and WebSocket APIs. What both versions have in common is here.

mod function_uri;
mod headers;
mod id;
pub mod v1;
pub mod v2;

pub use self::{function_uri::FunctionUri, id::ApiId};
