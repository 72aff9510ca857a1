//! What a user may choose about an event source mapping of a queue.

use std::time::Duration;

use thiserror::Error;

use crate::validation::{ValidationError, Violation};

/// How a mapping polls; the default is what AWS chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Messages of a batch at most.
    pub batch_size: BatchSize,
    /// How long a batch waits for more messages.
    pub window: BatchingWindow,
    /// How many batches run at once.
    pub scaling: Scaling,
    /// Whether the function reports which messages of a batch it has not processed (`ReportBatchItemFailures`).
    pub reports_item_failures: bool,
}

/// Why a configuration is refused, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidConfiguration {
    /// Large batches need time to gather.
    #[error(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than {}",
        BatchSize::RECEIVED
    )]
    LargeBatchWithoutWindow,
    /// The queue keeps an order that a window would have to break.
    #[error("Batching window is not supported for FIFO queues")]
    WindowOfFifo,
    /// The batches of a FIFO queue are those that are received.
    #[error("Maximum batch size must be between 1 and {} inclusive", BatchSize::RECEIVED)]
    LargeBatchOfFifo,
}

impl Configuration {
    /// Checks what the values are to each other and to the kind of the queue.
    ///
    /// # Errors
    /// If they do not fit.
    pub fn check(&self, fifo: bool) -> Result<(), InvalidConfiguration> {
        let (large, window) = (self.batch_size.0 > BatchSize::RECEIVED, self.window.0 > 0);
        match (fifo, large, window) {
            (true, _, true) => Err(InvalidConfiguration::WindowOfFifo),
            (true, true, false) => Err(InvalidConfiguration::LargeBatchOfFifo),
            (false, true, false) => Err(InvalidConfiguration::LargeBatchWithoutWindow),
            (_, false, false) | (false, _, true) => Ok(()),
        }
    }
}

/// Messages of a batch at most: 1 to 10,000, by default 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchSize(u16);

impl BatchSize {
    /// How many messages come with one receive.
    pub(super) const RECEIVED: u16 = 10;

    /// Reads `BatchSize`.
    ///
    /// # Errors
    /// If it is out of range.
    pub fn new(messages: i64) -> Result<Self, ValidationError> {
        within("batchSize", messages, 1, 10_000).map(Self)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for BatchSize {
    fn default() -> Self {
        Self(Self::RECEIVED)
    }
}

/// How long a batch waits for more messages after the first: 0 to 300 seconds, by default 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchingWindow(u16);

impl BatchingWindow {
    /// Reads `MaximumBatchingWindowInSeconds`.
    ///
    /// # Errors
    /// If it is out of range.
    pub fn from_seconds(seconds: i64) -> Result<Self, ValidationError> {
        within("maximumBatchingWindowInSeconds", seconds, 0, 300).map(Self)
    }

    /// The window in seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u16 {
        self.0
    }

    /// The window.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

/// How many batches run at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// As many as the load asks for, up to 1,250.
    #[default]
    Standard,
    /// The same, up to another number.
    MaximumConcurrency(MaximumConcurrency),
    /// Ten for each of a number of pollers that is chosen.
    Provisioned(ProvisionedPollers),
}

/// Batches that run at once at most: 2 to 1,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaximumConcurrency(u16);

impl MaximumConcurrency {
    /// Reads `ScalingConfig.MaximumConcurrency`.
    ///
    /// # Errors
    /// If it is out of range.
    pub fn new(batches: i64) -> Result<Self, ValidationError> {
        within("scalingConfig.maximumConcurrency", batches, 2, 1_000).map(Self)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.into()
    }
}

/// Pollers that always stand ready, and how many they can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvisionedPollers {
    minimum: u16,
    maximum: u16,
}

