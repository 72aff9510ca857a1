//! What Lambda authorizers of APIs say, and for how long it counts.
//!
//! An authorizer's function returns who the caller is, and an IAM policy that says which methods of the API that caller may
//! invoke. The answer may be kept, so that the function is not asked again: it is then the policy, not the method, that
//! was decided on.
//!
//! Source: API Gateway developer guide, "Output from an API Gateway Lambda authorizer" and "Use API Gateway Lambda
//! authorizers".

mod answer;
mod cache;
mod policy;
mod simple;

pub use answer::{AuthorizerAnswer, InvalidAuthorizerAnswer};
pub use cache::AuthorizerCache;
pub use policy::{Decision, Policy};
pub use simple::SimpleAnswer;
