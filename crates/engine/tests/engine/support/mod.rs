//! A world to test in.

mod destinations;
mod sandbox;
mod world;

pub(crate) use self::{
    destinations::Surroundings,
    sandbox::FakeSandbox,
    world::{World, answer, configuration, package, request, seconds, text, timeout},
};
