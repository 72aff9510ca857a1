//! How long things took.

use std::{num::NonZeroU64, time::Duration};

/// Durations, as how many there were between which bounds: those of two digits in which the first is exact and the other
/// nearly is. A duration is thus known to about five percent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    sum: Duration,
    /// The shortest and the longest; none if there is none at all.
    extremes: Option<(Duration, Duration)>,
    /// By the numbers of their buckets, which are in order.
    counts: Vec<(u16, NonZeroU64)>,
}

/// Durations between two bounds. The lower one does not belong to it, the upper one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Longer than this; the first bucket begins with nothing at all.
    pub low: Duration,
    /// At most this.
    pub high: Duration,
    /// How many.
    pub count: u64,
}

/// Bounds of the buckets of one power of ten, in hundredths: steps of 10 percent, 12.5 and 10 again, so that 1, 2, 2.5
/// and 5 are among them.
const BUCKETS_PER_DECADE: u16 = 32;

impl Distribution {
    /// How long all took together.
    #[must_use]
    pub const fn sum(&self) -> Duration {
        self.sum
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count.get()).sum()
    }

    /// The shortest; zero if there is none.
    #[must_use]
    pub fn min(&self) -> Duration {
        self.extremes.map_or(Duration::ZERO, |(min, _)| min)
    }

    /// The longest; zero if there is none.
    #[must_use]
    pub fn max(&self) -> Duration {
        self.extremes.map_or(Duration::ZERO, |(_, max)| max)
    }

    /// What there is, the shortest first.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        self.counts.iter().map(|(bucket, count)| Bucket {
            low: lower_bound(*bucket),
            high: lower_bound(bucket + 1),
            count: count.get(),
        })
    }

    pub(crate) fn record(&mut self, duration: Duration) {
        self.sum += duration;
        self.extend((duration, duration));
        self.add(bucket_of(duration), NonZeroU64::MIN);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        if let Some(extremes) = other.extremes {
            self.extend(extremes);
        }
        for (bucket, count) in &other.counts {
            self.add(*bucket, *count);
        }
    }

    fn extend(&mut self, (shortest, longest): (Duration, Duration)) {
        let (min, max) = self.extremes.unwrap_or((shortest, longest));
        self.extremes = Some((min.min(shortest), max.max(longest)));
    }

    fn add(&mut self, bucket: u16, count: NonZeroU64) {
        match self.counts.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => self.counts[place].1 = self.counts[place].1.saturating_add(count.get()),
            Err(place) => self.counts.insert(place, (bucket, count)),
        }
    }
}

/// Bucket 0 has what is not longer than a microsecond; the last one, what is longer than 500 years.
fn bucket_of(duration: Duration) -> u16 {
    // A bound belongs to the bucket below it.
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).saturating_sub(1);
    let Some(decade) = (nanos / 1_000).checked_ilog10() else { return 0 };
    // Of the decade's first microsecond.
    let hundredths = nanos / (10 * 10u64.pow(decade));
    let hundredths = u16::try_from(hundredths).expect("a mantissa is below 1,000 hundredths");
    let within = match hundredths {
        ..200 => (hundredths - 100) / 10,
        200..500 => 10 + (hundredths - 200) / 25,
        500.. => 22 + (hundredths - 500) / 50,
    };
    let decade = u16::try_from(decade).expect("64 bits have 20 digits");
    1 + decade * BUCKETS_PER_DECADE + within
}

fn lower_bound(bucket: u16) -> Duration {
    let Some(bucket) = bucket.checked_sub(1) else { return Duration::ZERO };
    let (decade, within) = (bucket / BUCKETS_PER_DECADE, bucket % BUCKETS_PER_DECADE);
    let hundredths = match within {
        ..10 => 100 + within * 10,
        10..22 => 200 + (within - 10) * 25,
        22.. => 500 + (within - 22) * 50,
    };
    // In nanoseconds, a hundredth of a microsecond is exact.
    let nanos = (u64::from(hundredths) * 10).saturating_mul(10u64.saturating_pow(decade.into()));
    Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn every_duration_has_its_bucket() {
        let mut previous = 0;
        let upwards =
            (0..1_000).chain((0..60).map(|step| 1_000 + step * 37)).chain((4..10).flat_map(|decade| {
                (0..90).map(move |step| 10u64.pow(decade) + step * 10u64.pow(decade - 1))
            }));
        for given in upwards {
            let bucket = bucket_of(micros(given));
            assert!(bucket >= previous, "{given}");
            previous = bucket;
            let (low, high) = (lower_bound(bucket), lower_bound(bucket + 1));
            let within = (low < micros(given) || given == 0) && micros(given) <= high;
            assert!(within, "{given} in {low:?} to {high:?}");
            assert!((high - low) * 8 <= low || given <= 10, "{given} in {low:?} to {high:?}");
        }
        assert_eq!((bucket_of(micros(1)), bucket_of(Duration::from_nanos(1_001))), (0, 1));
        assert!(lower_bound(bucket_of(Duration::MAX)) > Duration::from_hours(24 * 365));
    }

    #[test]
    fn round_durations_are_bounds() {
        for round in [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 1_000_000, 900_000_000] {
            assert_eq!(lower_bound(bucket_of(micros(round)) + 1), micros(round), "{round}");
        }
        assert_eq!(lower_bound(bucket_of(micros(2_501)) + 1), micros(2_750));
    }

    #[test]
    fn distributions_add_up() {
        let mut one = Distribution::default();
        assert_eq!((one.count(), one.min(), one.max()), (0, Duration::ZERO, Duration::ZERO));
        for duration in [5_000, 100, 5_100] {
            one.record(micros(duration));
        }
        let mut other = Distribution::default();
        other.record(micros(7));
        other.record(micros(5_000));
        one.merge(&other);
        one.merge(&Distribution::default());
        assert_eq!((one.count(), one.sum()), (5, micros(15_207)));
        assert_eq!((one.min(), one.max()), (micros(7), micros(5_100)));
        let buckets: Vec<_> = one.buckets().map(|bucket| (bucket.high, bucket.count)).collect();
        assert_eq!(buckets, [(micros(7), 1), (micros(100), 1), (micros(5_000), 2), (micros(5_500), 1)]);
    }
}
