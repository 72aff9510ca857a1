//! A world to test in.

mod destinations;
mod world;

pub(crate) use self::{
    destinations::Surroundings,
    world::{World, answer, configuration, package, request, seconds, text, timeout},
};
