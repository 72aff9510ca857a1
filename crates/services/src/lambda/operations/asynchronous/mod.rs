//! What applies to asynchronous invocation: how often an event is tried, how long it is kept, and who is told of its end.
//!
//! A configuration belongs to the version or alias by whose name an event is sent: an alias has its own, and not that of the
//! version to which it points. A dead-letter queue is a version's; an alias has that of the version to which it mainly
//! points. The engine is told both together, by each of those names, whenever one of them changes.
//!
//! Source: Lambda developer guide, "Configuring error handling settings for Lambda asynchronous invocations"; recorded answers.

mod apply;
mod change;
mod check;
mod configuration;

pub use self::{
    change::AsynchronousChange,
    configuration::{AsynchronousConfiguration, AsynchronousView},
};
