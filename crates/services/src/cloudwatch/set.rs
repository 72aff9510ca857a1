//! Statistics over many values, without the values.

use std::cmp::Ordering;

use super::Statistic;

/// What is known of the values that were measured within some time; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticSet {
    count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
    /// How the values are spread, in ascending order; none if that is not known.
    spread: Option<Vec<Bucket>>,
}

/// Values that lie between two bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The least that they can be.
    pub low: f64,
    /// The most that they can be; the same if it is known what they are.
    pub high: f64,
    /// How many there are.
    pub count: f64,
}

/// Of more different values within one datapoint it is not known how they are spread.
const MOST_BUCKETS: usize = 5_000;

impl StatisticSet {
    /// Values, each with how often it was measured.
    ///
    /// `None` if there is none.
    pub fn of_values(values: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let exactly = |(value, count): (f64, f64)| {
            let spread = Some(vec![Bucket { low: value, high: value, count }]);
            Self { count, sum: value * count, minimum: value, maximum: value, spread }
        };
        values.into_iter().map(exactly).reduce(|mut set, value| {
            set.merge(&value);
            set
        })
    }

    /// What somebody else has counted. How the values are spread is known only if they are all the same.
    #[must_use]
    pub fn of_statistics(count: f64, sum: f64, minimum: f64, maximum: f64) -> Self {
        let one = minimum == maximum || count == 1.0;
        let spread = one.then(|| vec![Bucket { low: minimum, high: maximum, count }]);
        Self { count, sum, minimum, maximum, spread }
    }

    /// What was counted in buckets, which are in ascending order and do not overlap.
    #[must_use]
    pub fn of_buckets(sum: f64, minimum: f64, maximum: f64, buckets: Vec<Bucket>) -> Self {
        let count = buckets.iter().map(|bucket| bucket.count).sum();
        Self { count, sum, minimum, maximum, spread: Some(buckets) }
    }

    /// Takes other values in.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
        let spread = self.spread.take().zip(other.spread.as_ref());
        let merged = spread.map(|(own, other)| merge_buckets(own, other));
        self.spread = merged.filter(|buckets| buckets.len() <= MOST_BUCKETS);
    }

    /// A statistic; `None` if it cannot be told: a percentile of values of which only statistics are known, or some of
    /// which are negative.
    #[must_use]
    pub fn statistic(&self, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::SampleCount => Some(self.count),
            Statistic::Average => Some(self.sum / self.count),
            Statistic::Sum => Some(self.sum),
            Statistic::Minimum => Some(self.minimum),
            Statistic::Maximum => Some(self.maximum),
            Statistic::Percentile(percent) => self.percentile(percent),
        }
    }

    /// How much room it takes, in buckets.
    pub(super) fn weight(&self) -> usize {
        self.spread.as_ref().map_or(1, Vec::len)
    }

    /// The value of the nearest rank; within a bucket, values are taken to be spread evenly.
    fn percentile(&self, percent: f64) -> Option<f64> {
        let buckets = self.spread.as_ref().filter(|_| self.minimum >= 0.0)?;
        let rank = (percent / 100.0 * self.count).ceil();
        let mut below = 0.0;
        for bucket in buckets {
            if below + bucket.count >= rank {
                let part = ((rank - below) / bucket.count).clamp(0.0, 1.0);
                let value = bucket.low + (bucket.high - bucket.low) * part;
                return Some(value.clamp(self.minimum, self.maximum));
            }
            below += bucket.count;
        }
        // Rounding, on the last ranks.
        Some(self.maximum)
    }
}

fn merge_buckets(mut own: Vec<Bucket>, other: &[Bucket]) -> Vec<Bucket> {
    for bucket in other {
        match own.binary_search_by(|own| order(own, bucket)) {
            Ok(same) => own[same].count += bucket.count,
            Err(place) => own.insert(place, *bucket),
        }
    }
    own
}

fn order(a: &Bucket, b: &Bucket) -> Ordering {
    a.low.total_cmp(&b.low).then(a.high.total_cmp(&b.high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentiles(set: &StatisticSet) -> [Option<f64>; 5] {
        [0.0, 50.0, 90.0, 99.0, 100.0].map(|percent| set.statistic(Statistic::Percentile(percent)))
    }

    fn values(values: &[f64]) -> StatisticSet {
        StatisticSet::of_values(values.iter().map(|value| (*value, 1.0))).expect("values")
    }

    #[test]
    fn percentiles_of_known_values_are_values() {
        let set = values(&[10.0, 3.0, 7.0, 1.0, 9.0, 2.0, 8.0, 5.0, 4.0, 6.0]);
        assert_eq!(percentiles(&set), [1.0, 5.0, 9.0, 10.0, 10.0].map(Some));
        let expect = [(Statistic::SampleCount, 10.0), (Statistic::Average, 5.5), (Statistic::Sum, 55.0)];
        for (statistic, expect) in expect {
            assert_eq!(set.statistic(statistic), Some(expect), "{statistic:?}");
        }
        let often = StatisticSet::of_values([(1.0, 99.0), (50.0, 1.0)]).expect("values");
        assert_eq!(percentiles(&often), [1.0, 1.0, 1.0, 1.0, 50.0].map(Some));
        assert_eq!(StatisticSet::of_values([]), None);
    }

    #[test]
    fn percentiles_lie_within_buckets_and_between_the_extremes() {
        let buckets = vec![
            Bucket { low: 10.0, high: 20.0, count: 50.0 },
            Bucket { low: 20.0, high: 30.0, count: 50.0 },
        ];
        let set = StatisticSet::of_buckets(2_000.0, 12.0, 27.0, buckets);
        assert_eq!(percentiles(&set), [12.0, 20.0, 27.0, 27.0, 27.0].map(Some));
        assert_eq!(set.statistic(Statistic::Percentile(60.0)), Some(22.0));
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let counted = StatisticSet::of_statistics(3.0, 6.0, 1.0, 3.0);
        assert_eq!(percentiles(&counted), [None; 5]);
        let mut mixed = values(&[2.0]);
        mixed.merge(&counted);
        assert_eq!(percentiles(&mixed), [None; 5]);
        assert_eq!(mixed.statistic(Statistic::Average), Some(2.0));
        let same = StatisticSet::of_statistics(3.0, 6.0, 2.0, 2.0);
        assert_eq!(percentiles(&same), [Some(2.0); 5]);
        assert_eq!(percentiles(&values(&[-1.0, 2.0])), [None; 5]);
        let many = StatisticSet::of_values((0..=5_000).map(|value| (f64::from(value), 1.0))).expect("values");
        assert_eq!((percentiles(&many), many.weight()), ([None; 5], 1));
    }
}
