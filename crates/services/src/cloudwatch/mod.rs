//! CloudWatch's metrics: those that Lambda reports, and those that users put.
//!
//! Everything is in memory, and bounded: see [`Metrics`].

mod data;
mod lambda;
mod metric;
mod metrics;
mod period;
mod refusal;
mod set;
mod statistic;
mod store;

pub use self::{
    data::{DataPage, DataQuery, DataRequest, DataResult},
    metric::{Metric, MetricFilter, Unit},
    metrics::{Datapoint, Measurement, MetricPage, Metrics, Span},
    period::{InvalidPeriod, Period},
    refusal::Refusal,
    set::{Bucket, StatisticSet},
    statistic::{InvalidStatistic, Statistic},
};
