//! EventBridge: rules that say which events go where, and when events come by themselves.
//!
//! There is one event bus, the default one of each account and region. A rule has an event pattern, a schedule or both;
//! schedules are UTC's. The rules of languages are those of [`hearth_model::schedule`], [`hearth_model::event_pattern`] and
//! [`hearth_model::event_input`]; here are the API's operations with AWS's checks and words, and the clock.

mod kept;
mod operations;
mod put;
mod refusal;
mod rule;
mod rules;
mod target;

pub use self::{
    operations::{EntryRefusal, NewEvent},
    refusal::Refusal,
    rule::{NewRule, Rule},
    rules::Rules,
    target::{InputTransformer, NewTarget, RuleTarget},
};
pub use crate::{
    delivery::Retries,
    page::{Page, PageRequest},
};
