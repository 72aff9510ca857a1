//! What the API of EventBridge does.

mod put_events;
mod rules;
mod tags;
mod targets;

pub use put_events::{EntryRefusal, NewEvent};
