//! Objects that go by themselves, or come to be stored otherwise.
//!
//! Rules act at midnight UTC, as on AWS; nothing waits or looks unless something is due.

mod rule;
mod run;

pub use self::rule::{
    Expiration, Lifecycle, LifecycleFilter, LifecycleRule, NoncurrentExpiration, Transition,
    TransitionMinimum, When,
};
pub(super) use self::run::{Alarm, run};
