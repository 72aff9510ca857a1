//! A world to test in.

mod sandbox;
mod world;

pub(crate) use self::{
    sandbox::FakeSandbox,
    world::{World, answer, configuration, package, request, seconds, text, timeout},
};
