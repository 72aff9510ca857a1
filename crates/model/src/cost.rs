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