impl ProvisionedPollers {
    /// Reads `ProvisionedPollerConfig`: `MinimumPollers` from 2 to 200, by default 2; `MaximumPollers` from 2 to 2,000, by
    /// default 200, and not below the minimum.
    ///
    /// # Errors
    /// If a number is out of range.
    pub fn new(minimum: Option<i64>, maximum: Option<i64>) -> Result<Self, ValidationError> {
        const MAXIMUM: &str = "provisionedPollerConfig.maximumPollers";
        let minimum = within("provisionedPollerConfig.minimumPollers", minimum.unwrap_or(2), 2, 200)?;
        let default = minimum.max(200).into();
        let maximum = within(MAXIMUM, maximum.unwrap_or(default), minimum, 2_000)?;
        Ok(Self { minimum, maximum })
    }

    /// Pollers that always stand ready.
    #[must_use]
    pub fn minimum(self) -> u32 {
        self.minimum.into()
    }

    /// Pollers at most.
    #[must_use]
    pub fn maximum(self) -> u32 {
        self.maximum.into()
    }
}

fn within(member: &'static str, value: i64, least: u16, most: u16) -> Result<u16, ValidationError> {
    match u16::try_from(value).ok().filter(|value| (least..=most).contains(value)) {
        Some(value) => Ok(value),
        None if value < least.into() => Err(Violation::value_at_least(member, value, least.into()).into()),
        None => Err(Violation::value_at_most(member, value, most.into()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused_as_by_aws() {
        assert_eq!(BatchSize::default().get(), 10);
        assert_eq!(BatchSize::new(10_000).map(BatchSize::get), Ok(10_000));
        let expected = "1 validation error detected: Value '0' at 'batchSize' failed to satisfy constraint: Member must have \
                        value greater than or equal to 1";
        assert_eq!(BatchSize::new(0).expect_err("too few").to_string(), expected);
        assert!(BatchSize::new(10_001).is_err_and(|error| error.to_string().ends_with("or equal to 10000")));
        assert!(BatchSize::new(i64::MIN).is_err() && BatchSize::new(i64::MAX).is_err());
        assert!(BatchingWindow::from_seconds(300).is_ok() && BatchingWindow::from_seconds(301).is_err());
        for (batches, fits) in [(1, false), (2, true), (1_000, true), (1_001, false)] {
            assert_eq!(MaximumConcurrency::new(batches).is_ok(), fits, "{batches}");
        }
    }

    #[test]
    fn pollers_have_defaults() {
        let numbers = |minimum, maximum| {
            ProvisionedPollers::new(minimum, maximum).map(|pollers| (pollers.minimum(), pollers.maximum()))
        };
        assert_eq!(numbers(None, None), Ok((2, 200)));
        assert_eq!(numbers(Some(5), Some(5)), Ok((5, 5)));
        for (minimum, maximum) in
            [(Some(1), None), (Some(201), None), (Some(5), Some(4)), (None, Some(2_001))]
        {
            assert!(numbers(minimum, maximum).is_err());
        }
    }

    #[test]
    fn batches_windows_and_the_kind_of_queue_must_fit() {
        let check = |fifo, batch_size, seconds| {
            let batch_size = BatchSize::new(batch_size).expect("in range");
            let window = BatchingWindow::from_seconds(seconds).expect("in range");
            Configuration { batch_size, window, ..Configuration::default() }.check(fifo)
        };
        assert_eq!(check(false, 10, 0), Ok(()));
        assert_eq!(check(false, 11, 0), Err(InvalidConfiguration::LargeBatchWithoutWindow));
        assert_eq!(check(false, 10_000, 1), Ok(()));
        assert_eq!(check(true, 10, 0), Ok(()));
        assert_eq!(check(true, 11, 0), Err(InvalidConfiguration::LargeBatchOfFifo));
        assert_eq!(check(true, 100, 5), Err(InvalidConfiguration::WindowOfFifo));
        let expected =
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
        assert_eq!(InvalidConfiguration::LargeBatchWithoutWindow.to_string(), expected);
    }
}
