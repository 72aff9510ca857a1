//! The metrics themselves.

use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc, time::Duration};

use hearth_engine::Engine;
use hearth_model::{identity::Partition, time::Timestamp};
use parking_lot::Mutex;

use super::{
    Metric, MetricFilter, Period, Refusal, StatisticSet, Unit,
    lambda::{self, LambdaMetrics},
    store::Store,
};
use crate::lambda::Functions;

/// The metrics of all accounts and regions.
///
/// Lambda's, of the namespace `AWS/Lambda`, are those of functions that exist: the last 180 minutes in which they did
/// something. Cold starts, which AWS does not count, have the namespace `Hearth`. Of the metrics that users put, 500,000 different values are kept; the datapoints that are oldest go first.
pub struct Metrics {
    engine: Arc<Engine>,
    functions: Arc<Functions>,
    store: Mutex<Store>,
}

/// Values that somebody measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// What was measured.
    pub metric: Metric,
    /// When; now if nobody said.
    pub at: Option<Timestamp>,
    /// What the values count.
    pub unit: Unit,
    /// Whether values of different seconds stay apart; if not, those of a minute are one datapoint.
    pub high_resolution: bool,
    /// The values.
    pub values: StatisticSet,
}

/// The values of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Datapoint {
    /// When the period began.
    pub at: Timestamp,
    /// What the values count.
    pub unit: Unit,
    /// The values.
    pub set: StatisticSet,
}

/// Some time, in periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when on, and until when: what begins at the end does not belong to it.
    pub time: Range<Timestamp>,
    /// What one datapoint stands for.
    pub period: Period,
}

/// Metrics that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricPage {
    /// The metrics, in order.
    pub metrics: Vec<Metric>,
    /// Where the next page begins, if there is one.
    pub next_token: Option<String>,
}

const MOST_VALUES: usize = 500_000;
/// Metrics of a page. Source: `ListMetrics` in the API reference.
const PAGE: usize = 500;
/// Datapoints of an answer. Source: `GetMetricStatistics` in the API reference.
const MOST_DATAPOINTS: i64 = 1_440;
/// Source: `Timestamp` of `MetricDatum` in the API reference.
const OLDEST: Duration = Duration::from_hours(14 * 24);
const NEWEST: Duration = Duration::from_hours(2);

impl Metrics {
    pub(crate) fn new(engine: Arc<Engine>, functions: Arc<Functions>) -> Self {
        Self { engine, functions, store: Mutex::new(Store::new(MOST_VALUES)) }
    }

    /// `PutMetricData`: all measurements, or none if one of them cannot be taken.
    ///
    /// # Errors
    /// If one is more than two weeks old or more than two hours ahead.
    pub fn put(&self, partition: &Partition, measurements: Vec<Measurement>) -> Result<(), Refusal> {
        let now = self.now();
        for (position, measurement) in measurements.iter().enumerate() {
            if measurement.at.is_some_and(|at| at + OLDEST < now || at > now + NEWEST) {
                let name = format!("MetricData.member.{}.Timestamp", position + 1);
                let message = format!("The parameter {name} must specify a time within the past two weeks.");
                return Err(Refusal::InvalidValue(message.into()));
            }
        }
        let mut store = self.store.lock();
        for Measurement { metric, at, unit, high_resolution, values } in measurements {
            let grain = if high_resolution { 1 } else { 60 };
            let seconds = at.unwrap_or(now).as_unix_seconds().div_euclid(grain) * grain;
            store.add(partition, metric, from_seconds(seconds), unit, &values);
        }
        Ok(())
    }

    /// Counts one of something that happens now in one of the services.
    pub(crate) fn count(&self, partition: &Partition, metric: Metric) {
        let minute = self.now().as_unix_seconds().div_euclid(60) * 60;
        let one = StatisticSet::of_statistics(1.0, 1.0, 1.0, 1.0);
        self.store.lock().add(partition, metric, from_seconds(minute), Unit::COUNT, &one);
    }

