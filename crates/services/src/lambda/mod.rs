//! AWS Lambda: deployment packages, events and the functions themselves.

mod event;
mod functions;
pub mod package;

#[cfg(test)]
mod tests;

pub use self::{
    event::{InvalidEvent, check_event},
    functions::{DeploymentError, Functions, InvocationError},
};
