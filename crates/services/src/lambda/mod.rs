//! AWS Lambda: deployment packages, names, events and the functions themselves.

mod event;
mod functions;
pub mod package;
mod reference;

#[cfg(test)]
mod tests;

pub use self::{
    event::{InvalidEvent, check_event},
    functions::{DeploymentError, Functions, InvocationError},
    reference::{FunctionReference, InvalidReference, Qualifier},
};
