//! The length of time that one datapoint stands for.

use hearth_model::time::Timestamp;
use thiserror::Error;

/// 1, 5, 10, 20 or 30 seconds, or a multiple of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    seconds: u32,
}

/// Why a number of seconds is no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a period is 1, 5, 10, 20 or 30 seconds, or a multiple of 60 seconds up to one day")]
pub struct InvalidPeriod;

const MINUTE: i64 = 60;

impl Period {
    /// A period of so many seconds.
    ///
    /// # Errors
    /// If CloudWatch has none of that length.
    pub fn parse(seconds: i64) -> Result<Self, InvalidPeriod> {
        let fits = matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds % MINUTE == 0);
        match u32::try_from(seconds) {
            Ok(seconds) if fits && seconds <= 86_400 => Ok(Self { seconds }),
            _ => Err(InvalidPeriod),
        }
    }

    /// How long it is, in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// Where the first period begins if what is wanted begins at `from`: at the minute, or at the period if that is
    /// shorter.
    ///
    /// Source: `StartTime` of `GetMetricStatistics` in the API reference.
    pub(super) fn begin(self, from: Timestamp) -> i64 {
        let grain = MINUTE.min(self.seconds.into());
        from.as_unix_seconds().div_euclid(grain) * grain
    }
}
