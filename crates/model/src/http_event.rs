//! HTTP requests as events, and answers to them: payload format 2.0 of function URLs and HTTP APIs, and 1.0 of REST APIs.
//!
//! Both ways: a front renders a request as an event and reads what its function answers, and functions that take requests as
//! they are read the event and have their answer rendered.
//!
//! Sources: the Lambda developer guide, "Invoking Lambda function URLs", and the API Gateway developer guide, "Create AWS
//! Lambda proxy integrations for HTTP APIs"; recorded events and answers.

mod answer;
mod body;
mod content_type;
mod description;
mod event;
mod headers;
mod origin;
mod proxy_event;
mod proxy_result;
mod query;
mod request;
mod result;
mod text;
mod time;
mod writer;

pub use answer::HttpAnswer;
pub use body::EventBody;
pub use event::FrontRequest;
pub use headers::RequestHeaders;
pub use origin::{HttpOrigin, IamCaller, RouteAuthorizer, RouteOrigin};
pub use proxy_event::{ProxyApiKey, ProxyContext, ProxyEvent, ProxyFront};
pub(crate) use query::grouped;
pub use query::{pairs as query_pairs, parameters as query_parameters};
pub use request::{HttpEvent, InvalidHttpEvent};
pub use result::InvalidHttpResult;
pub(crate) use time::request_time;
