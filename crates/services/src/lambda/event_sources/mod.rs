//! Event source mappings: queues whose messages invoke functions.
//!
//! The rules are those of [`hearth_model::event_source`]; here are the API's operations with AWS's checks and words, and what
//! drives the pollers.

mod batch;
mod change;
mod id;
mod kept;
mod mapping;
mod mappings;
mod message;
mod sample;
mod settings;
mod view;

pub(super) use self::mapping::Mapping;
pub use self::{
    change::{MappingChange, NewMapping, PollersChange},
    id::MappingId,
    mappings::{EventSourceMappings, MappingFilter},
    sample::sample_queue_event,
    view::{MappingState, MappingView},
};
