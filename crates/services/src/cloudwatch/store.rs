//! The metrics that users put.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Bound, Range},
    sync::Arc,
};

use hearth_model::{identity::Partition, time::Timestamp};

use super::{Datapoint, Metric, StatisticSet, Unit};

/// Datapoints by their metrics, up to a bound; beyond it, the oldest ones go.
#[derive(Debug)]
pub(super) struct Store {
    points: BTreeMap<Key, StatisticSet>,
    /// The same keys, the oldest first.
    by_age: BTreeSet<(Timestamp, Key)>,
    weight: usize,
    most_weight: usize,
}

/// A metric of an account in a region.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    partition: Partition,
    metric: Metric,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    series: Arc<Series>,
    at: Timestamp,
    /// Values of different units are not added up.
    unit: Option<Unit>,
}

impl Store {
    /// An empty store with room for so many different values.
    pub(super) const fn new(most_weight: usize) -> Self {
        Self { points: BTreeMap::new(), by_age: BTreeSet::new(), weight: 0, most_weight }
    }

    /// Takes values in that belong to the datapoint at `at`.
    pub(super) fn add(
        &mut self,
        partition: &Partition,
        metric: Metric,
        at: Timestamp,
        unit: Unit,
        values: &StatisticSet,
    ) {
        let series = Arc::new(Series { partition: partition.clone(), metric });
        let key = Key { series, at, unit: Some(unit) };
        if let Some(point) = self.points.get_mut(&key) {
            self.weight -= point.weight();
            point.merge(values);
            self.weight += point.weight();
        } else {
            self.weight += values.weight();
            self.by_age.insert((at, key.clone()));
            self.points.insert(key, values.clone());
        }
        self.shrink();
    }

    /// A metric's datapoints within some time, in its order.
    pub(super) fn points(
        &self,
        partition: &Partition,
        metric: &Metric,
        time: Range<Timestamp>,
    ) -> Vec<Datapoint> {
        let series = Arc::new(Series { partition: partition.clone(), metric: metric.clone() });
        let first = |at| Key { series: Arc::clone(&series), at, unit: None };
        if time.is_empty() {
            return Vec::new();
        }
        let points = self.points.range(first(time.start)..first(time.end));
        points
            .filter_map(|(key, set)| Some(Datapoint { at: key.at, unit: key.unit?, set: set.clone() }))
            .collect()
    }

    /// The metrics of an account in a region that have datapoints, in their order, each with the time of its newest.
    pub(super) fn metrics(&self, partition: &Partition) -> Vec<(Metric, Timestamp)> {
        const END: Timestamp = Timestamp::from_unix_nanos(i64::MAX);
        let least = Metric { namespace: String::new(), name: String::new(), dimensions: BTreeMap::new() };
        let least = Arc::new(Series { partition: partition.clone(), metric: least });
        let mut from =
            Bound::Included(Key { series: least, at: Timestamp::from_unix_nanos(i64::MIN), unit: None });
        let mut metrics = Vec::new();
        while let Some((Key { series, .. }, _)) = self.points.range((from, Bound::Unbounded)).next()
            && series.partition == *partition
        {
            let end = Key { series: Arc::clone(series), at: END, unit: None };
            let (newest, _) = self.points.range(..&end).next_back().expect("the series has a datapoint");
            metrics.push((series.metric.clone(), newest.at));
            from = Bound::Excluded(end);
        }
        metrics
    }

    fn shrink(&mut self) {
        while self.weight > self.most_weight
            && let Some((_, key)) = self.by_age.pop_first()
        {
            let gone = self.points.remove(&key).expect("what has an age is there");
            self.weight -= gone.weight();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str) -> Metric {
        Metric { namespace: "Shop".to_owned(), name: name.to_owned(), dimensions: BTreeMap::new() }
    }

    fn minute(number: i64) -> Timestamp {
        Timestamp::from_unix_millis(number * 60_000)
    }

    #[test]
    fn the_oldest_datapoints_make_room() {
        let (mut store, partition) = (Store::new(3), Partition::default());
        let mut add = |name: &str, at: i64, values: &[f64]| {
            let set = StatisticSet::of_values(values.iter().map(|value| (*value, 1.0))).expect("values");
            store.add(&partition, metric(name), minute(at), Unit::NONE, &set);
        };
        add("young", 9, &[1.0]);
        add("old", 1, &[1.0]);
        add("old", 2, &[1.0]);
        add("young", 9, &[1.0, 1.0, 1.0]);
        // The same value again takes no room; another one does.
        add("young", 9, &[2.0]);
        let (first, last) = (minute(0), minute(10));
        let times = |name: &str| {
            let points = store.points(&partition, &metric(name), first..last);
            points.into_iter().map(|point| point.at).collect::<Vec<_>>()
        };
        assert_eq!((times("old"), times("young")), (vec![minute(2)], vec![minute(9)]));
        assert_eq!(store.metrics(&partition), [(metric("old"), minute(2)), (metric("young"), minute(9))]);
        assert_eq!((store.weight, store.by_age.len(), store.points.len()), (3, 2, 2));
        let nothing = store.points(&partition, &metric("young"), last..first);
        assert_eq!(nothing, []);
    }
}
