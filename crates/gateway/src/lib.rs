//! One port for everything: HTTP, routing, wire protocols, error documents, and Hearth's own API.
//!
//! Nothing here decides what a function or a service does. A request's bytes become parsed types, an answer becomes
//! bytes again, and both happen on the connection's own task, without a hop to another.

mod apigateway;
mod aws_json;
mod body;
mod cloudwatch;
mod connection;
pub mod control;
mod credential;
mod entrance;
mod error;
mod events;
mod execute_api;
mod front;
mod function_url;
mod gateway;
mod host;
mod http_api;
mod invoke;
mod lambda;
mod listener;
mod logs;
mod patience;
mod peer;
mod percent;
mod protocol;
mod query;
mod rest_api;
mod rest_json;
mod route;
mod rpc;
mod rpc_cbor;
mod s3;
mod scheduler;
mod sqs;
mod sts;
mod websocket;

pub use self::{
    entrance::Entrance,
    gateway::Gateway,
    listener::{BindError, Listener},
};
