//! What goes on at WebSocket APIs: clients connect, send messages, are sent some, and go.
//!
//! A [`Session`] is a connection as the one has it that speaks with the client; whoever else has to do with the
//! connection, such as functions that post to it, has the [`Connection`]. An open connection is no work; what follows from a
//! message is.
//!
//! Source: API Gateway developer guide, "API Gateway WebSocket APIs".

mod connect;
mod connection;
mod connections;
mod failure;
mod outbox;
mod place;
mod session;

pub(super) use self::connections::Connections;
pub use self::{
    connect::Handshake,
    connection::{Connection, ConnectionView},
    connections::NoConnection,
    outbox::{Closing, Outgoing, Undelivered},
    place::SocketPlace,
    session::Session,
};
