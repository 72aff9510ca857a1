//! What functions have done, in numbers: since they were deployed, and minute by minute.

mod counters;
mod history;
mod snapshot;

pub(crate) use self::counters::Blame;
pub use self::{counters::FunctionMetrics, history::MetricsPeriod, snapshot::MetricsSnapshot};
