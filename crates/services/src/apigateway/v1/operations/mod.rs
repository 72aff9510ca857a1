//! What owners do with their APIs.

mod apis;
mod authorizers;
mod deployments;
mod integrations;
mod keys;
mod methods;
mod models;
mod plans;
mod resources;
mod responses;
mod stages;
mod tags;

pub use self::{keys::KeysRequest, methods::MethodPlace};
