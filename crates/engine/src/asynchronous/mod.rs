//! Asynchronous invocation: events that are accepted at once and given to their function later, perhaps more than once.
//!
//! When an event is tried, tried again and given up is the business of [`hearth_model::asynchronous`]. This module keeps
//! the events, runs the attempts as ordinary invocations under the request id of the acceptance, and hands what is to be
//! told to the [`DestinationSink`](crate::port::DestinationSink).

mod attempt;
mod delivery;
mod driver;
mod events;
mod kept;
mod request;

pub use self::request::{AcceptError, AsynchronousRequest};
pub(crate) use self::{driver::Connections, events::Events};
