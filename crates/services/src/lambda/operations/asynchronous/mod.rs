//! What applies to asynchronous invocation: how often an event is tried, how long it is kept, and who is told of its end.
//!
//! A configuration belongs to the version or alias by whose name an event is sent: an alias has its own, and not that of the
//! version to which it points. The engine is told what applies by each of those names, whenever it changes.
//!
//! Source: Lambda developer guide, "Configuring error handling settings for Lambda asynchronous invocations"; recorded answers.

mod apply;
mod change;
mod configuration;

pub use self::{
    change::AsynchronousChange,
    configuration::{AsynchronousConfiguration, AsynchronousView},
};
