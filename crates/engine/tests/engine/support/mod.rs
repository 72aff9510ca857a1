//! A world to test in.

mod destinations;
mod world;

pub(crate) use hearth_engine::testing::{NOW, empty_package};

pub(crate) use self::{
    destinations::Surroundings,
    world::{World, answer, configuration, request, seconds, text, timeout},
};