    /// `ListMetrics`: metrics that have datapoints; of the last three hours if only active ones are wanted.
    ///
    /// # Errors
    /// If the token is none.
    pub fn list(
        &self,
        partition: &Partition,
        filter: &MetricFilter,
        active: bool,
        token: Option<&str>,
    ) -> Result<MetricPage, Refusal> {
        const ACTIVE: Duration = Duration::from_hours(3);
        let begin: usize = token.map_or(Ok(0), str::parse).map_err(|_| Refusal::InvalidToken)?;
        let now = self.now();
        let mut metrics = self.lambda().metrics(partition);
        metrics.append(&mut self.store.lock().metrics(partition));
        // Metrics of one kind are in order, but `Hearth` stands among those of users.
        metrics.sort();
        let wanted = metrics
            .into_iter()
            .filter(|(metric, newest)| filter.matches(metric) && (!active || *newest + ACTIVE >= now));
        let mut metrics: Vec<_> = wanted.map(|(metric, _)| metric).skip(begin).take(PAGE + 1).collect();
        let next_token = (metrics.len() > PAGE).then(|| (begin + PAGE).to_string());
        metrics.truncate(PAGE);
        Ok(MetricPage { metrics, next_token })
    }

    /// `GetMetricStatistics`: the datapoints of one metric, in the order of time; only those of a unit if there is one.
    ///
    /// # Errors
    /// If nothing can be in the span, or too much.
    pub fn statistics(
        &self,
        partition: &Partition,
        metric: &Metric,
        span: &Span,
        unit: Option<Unit>,
    ) -> Result<Vec<Datapoint>, Refusal> {
        if span.time.is_empty() {
            let message = "The parameter StartTime must be less than the parameter EndTime.";
            return Err(Refusal::InvalidValue(message.into()));
        }
        let most = span.most_datapoints();
        if most > MOST_DATAPOINTS {
            let message = format!(
                "You have requested up to {} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints \
                 requested by increasing Period, or decreasing the time range.",
                grouped(most)
            );
            return Err(Refusal::Combination(message.into()));
        }
        Ok(self.datapoints(partition, metric, span, unit))
    }

    /// The datapoints of one metric, in the order of time; those of the same time in the order of their units.
    pub(super) fn datapoints(
        &self,
        partition: &Partition,
        metric: &Metric,
        span: &Span,
        unit: Option<Unit>,
    ) -> Vec<Datapoint> {
        let (begin, length) = (span.period.begin(span.time.start), i64::from(span.period.seconds()));
        let time = from_seconds(begin)..span.time.end;
        let mut periods: BTreeMap<(i64, Unit), StatisticSet> = BTreeMap::new();
        for point in self.points(partition, metric, time) {
            if unit.is_some_and(|unit| unit != point.unit) {
                continue;
            }
            let period = (point.at.as_unix_seconds() - begin).div_euclid(length);
            let entry = periods.entry((begin + period * length, point.unit));
            entry.and_modify(|set| set.merge(&point.set)).or_insert(point.set);
        }
        let datapoint = |((at, unit), set)| Datapoint { at: from_seconds(at), unit, set };
        periods.into_iter().map(datapoint).collect()
    }

    /// A metric's values as they were measured, in the order of time.
    fn points(&self, partition: &Partition, metric: &Metric, time: Range<Timestamp>) -> Vec<Datapoint> {
        match metric.namespace.as_str() {
            lambda::LAMBDA | lambda::HEARTH => self.lambda().points(partition, metric, &time),
            _ => self.store.lock().points(partition, metric, time),
        }
    }

    fn lambda(&self) -> LambdaMetrics<'_> {
        LambdaMetrics { engine: &self.engine, functions: &self.functions }
    }

    fn now(&self) -> Timestamp {
        self.engine.clock().wall()
    }
}

impl Span {
    fn most_datapoints(&self) -> i64 {
        let seconds = self.time.end.as_unix_seconds().saturating_sub(self.time.start.as_unix_seconds());
        seconds / i64::from(self.period.seconds())
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn from_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(seconds.saturating_mul(1_000))
}

/// With commas between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join(",")
}
