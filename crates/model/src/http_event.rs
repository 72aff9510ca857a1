//! HTTP requests as events, and answers to them: payload format 2.0 of function URLs and HTTP APIs.
//!
//! Sources: the Lambda developer guide, "Invoking Lambda function URLs", and the API Gateway developer guide, "Create AWS
//! Lambda proxy integrations for HTTP APIs".

mod answer;
mod request;

pub use answer::HttpAnswer;
pub use request::{HttpEvent, InvalidHttpEvent};
