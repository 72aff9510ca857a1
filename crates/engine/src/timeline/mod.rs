//! The timeline: the ordered record of lifecycle events, which says why an invocation was cold, throttled or failed, and what
//! led to what.
//!
//! Whatever does something on behalf of something else names it as its cause, by a [`WorkId`](hearth_model::work_id::WorkId)
//! that travels with the work. So an event has room for one number, and chains are put together by who reads them.

mod chain;
mod event;
mod kind;
mod record;
mod subject;

pub use self::{
    chain::Chain,
    event::{ColdStart, Event, EventKind, Outcome, Provisioned, Undelivered},
    kind::Kind,
    record::{Timeline, TimelineFollower},
    subject::{Resource, Subject, Work},
};
