//! What functions have done, in numbers: since they were deployed, and minute by minute.
//!
//! Each function is counted as a whole and by its resources, under a short lock that nothing else is done under.

mod activity;
mod distribution;
mod function;
mod level;
mod minutes;
mod resource;
mod snapshot;

pub use self::{
    activity::{AccountActivity, Activity},
    distribution::{Bucket, Distribution},
    level::Level,
    resource::Resource,
    snapshot::MetricsSnapshot,
};
pub(crate) use self::{
    function::{Allotment, FunctionMetrics, Run},
    minutes::Minutes,
};
