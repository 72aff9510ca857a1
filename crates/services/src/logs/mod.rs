//! CloudWatch Logs, as far as users of Lambda need it: groups, streams, and the events in them.
//!
//! The groups and their lines are the engine's, as functions write them; here is what clients may do with them, and what
//! only clients know of: retention and tags.

mod events;
mod filter;
mod groups;
mod kept;
mod key;
mod names;
mod page;
mod put;
mod refusal;
mod service;
mod streams;
mod tags;

pub use self::{
    events::{Event, EventPage, EventsRequest},
    filter::{FilterPage, FilterRequest},
    groups::{GroupView, GroupsRequest, NewGroup},
    names::{GroupSelector, group_arn, stream_arn},
    page::{Page, PageRequest},
    put::{NewEvent, PutRequest, Rejected},
    refusal::Refusal,
    service::Logs,
    streams::{EventTimes, StreamOrder, StreamView, StreamsRequest},
    tags::Tagged,
};
