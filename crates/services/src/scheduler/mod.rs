//! EventBridge Scheduler: schedules in any time zone, in groups, with flexible time windows, retries and dead-letter queues.
//!
//! When a schedule fires is [`hearth_model::schedule`]'s; here are the API's operations with AWS's checks and words, and the
//! clock. Targets are functions and queues; a target's role is kept, and checked by nobody.

mod entry;
mod kept;
mod operations;
mod refusal;
mod schedules;
mod target;

pub use self::{
    entry::{FlexibleWindow, NewSchedule, ScheduleEntry},
    operations::{GroupView, ScheduleFilter},
    refusal::Refusal,
    schedules::Schedules,
    target::NewScheduleTarget,
};
pub use crate::{
    delivery::Retries,
    page::{Page, PageRequest},
};
