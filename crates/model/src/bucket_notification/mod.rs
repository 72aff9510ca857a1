//! Which events of a bucket go where, and what they look like.
//!
//! Source: "Amazon S3 Event Notifications" in the S3 user guide; answers and records recorded from AWS.

mod configuration;
mod event;
mod filter;
mod record;

pub use self::{
    configuration::{Configuration, InvalidConfiguration, Rule, Target},
    event::{EventPattern, EventType},
    filter::{Filter, InvalidFilter},
    record::{ObjectFacts, Origin, Record, Sequencer, TestEvent, encode_key},
};
