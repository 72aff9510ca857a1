//! What the API of EventBridge Scheduler does.

mod groups;
mod schedules;
mod tags;

pub(super) use groups::Group;
pub use groups::GroupView;
pub use schedules::ScheduleFilter;
