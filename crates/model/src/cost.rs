//! What a run would have cost on Lambda.
//!
//! Prices of AWS's public list for US East (N. Virginia), x86, first tier, on demand, without the monthly free tier:
//! aws.amazon.com/lambda/pricing. A GB is 1,024 MB, as in the examples there.

use std::{fmt, ops::Add, time::Duration};

use crate::{
    function::{EphemeralStorage, MemorySize},
    limits,
};

/// 0.20 USD per million requests.
const REQUEST: u128 = 2_000 * TEN_BILLIONTH;
/// 0.0000166667 USD per GB-second.
const COMPUTE_GB_SECOND: u128 = 166_667 * TEN_BILLIONTH;
/// 0.0000000309 USD per GB-second of `/tmp` beyond the 512 MB that are free.
const STORAGE_GB_SECOND: u128 = 309 * TEN_BILLIONTH;

/// One [`Cost`] unit is the ten-billionth part of a dollar, the smallest decimal of the price list, divided by the MB
/// nanoseconds of a GB-second: every product is a whole number.
const TEN_BILLIONTH: u128 = 1_024 * 1_000_000_000;
const DOLLAR: u128 = 10_000_000_000 * TEN_BILLIONTH;

/// An amount of money, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u128);

/// What a run would have cost, by what for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// For the number of requests.
    pub requests: Amount,
    /// For memory over time.
    pub compute: Amount,
    /// For ephemeral storage over time.
    pub storage: Amount,
}

/// What is paid for of an invocation that took this long with its initialisation: whole milliseconds, rounded up, and at
/// least one.
///
/// Initialisation is paid for since August 2025, for all runtimes ("AWS Lambda standardizes billing for INIT Phase",
/// AWS Compute Blog).
#[must_use]
pub fn billed(duration: Duration) -> Duration {
    let millis = duration.as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// The cost of some requests that were billed a time in sum, all for functions of one size.
#[must_use]
pub fn estimate(requests: u64, billed: Duration, memory: MemorySize, ephemeral: EphemeralStorage) -> Cost {
    let paid_storage_mib = ephemeral.get() - limits::DEFAULT_EPHEMERAL_STORAGE_MIB;
    Cost {
        requests: Amount(u128::from(requests) * REQUEST),
        compute: Amount(billed.as_nanos() * u128::from(memory.get()) * (COMPUTE_GB_SECOND / TEN_BILLIONTH)),
        storage: Amount(
            billed.as_nanos() * u128::from(paid_storage_mib) * (STORAGE_GB_SECOND / TEN_BILLIONTH),
        ),
    }
}

impl Cost {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.requests + self.compute + self.storage
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            compute: self.compute + other.compute,
            storage: self.storage + other.storage,
        }
    }
}

impl fmt::Display for Cost {
    /// The total; see [`Amount`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.total(), f)
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl fmt::Display for Amount {
    /// In dollars, such as `$0.0000021`: rounded to ten decimals, of which at least two show, or to the precision that
    /// is asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_DECIMALS: usize = 10;
        let decimals = f.precision().unwrap_or(MOST_DECIMALS).min(MOST_DECIMALS);
        let unit = DOLLAR / 10_u128.pow(u32::try_from(decimals).expect("at most ten"));
        let rounded = (self.0 + unit / 2) / unit;
        let per_dollar = DOLLAR / unit;
        let (dollars, fraction) = (rounded / per_dollar, rounded % per_dollar);
        if decimals == 0 {
            return write!(f, "${dollars}");
        }
        let digits = format!("{fraction:0decimals$}");
        let shown = match f.precision() {
            Some(_) => decimals,
            None => digits.trim_end_matches('0').len().max(2),
        };
        write!(f, "${dollars}.{}", &digits[..shown])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(requests: u64, billed: Duration, memory_mib: u32, ephemeral_storage_mib: u32) -> Cost {
        let memory = MemorySize::try_from(memory_mib).expect("a size within the limits");
        let ephemeral = EphemeralStorage::try_from(ephemeral_storage_mib).expect("a size within the limits");
        estimate(requests, billed, memory, ephemeral)
    }

    #[test]
    fn the_price_lists_examples_per_millisecond() {
        let table = [
            (128, "$0.0000000021"),
            (512, "$0.0000000083"),
            (1_024, "$0.0000000167"),
            (1_536, "$0.0000000250"),
            (2_048, "$0.0000000333"),
            (3_072, "$0.0000000500"),
            (4_096, "$0.0000000667"),
            (5_120, "$0.0000000833"),
            (6_144, "$0.0000001000"),
            (7_168, "$0.0000001167"),
            (8_192, "$0.0000001333"),
            (9_216, "$0.0000001500"),
            (10_240, "$0.0000001667"),
        ];
        for (memory_mib, expected) in table {
            assert_eq!(format!("{:.10}", cost(0, Duration::from_millis(1), memory_mib, 512)), expected);
        }
    }

    #[test]
    fn the_price_lists_mobile_backend() {
        // Three million requests of 120 ms with 1,536 MB; the free tier takes a million requests and 400,000 GB-s off.
        let billed = Duration::from_millis(120) * 3_000_000;
        let whole = cost(3_000_000, billed, 1_536, 512);
        assert_eq!(format!("{:.2} {:.2}", whole.compute, whole.requests), "$9.00 $0.60");
        let free = Duration::from_secs(400_000) * 1_024 / 1_536;
        let paid = cost(2_000_000, billed - free, 1_536, 512);
        assert_eq!(format!("{:.2} {:.2} {paid:.2}", paid.compute, paid.requests), "$2.33 $0.40 $2.73");
    }

    #[test]
    fn storage_costs_beyond_the_free_512_mb() {
        let gb_second = cost(0, Duration::from_secs(1), 128, 512 + 1_024).storage;
        assert_eq!(gb_second.to_string(), "$0.0000000309");
        assert_eq!(cost(0, Duration::from_secs(1), 128, 512).storage, Amount::default());
    }

    #[test]
    fn nothing_is_lost_however_small_the_parts() {
        let part = cost(1, Duration::from_millis(1), 129, 513);
        let sum = (0..1_000_000).fold(Cost::default(), |sum, _| sum + part);
        assert_eq!(sum, cost(1_000_000, Duration::from_secs(1_000), 129, 513));
    }

    #[test]
    fn amounts_show_as_dollars() {
        let requests = |count| cost(count, Duration::ZERO, 128, 512).total();
        let table = [(0, "$0.00"), (1, "$0.0000002"), (1_000_000, "$0.20"), (12_345_678, "$2.4691356")];
        for (count, expected) in table {
            assert_eq!(requests(count).to_string(), expected);
        }
        assert_eq!(
            format!("{:.0} {:.1} {:.3}", requests(7_500_000), requests(7_500_000), requests(1)),
            "$2 $1.5 $0.000"
        );
        // The largest numbers that can be given do not overflow.
        let most = cost(u64::MAX, Duration::MAX, 10_240, 10_240);
        assert!(most.total() > most.requests);
    }

    #[test]
    fn every_millisecond_that_was_begun_is_billed() {
        let check =
            |duration: Duration, millis: u64| assert_eq!(billed(duration), Duration::from_millis(millis));
        check(Duration::ZERO, 1);
        check(Duration::from_millis(3), 3);
        check(Duration::from_micros(3_010), 4);
        check(Duration::from_micros(426_350), 427);
    }
}
