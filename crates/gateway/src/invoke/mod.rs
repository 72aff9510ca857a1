//! Lambda's `Invoke` and `InvokeWithResponseStream` on the wire.
//!
//! Source: both operations in the Lambda API reference; recorded answers.

mod event_stream;
mod plain;
mod request;
mod stream;

pub(crate) use self::{plain::answer, request::TRACE_ID, stream::answer as answer_in_stream};
