//! What functions behind WebSocket APIs are told, and which route a message takes.
//!
//! Sources: API Gateway developer guide, "API Gateway WebSocket APIs"; events as their users report them.

mod event;
mod selection;

pub use event::{SocketEvent, SocketHappening};
pub use selection::{InvalidRouteSelection, RouteSelection};
